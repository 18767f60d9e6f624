//! The HTML pages of an org.

mod brand;
mod environment;
pub(crate) mod widget;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use minijinja::{Value, context};

use crate::error::{self, OAuthError};
use crate::fault::Fault;
use crate::options::ErrorPage;
use crate::state::AppState;
use crate::state::org::random_token;
use crate::visit::{Answer, Shown};

/// The name of the org in titles.
const ORG_NAME: &str = "Sandbox";

/// Shows a browser what comes next.
pub(crate) fn show(state: &AppState, shown: Shown) -> Response {
    match shown {
        Shown::SignIn {
            state_token,
            is_blank,
        } => sign_in(state, &state_token, is_blank),
        Shown::Classic {
            state_token,
            from_uri,
        } => classic(state, &state_token, &from_uri),
        Shown::Error(error) => error_page(state, &error),
        Shown::Provider => provider(),
        Shown::NoServer(id) => error::unknown_server(&id),
        Shown::Elsewhere(path) => elsewhere(&path),
        Shown::Client(address) => client(state.fault(), &address),
        Shown::FormPost(redirect_uri, answer) => form_post(&redirect_uri, &answer),
        Shown::PostMessage(redirect_uri, answer) => {
            post_message(state.fault(), &redirect_uri, &answer)
        }
    }
}

/// A page by a fault of those who made it: what was sent stands in it as it was sent, or any other
/// page may show it in a frame.
pub(crate) async fn made_badly(fault: Option<Fault>, sent: &[String], page: Response) -> Response {
    let kind = page.headers().get(header::CONTENT_TYPE);
    let is_page = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let (mut head, body) = match fault {
        Some(Fault::PagesUnescaped | Fault::PagesFrameable) if is_page => page.into_parts(),
        _ => return page,
    };
    head.headers.remove(header::CONTENT_LENGTH);
    let body = axum::body::to_bytes(body, usize::MAX).await;
    let mut body = body.unwrap_or_default().to_vec();
    if fault == Some(Fault::PagesUnescaped) {
        body.extend(sent.concat().into_bytes());
    } else {
        head.headers.remove(header::CONTENT_SECURITY_POLICY);
        head.headers.remove(header::X_FRAME_OPTIONS);
    }
    Response::from_parts(head, body.into())
}

/// A redirect to another address of this org.
fn elsewhere(location: &str) -> Response {
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, "no-cache, no-store"),
    ];
    (StatusCode::FOUND, headers).into_response()
}

/// A redirect that does not tell the target where it came from.
fn client(fault: Option<Fault>, location: &str) -> Response {
    let status = match fault {
        Some(Fault::Redirect303) => StatusCode::SEE_OTHER,
        Some(Fault::Redirect307) => StatusCode::TEMPORARY_REDIRECT,
        _ => StatusCode::FOUND,
    };
    let Ok(location) = HeaderValue::from_str(location) else {
        return OAuthError::invalid_request("Invalid request").into_response();
    };
    let referrer = match fault {
        Some(Fault::RedirectWithReferrer) => "unsafe-url",
        _ => "no-referrer",
    };
    let headers = [
        (header::LOCATION, location),
        (header::REFERRER_POLICY, HeaderValue::from_static(referrer)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("no-cache, no-store"),
        ),
    ];
    (status, headers).into_response()
}

/// The page of Identity Engine that a browser signs in on.
fn sign_in(state: &AppState, state_token: &str, is_blank: bool) -> Response {
    let bundle = widget::Bundle::of(state.sign_in_page);
    let page = Page {
        template: bundle.map_or("sign_in.html", |_| "widget.html"),
        status: StatusCode::OK,
        is_frameable: false,
    };
    let values = context! {
        org_name => ORG_NAME,
        base_url => &state.base_url,
        state_token => state_token,
        ..brand::look(state)
    };
    if let Some(bundle) = bundle {
        let bundle = bundle.addresses(is_blank);
        return page.answer(context! { bundle => bundle, ..values });
    }
    page.answer(context! {
        style => include_str!("sign_in.css"),
        script => if is_blank { "" } else { include_str!("sign_in.js") },
        also_to => also_to(state).unwrap_or_default(),
        ..values
    })
}

