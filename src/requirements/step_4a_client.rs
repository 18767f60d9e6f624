//! Step 4a: the OpenID Connect client.

use super::context::{CLIENT, Context, missing};
use super::see;
use super::step::Step;
use super::trial::{Finding, Fix, Judgement, Trial};
use crate::management::found::{ACTIVE, FoundApplication};
use crate::model::{IMPLICIT, OrgModel};
use crate::observation::{Denial, Need, Seen, Symptom};
use crate::openid::Flow;

const PLACE: &str = "Applications > Applications > the client > General > General Settings > Edit";

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let mut trials = vec![client_is_active()];
    trials.extend(
        model
            .client
            .grant_types
            .iter()
            .map(|grant| may_use_grant_type(grant)),
    );
    trials.extend(
        model
            .client
            .response_types
            .iter()
            .map(|kind| may_use_response_type(kind)),
    );
    trials.extend([
        is_of_the_type(&model.client.application_type),
        authenticates_as_wanted(&model.client.token_endpoint_auth_method),
    ]);
    if !model.client.asks_for_consent {
        trials.push(asks_for_no_consent());
    }
    trials
}

/// The client that was found.
pub(super) fn client<'a>(context: &'a Context<'_>) -> Seen<&'a FoundApplication> {
    let client = context.seen.org.client.as_ref().map_err(Clone::clone)?;
    client.as_ref().ok_or_else(|| missing(CLIENT))
}

fn client_is_active() -> Trial {
    let name = "the_client_is_active";
    Trial::new(
        Step::Client,
        name,
        see::APPLICATIONS,
        [Need::Client],
        |context| {
            let expected = format!("an active client {}", context.facts.client_id);
            let client = context.seen.org.client.as_ref().map_err(Clone::clone)?;
            let Some(client) = client else {
                let fix = Fix::new(
                    "Applications > Applications > Create App Integration > OIDC, Web Application, \
                 or set OKTA_OAUTH2_CLIENT_ID to its Client ID",
                    "POST /api/v1/apps",
                );
                return Ok(Judgement::not_met(
                    expected,
                    "the org has no such client",
                    fix,
                ));
            };
            Ok(Judgement::when(client.status == ACTIVE, || Finding {
                expected,
                actual: format!("it is {}", client.status),
                fix: Fix::new(
                    "Applications > Applications > the client > Activate",
                    format!("POST /api/v1/apps/{}/lifecycle/activate", client.id),
                ),
            }))
        },
    )
    .explains(|_, symptom| {
        symptom.is_denial(&[Denial::Client, Denial::Other]) || symptom.is_missing(CLIENT)
    })
}

fn may_use_grant_type(grant: &str) -> Trial {
    let (wanted, grant_type) = (grant.to_owned(), grant.to_owned());
    let name = "the_client_may_use_the_grant_type";
    Trial::new(
        Step::Client,
        name,
        see::IMPLICIT,
        [Need::Client],
        move |context| {
            let found = &client(context)?.settings.oauth_client.grant_types;
            Ok(Judgement::when(found.contains(&wanted), || Finding {
                expected: format!("the grant type `{wanted}`"),
                actual: format!("{found:?}"),
                fix: Fix::new(
                    format!("{PLACE} > Grant type: tick {}", tick(&wanted)),
                    "PUT /api/v1/apps/{appId} with settings.oauthClient.grant_types",
                ),
            }))
        },
    )
    .about(grant)
    .explains(move |_, symptom| {
        is_refused_type(symptom)
            && symptom
                .key()
                .is_some_and(|key| key.flow.grant_type() == grant_type)
    })
}

fn tick(grant: &str) -> &'static str {
    if grant == IMPLICIT {
        "Implicit (hybrid)"
    } else {
        "Authorization Code"
    }
}

fn is_refused_type(symptom: &Symptom) -> bool {
    symptom.is_denial(&[Denial::ResponseType, Denial::Other])
}

