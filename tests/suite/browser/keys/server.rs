//! An org whose sign-in page is drawn in any words, and whose server says in keys what it is.

use std::collections::HashMap;
use std::future::pending;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{Html, IntoResponse as _, Redirect, Response};
use axum::routing::{get, post};
use axum::{Form, Router};
use okta_e2e::browser::Landing;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::timeout;
use url::Url;

use super::super::shared::{PATIENT, REDIRECT_URI, User};

pub(super) const PASSWORD: &str = "correct horse battery";
const LATE: Duration = Duration::from_secs(6);
const SECRET: &str = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP";

/// One answer of the server, and what the page draws of it.
#[derive(Clone)]
pub(super) struct Step {
    status: u16,
    is_late: bool,
    answer: Value,
    draws: String,
}

impl Step {
    pub(super) fn new(answer: Value, draws: &str) -> Self {
        Self::failed(200, answer, draws)
    }

    pub(super) fn failed(status: u16, answer: Value, draws: &str) -> Self {
        Self {
            status,
            is_late: false,
            answer,
            draws: draws.to_owned(),
        }
    }

    /// The same, longer after it was asked for than any page is waited for that stands still.
    pub(super) fn late(self) -> Self {
        Self {
            is_late: true,
            ..self
        }
    }

    /// The first page, which asks for the username.
    pub(super) fn identify() -> Self {
        let form = "<form><h1 data-se='o-form-head'>Anmelden</h1>\
             <input name='identifier' autocomplete='username'>\
             <button type='submit' data-se='save'>Weiter</button></form>";
        Self::new(remediation(&["identify"]), form)
    }

    /// The page that asks for the password.
    pub(super) fn password() -> Self {
        let answer = challenge("challenge-authenticator", "okta_password", "password");
        Self::new(answer, &Self::password_form(""))
    }

    /// The same form once more, with this above it.
    pub(super) fn refused(key: &str, says: &str) -> Self {
        let mut answer = challenge("challenge-authenticator", "okta_password", "password");
        answer["messages"] = messages("ERROR", key, says);
        let alert = format!(
            "<div data-se='infobox-error'><div role='alert' aria-label='error'>{says}</div></div>"
        );
        Self::failed(401, answer, &Self::password_form(&alert))
    }

    /// The same, of the application with this id.
    pub(super) fn about(mut self, application: &str) -> Self {
        self.answer["app"] = json!({"type": "object", "value": {"id": application}});
        self
    }

    fn password_form(above: &str) -> String {
        format!(
            "<form><h1 data-se='o-form-head'>パスワードで確認</h1>{above}\
             <input name='username' type='text' style='display:none' value='alice@example.com'>\
             <input name='credentials.passcode' type='password' autocomplete='current-password'>\
             <button type='submit' data-se='save'>確認</button></form>"
        )
    }

    /// A page that asks for a code, under this heading.
    pub(super) fn code(authenticator: &str, heading: &str) -> Self {
        let answer = challenge("challenge-authenticator", authenticator, "otp");
        let form = format!(
            "<form><h1 data-se='o-form-head'>{heading}</h1>\
             <input name='credentials.passcode' type='text' inputmode='numeric'>\
             <button type='submit' data-se='save'>確認</button></form>"
        );
        Self::new(answer, &form)
    }

    /// The end: back to the client.
    pub(super) fn success() -> Self {
        Self::new(json!({"success": {"name": "success-redirect"}}), "/finish")
    }
}

/// An answer with these remediations.
pub(super) fn remediation(names: &[&str]) -> Value {
    let forms: Vec<Value> = names.iter().map(|name| json!({ "name": name })).collect();
    json!({"remediation": {"type": "array", "value": forms}})
}

/// An answer that asks for a proof by an authenticator.
pub(super) fn challenge(name: &str, key: &str, method: &str) -> Value {
    let mut answer = remediation(&[name]);
    answer["remediation"]["value"][0]["relatesTo"] = json!(["$.currentAuthenticator"]);
    answer["currentAuthenticator"] = json!({
        "type": "object",
        "value": {"key": key, "methods": [{"type": method}]},
    });
    answer
}

