//! The application type of the client, which no Okta org changes afterwards.

use serde_json::Value;

use super::client::client;
use super::context::Context;
use super::found::Code;
use super::see;
use super::step::Step;
use super::trial::{Finding, Fix, Judgement, Trial};
use super::unseen::told;
use crate::model::ApplicationType;
use crate::observation::{Need, Seen};
use crate::severity::Severity;

/// Okta's name of the type of apps that act for themselves: nobody signs in through one.
const SERVICE: &str = "service";

pub(super) fn is_of_the_type(kind: ApplicationType) -> Trial {
    Trial::new(
        Step::Client,
        "the_client_is_of_the_wanted_type",
        see::APPLICATIONS,
        [Need::Client],
        move |context| {
            let found = found(context)?;
            let judgement = Judgement::when(found == kind.name(), || Finding {
                found: Code::ClientTypeOther.into(),
                expected: format!("the application type `{}`", kind.name()),
                actual: format!("`{found}`"),
                fix: mend_type(),
            });
            Ok(if found == SERVICE {
                judgement.weighing(Severity::Required)
            } else {
                judgement
            })
        },
    )
    .advised()
}

/// What gives a client something that its type may not have: another client, or else this. Okta
/// gives no client implicit that must prove possession of a key.
pub(super) fn mend_by_type(context: &Context<'_>, is_implicit: bool, otherwise: Fix) -> Fix {
    if found(context).is_ok_and(|found| found == SERVICE) {
        return mend_type();
    }
    let settings = client(context).map(|found| &found.settings.oauth_client.other);
    let proves = settings
        .is_ok_and(|settings| settings.get("dpop_bound_access_tokens") == Some(&Value::Bool(true)));
    if proves && is_implicit {
        return Fix {
            admin_console: format!(
                "first untick Proof of possession > Require DPoP header, with which there is no \
                 implicit; then {}",
                otherwise.admin_console
            ),
            ..otherwise
        };
    }
    otherwise
}

fn found<'s>(context: &'s Context<'_>) -> Seen<&'s str> {
    let found = &client(context)?.settings.oauth_client.application_type;
    told("settings.oauthClient.application_type", found).map(String::as_str)
}

fn mend_type() -> Fix {
    Fix::new(
        "the type cannot be changed: create the client again",
        "POST /api/v1/apps with settings.oauthClient.application_type",
    )
}
