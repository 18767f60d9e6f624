//! The shapes of Identity Engine's answers, after the mock answers Okta's widget is tested with.

use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::forms::{APP_ID, EMAIL_ID, Forms, PASSKEY_ID, PASSKEY_NAME};
use super::message::{Message, Refusal, respond};
use super::passkey;
use super::scenario::{self, Made};
use crate::options::Detour;
use crate::state::AppState;
use crate::state::org::User;
use crate::state::runtime::TRANSACTION_LIFETIME_SECONDS;
use crate::state::sign_in::{Scripted, Stage, Transaction};

/// What the enrolment page shows as the code to scan: a picture of nothing, since no phone looks.
const PICTURE: &str = "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";

/// In how many days a password expires whose user is warned.
pub(super) const DAYS_TO_EXPIRY: u32 = 4;

/// The step a sign-in stands at, as an answer.
pub(super) fn step(
    state: &AppState,
    transaction: &Transaction,
    message: Option<Message>,
) -> Response {
    let shape = Shape { state, transaction };
    if matches!(transaction.stage, Stage::Done(_) | Stage::Declined) {
        return shape.success();
    }
    if let Stage::Scripted(at) = &transaction.stage {
        return shape.scripted(at);
    }
    shape.answer(message)
}

struct Shape<'a> {
    state: &'a AppState,
    transaction: &'a Transaction,
}

impl Shape<'_> {
    fn answer(&self, message: Option<Message>) -> Response {
        let mut body = self.common();
        let forms = Forms {
            state: self.state,
            transaction: self.transaction,
            field_message: message.filter(|message| message.is_of_field()),
        };
        body.insert("remediation".to_owned(), array(&forms.all()));
        body.extend(self.authenticators());
        if let Some(message) = message.filter(|message| !message.is_of_field()) {
            let language = self.state.options.language;
            body.insert("messages".to_owned(), message.json(language));
        } else if matches!(
            self.transaction.stage,
            Stage::Detour(Detour::ExpiryWarning, _)
        ) {
            body.insert("messages".to_owned(), expiry_message());
        }
        let status = message.map_or(StatusCode::OK, |message| message.parts().0);
        respond(status, &body.into())
    }

    /// The answer of a scenario.
    fn scripted(&self, at: &Scripted) -> Response {
        let found = scenario::find(&at.scenario);
        let Some(row) = found.and_then(|scenario| scenario.identity_at(at.step)) else {
            return Refusal::terminal(self.state, Message::Expired).into_response();
        };
        let status = StatusCode::from_u16(row.status()).unwrap_or(StatusCode::OK);
        let forms = self.forms();
        match scenario::answer(row, &forms) {
            Made::Whole(body) => respond(status, &body),
            Made::Beside(members) => {
                let mut body = self.common();
                body.extend(members);
                respond(status, &body.into())
            }
        }
    }

    fn forms(&self) -> Forms<'_> {
        Forms {
            state: self.state,
            transaction: self.transaction,
            field_message: None,
        }
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
        let forms = self.forms();
        let mut body = Map::new();
        body.insert("version".to_owned(), "1.0.0".into());
        let handle = self.transaction.handle.as_str();
        body.insert("stateHandle".to_owned(), handle.into());
        let expires = format!("{expires:.3}");
        body.insert("expiresAt".to_owned(), expires.into());
        body.insert("intent".to_owned(), "LOGIN".into());
        let cancel = forms.form("cancel", "cancel", Vec::new());
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
            ("user".to_owned(), object(&value))
        });
        let application = org.applications.get(&self.transaction.request.client_id);
        let application = application.map(|application| {
            let value = json!({
                "name": "oidc_client",
                "label": application.label,
                "id": application.id,
            });
            ("app".to_owned(), object(&value))
        });
        let issuer = format!(
            "{}/oauth2/{}",
            self.state.base_url, self.transaction.request.server_id
        );
        let asked_by =
            json!({"protocol": "OAUTH2.0", "issuer": {"name": "Sandbox", "uri": issuer}});
        let asked_by = ("authentication".to_owned(), object(&asked_by));
        user.into_iter()
            .chain(application)
            .chain([asked_by])
            .collect()
    }

    /// What the step is about, and what else the user has or could have.
    fn authenticators(&self) -> Map<String, Value> {
        let known = array(&[password(), app()]);
        let mut about = match &self.transaction.stage {
            Stage::Identify => json!({"currentAuthenticator": object(&password())}),
            Stage::Password(_) => json!({"currentAuthenticatorEnrollment": object(&password())}),
            Stage::NewPassword(_) => json!({"currentAuthenticator": object(&new_password(None))}),
            Stage::Detour(Detour::ExpiryWarning, _) => {
                let password = new_password(Some(DAYS_TO_EXPIRY));
                json!({"currentAuthenticator": object(&password)})
            }
            Stage::Detour(Detour::Code, _) => json!({"currentAuthenticator": object(&app())}),
            Stage::Passkey(_) | Stage::Detour(Detour::Passkey, _) => {
                let mut current = security_key(PASSKEY_ID);
                let data = passkey::challenge_data(&self.transaction.handle);
                current["contextualData"] = json!({"challengeData": data});
                json!({"currentAuthenticator": object(&current)})
            }
            Stage::EnrolCode(secret, _) => {
                let mut app = app();
                app["contextualData"] = json!({
                    "qrcode": {"method": "embedded", "href": PICTURE, "type": "image/png"},
                    "sharedSecret": secret,
                });
                json!({"currentAuthenticator": object(&app)})
            }
            _ => json!({}),
        };
        about["authenticators"] = known;
        about["authenticatorEnrollments"] = match &self.transaction.stage {
            Stage::Detour(Detour::Choice, session) => {
                let passkeys = self.passkeys(&session.user_id).into_iter().take(1);
                let others = [password(), email(), app()].into_iter();
                array(&others.chain(passkeys).collect::<Vec<Value>>())
            }
            stage @ (Stage::Passkey(_) | Stage::Detour(Detour::Passkey, _)) => {
                let passkeys = self.passkeys(stage.user().unwrap_or_default());
                array(&[vec![password()], passkeys].concat())
            }
            _ => array(&[password()]),
        };
        match about {
            Value::Object(about) => about,
            _ => Map::new(),
        }
    }

    /// Those of the user, by which the page tells the browser which of its own to use.
    fn passkeys(&self, user_id: &str) -> Vec<Value> {
        let enrolled = passkey::enrolled(self.state, user_id).into_iter();
        let shown = enrolled.map(|(id, credential)| {
            let mut shown = security_key(&id);
            shown["credentialId"] = credential.into();
            shown
        });
        shown.collect()
    }
}

