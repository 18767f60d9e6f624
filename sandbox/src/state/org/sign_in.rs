//! App sign-in policies of Identity Engine: what users of an application are asked for.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{Stamps, Status, Table, new_id};
use crate::options::DefaultSignInPolicy;

/// The priority of the rule that comes with every policy and is asked last.
const CATCH_ALL_PRIORITY: u32 = 99;

/// An app sign-in policy: `ACCESS_POLICY` on the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SignInPolicy {
    /// `rst…`
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: Option<String>,
    pub(crate) priority: u32,
    /// Whether it is the org's default, which every new application has.
    pub(crate) system: bool,
    pub(crate) stamps: Stamps,
    /// By priority; the catch-all rule is the last.
    pub(crate) rules: Table<SignInRule>,
}

/// A rule of an app sign-in policy.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SignInRule {
    /// `rul…`
    pub(crate) id: String,
    pub(crate) status: Status,
    pub(crate) name: String,
    /// The lowest is asked first.
    pub(crate) priority: u32,
    /// Whether it is the catch-all rule.
    pub(crate) system: bool,
    pub(crate) stamps: Stamps,
    /// Null for the catch-all rule.
    pub(crate) conditions: Value,
    pub(crate) actions: Value,
}

impl SignInPolicy {
    /// The default policy of a new org.
    pub(crate) fn of_org(id: String, asks: DefaultSignInPolicy, stamps: Stamps) -> Self {
        let (name, description, verification) = match asks {
            DefaultSignInPolicy::AnyTwoFactors => (
                "Any two factors",
                "Require two factors to access.",
                json!({"factorMode": "2FA", "type": "ASSURANCE", "reauthenticateIn": "PT12H"}),
            ),
            DefaultSignInPolicy::PasswordAlone => (
                "Password only",
                "Require a password to access.",
                json!({
                    "factorMode": "1FA",
                    "type": "ASSURANCE",
                    "reauthenticateIn": "PT12H",
                    "constraints": [{"knowledge": {"required": true, "types": ["password"]}}],
                }),
            ),
        };
        let catch_all = SignInRule::catch_all(&verification, stamps);
        Self {
            id,
            name: name.to_owned(),
            description: Some(description.to_owned()),
            priority: 1,
            system: true,
            stamps,
            rules: Table::from([(catch_all.id.clone(), catch_all)]),
        }
    }
}

impl SignInRule {
    /// The rule for whoever fits no other, which cannot be deleted.
    pub(crate) fn catch_all(verification: &Value, stamps: Stamps) -> Self {
        Self {
            id: new_id("rul"),
            status: Status::Active,
            name: "Catch-all Rule".to_owned(),
            priority: CATCH_ALL_PRIORITY,
            system: true,
            stamps,
            conditions: Value::Null,
            actions: json!({"appSignOn": {
                "access": "ALLOW",
                "verificationMethod": verification,
                "keepMeSignedIn": {"postAuth": "NOT_ALLOWED"},
            }}),
        }
    }
}
