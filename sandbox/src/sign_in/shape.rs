//! The shapes of Identity Engine's answers, after the mock answers Okta's widget is tested with.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::message::Message;
use crate::oauth::runtime::{Stage, TRANSACTION_LIFETIME_SECONDS, Transaction};
use crate::org::User;
use crate::state::AppState;

const MEDIA_TYPE: &str = "application/ion+json; okta-version=1.0.0";
const ACCEPTS: &str = "application/json; okta-version=1.0.0";

/// Okta's authenticators that the enrolment page offers.
const ENROLMENT: [&str; 2] = ["Okta Verify", "Google Authenticator"];

/// The page after the right password that a fault puts there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Detour {
    Enrolment,
    Unknown,
}

/// The step a sign-in stands at, as an answer.
pub(super) fn step(
    state: &AppState,
    transaction: &Transaction,
    message: Option<Message>,
) -> Response {
    let shape = Shape { state, transaction };
    let remediation = match &transaction.stage {
        Stage::Identify => shape.identify(),
        Stage::Password(_) => shape.password("challenge-authenticator", "Password"),
        Stage::NewPassword(_) => shape.password("reenroll-authenticator", "New password"),
        Stage::Consent(_) => shape.consent(),
        Stage::Done(_) | Stage::Declined => return shape.success(),
    };
    shape.answer(&remediation, message)
}

/// A page that no sign-in with a password alone has.
pub(super) fn detour(state: &AppState, transaction: &Transaction, detour: Detour) -> Response {
    let shape = Shape { state, transaction };
    let remediation = match detour {
        Detour::Enrolment => shape.enrolment(),
        Detour::Unknown => {
            let mut form = shape.form("sandbox-unknown-step", "challenge", Vec::new());
            form["label"] = "Action required".into();
            form
        }
    };
    shape.answer(&remediation, None)
}

struct Shape<'a> {
    state: &'a AppState,
    transaction: &'a Transaction,
}

impl Shape<'_> {
    fn identify(&self) -> Value {
        let mut identifier = json!({"name": "identifier", "label": "Username", "required": true});
        if let Some(hint) = &self.transaction.request.login_hint {
            identifier["value"] = hint.as_str().into();
        }
        let remember = json!({
            "name": "rememberMe",
            "type": "boolean",
            "label": "Remember this device",
        });
        self.form("identify", "identify", vec![identifier, remember])
    }

    fn password(&self, name: &str, label: &str) -> Value {
        let passcode = json!({"name": "passcode", "label": label, "secret": true});
        let credentials = json!({
            "name": "credentials",
            "type": "object",
            "form": {"value": [passcode]},
            "required": true,
        });
        let mut form = self.form(name, "challenge/answer", vec![credentials]);
        form["relatesTo"] = json!(["$.currentAuthenticator"]);
        form
    }

    fn enrolment(&self) -> Value {
        let options: Vec<Value> = ENROLMENT
            .iter()
            .enumerate()
            .map(|(index, label)| {
                let id = format!("autSandbox{index}");
                let id = json!({"name": "id", "required": true, "value": id, "mutable": false});
                json!({"label": label, "value": {"form": {"value": [id]}}})
            })
            .collect();
        let authenticator = json!({
            "name": "authenticator",
            "type": "object",
            "required": true,
            "options": options,
        });
        self.form(
            "select-authenticator-enroll",
            "credential/enroll",
            vec![authenticator],
        )
    }

    fn consent(&self) -> Value {
        let options = json!([
            {"label": "Allow Access", "value": true},
            {"label": "Don't Allow", "value": false},
        ]);
        let consent = json!({
            "name": "consent",
            "type": "boolean",
            "required": true,
            "options": options,
        });
        let mut form = self.form("consent", "consent", vec![consent]);
        form["scopes"] = self
            .transaction
            .request
            .scopes
            .iter()
            .map(|scope| json!({"name": scope, "label": scope, "value": scope}))
            .collect();
        form
    }

    fn form(&self, name: &str, path: &str, mut fields: Vec<Value>) -> Value {
        fields.push(json!({
            "name": "stateHandle",
            "required": true,
            "value": self.transaction.handle,
            "visible": false,
            "mutable": false,
        }));
        json!({
            "rel": ["create-form"],
            "name": name,
            "href": format!("{}/idp/idx/{path}", self.state.base_url),
            "method": "POST",
            "produces": MEDIA_TYPE,
            "value": fields,
            "accepts": ACCEPTS,
        })
    }

    fn answer(&self, remediation: &Value, message: Option<Message>) -> Response {
        let mut body = self.common();
        let remediation = json!({"type": "array", "value": [remediation]});
        body.insert("remediation".to_owned(), remediation);
        if !matches!(self.transaction.stage, Stage::Identify) {
            body.insert("currentAuthenticator".to_owned(), authenticator());
        }
        if let Some(message) = message {
            body.insert("messages".to_owned(), message.json());
        }
        let status = message.map_or(StatusCode::OK, |message| message.parts().0);
        respond(status, &body.into())
    }

    fn success(&self) -> Response {
        let (token, _) = self.transaction.handle.split_once('~').unwrap_or_default();
        let href = format!(
            "{}/login/token/redirect?stateToken={token}",
            self.state.base_url
        );
        let mut body = self.common();
        let success = json!({"name": "success-redirect", "href": href});
        body.insert("success".to_owned(), success);
        respond(StatusCode::OK, &body.into())
    }

    fn common(&self) -> Map<String, Value> {
        let ends = self.transaction.started + TRANSACTION_LIFETIME_SECONDS;
        let expires = Timestamp::from_second(ends).unwrap_or(Timestamp::UNIX_EPOCH);
        let mut body = Map::new();
        body.insert("version".to_owned(), "1.0.0".into());
        let handle = self.transaction.handle.as_str();
        body.insert("stateHandle".to_owned(), handle.into());
        let expires = format!("{expires:.3}");
        body.insert("expiresAt".to_owned(), expires.into());
        body.insert("intent".to_owned(), "LOGIN".into());
        let cancel = self.form("cancel", "cancel", Vec::new());
        body.insert("cancel".to_owned(), cancel);
        body.extend(self.about_org());
        body
    }

    /// The user, once known, and the application.
    fn about_org(&self) -> Map<String, Value> {
        let org = self.state.org();
        let user = self.transaction.stage.user();
        let user = user.and_then(|id| org.users.get(id));
        let user = user.map(|user: &User| {
            let value = json!({"id": user.id, "identifier": user.login()});
            ("user".to_owned(), json!({"type": "object", "value": value}))
        });
        let application = org.applications.get(&self.transaction.request.client_id);
        let application = application.map(|application| {
            let value = json!({
                "name": "oidc_client",
                "label": application.label,
                "id": application.id,
            });
            ("app".to_owned(), json!({"type": "object", "value": value}))
        });
        user.into_iter().chain(application).collect()
    }
}

fn authenticator() -> Value {
    let value = json!({
        "type": "password",
        "key": "okta_password",
        "id": "autSandboxPassword",
        "displayName": "Password",
        "methods": [{"type": "password"}],
    });
    json!({"type": "object", "value": value})
}

/// An answer in the media type of the sign-in API.
pub(super) fn respond(status: StatusCode, body: &Value) -> Response {
    let headers = [
        (header::CONTENT_TYPE, MEDIA_TYPE),
        (header::CACHE_CONTROL, "no-cache, no-store"),
    ];
    (status, headers, body.to_string()).into_response()
}