fn object(value: &Value) -> Value {
    json!({"type": "object", "value": value})
}

fn array(values: &[Value]) -> Value {
    json!({"type": "array", "value": values})
}

fn password() -> Value {
    json!({
        "type": "password",
        "key": "okta_password",
        "id": "autSandboxPassword",
        "displayName": "Password",
        "methods": [{"type": "password"}],
    })
}

/// The password, with what a new one must be.
fn new_password(days_to_expiry: Option<u32>) -> Value {
    let mut password = password();
    password["settings"] = json!({
        "complexity": {
            "minLength": 8,
            "minLowerCase": 1,
            "minUpperCase": 1,
            "minNumber": 1,
            "minSymbol": 0,
            "excludeUsername": true,
        },
        "age": {"minAgeMinutes": 0, "historyCount": 0},
    });
    if let Some(days) = days_to_expiry {
        password["settings"]["daysToExpiry"] = days.into();
    }
    password
}

fn app() -> Value {
    json!({
        "type": "app",
        "key": "google_otp",
        "id": APP_ID,
        "displayName": "Google Authenticator",
        "methods": [{"type": "otp"}],
    })
}

fn security_key(id: &str) -> Value {
    json!({
        "type": "security_key",
        "key": "webauthn",
        "id": id,
        "displayName": PASSKEY_NAME,
        "methods": [{"type": "webauthn"}],
    })
}

fn email() -> Value {
    json!({
        "type": "email",
        "key": "okta_email",
        "id": EMAIL_ID,
        "displayName": "Email",
        "methods": [{"type": "email"}],
    })
}

fn expiry_message() -> Value {
    let message = json!({
        "message": "When your password expires, you will have to change your password before you \
                    can login to your Sandbox account.",
        "i18n": {"key": "idx.password.expiring.message", "params": ["Sandbox"]},
        "class": "INFO",
    });
    array(&[message])
}
