//! What no server may do, and no fault of the sandbox says: each a change of its answers.

use serde_json::{Value, json};

use super::Variation;
use crate::support::front::{Answer, Request};

/// The redirect URI of the model.
const OWN: &str = "http://localhost:8080/callback";
const ELSEWHERE: &str = "https://elsewhere.example/callback?error=login_required";

pub(crate) const BREACHES: [Variation; 43] = [
    ("second-location-elsewhere", |_, answer| {
        if answer
            .header("location")
            .is_some_and(|to| to.starts_with(OWN))
        {
            answer.add("location", ELSEWHERE);
        }
    }),
    ("first-location-elsewhere", |_, answer| {
        if answer
            .header("location")
            .is_some_and(|to| to.starts_with(OWN))
        {
            answer
                .headers
                .insert(0, ("location".to_owned(), ELSEWHERE.to_owned()));
        }
    }),
    ("error-page-refreshes", |request, answer| {
        if let Some(sent) = refused_address(request, answer) {
            answer.add("refresh", format!("0;url={sent}"));
        }
    }),
    ("error-page-refreshes-in-its-head", |request, answer| {
        if let Some(sent) = refused_address(request, answer) {
            let sent = sent.replace(['"', '<', '>'], "");
            answer.body = format!("<meta http-equiv=\"refresh\" content=\"0; url={sent}\">").into();
        }
    }),
    ("error-page-posts", |request, answer| {
        if let Some(sent) = refused_address(request, answer) {
            let sent = sent.replace(['"', '<', '>'], "");
            answer.body =
                format!("<form method=post action=\"{sent}\"><input name=error></form>").into();
        }
    }),
    ("codes-for-caches", |_, answer| {
        if answer.leads_with("code=") {
            answer.set("cache-control", "public, max-age=60");
        }
    }),
    ("tokens-for-caches", |_, answer| {
        if answer.leads_with("access_token=") {
            answer.set("cache-control", "public, max-age=60");
        }
    }),
    ("forms-with-a-code-for-caches", |_, answer| {
        if answer.posts("code") {
            answer.set("cache-control", "private, max-age=60");
        }
    }),
    ("forms-with-tokens-for-caches", |_, answer| {
        if answer.posts("access_token") {
            answer.set("cache-control", "private, max-age=60");
        }
    }),
    ("every-hint-of-somebody-else", |request, answer| {
        if request.parameter("id_token_hint").is_some() && request.is_to("/v1/authorize") {
            answer.redirect(|_| format!("{OWN}#error=login_required&state="));
        }
    }),
    ("every-session-too-old", |request, answer| {
        if request.parameter("max_age").as_deref() == Some("86400") {
            answer.redirect(|_| format!("{OWN}#error=login_required&state="));
        }
    }),
    ("answer-behind-the-path", |_, answer| {
        answer.redirect(|location| location.replacen('?', "&", 1).replacen('#', "&", 1));
    }),
    ("redirect-uri-by-another-name", |request, answer| {
        if let Some(uri) = request.parameter("REDIRECT_URI") {
            answer.redirect(|location| location.replacen(OWN, &uri, 1));
        }
    }),
    ("redirect-uri-in-the-query-of-a-form", |request, answer| {
        if request.method == "POST" && request.target.contains("redirect_uri=") {
            let uri = request.parameter("redirect_uri").unwrap_or_default();
            answer.redirect(|location| location.replacen(OWN, &uri, 1));
        }
    }),
    ("request-object-leads", |request, answer| {
        if request
            .parameter("request")
            .is_some_and(|object| object.ends_with('.'))
        {
            answer.redirect(|location| location.replacen(OWN, "https://elsewhere.example/", 1));
        }
    }),
    ("inactive-and-active", |request, answer| {
        if request.is_to("/introspect") {
            answer.rewrite(|text| {
                text.replace("{\"active\":false}", "{\"active\":true,\"active\":false}")
            });
        }
    }),
    ("two-subjects-at-userinfo", |request, answer| {
        if request.is_to("/userinfo") && answer.status == 200 {
            answer.rewrite(|text| text.replacen('{', "{\"sub\":\"somebody\",", 1));
        }
    }),
    (
        "two-active-at-introspection-of-a-live-token",
        |request, answer| {
            if request.is_to("/introspect") {
                answer.rewrite(|text| {
                    text.replacen("\"active\":true", "\"active\":false,\"active\":true", 1)
                });
            }
        },
    ),
    ("methods-of-challenges-as-a-text", |request, answer| {
        if request.is_to("openid-configuration") {
            answer.rewrite_json(|value| value["code_challenge_methods_supported"] = "S256".into());
        }
    }),
    ("unsigned-tokens-in-capitals", |request, answer| {
        if request.is_to("openid-configuration") {
            answer.rewrite_json(|value| {
                value["id_token_signing_alg_values_supported"] = json!(["RS256", "NONE"]);
            });
        }
    }),
    ("clients-that-sign-with-nothing", |request, answer| {
        if request.is_to("openid-configuration") {
            answer.rewrite_json(|value| {
                value["token_endpoint_auth_signing_alg_values_supported"] =
                    json!(["RS256", "none"]);
            });
        }
    }),
    ("state-twice", |_, answer| {
        answer.redirect(|location| format!("{location}&state=other"));
    }),
    ("error-twice", |_, answer| {
        answer.redirect(|location| location.replace("error=", "error=server_error&error="));
    }),
    ("form-says-it-in-its-address-too", |request, answer| {
        if request.parameter("response_mode").as_deref() == Some("form_post") {
            let twice = "callback?error=login_required\">";
            answer.rewrite(|text| text.replacen("callback\">", twice, 1));
        }
    }),
    ("token-left-out-of-a-form", |_, answer| {
        if answer.has_kind("html") {
            answer.rewrite(|text| text.replace("name=\"access_token\"", "name=\"token\""));
        }
    }),
    ("form-as-a-text", |request, answer| {
        if request.parameter("response_mode").as_deref() == Some("form_post")
            && answer.status == 200
        {
            answer.set("content-type", "text/plain");
        }
    }),
    ("referrer-by-the-last-word", |_, answer| {
        if answer.header("referrer-policy").is_some() {
            answer.set("referrer-policy", "no-referrer, unsafe-url");
        }
    }),
    ("json-as-a-page", |_, answer| {
        if answer.has_kind("json") {
            answer.set("content-type", "text/html; charset=utf-8");
        }
    }),
    ("json-with-more-behind", |request, answer| {
        if request.is_to("/introspect") {
            answer.rewrite(|text| format!("{text}<!-- 3 ms -->"));
        }
    }),
    ("secret-said-again", |request, answer| {
        if request.is_to("/token") && answer.status == 400 {
            let secret = secret_of(request);
            answer.rewrite_json(|value| {
                value["error_description"] = format!("not for {secret}").into();
            });
        }
    }),
    ("forwarded-host-in-metadata", |request, answer| {
        if let Some(host) = request
            .header("x-forwarded-host")
            .filter(|_| request.is_to("openid-configuration"))
        {
            answer.rewrite_json(|value| value["jwks_uri"] = format!("https://{host}/keys").into());
        }
    }),
    ("forwarded-host-in-pages", |request, answer| {
        if let Some(host) = request
            .header("x-forwarded-host")
            .filter(|_| answer.status == 200)
        {
            let script = format!("<script src=\"//{host}/sign-in.js\"></script>");
            if answer.has_kind("html") {
                answer.rewrite(|text| text + &script);
            }
        }
    }),
    ("forwarded-host-in-redirects", |request, answer| {
        let forwarded = request
            .header("forwarded")
            .and_then(|text| text.strip_prefix("host="));
        if let Some(host) = forwarded {
            answer.redirect(|location| format!("{location}&iss=https%3A%2F%2F{host}"));
        }
    }),
    ("cors-of-no-origin", |request, answer| {
        let_read(request, answer, |origin| origin == "null");
    }),
    ("cors-of-what-begins-alike", |request, answer| {
        let_read(request, answer, |origin| {
            origin.starts_with("http://localhost")
        });
    }),
    ("scope-of-any-length", |request, answer| {
        if request
            .parameter("scope")
            .is_some_and(|scope| scope.len() > 1_024)
        {
            answer.redirect(|location| location.replace("invalid_scope", "login_required"));
        }
    }),
    ("cookies-for-scripts", |_, answer| {
        for (name, value) in &mut answer.headers {
            if name == "set-cookie" {
                *value = value.replace("; HttpOnly", "");
            }
        }
    }),
    ("id-token-beside-an-access-token", |request, answer| {
        if request.parameter("response_type").as_deref() == Some("token") {
            answer.redirect(|location| format!("{location}&id_token=a.b.c"));
        }
    }),
    ("id-token-beside-a-code-and-a-token", |request, answer| {
        if request.parameter("response_type").as_deref() == Some("code token") {
            answer.redirect(|location| format!("{location}&id_token=a.b.c"));
        }
    }),
    ("no-code-where-all-is-asked-for", |request, answer| {
        if request.parameter("response_type").as_deref() == Some("code id_token token") {
            answer.redirect(|location| location.replace("code=", "no_code="));
        }
    }),
    ("openid-must-come-first", |request, answer| {
        let scope = request.parameter("scope").unwrap_or_default();
        if scope.contains(" openid") {
            let state = request.parameter("state").unwrap_or_default();
            answer.lead_to(format!("{OWN}#error=invalid_scope&state={state}"));
        }
    }),
    ("claims-without-openid", |request, answer| {
        if request.is_to("/userinfo") && answer.status == 403 {
            answer.status = 200;
            answer.set("content-type", "application/json");
            answer.body = b"{\"sub\":\"somebody\"}".to_vec();
        }
    }),
    ("active-as-a-text", |request, answer| {
        if request.is_to("/introspect") {
            answer.rewrite_json(|value| {
                let active = value.get("active").and_then(Value::as_bool);
                value["active"] = active.unwrap_or_default().to_string().into();
            });
        }
    }),
];

