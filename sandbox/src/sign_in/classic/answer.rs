//! The shapes of the authentication API's answers.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::call::LIFETIME_SECONDS;
use super::chain::redirect_path;
use crate::error::{okta_error, okta_error_because};
use crate::options::Detour;
use crate::sign_in::message::Message;
use crate::sign_in::onward;
use crate::sign_in::scenario::{self, Scenario};
use crate::sign_in::shape::DAYS_TO_EXPIRY;
use crate::state::AppState;
use crate::state::org::random_token;
use crate::state::sign_in::{At, Authn, Session};

/// The id of the authenticator app.
pub(super) const FACTOR_ID: &str = "ufthSandboxApp";

/// The id of the method that users of the optional enrolment have already.
const QUESTION_ID: &str = "ufthSandboxQuestion";

/// Where a sign-in stands.
pub(super) fn step(state: &AppState, token: &str, authn: &Authn) -> Response {
    let answers = Answers { state, authn };
    let mut body = match &authn.at {
        At::NewPassword => answers.password("PASSWORD_EXPIRED", None),
        At::Detour(Detour::ExpiryWarning) => {
            answers.password("PASSWORD_WARN", Some(DAYS_TO_EXPIRY))
        }
        At::Detour(Detour::Code) => answers.challenge(),
        At::Detour(Detour::OptionalEnrolment) => answers.enrolment(false),
        At::Detour(Detour::Enrolment) => answers.enrolment(true),
        At::Detour(_) => answers.unknown(),
        At::Scripted(name, step) => answers.scripted(name, *step),
        At::Activation(secret) => answers.activation(secret),
        At::Consent(key) => answers.consent(key),
    };
    body["stateToken"] = token.into();
    body["expiresAt"] = expires(authn.started).into();
    body["_links"]["cancel"] = link(state, "authn/cancel");
    respond(&body)
}

/// The refusal that a scenario is, if its first page is one.
pub(super) fn refusal_of(state: &AppState, scenario: &Scenario) -> Option<Response> {
    let error = scenario.classic_at(0)?.error.as_ref()?;
    let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::FORBIDDEN);
    let text = state.options.language.server_text(&error.summary);
    Some(okta_error(status, &error.code, text))
}

/// The end of a sign-in: a session token.
pub(super) fn success(state: &AppState, session: &Session) -> Response {
    let token = random_token();
    let mut runtime = state.runtime();
    runtime
        .session_tokens
        .insert(token.clone(), session.clone());
    drop(runtime);
    respond(&json!({
        "expiresAt": expires(state.now()),
        "status": "SUCCESS",
        "sessionToken": token,
        "_embedded": {"user": user(state, session)},
        "_links": {"cancel": link(state, "authn/cancel")},
    }))
}

/// The end of a step-up: back to the request.
pub(super) fn stepped_up(state: &AppState, session: &Session, key: &str) -> Response {
    let next = format!("{}{}", state.base_url, redirect_path(key));
    respond(&json!({
        "status": "SUCCESS",
        "type": "SESSION_STEP_UP",
        "_embedded": {"user": user(state, session)},
        "_links": {"next": {"name": "original", "href": next, "hints": {"allow": ["GET"]}}},
    }))
}

/// Locked out, where the org tells so.
pub(super) fn locked_out(state: &AppState) -> Response {
    respond(&json!({
        "status": "LOCKED_OUT",
        "_embedded": {},
        "_links": {"next": link(state, "authn/recovery/unlock")},
    }))
}

/// A refusal, in the words of the authentication API.
pub(super) fn refuse(message: Message) -> Response {
    let (status, code, text) = match message {
        Message::AccessDenied => (
            StatusCode::FORBIDDEN,
            "E0000006",
            "You do not have permission to perform the requested action",
        ),
        Message::TooManyRequests => (
            StatusCode::TOO_MANY_REQUESTS,
            "E0000047",
            "API call exceeded rate limit due to too many requests.",
        ),
        Message::WrongCode => {
            let cause = "Your passcode doesn't match our records. Please try again.";
            let (status, code) = (StatusCode::FORBIDDEN, "E0000068");
            return okta_error_because(status, code, "Invalid Passcode/Answer", &[cause]);
        }
        Message::UsedCode => (
            StatusCode::FORBIDDEN,
            "E0000082",
            "Each code can only be used once. Please wait for a new code and try again.",
        ),
        Message::Expired => (
            StatusCode::UNAUTHORIZED,
            "E0000011",
            "Invalid token provided",
        ),
        _ => (
            StatusCode::UNAUTHORIZED,
            "E0000004",
            "Authentication failed",
        ),
    };
    okta_error(status, code, text)
}

struct Answers<'a> {
    state: &'a AppState,
    authn: &'a Authn,
}

