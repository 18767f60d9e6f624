//! The forms that a step of Identity Engine offers, its `remediation`.

use serde_json::{Value, json};

use super::message::Message;
use super::passkey;
use crate::options::{Detour, FirstPage};
use crate::state::AppState;
use crate::state::sign_in::{Stage, Transaction};

/// The id of the authenticator app.
pub(super) const APP_ID: &str = "autSandboxApp";

/// The id of the authenticator that passkeys are of.
pub(super) const PASSKEY_ID: &str = "autSandboxPasskey";

/// The id of the mail address.
pub(super) const EMAIL_ID: &str = "autSandboxEmail";

/// What Okta's mock answers call it.
pub(super) const PASSKEY_NAME: &str = "Security Key or Biometric";

const PRODUCES: &str = "application/ion+json; okta-version=1.0.0";
const ACCEPTS: &str = "application/json; okta-version=1.0.0";

/// The forms of one sign-in.
pub(super) struct Forms<'a> {
    pub(super) state: &'a AppState,
    pub(super) transaction: &'a Transaction,
    /// What is wrong with what was typed into the only field.
    pub(super) field_message: Option<Message>,
}

impl Forms<'_> {
    /// Everything the user can do, the first one first.
    pub(super) fn all(&self) -> Vec<Value> {
        let skip = || self.form("skip", "skip", Vec::new());
        match &self.transaction.stage {
            Stage::Identify => vec![self.identify()],
            Stage::Password(_) => vec![self.password()],
            Stage::NewPassword(_) => vec![self.new_password("reenroll-authenticator")],
            Stage::Detour(Detour::ExpiryWarning, _) => {
                vec![self.new_password("reenroll-authenticator-warning"), skip()]
            }
            Stage::Detour(Detour::Choice, session) => vec![self.choice(&session.user_id)],
            Stage::Detour(Detour::Code, _) => vec![self.code("challenge-authenticator")],
            Stage::Passkey(_) | Stage::Detour(Detour::Passkey, _) => vec![self.passkey()],
            Stage::Detour(Detour::OptionalEnrolment, _) => vec![self.enrolment(), skip()],
            Stage::Detour(Detour::Enrolment, _) => vec![self.enrolment()],
            Stage::Detour(Detour::KeepMeSignedIn, _) => vec![self.keep_me_signed_in()],
            Stage::Detour(..) => vec![self.unknown()],
            Stage::EnrolCode(..) => vec![self.code("enroll-authenticator")],
            Stage::Consent(_) => vec![self.consent()],
            Stage::Scripted(_) | Stage::Done(_) | Stage::Declined => Vec::new(),
        }
    }

    fn identify(&self) -> Value {
        let mut identifier = json!({"name": "identifier", "label": "Username", "required": true});
        if let Some(hint) = &self.transaction.request.login_hint {
            identifier["value"] = hint.as_str().into();
        }
        let mut fields = vec![identifier];
        if self.state.options.first_page == FirstPage::IdentifierAndPassword {
            fields.push(credentials(&json!({
                "name": "passcode",
                "label": "Password",
                "secret": true,
            })));
        }
        fields.push(json!({
            "name": "rememberMe",
            "type": "boolean",
            "label": "Remember this device",
        }));
        self.form("identify", "identify", fields)
    }

    fn password(&self) -> Value {
        let passcode = json!({"name": "passcode", "label": "Password", "secret": true});
        let fields = vec![credentials(&passcode)];
        let mut form = self.form("challenge-authenticator", "challenge/answer", fields);
        form["relatesTo"] = json!(["$.currentAuthenticatorEnrollment"]);
        form
    }

    fn new_password(&self, name: &str) -> Value {
        let passcode = json!({"name": "passcode", "label": "New password", "secret": true});
        let mut form = self.form(name, "challenge/answer", vec![credentials(&passcode)]);
        form["relatesTo"] = json!(["$.currentAuthenticator"]);
        form
    }

    fn code(&self, name: &str) -> Value {
        let mut passcode = json!({
            "name": "passcode",
            "label": "Enter code",
            "required": true,
            "visible": true,
        });
        if let Some(message) = self.field_message {
            passcode["messages"] = message.json(self.state.options.language);
        }
        let mut form = self.form(name, "challenge/answer", vec![credentials(&passcode)]);
        form["relatesTo"] = json!(["$.currentAuthenticator"]);
        form
    }

    /// After the mock `authenticator-verification-webauthn`.
    fn passkey(&self) -> Value {
        let fields = [
            ("clientData", "Client Data"),
            ("authenticatorData", "Authenticator Data"),
            ("signatureData", "Signature Data"),
        ];
        let fields = fields.map(|(name, label)| {
            json!({"name": name, "label": label, "required": true, "visible": false})
        });
        let credentials = json!({
            "name": "credentials",
            "type": "object",
            "form": {"value": fields},
            "required": true,
        });
        let fields = vec![credentials];
        let mut form = self.form("challenge-authenticator", "challenge/answer", fields);
        form["relatesTo"] = json!(["$.currentAuthenticator"]);
        form
    }

    fn enrolment(&self) -> Value {
        let id = json!({"name": "id", "required": true, "value": APP_ID, "mutable": false});
        let option = json!({
            "label": "Google Authenticator",
            "value": {"form": {"value": [id]}},
            "relatesTo": "$.authenticators.value[1]",
        });
        let authenticator = json!({
            "name": "authenticator",
            "type": "object",
            "required": true,
            "options": [option],
        });
        let fields = vec![authenticator];
        self.form("select-authenticator-enroll", "credential/enroll", fields)
    }

    fn choice(&self, user_id: &str) -> Value {
        let option = |label: &str, id: &str, method: &str, place: &str| {
            let id = json!({"name": "id", "required": true, "value": id, "mutable": false});
            let method =
                json!({"name": "methodType", "required": false, "value": method, "mutable": false});
            json!({"label": label, "value": {"form": {"value": [id, method]}}, "relatesTo": place})
        };
        let mut options = vec![
            option(
                "Email",
                EMAIL_ID,
                "email",
                "$.authenticatorEnrollments.value[1]",
            ),
            option(
                "Google Authenticator",
                APP_ID,
                "otp",
                "$.authenticatorEnrollments.value[2]",
            ),
        ];
        if !passkey::enrolled(self.state, user_id).is_empty() {
            let place = "$.authenticatorEnrollments.value[3]";
            options.push(option(PASSKEY_NAME, PASSKEY_ID, "webauthn", place));
        }
        let authenticator = json!({"name": "authenticator", "type": "object", "options": options});
        let fields = vec![authenticator];
        self.form("select-authenticator-authenticate", "challenge", fields)
    }

    fn keep_me_signed_in(&self) -> Value {
        let field = json!({
            "name": "keepMeSignedIn",
            "type": "boolean",
            "label": "Stay signed in",
            "required": true,
            "value": false,
            "mutable": true,
        });
        self.form("keep-me-signed-in", "keep-me-signed-in", vec![field])
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
        let scopes = self.transaction.request.scopes.iter();
        form["scopes"] = scopes.map(|scope| self.scope(scope)).collect();
        form
    }

    fn scope(&self, name: &str) -> Value {
        let org = self.state.org();
        let server = org.server(&self.transaction.request.server_id);
        let mut scopes = server.into_iter().flat_map(|server| server.scopes.values());
        let scope = scopes.find(|scope| scope.name == name);
        let label = scope.and_then(|scope| scope.display_name.as_deref());
        let description = scope.and_then(|scope| scope.description.as_deref());
        json!({
            "name": name,
            "label": label.unwrap_or(name),
            "value": name,
            "desc": description.unwrap_or_default(),
        })
    }

    fn unknown(&self) -> Value {
        let mut form = self.form("sandbox-unknown-step", "challenge", Vec::new());
        form["label"] = "Action required".into();
        form
    }

    /// A form with these fields and the handle of the sign-in.
    pub(super) fn form(&self, name: &str, path: &str, mut fields: Vec<Value>) -> Value {
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
            "produces": PRODUCES,
            "value": fields,
            "accepts": ACCEPTS,
        })
    }
}

fn credentials(passcode: &Value) -> Value {
    json!({
        "name": "credentials",
        "type": "object",
        "form": {"value": [passcode]},
        "required": true,
    })
}
