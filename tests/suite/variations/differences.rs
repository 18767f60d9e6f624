//! More of what servers may do otherwise: times, keys, pages and words.

use serde_json::{Value, json};

use super::Variation;
use super::replays::change;
use crate::support::front::Answer;

pub(super) const DIFFERENCES: [Variation; 24] = [
    ("a clock that is five seconds behind", |_, answer| {
        let date = answer.header("date").and_then(|date| {
            let date = jiff::fmt::rfc2822::parse(date).ok()?;
            let earlier = date.timestamp() - jiff::SignedDuration::from_secs(5);
            let printer = jiff::fmt::rfc2822::DateTimePrinter::new();
            printer.timestamp_to_rfc9110_string(&earlier).ok()
        });
        if let Some(date) = date {
            answer.set("date", date);
        }
    }),
    (
        "tokens that are told to live a second less",
        |request, answer| {
            answer.redirect(|location| location.replace("expires_in=3600", "expires_in=3599"));
            if request.is_to("/token") {
                answer.rewrite(|text| text.replace(":3600", ":3599"));
            }
        },
    ),
    (
        "keys of other kinds beside, and certificates (RFC 7517 section 4.7)",
        |request, answer| {
            if request.is_to("/keys") {
                changes_keys(answer, |keys| {
                    for key in keys.iter_mut() {
                        key["x5c"] = json!(["MIIB"]);
                    }
                    keys.push(
                        json!({"kty": "EC", "crv": "P-256", "kid": "e", "x": "AA", "y": "AA"}),
                    );
                    keys.insert(
                        0,
                        json!({"kty": "OKP", "crv": "Ed25519", "kid": "o", "x": "AA"}),
                    );
                });
            }
        },
    ),
    (
        "keys without `alg` and `use` (RFC 7517 sections 4.2 and 4.4)",
        |request, answer| {
            if request.is_to("/keys") {
                changes_keys(answer, |keys| {
                    for key in keys.iter_mut().filter_map(Value::as_object_mut) {
                        key.remove("alg");
                        key.remove("use");
                    }
                });
            }
        },
    ),
    (
        "a signing key more, before the others",
        |request, answer| {
            if request.is_to("/keys") {
                changes_keys(answer, |keys| {
                    let mut other = keys[0].clone();
                    other["kid"] = "another".into();
                    keys.insert(0, other);
                });
            }
        },
    ),
    ("members of metadata that are null", |request, answer| {
        if request.is_to("openid-configuration") {
            answer.rewrite_json(|value| {
                value["service_documentation"] = Value::Null;
                value["acr_values_supported"] = Value::Null;
                value["mtls_endpoint_aliases"] =
                    json!({"token_endpoint": "https://mtls.example.com/token"});
            });
        }
    }),
    ("errors without a description", |_, answer| {
        // By its words alone a denial of Okta's tells who is not assigned.
        if !answer
            .header("location")
            .is_some_and(|to| to.contains("access_denied"))
        {
            answer.redirect(|location| without(location, "error_description"));
        }
        if answer.has_kind("json") && answer.status >= 400 {
            answer.rewrite_json(|value| {
                value
                    .as_object_mut()
                    .and_then(|value| value.remove("error_description"));
            });
        }
    }),
    ("pages of errors as JSON", |_, answer| {
        if is_error_page(answer) {
            answer.set("content-type", "application/json");
            answer.body = b"{\"error\":\"invalid_request\"}".to_vec();
        }
    }),
    ("pages of errors in Japanese", |_, answer| {
        if is_error_page(answer) {
            answer.body = "<html lang=ja><h1>\u{30a8}\u{30e9}\u{30fc}</h1></html>".into();
        }
    }),
    ("pages of errors with 422", |_, answer| {
        if is_error_page(answer) {
            answer.status = 422;
        }
    }),
    (
        "pages of errors with what was sent as data of a script",
        |request, answer| {
            if is_error_page(answer) {
                let sent = request.parameter("redirect_uri").unwrap_or_default();
                let sent = json!(sent).to_string().replace('<', "\\u003c");
                answer.body =
                    format!("<script>var data = {{\"location\": {sent}}};</script>").into();
            }
        },
    ),
    (
        "pages of errors with a link back and a search form",
        |_, answer| {
            if is_error_page(answer) {
                answer.body = b"<a href=\"http://localhost:8080/callback\">Back</a>\
                <form action=\"/search\"><input name=q></form>"
                    .to_vec();
            }
        },
    ),
    ("pages of errors that may be kept", |_, answer| {
        if is_error_page(answer) {
            answer.headers.retain(|(name, _)| name != "cache-control");
        }
    }),
    ("`&` at the end of an answer", |_, answer| {
        answer.redirect(|location| format!("{location}&"));
    }),
    (
        "307 for requests that post nothing (RFC 9110 section 15.4.8)",
        |request, answer| {
            if answer.status == 302 && request.method == "GET" {
                answer.status = 307;
            }
        },
    ),
    (
        "a sign-in page that one browser may keep",
        |request, answer| {
            let is_form = request.parameter("response_mode").is_some();
            if request.is_to("/authorize") && answer.status == 200 && !is_form {
                answer.set("cache-control", "private, max-age=0");
            }
        },
    ),
    ("claims that one cache may keep", |request, answer| {
        if request.is_to("/userinfo") && answer.status == 200 {
            answer.set("cache-control", "private, max-age=30");
        }
    }),
    (
        "a page that posts, with a form to search behind it",
        |request, answer| {
            if request.parameter("response_mode").as_deref() == Some("form_post") {
                let search = "<form action=\"/search\"><input name=q></form></body>";
                answer.rewrite(|text| text.replace("</body>", search));
            }
        },
    ),
    (
        "challenges of several schemes, each in its line",
        |_, answer| {
            if answer.header("www-authenticate").is_some() {
                answer.headers.insert(
                    0,
                    (
                        "www-authenticate".to_owned(),
                        "Basic realm=\"org\"".to_owned(),
                    ),
                );
            }
        },
    ),
    (
        "more members in an answer with tokens, and empty ones",
        |request, answer| {
            if request.is_to("/token") && answer.status == 200 {
                answer.rewrite_json(|value| {
                    value["issued_token_type"] = Value::Null;
                    value["ext"] = json!([{"expires_in": 1}, {"expires_in": 1}]);
                });
            }
        },
    ),
    (
        "the type of a token in capitals (RFC 6749 section 7.1)",
        |request, answer| {
            answer.redirect(|location| location.replace("token_type=Bearer", "token_type=BEARER"));
            if request.is_to("/token") {
                answer.rewrite(|text| text.replace("\"Bearer\"", "\"BEARER\""));
            }
        },
    ),
    (
        "scopes told in another order (RFC 6749 section 3.3)",
        |request, answer| {
            change(answer, "scope", |scope| {
                let mut scopes: Vec<&str> = scope.split('+').collect();
                scopes.reverse();
                scopes.join("+")
            });
            if request.is_to("/token") {
                answer.rewrite_json(|value| {
                    let told = value.get("scope").and_then(Value::as_str);
                    let told: Option<Vec<&str>> = told.map(|told| told.split(' ').rev().collect());
                    if let Some(told) = told {
                        value["scope"] = told.join(" ").into();
                    }
                });
            }
        },
    ),
    (
        "one audience in a list at introspection (RFC 7662 section 2.2)",
        |request, answer| {
            if request.is_to("/introspect") {
                answer.rewrite_json(|value| {
                    if let Some(audience) = value.get("aud").cloned() {
                        value["aud"] = json!([audience]);
                    }
                });
            }
        },
    ),
    (
        "refusals at endpoints with nothing in them",
        |request, answer| {
            if request.is_to("/userinfo") && answer.status >= 400 {
                answer.body.clear();
                answer.headers.retain(|(name, _)| name != "content-type");
            }
        },
    ),
];

fn is_error_page(answer: &Answer) -> bool {
    answer.status == 400 && answer.has_kind("html")
}

fn changes_keys(answer: &mut Answer, change: impl FnOnce(&mut Vec<Value>)) {
    answer.rewrite_json(|value| {
        if let Some(keys) = value["keys"].as_array_mut() {
            change(keys);
        }
    });
}

/// An address without a parameter of its answer.
fn without(location: &str, name: &str) -> String {
    let start = location
        .find(['?', '#'])
        .map_or(location.len(), |at| at + 1);
    let pairs = location[start..].split('&');
    let pairs: Vec<&str> = pairs.filter(|pair| !pair.starts_with(name)).collect();
    format!("{}{}", &location[..start], pairs.join("&"))
}
