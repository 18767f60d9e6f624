//! Step 4a: the OpenID Connect client.

use serde_json::Value;

use super::client::{PLACE, client, network};
use super::client_drift::client_drift;
use super::client_type::{is_of_the_type, mend_by_type};
use super::context::{CLIENT, Context};
use super::found::{Code, Found};
use super::refresh_audit;
use super::row::{Row, Wrong};
use super::see;
use super::step::Step;
use super::subject::Subject;
use super::trial::{Finding, Fix, Judgement, Trial};
use super::unseen::{takes_part, told};
use crate::management::found::FoundScope;
use crate::management::status::Words;
use crate::model::{self, ApplicationType, Flow, IMPLICIT, OrgModel, REFRESH_TOKEN};
use crate::observation::{AuthorizationKey, Denial, Need, NotSeen, Outcome, Seen, Symptom};
use crate::severity::Severity;

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let kind = model.client.application_type;
    let mut trials = vec![client_is_active(kind), is_of_the_type(kind)];
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
    trials.push(authenticates_as_wanted(&model.client));
    trials.extend(refresh_audit::of_client(model));
    if wants_pkce(model) {
        trials.push(requires_pkce(&model.client));
    }
    trials.extend([
        works_from_this_network(),
        needs_no_proof_of_possession(),
        client_drift(model, wants_pkce(model)),
    ]);
    if !model.client.asks_for_consent {
        trials.push(asks_for_no_consent());
    }
    trials
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
                        "set OKTA_OAUTH2_CLIENT_ID to the Client ID of the app (Applications > \
                         Applications > the app > General), or make it: Create App Integration > \
                         OIDC, {kind}"
                    ),
                    "GET /api/v1/apps?q=LABEL finds it, POST /api/v1/apps makes it",
                );
                return Ok(Judgement::not_met(
                    Code::ClientMissing,
                    expected,
                    "the org has no such client",
                    fix,
                ));
            };
            let is_active = takes_part("it", &client.status, Words::OBJECT)?;
            let shown = format!("the client is {}", client.status);
            let doubt = context.contradicted_by_a_grant(&shown, |_| !is_active);
            doubt.map_or(Ok(()), Err)?;
            Ok(Judgement::when(is_active, || Finding {
                found: Code::ClientInactive.into(),
                expected,
                actual: format!("it is {}", client.status),
                fix: Fix::new(
                    format!(
                        "Applications > Applications > the client > Activate{}",
                        of_one_name(context)
                    ),
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
            let found = told("settings.oauthClient.grant_types", found)?;
            let is_kept = |key: &AuthorizationKey| {
                key.flow.grant_type() == wanted && !found.contains(&wanted)
            };
            let shown = format!("the client may not use the grant type `{wanted}`");
            let doubt = context.contradicted_by_a_grant(&shown, is_kept);
            doubt.map_or(Ok(()), Err)?;
            Ok(Judgement::when(found.contains(&wanted), || Finding {
                found: Code::GrantTypeMissing.into(),
                expected: format!("the grant type `{wanted}`"),
                actual: format!("{found:?}"),
                fix: mend_by_type(
                    context,
                    wanted == IMPLICIT,
                    Fix::new(
                        format!("{PLACE} > Grant type: tick {}", tick(&wanted)),
                        "PUT /api/v1/apps/{appId} with settings.oauthClient.grant_types",
                    ),
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
            let found = told("settings.oauthClient.response_types", found)?;
            let is_kept = |key: &AuthorizationKey| key.flow == flow && !found.contains(&wanted);
            let shown = format!("the client may not use the response type `{wanted}`");
            let doubt = context.contradicted_by_a_grant(&shown, is_kept);
            doubt.map_or(Ok(()), Err)?;
            Ok(Judgement::when(found.contains(&wanted), || Finding {
                found: Code::ResponseTypeMissing.into(),
                expected: format!("the response type `{wanted}`"),
                actual: format!("{found:?}"),
                fix: mend_by_type(
                    context,
                    flow == Flow::Implicit,
                    Fix::new(
                        format!("{PLACE} > Grant type: {}", implicit_box(&wanted)),
                        "PUT /api/v1/apps/{appId} with settings.oauthClient.response_types",
                    ),
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

/// An active client of the same label that a policy names, for the end of a sentence.
fn of_one_name(context: &Context<'_>) -> String {
    let other = context.client_called_as_wanted();
    other.map_or_else(String::new, |(id, label)| {
        format!(
            "; if the active client `{label}` that a policy names is meant, set \
             OKTA_OAUTH2_CLIENT_ID to {id}"
        )
    })
}

/// A browser application has no secret to redeem its codes with, so that a client which wants one
/// is of no use to it, and neither is a secret to a client that wants a key. Whether a secret goes
/// by Basic or in the form is all the same to Okta.
fn authenticates_as_wanted(client: &model::Client) -> Trial {
    let wanted = client.token_endpoint_auth_method.name();
    let expected = format!("the token endpoint authentication `{wanted}`");
    let fix = Fix::new(
        "Applications > Applications > the client > General > Client Credentials > Edit",
        "PUT /api/v1/apps/{appId} with credentials.oauthClient.token_endpoint_auth_method",
    );
    Trial::new(
        Step::Client,
        "the_client_authenticates_as_the_model_says",
        see::APPLICATIONS,
        [Need::Client],
        move |context| {
            let Some((found, actual)) = other_authentication(context)? else {
                return Ok(Judgement::met());
            };
            let judgement = Judgement::not_met(found, &expected, actual, fix.clone());
            Ok(if authenticates_by_other_means(context)?.is_some() {
                judgement.weighing(Severity::Required)
            } else {
                judgement
            })
        },
    )
    .advised()
    .explains(|context, symptom| {
        let by_other_means = authenticates_by_other_means(context);
        symptom.is_denial(&[Denial::ClientSecret]) && by_other_means.is_ok_and(|it| it.is_some())
    })
}

/// What the client shows who it is by, where that is something else than what the run has: nothing,
/// a secret, a secret that signs, or a key.
pub(super) fn authenticates_by_other_means(context: &Context<'_>) -> Seen<Option<String>> {
    let means = |method: &str| match method {
        "client_secret_basic" | "client_secret_post" => "a secret".to_owned(),
        other => other.to_owned(),
    };
    let wanted = context.model.client.token_endpoint_auth_method.name();
    let found = other_method(context)?;
    Ok(found.filter(|found| means(found) != means(wanted)))
}

/// The method of the client where it is another than the model's, by whatever means.
pub(super) fn other_method(context: &Context<'_>) -> Seen<Option<String>> {
    let found = authentication(context)?;
    let wanted = context.model.client.token_endpoint_auth_method.name();
    Ok((found != wanted).then(|| found.to_owned()))
}

fn authentication<'s>(context: &'s Context<'_>) -> Seen<&'s str> {
    let found = &client(context)?.credentials.oauth_client;
    let path = "credentials.oauthClient.token_endpoint_auth_method";
    let found = told(path, &found.token_endpoint_auth_method)?;
    Ok(found)
}

fn other_authentication(context: &Context<'_>) -> Seen<Option<Wrong>> {
    let found = other_method(context)?;
    Ok(found.map(|found| (Code::ClientAuthenticationOther.into(), format!("`{found}`"))))
}

fn wants_pkce(model: &OrgModel) -> bool {
    model.client.requires_pkce() && model.flows().contains(&Flow::Code)
}

/// A client that demands no PKCE redeems a code for anyone who got hold of it (RFC 9700 section
/// 2.1.1); a confidential one asks them for its secret at least.
fn requires_pkce(client: &model::Client) -> Trial {
    let trial = Row {
        name: "the_client_requires_pkce",
        see: see::CODE_FLOW,
        needs: vec![Need::Client],
        expected: "a client that must use PKCE".to_owned(),
        look: no_pkce,
        fix: Fix::new(
            "Applications > Applications > the client > General > Client Credentials > Edit > \
             Proof Key for Code Exchange (PKCE): tick Require PKCE as additional verification",
            "PUT /api/v1/apps/{appId} with credentials.oauthClient.pkce_required true",
        ),
    }
    .trial(Step::Client);
    if client.is_public() {
        trial
    } else {
        trial.advised()
    }
}

fn no_pkce(context: &Context<'_>) -> Seen<Option<Wrong>> {
    let found = client(context)?.credentials.oauth_client.pkce_required;
    let untold = || NotSeen::inconclusive("the org does not say whether the client needs PKCE");
    let words = "credentials.oauthClient.pkce_required is false".to_owned();
    Ok((!found.ok_or_else(untold)?).then(|| (Code::PkceNotRequired.into(), words)))
}

/// The scopes of the model for which Okta asks for consent, since both the client and they want it.
///
/// # Errors
/// [`NotSeen`](crate::observation::NotSeen) when client or scopes were not looked at, or say it in
/// words that nobody knows.
pub(super) fn scopes_that_ask_for_consent<'a>(context: &'a Context<'_>) -> Seen<Vec<&'a str>> {
    let settings = &client(context)?.settings.oauth_client;
    let scopes = context.seen.org.scopes.as_ref().map_err(Clone::clone)?;
    let found = settings.consent_method.as_deref();
    let by_client = asks("the client", found, &["REQUIRED"], "TRUSTED");
    if let Ok(false) = by_client {
        return Ok(Vec::new());
    }
    let of_the_model = |scope: &&FoundScope| {
        let mut scopes = context.model.scopes.iter();
        scopes.any(|own| own.name.get_ref() == &scope.name)
    };
    let mut asking = Vec::new();
    for scope in scopes.iter().filter(of_the_model) {
        let object = format!("the scope {}", scope.name);
        let found = scope.consent.as_deref();
        if asks(&object, found, &["REQUIRED", "FLEXIBLE"], "IMPLICIT")? {
            asking.push(scope.name.as_str());
        }
    }
    match by_client {
        Err(reason) if !asking.is_empty() => Err(reason),
        _ => Ok(asking),
    }
}

/// Whether a client by its `consent_method`, or a scope by its `consent`, wants consent; these are
/// all the words that Okta documents for them.
fn asks(object: &str, found: Option<&str>, some: &[&str], none: &str) -> Seen<bool> {
    match found {
        Some(found) if some.contains(&found) => Ok(true),
        Some(found) if found == none => Ok(false),
        Some(found) => Err(NotSeen::inconclusive(format!(
            "consent of {object} is {found}, and that word does not tell whether it is asked for"
        ))),
        None => Err(NotSeen::inconclusive(format!(
            "the org does not show whether {object} asks for consent"
        ))),
    }
}

fn asks_for_no_consent() -> Trial {
    Row {
        name: "no_consent_is_asked_for",
        see: see::APPLICATIONS,
        needs: vec![Need::Client, Need::Scopes],
        expected: "no consent page between sign-in and redirect".to_owned(),
        look: consent_asked,
        fix: Fix::new(
            format!("{PLACE} > User consent: untick Require consent"),
            "PUT /api/v1/apps/{appId} with settings.oauthClient.consent_method TRUSTED",
        ),
    }
    .trial(Step::Client)
    .explains(|_, symptom| symptom.is_denial(&[Denial::Consent]))
}

fn consent_asked(context: &Context<'_>) -> Seen<Option<Wrong>> {
    let asking = scopes_that_ask_for_consent(context)?;
    let words = format!("the client and the scopes {asking:?} require consent");
    let found = Found::of(Code::ConsentAsked, asking.iter().copied());
    Ok((!asking.is_empty()).then_some((found, words)))
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

/// With `DPoP` (RFC 9449) the token endpoint refuses anyone who brings no proof, and implicit is
/// off.
fn needs_no_proof_of_possession() -> Trial {
    Row {
        name: "the_client_needs_no_proof_of_possession",
        see: see::APPLICATIONS,
        needs: vec![Need::Client],
        expected: "bearer tokens, as the document has them".to_owned(),
        look: proof_of_possession,
        fix: Fix::new(
            format!("{PLACE} > Proof of possession: untick Require DPoP header"),
            "PUT /api/v1/apps/{appId} with settings.oauthClient.dpop_bound_access_tokens false",
        ),
    }
    .trial(Step::Client)
    .explains(|_, symptom| {
        symptom.is_denial(&[Denial::ProofOfPossession]) || is_refused_type(symptom)
    })
}

fn proof_of_possession(context: &Context<'_>) -> Seen<Option<Wrong>> {
    let settings = &client(context)?.settings.oauth_client.other;
    let path = "settings.oauthClient.dpop_bound_access_tokens";
    let found = settings
        .get("dpop_bound_access_tokens")
        .filter(|found| !found.is_null());
    let Some(found) = found else {
        // Okta's API description has the default false; what came without a proof says it too.
        return were_given(context).then_some(None).ok_or_else(|| {
            NotSeen::inconclusive(format!(
                "the org does not show {path}, and no tokens came without a proof of possession"
            ))
        });
    };
    let is_wanted = *found == Value::Bool(true);
    let words = format!("{path} is true");
    Ok(is_wanted.then(|| (Code::ProofOfPossessionRequired.into(), words)))
}

/// Whether any request of the run brought tokens; none of them proves that it holds a key.
fn were_given(context: &Context<'_>) -> bool {
    let mut seen = context.seen.authorizations.values().flatten();
    seen.any(|seen| matches!(seen.outcome, Outcome::Tokens { .. }))
}
