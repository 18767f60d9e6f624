//! Step 4a: the OpenID Connect client.

use serde_json::Value;

use super::context::{CLIENT, Context, missing};
use super::drift::{Compared, Drift, no_drift};
use super::found::{Code, Found};
use super::refresh_audit;
use super::see;
use super::step::Step;
use super::subject::Subject;
use super::trial::{Finding, Fix, Judgement, Trial};
use crate::management::found::{ACTIVE, FoundApplication};
use crate::model::{self, ApplicationType, Flow, IMPLICIT, OrgModel, REFRESH_TOKEN};
use crate::observation::{AuthorizationKey, Denial, Need, NotSeen, Outcome, Seen, Symptom};

const PLACE: &str = "Applications > Applications > the client > General > General Settings > Edit";
/// What Okta calls users in an application unless somebody changed it, as recorded.
const LOGIN_TEMPLATE: &str = "${source.login}";
/// What every recorded client names.
const CONSENT: &str = "settings.oauthClient.consent_method";
const TEMPLATE: &str = "credentials.userNameTemplate.template";

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let mut trials = vec![client_is_active(model.client.application_type)];
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
        is_of_the_type(model.client.application_type),
        authenticates_as_wanted(&model.client),
    ]);
    trials.extend(refresh_audit::of_client(model));
    if wants_pkce(model) {
        trials.push(requires_pkce(&model.client));
    }
    trials.extend([
        works_from_this_network(),
        needs_no_proof_of_possession(),
        nothing_else_differs(model),
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

fn client_is_active(kind: ApplicationType) -> Trial {
    let name = "the_client_is_active";
    Trial::new(
        Step::Client,
        name,
        see::APPLICATIONS,
        [Need::Client],
        move |context| {
            let expected = format!("an active client {}", context.facts.client_id);
            let client = context.seen.org.client.as_ref().map_err(Clone::clone)?;
            let Some(client) = client else {
                if let Some(hidden) = context.hidden_client() {
                    return Err(hidden);
                }
                let kind = match kind {
                    ApplicationType::Web => "Web Application",
                    ApplicationType::Browser => "Single-Page Application",
                    ApplicationType::Native => "Native Application",
                };
                let fix = Fix::new(
                    format!(
                        "Applications > Applications > Create App Integration > OIDC, {kind}, or \
                         set OKTA_OAUTH2_CLIENT_ID to its Client ID"
                    ),
                    "POST /api/v1/apps",
                );
                return Ok(Judgement::not_met(
                    Code::ClientMissing,
                    expected,
                    "the org has no such client",
                    fix,
                ));
            };
            Ok(Judgement::when(client.status == ACTIVE, || Finding {
                found: Code::ClientInactive.into(),
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
        match grant {
            IMPLICIT => see::flow(Flow::Implicit),
            REFRESH_TOKEN => see::REFRESH_TOKENS,
            _ => see::flow(Flow::Code),
        },
        [Need::Client],
        move |context| {
            let found = &client(context)?.settings.oauth_client.grant_types;
            Ok(Judgement::when(found.contains(&wanted), || Finding {
                found: Code::GrantTypeMissing.into(),
                expected: format!("the grant type `{wanted}`"),
                actual: format!("{found:?}"),
                fix: Fix::new(
                    format!("{PLACE} > Grant type: tick {}", tick(&wanted)),
                    "PUT /api/v1/apps/{appId} with settings.oauthClient.grant_types",
                ),
            }))
        },
    )
    .about(Subject::client(grant))
    .explains(move |_, symptom| {
        let is_of_flow = |key: &AuthorizationKey| key.flow.grant_type() == grant_type;
        let brings_none = symptom.is_denial(&[Denial::NoRefreshToken]);
        brings_none && grant_type == REFRESH_TOKEN
            || is_refused_type(symptom) && symptom.key().is_some_and(is_of_flow)
    })
}

fn tick(grant: &str) -> &'static str {
    match grant {
        IMPLICIT => "Implicit (hybrid)",
        REFRESH_TOKEN => "Refresh Token",
        _ => "Authorization Code",
    }
}

fn is_refused_type(symptom: &Symptom) -> bool {
    symptom.is_denial(&[Denial::ResponseType, Denial::Other])
}

fn may_use_response_type(kind: &str) -> Trial {
    let (wanted, flow) = (kind.to_owned(), flow_of(kind));
    let name = "the_client_may_use_the_response_type";
    Trial::new(
        Step::Client,
        name,
        see::flow(flow),
        [Need::Client],
        move |context| {
            let found = &client(context)?.settings.oauth_client.response_types;
            Ok(Judgement::when(found.contains(&wanted), || Finding {
                found: Code::ResponseTypeMissing.into(),
                expected: format!("the response type `{wanted}`"),
                actual: format!("{found:?}"),
                fix: Fix::new(
                    format!("{PLACE} > Grant type: {}", implicit_box(&wanted)),
                    "PUT /api/v1/apps/{appId} with settings.oauthClient.response_types",
                ),
            }))
        },
    )
    .about(Subject::client(kind))
    .explains(move |_, symptom| {
        is_refused_type(symptom) && symptom.key().is_some_and(|key| key.flow == flow)
    })
}

fn flow_of(response_type: &str) -> Flow {
    if response_type == "code" {
        Flow::Code
    } else {
        Flow::Implicit
    }
}

fn implicit_box(response_type: &str) -> &'static str {
    match response_type {
        "token" => "tick Allow Access Token with implicit grant type",
        "id_token" => "tick Allow ID Token with implicit grant type",
        _ => "tick Authorization Code",
    }
}

fn is_of_the_type(kind: ApplicationType) -> Trial {
    let wanted = kind.name();
    let name = "the_client_is_of_the_wanted_type";
    Trial::new(
        Step::Client,
        name,
        see::APPLICATIONS,
        [Need::Client],
        move |context| {
            let found = &client(context)?.settings.oauth_client.application_type;
            Ok(Judgement::when(found == wanted, || Finding {
                found: Code::ClientTypeOther.into(),
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

/// A browser application has no secret to redeem its codes with, so that a client which wants one
/// is of no use to it. Whether a secret goes by Basic or in the form is all the same to Okta.
fn authenticates_as_wanted(client: &model::Client) -> Trial {
    let (wanted, is_public) = (client.token_endpoint_auth_method.name(), client.is_public());
    let name = "the_client_authenticates_as_the_model_says";
    let needs = [Need::Client];
    let trial = Trial::new(
        Step::Client,
        name,
        see::APPLICATIONS,
        needs,
        move |context| {
            let found = &self::client(context)?
                .credentials
                .oauth_client
                .token_endpoint_auth_method;
            Ok(Judgement::when(found == wanted, || Finding {
                found: Code::ClientAuthenticationOther.into(),
                expected: format!("the token endpoint authentication `{wanted}`"),
                actual: format!("`{found}`"),
                fix: Fix::new(
                    "Applications > Applications > the client > General > Client Credentials > \
                     Edit",
                    "PUT /api/v1/apps/{appId} with \
                     credentials.oauthClient.token_endpoint_auth_method",
                ),
            }))
        },
    );
    if is_public {
        trial.explains(|_, symptom| symptom.is_denial(&[Denial::ClientSecret]))
    } else {
        trial.advised()
    }
}

fn wants_pkce(model: &OrgModel) -> bool {
    model.client.requires_pkce() && model.flows().contains(&Flow::Code)
}

/// A client that demands no PKCE redeems a code for anyone who got hold of it (RFC 9700 section
/// 2.1.1); a confidential one asks them for its secret at least.
fn requires_pkce(client: &model::Client) -> Trial {
    let is_public = client.is_public();
    let name = "the_client_requires_pkce";
    let needs = [Need::Client];
    let trial = Trial::new(Step::Client, name, see::CODE_FLOW, needs, |context| {
        let found = self::client(context)?
            .credentials
            .oauth_client
            .pkce_required;
        let untold = || NotSeen::inconclusive("the org does not say whether the client needs PKCE");
        Ok(Judgement::when(found.ok_or_else(untold)?, || Finding {
            found: Code::PkceNotRequired.into(),
            expected: "a client that must use PKCE".to_owned(),
            actual: "credentials.oauthClient.pkce_required is false".to_owned(),
            fix: Fix::new(
                "Applications > Applications > the client > General > Client Credentials > Edit > \
                 Proof Key for Code Exchange (PKCE): tick Require PKCE as additional verification",
                "PUT /api/v1/apps/{appId} with credentials.oauthClient.pkce_required true",
            ),
        }))
    });
    if is_public { trial } else { trial.advised() }
}

/// The scopes of the model for which Okta asks for consent, since both the client and they want it.
///
/// # Errors
/// [`NotSeen`](crate::observation::NotSeen) when client or scopes were not looked at.
pub(super) fn scopes_that_ask_for_consent<'a>(context: &'a Context<'_>) -> Seen<Vec<&'a str>> {
    let settings = &client(context)?.settings.oauth_client;
    let scopes = context.seen.org.scopes.as_ref().map_err(Clone::clone)?;
    if settings.consent_method.as_deref() != Some("REQUIRED") {
        return Ok(Vec::new());
    }
    let of_the_model = |name: &str| {
        let mut scopes = context.model.scopes.iter();
        scopes.any(|scope| scope.name.get_ref() == name)
    };
    let asking = scopes
        .iter()
        .filter(|scope| matches!(scope.consent.as_deref(), Some("REQUIRED" | "FLEXIBLE")));
    let names = asking.map(|scope| scope.name.as_str());
    Ok(names.filter(|name| of_the_model(name)).collect())
}

fn asks_for_no_consent() -> Trial {
    let name = "no_consent_is_asked_for";
    let needs = [Need::Client, Need::Scopes];
    Trial::new(Step::Client, name, see::APPLICATIONS, needs, |context| {
        let asking = scopes_that_ask_for_consent(context)?;
        Ok(Judgement::when(asking.is_empty(), || Finding {
            found: Found::of(Code::ConsentAsked, asking.iter().copied()),
            expected: "no consent page between sign-in and redirect".to_owned(),
            actual: format!("the client and the scopes {asking:?} require consent"),
            fix: Fix::new(
                format!("{PLACE} > User consent: untick Require consent"),
                "PUT /api/v1/apps/{appId} with settings.oauthClient.consent_method TRUSTED",
            ),
        }))
    })
    .explains(|_, symptom| symptom.is_denial(&[Denial::Consent]))
}

/// A client that is kept to network zones works from within them alone; only a request can tell
/// whether this machine is in one.
fn works_from_this_network() -> Trial {
    let name = "the_client_may_be_used_from_this_network";
    let see = see::APPLICATIONS;
    Trial::new(Step::Client, name, see, [Need::Client], |context| {
        let network = network(client(context)?);
        let mut seen = context.seen.authorizations.values().flatten();
        let is_refused = seen.any(|seen| {
            let denial = Denial::Network;
            matches!(&seen.outcome, Outcome::Denied { denial: found, .. } if *found == denial)
        });
        if is_refused {
            let found = network.map_or_else(|| "not told".to_owned(), ToString::to_string);
            return Ok(Judgement::not_met(
                Code::NetworkClosed,
                "a client that may be used from the network that the suite runs in",
                format!("requests from here are refused; settings.oauthClient.network is {found}"),
                Fix::new(
                    format!(
                        "{PLACE} > Client network access: Anywhere, or a zone that holds \
                         this machine"
                    ),
                    "PUT /api/v1/apps/{appId} with settings.oauthClient.network.connection \
                     ANYWHERE",
                ),
            ));
        }
        was_let_in(context, network)?;
        Ok(Judgement::met())
    })
    .explains(|_, symptom| symptom.is_denial(&[Denial::Network]))
}

/// A client for every network needs no request; of any other, one must have come through.
fn was_let_in(context: &Context<'_>, network: Option<&Value>) -> Seen<()> {
    let connection = network.and_then(|network| network.get("connection"));
    // Clients without the setting have none to keep anybody out by, as recorded.
    let is_open = connection.is_none_or(|connection| connection == "ANYWHERE");
    let mut seen = context.seen.authorizations.values().flatten();
    let came_through = seen.any(|seen| match &seen.outcome {
        Outcome::Tokens { .. } => true,
        Outcome::Denied { denial, .. } => {
            matches!(denial, Denial::Policy | Denial::NotAssigned)
        }
    });
    let reason = "the client is kept to network zones, and no request of this run came through";
    let unseen = || NotSeen::inconclusive(reason);
    (is_open || came_through).then_some(()).ok_or_else(unseen)
}

fn network(client: &FoundApplication) -> Option<&Value> {
    client.settings.oauth_client.other.get("network")
}

/// With `DPoP` (RFC 9449) the token endpoint refuses whoever brings no proof, and implicit is off.
fn needs_no_proof_of_possession() -> Trial {
    let name = "the_client_needs_no_proof_of_possession";
    let see = see::APPLICATIONS;
    Trial::new(Step::Client, name, see, [Need::Client], |context| {
        let settings = &client(context)?.settings.oauth_client.other;
        let wanted = settings.get("dpop_bound_access_tokens") == Some(&Value::Bool(true));
        Ok(Judgement::when(!wanted, || Finding {
            found: Code::ProofOfPossessionRequired.into(),
            expected: "bearer tokens, as the document has them".to_owned(),
            actual: "settings.oauthClient.dpop_bound_access_tokens is true".to_owned(),
            fix: Fix::new(
                format!("{PLACE} > Proof of possession: untick Require DPoP header"),
                "PUT /api/v1/apps/{appId} with settings.oauthClient.dpop_bound_access_tokens false",
            ),
        }))
    })
    .explains(|_, symptom| {
        symptom.is_denial(&[Denial::ProofOfPossession]) || is_refused_type(symptom)
    })
}

/// The issuer has the domain that was asked.
const DYNAMIC: &str = "DYNAMIC";

/// The issuer mode of the authorization server: tokens of one client should name one domain.
fn issuer_mode(context: &Context<'_>) -> String {
    let server = context.seen.org.server.as_ref().ok();
    let server = server.and_then(Option::as_ref);
    let mode = server.and_then(|server| server.issuer_mode.clone());
    mode.filter(|mode| mode != DYNAMIC)
        .unwrap_or_else(|| "ORG_URL".to_owned())
}

fn nothing_else_differs(model: &OrgModel) -> Trial {
    let wanted = model.client.clone();
    let has_pkce_trial = wants_pkce(model);
    let fix = Fix::new(PLACE, "PUT /api/v1/apps/{appId}");
    let name = "the_client_differs_in_nothing_else";
    no_drift(
        Step::Client,
        Code::ClientDrift,
        name,
        see::APPLICATIONS,
        [Need::Client],
        fix,
        move |context| compared(context, &wanted, has_pkce_trial),
    )
}

fn compared(context: &Context<'_>, wanted: &model::Client, has_pkce_trial: bool) -> Seen<Compared> {
    let found = client(context)?;
    let settings = &found.settings.oauth_client;
    let consents = if wanted.asks_for_consent {
        "REQUIRED"
    } else {
        "TRUSTED"
    };
    let consent = settings.consent_method.as_deref().map(Value::from);
    let template = found.credentials.user_name_template.template.as_deref();
    let template = template.map(Value::from);
    let connection = network(found).and_then(|network| network.get("connection"));
    let other = |name: &str| settings.other.get(name);
    let fields = [
        ("network.connection", "ANYWHERE".into(), connection),
        (
            "issuer_mode",
            issuer_mode(context).into(),
            other("issuer_mode").filter(|mode| **mode != *DYNAMIC),
        ),
        ("subject_type", "public".into(), other("subject_type")),
        (
            "id_token_encrypted_response_alg",
            Value::Null,
            other("id_token_encrypted_response_alg"),
        ),
    ];
    let settings_drift = fields.into_iter().filter_map(|(path, wanted, found)| {
        Drift::of(&format!("settings.oauthClient.{path}"), &wanted, found)
    });
    let own: Vec<&str> = wanted.grant_types.iter().map(String::as_str).collect();
    let kinds: Vec<&str> = wanted.response_types.iter().map(String::as_str).collect();
    let pkce = found.credentials.oauth_client.pkce_required;
    let pkce = pkce.filter(|_| !has_pkce_trial).map(Value::from);
    let more = [
        Drift::extra(
            "settings.oauthClient.grant_types",
            &own,
            settings.grant_types.iter().map(String::as_str),
        ),
        Drift::extra(
            "settings.oauthClient.response_types",
            &kinds,
            settings.response_types.iter().map(String::as_str),
        ),
        Drift::of(
            "credentials.oauthClient.pkce_required",
            &wanted.requires_pkce().into(),
            pkce.as_ref(),
        ),
    ];
    let leeway = refresh_audit::leeway_drift(wanted, found);
    let more = more.into_iter().flatten().chain(leeway);
    let mut compared: Compared = settings_drift.chain(more).collect();
    compared.told(CONSENT, &consents.into(), consent.as_ref());
    compared.told(TEMPLATE, &LOGIN_TEMPLATE.into(), template.as_ref());
    Ok(compared)
}