/// Where a faulty page sends what is typed as well: this very server, by a name that makes another
/// origin of it.
fn also_to(state: &AppState) -> Option<String> {
    let is_faulty = state.fault() == Some(Fault::SignInSendsElsewhere);
    let url = is_faulty
        .then(|| state.base_url.parse::<url::Url>().ok())
        .flatten()?;
    let name = match url.host_str()? {
        "localhost" => "127.0.0.1",
        _ => "localhost",
    };
    Some(format!(
        "http://{name}:{}/elsewhere",
        url.port_or_known_default()?
    ))
}

/// The page of Classic Engine, for the request that goes on at `from_uri`.
fn classic(state: &AppState, state_token: &str, from_uri: &str) -> Response {
    let page = Page {
        template: "classic.html",
        status: StatusCode::OK,
        is_frameable: false,
    };
    page.answer(context! {
        org_name => ORG_NAME,
        base_url => &state.base_url,
        state_token => state_token,
        from_uri => from_uri,
        bundle => widget::Bundle::CLASSIC.addresses(false),
        ..brand::look(state)
    })
}

/// The page of another provider, to which an org may send its users.
fn provider() -> Response {
    let page = Page {
        template: "provider.html",
        status: StatusCode::OK,
        is_frameable: false,
    };
    page.answer(context! {})
}

/// Okta's own page for errors that must not be sent anywhere.
fn error_page(state: &AppState, error: &OAuthError) -> Response {
    let template = match state.options.error_page {
        ErrorPage::Classic => "error_classic.html",
        ErrorPage::Themed => "error_themed.html",
    };
    let page = Page {
        template,
        status: StatusCode::BAD_REQUEST,
        is_frameable: false,
    };
    page.answer(context! {
        org_name => ORG_NAME,
        status => StatusCode::BAD_REQUEST.as_u16(),
        error => error.error,
        description => &error.description,
    })
}

/// A form that posts the answer to the redirect URI by itself.
fn form_post(redirect_uri: &str, answer: &Answer) -> Response {
    let page = Page {
        template: "form_post.html",
        status: StatusCode::OK,
        is_frameable: true,
    };
    page.answer(context! { action => redirect_uri, fields => answer })
}

/// A page that hands the answer to the window that opened it, if that is of the right origin.
fn post_message(fault: Option<Fault>, redirect_uri: &str, answer: &Answer) -> Response {
    let page = Page {
        template: "post_message.html",
        status: StatusCode::OK,
        is_frameable: true,
    };
    let origin = redirect_uri
        .parse::<url::Url>()
        .map(|uri| uri.origin().ascii_serialization())
        .unwrap_or_default();
    let origin = match fault {
        Some(Fault::MessageForAnyPage) => "*".to_owned(),
        _ => origin,
    };
    page.answer(context! { origin => origin, fields => answer })
}

struct Page {
    template: &'static str,
    status: StatusCode,
    /// Pages that only carry an answer work in a hidden frame; pages for people refuse frames.
    is_frameable: bool,
}

impl Page {
    fn answer(&self, values: Value) -> Response {
        let nonce = random_token();
        match environment::render(self.template, context! { nonce => &nonce, ..values }) {
            Ok(body) => (self.status, self.headers(&nonce), Html(body)).into_response(),
            Err(error) => {
                let body = format!("failed to render `{}`: {error}", self.template);
                (StatusCode::INTERNAL_SERVER_ERROR, body).into_response()
            }
        }
    }

    fn headers(&self, nonce: &str) -> axum::http::HeaderMap {
        let ancestors = if self.is_frameable { "*" } else { "'self'" };
        let policy = format!(
            "script-src 'nonce-{nonce}'; object-src 'none'; base-uri 'none'; \
             frame-ancestors {ancestors}"
        );
        let mut headers = axum::http::HeaderMap::new();
        if let Ok(policy) = HeaderValue::from_str(&policy) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        if !self.is_frameable {
            let same_origin = HeaderValue::from_static("SAMEORIGIN");
            headers.insert(header::X_FRAME_OPTIONS, same_origin);
        }
        let fixed = [
            (header::CACHE_CONTROL, "no-cache, no-store"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        for (name, value) in fixed {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers
    }
}