fn may_use_response_type(kind: &str) -> Trial {
    let (wanted, kind_of_code) = (kind.to_owned(), kind == "code");
    let name = "the_client_may_use_the_response_type";
    Trial::new(
        Step::Client,
        name,
        see::IMPLICIT,
        [Need::Client],
        move |context| {
            let found = &client(context)?.settings.oauth_client.response_types;
            Ok(Judgement::when(found.contains(&wanted), || Finding {
                expected: format!("the response type `{wanted}`"),
                actual: format!("{found:?}"),
                fix: Fix::new(
                    format!("{PLACE} > Grant type: {}", implicit_box(&wanted)),
                    "PUT /api/v1/apps/{appId} with settings.oauthClient.response_types",
                ),
            }))
        },
    )
    .about(kind)
    .explains(move |_, symptom| {
        is_refused_type(symptom)
            && symptom
                .key()
                .is_some_and(|key| (key.flow == Flow::Code) == kind_of_code)
    })
}

fn implicit_box(response_type: &str) -> &'static str {
    match response_type {
        "token" => "tick Allow Access Token with implicit grant type",
        "id_token" => "tick Allow ID Token with implicit grant type",
        _ => "tick Authorization Code",
    }
}

fn is_of_the_type(kind: &str) -> Trial {
    let wanted = kind.to_owned();
    let name = "the_client_is_of_the_wanted_type";
    Trial::new(
        Step::Client,
        name,
        see::APPLICATIONS,
        [Need::Client],
        move |context| {
            let found = &client(context)?.settings.oauth_client.application_type;
            Ok(Judgement::when(*found == wanted, || Finding {
                expected: format!("the application type `{wanted}`"),
                actual: format!("`{found}`"),
                fix: Fix::new(
                    "the type cannot be changed: create the client again",
                    "POST /api/v1/apps with settings.oauthClient.application_type",
                ),
            }))
        },
    )
    .advised()
}

fn authenticates_as_wanted(method: &str) -> Trial {
    let wanted = method.to_owned();
    let name = "the_client_authenticates_as_the_model_says";
    Trial::new(Step::Client, name, see::APPLICATIONS, [Need::Client], move |context| {
        let found = &client(context)?.credentials.oauth_client.token_endpoint_auth_method;
        Ok(Judgement::when(*found == wanted, || Finding {
            expected: format!("the token endpoint authentication `{wanted}`"),
            actual: format!("`{found}`"),
            fix: Fix::new(
                "Applications > Applications > the client > General > Client Credentials > Edit",
                "PUT /api/v1/apps/{appId} with credentials.oauthClient.token_endpoint_auth_method",
            ),
        }))
    })
    .advised()
}

/// Okta asks for consent where both the client and a requested scope want it.
fn asks_for_no_consent() -> Trial {
    let name = "no_consent_is_asked_for";
    let needs = [Need::Client, Need::Scopes];
    Trial::new(Step::Client, name, see::APPLICATIONS, needs, |context| {
        let consent = client(context)?
            .settings
            .oauth_client
            .consent_method
            .as_deref();
        let scopes = context.seen.org.scopes.as_ref().map_err(Clone::clone)?;
        let wanting = scopes
            .iter()
            .filter(|scope| scope.consent.as_deref() == Some("REQUIRED"));
        let wanting: Vec<&str> = wanting
            .map(|scope| scope.name.as_str())
            .filter(|name| {
                context
                    .model
                    .scopes
                    .iter()
                    .any(|scope| scope.name.get_ref() == name)
            })
            .collect();
        let asked = consent == Some("REQUIRED") && !wanting.is_empty();
        Ok(Judgement::when(!asked, || Finding {
            expected: "no consent page between sign-in and redirect".to_owned(),
            actual: format!("the client and the scopes {wanting:?} require consent"),
            fix: Fix::new(
                format!("{PLACE} > User consent: untick Require consent"),
                "PUT /api/v1/apps/{appId} with settings.oauthClient.consent_method TRUSTED",
            ),
        }))
    })
    .explains(|_, symptom| symptom.is_denial(&[Denial::Consent]))
}