/// The redirect URI that a page of an error was the answer to.
pub(super) fn refused_address(request: &Request, answer: &Answer) -> Option<String> {
    let is_page = request.is_to("/authorize") && answer.status == 400;
    let sent = request.parameter("redirect_uri")?;
    (is_page && sent != OWN).then_some(sent)
}

/// The secret of a client that authenticates by HTTP Basic, or in the form.
fn secret_of(request: &Request) -> String {
    use base64::Engine as _;
    let basic = request.header("authorization");
    let basic = basic.and_then(|header| header.strip_prefix("Basic "));
    let read = basic.and_then(|basic| base64::prelude::BASE64_STANDARD.decode(basic).ok());
    let read = read.and_then(|read| String::from_utf8(read).ok());
    let secret = read.and_then(|read| Some(read.split_once(':')?.1.to_owned()));
    secret
        .or_else(|| request.parameter("client_secret"))
        .unwrap_or_default()
}

/// Lets pages of these origins read an answer with cookies.
fn let_read(request: &Request, answer: &mut Answer, is_let: impl Fn(&str) -> bool) {
    if let Some(origin) = request.header("origin").filter(|origin| is_let(origin)) {
        answer.set("access-control-allow-origin", origin);
        answer.set("access-control-allow-credentials", "true");
    }
}