impl Answers<'_> {
    fn password(&self, status: &str, days: Option<u32>) -> Value {
        let complexity = json!({
            "minLength": 8,
            "minLowerCase": 1,
            "minUpperCase": 1,
            "minNumber": 1,
            "minSymbol": 0,
            "excludeUsername": true,
        });
        let mut links =
            json!({"next": self.named("changePassword", "credentials/change_password")});
        let mut policy = json!({"complexity": complexity});
        if let Some(days) = days {
            policy["expiration"] = json!({"passwordExpireDays": days});
            links["skip"] = self.named("skip", "skip");
        }
        json!({
            "status": status,
            "_embedded": {"user": self.user(), "policy": policy},
            "_links": links,
        })
    }

    fn challenge(&self) -> Value {
        let verify = link(self.state, &format!("authn/factors/{FACTOR_ID}/verify"));
        let factor = json!({
            "id": FACTOR_ID,
            "factorType": "token:software:totp",
            "provider": "GOOGLE",
            "vendorName": "GOOGLE",
            "profile": {"credentialId": self.user()["profile"]["login"]},
            "_links": {"verify": verify},
        });
        let mut factors = vec![factor];
        let login = self.user()["profile"]["login"].clone();
        if onward::meets(
            self.state,
            login.as_str().unwrap_or_default(),
            Detour::Choice,
        ) {
            let others = ["push", "email"].iter();
            let base_url = &self.state.base_url;
            let others = others.map(|name| scenario::factor_to_verify(name, base_url));
            // The page shows one of them first, and the rest in a list that opens.
            factors = others.chain(factors).collect();
        }
        json!({
            "status": "MFA_REQUIRED",
            "_embedded": {
                "user": self.user(),
                "policy": {"allowRememberDevice": false, "rememberDeviceByDefault": false},
                "factors": factors,
            },
            "_links": {},
        })
    }

    fn enrolment(&self, is_required: bool) -> Value {
        let enrol = json!({"enroll": link(self.state, "authn/factors")});
        let app = json!({
            "id": FACTOR_ID,
            "factorType": "token:software:totp",
            "provider": "GOOGLE",
            "vendorName": "GOOGLE",
            "_links": enrol,
            "status": "NOT_SETUP",
            "enrollment": if is_required { "REQUIRED" } else { "OPTIONAL" },
        });
        let question = json!({
            "id": QUESTION_ID,
            "factorType": "question",
            "provider": "OKTA",
            "vendorName": "OKTA",
            "_links": enrol,
            "status": "ACTIVE",
            "enrollment": "OPTIONAL",
        });
        let mut links = json!({});
        let mut factors = vec![app];
        if !is_required {
            links["skip"] = self.named("skip", "skip");
            factors.push(question);
        }
        json!({
            "status": "MFA_ENROLL",
            "_embedded": {"user": self.user(), "factors": factors},
            "_links": links,
        })
    }

    fn activation(&self, secret: &str) -> Value {
        let path = format!("factors/{FACTOR_ID}/lifecycle/activate");
        let activation = json!({
            "timeStep": 30,
            "sharedSecret": secret,
            "encoding": "base32",
            "keyLength": 6,
        });
        let factor = json!({
            "id": FACTOR_ID,
            "factorType": "token:software:totp",
            "provider": "GOOGLE",
            "profile": {"credentialId": self.user()["profile"]["login"]},
            "_embedded": {"activation": activation},
        });
        json!({
            "status": "MFA_ENROLL_ACTIVATE",
            "_embedded": {"user": self.user(), "factor": factor},
            "_links": {"next": self.named("activate", &path)},
        })
    }

    /// A page that was asked for by name.
    fn scripted(&self, name: &str, step: usize) -> Value {
        let found = scenario::find(name).and_then(|scenario| scenario.classic_at(step));
        let body = found.map(|row| scenario::classic_answer(row, &self.state.base_url));
        scenario::with_user(body.unwrap_or_default(), self.user())
    }

    /// A page of the widget that no sign-in of this suite's kind has: a question to be answered.
    fn unknown(&self) -> Value {
        let mut user = self.user();
        user["recovery_question"] = json!({"question": "What is the name of your first pet?"});
        json!({
            "status": "RECOVERY",
            "_embedded": {"user": user},
            "_links": {"next": self.named("answer", "recovery/answer")},
        })
    }

    fn consent(&self, key: &str) -> Value {
        let org = self.state.org();
        let runtime = self.state.runtime();
        let request = runtime.transactions.get(key).map(|kept| &kept.request);
        let client = request.and_then(|request| org.applications.get(&request.client_id));
        let label = client.map(|client| client.label.as_str());
        let id = client.map(|client| client.id.as_str());
        let scopes = request.map(|request| request.scopes.as_slice());
        let scopes = scopes.unwrap_or_default().iter();
        let scopes: Vec<Value> = scopes.map(|scope| json!({"name": scope})).collect();
        let target = json!({"type": "APP", "name": "oidc_client", "label": label, "clientId": id});
        drop(runtime);
        drop(org);
        json!({
            "status": "CONSENT_REQUIRED",
            "_embedded": {"target": target, "scopes": scopes, "user": self.user()},
            "_links": {"next": self.named("consent", "consent")},
        })
    }

    fn user(&self) -> Value {
        user(self.state, &self.authn.session)
    }

    fn named(&self, name: &str, path: &str) -> Value {
        let mut link = link(self.state, &format!("authn/{path}"));
        link["name"] = name.into();
        link
    }
}

fn user(state: &AppState, session: &Session) -> Value {
    let org = state.org();
    let Some(user) = org.users.get(&session.user_id) else {
        return Value::Null;
    };
    json!({
        "id": user.id,
        "passwordChanged": user.password_changed.map(|time| format!("{time:.3}")),
        "profile": {
            "login": user.login(),
            "firstName": user.text("firstName"),
            "lastName": user.text("lastName"),
            "locale": "en_US",
            "timeZone": "America/Los_Angeles",
        },
    })
}

fn link(state: &AppState, path: &str) -> Value {
    let href = format!("{}/api/v1/{path}", state.base_url);
    json!({"href": href, "hints": {"allow": ["POST"]}})
}

fn expires(started: i64) -> String {
    let time = Timestamp::from_second(started + LIFETIME_SECONDS);
    format!("{:.3}", time.unwrap_or(Timestamp::UNIX_EPOCH))
}

fn respond(body: &Value) -> Response {
    ([(header::CACHE_CONTROL, "no-cache, no-store")], Json(body)).into_response()
}