pub(super) fn messages(class: &str, key: &str, text: &str) -> Value {
    let message = json!({"class": class, "i18n": {"key": key}, "message": text});
    json!({"type": "array", "value": [message]})
}

/// What was posted to the sign-in API, form by form.
type Posted = Vec<HashMap<String, String>>;

struct Shared {
    page: String,
    steps: Mutex<Vec<Step>>,
    posted: Mutex<Posted>,
}

/// Where a visit ended, and what was posted on the way.
pub(super) struct Ended {
    pub(super) landing: Landing,
    pub(super) posted: Posted,
}

impl Ended {
    /// What was typed into fields of this name.
    pub(super) fn typed(&self, field: &str) -> Vec<&str> {
        let fields = self.posted.iter().filter_map(|form| form.get(field));
        fields.map(String::as_str).collect()
    }
}

/// A page with this above the widget, and these answers, in turn.
pub(super) async fn visit(banner: &str, steps: Vec<Step>) -> Ended {
    let page = include_str!("script.html").replace("BANNER", banner);
    let mut steps = steps;
    steps.reverse();
    let shared = Arc::new(Shared {
        page: page.replace("LANG", "ja"),
        steps: Mutex::new(steps),
        posted: Mutex::default(),
    });
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let url = format!("http://{}/", listener.local_addr().expect("an address"));
    let app = Router::new()
        .route("/authorize", get(authorize))
        .route("/finish", get(finish))
        .route("/idp/idx/introspect", post(introspect))
        .route("/idp/idx/answer", post(answer))
        .with_state(Arc::clone(&shared));
    tokio::spawn(async move { axum::serve(listener, app).await });
    let url: Url = url.parse().expect("a URL");
    let user = User {
        username: "alice@example.com",
        password: PASSWORD,
        totp_secret: Some(SECRET),
    };
    let authorize = url.join("authorize?client_id=0oaClient").expect("a URL");
    let trusted = [&url].into_iter().collect();
    let visited = PATIENT.sign_in(authorize, trusted, user).await;
    let posted = shared.posted.lock().expect("no panic").clone();
    Ended {
        landing: visited.landing.expect("an end"),
        posted,
    }
}

async fn authorize(State(shared): State<Arc<Shared>>) -> Html<String> {
    Html(shared.page.clone())
}

async fn finish(Query(_): Query<HashMap<String, String>>) -> Redirect {
    Redirect::to(&format!("{REDIRECT_URI}#access_token=abc"))
}

async fn introspect(State(shared): State<Arc<Shared>>) -> Response {
    next(&shared).await
}

async fn answer(
    State(shared): State<Arc<Shared>>,
    Form(form): Form<HashMap<String, String>>,
) -> Response {
    shared.posted.lock().expect("no panic").push(form);
    next(&shared).await
}

/// The next answer; with none left, the last one was the end.
async fn next(shared: &Shared) -> Response {
    let step = shared.steps.lock().expect("no panic").pop();
    let Some(step) = step else {
        return StatusCode::GONE.into_response();
    };
    if step.is_late {
        let _late = timeout(LATE, pending::<()>()).await;
    }
    let status = StatusCode::from_u16(step.status).expect("a status");
    let draws = json!(step.draws).to_string();
    // Headers are ASCII.
    let draws: String = draws.chars().map(escaped).collect();
    let header = HeaderValue::from_str(&draws).expect("a header");
    let mut response = (status, step.answer.to_string()).into_response();
    response.headers_mut().insert("x-draw", header);
    response
}

fn escaped(character: char) -> String {
    if character.is_ascii() {
        return character.to_string();
    }
    let mut units = [0; 2];
    let units = character.encode_utf16(&mut units);
    let units: Vec<String> = units.iter().map(|unit| format!("\\u{unit:04x}")).collect();
    units.concat()
}
