//! Step 3a: the authorization server, its metadata and its keys.

use std::collections::BTreeSet;

use super::claim_drift::{claim_doubt, claim_drift};
use super::context::{self, Context};
use super::drift::{Compared, Drift, no_drift};
use super::found::Code;
use super::issuer::{
    active_copies, by_another_domain, copies, is_of_another_org, issuers, mend_issuer, other_issuer,
};
use super::probes_audit;
use super::rests_on;
use super::row::{Row, Wrong, listed};
use super::see;
use super::step::Step;
use super::step_3a_claims::the_claim;
use super::step_3a_keys;
use super::trial::{Finding, Fix, Judgement, Trial};
use super::unseen::takes_part;
use crate::escape::excerpt;
use crate::management::found::FoundClaim;
use crate::management::status::Words;
use crate::model::Provider;
use crate::observation::{Cause, Need, NotSeen, Seen, Symptom};
use crate::openid::{Metadata, NamedUrl};

pub(super) const PLACE: &str = "Security > API > Authorization Servers";

pub(super) fn trials() -> Vec<Trial> {
    vec![
        is_active(),
        has_the_audience(),
        metadata_names_the_issuer(),
        endpoints_are_at_the_issuer(),
        metadata_documents_agree(),
        step_3a_keys::keys_can_verify(),
        nothing_else_differs(),
    ]
}

fn is_active() -> Trial {
    let name = "the_authorization_server_is_active";
    Trial::new(
        Step::AuthorizationServer,
        name,
        see::AUTHORIZATION_SERVERS,
        [Need::Server],
        |given| {
            let expected = format!(
                "an active authorization server with the issuer {}",
                given.facts.issuer
            );
            let server = match &given.seen.org.server {
                // What the issuer is, is known whatever the other org shows.
                Err(reason) if reason.cause == Cause::Inconclusive && is_of_another_org(given) => {
                    &None
                }
                server => server.as_ref().map_err(Clone::clone)?,
            };
            let Some(server) = server else {
                if let Some(hidden) = given.hidden_server() {
                    return Err(hidden);
                }
                let fix = mend_issuer(given);
                let none = || format!("the org has none with that issuer{}", issuers(given));
                let (code, actual) = other_issuer(given).map_or_else(
                    || (Code::ServerMissing, none()),
                    |other| (Code::IssuerOther, other),
                );
                let judgement = Judgement::not_met(code, expected, actual, fix);
                return Ok(judgement.resting_on(rests_on::ISSUERS, by_another_domain(given)));
            };
            let is_active = takes_part("it", &server.status, Words::OBJECT)?;
            let shown = format!("the authorization server is {}", server.status);
            let doubt = given.contradicted_by_a_grant(&shown, |_| !is_active);
            doubt.map_or(Ok(()), Err)?;
            Ok(Judgement::when(is_active, || Finding {
                found: Code::ServerInactive.into(),
                expected,
                actual: format!("it is {}", server.status),
                fix: Fix::new(
                    format!("{PLACE} > the server > Activate{}", active_copies(given)),
                    format!(
                        "POST /api/v1/authorizationServers/{}/lifecycle/activate",
                        server.id
                    ),
                ),
            }))
        },
    )
    .explains(|_, symptom| {
        matches!(symptom, Symptom::NoTokens { .. })
            || symptom.is_missing(context::SERVER)
            || is_of_metadata(symptom)
    })
}

/// What to do where the variable alone wants another audience than org and model.
pub(super) fn of_variable(given: &Context<'_>, found: &[String]) -> String {
    let of_model = &given.model.authorization_server.audience;
    if given.facts.audience == *of_model || found != [of_model.clone()] {
        return String::new();
    }
    format!("leave OKTA_OAUTH2_AUDIENCE blank, since org and model have `{of_model}`; or ")
}

fn has_the_audience() -> Trial {
    let name = "its_audience_is_the_one_of_the_model";
    Trial::new(
        Step::AuthorizationServer,
        name,
        see::AUTHORIZATION_SERVERS,
        [Need::Server],
        |given| {
            let server = given.seen.org.server.as_ref().map_err(Clone::clone)?;
            let server = server
                .as_ref()
                .ok_or_else(|| context::missing(context::SERVER))?;
            let wanted = &given.facts.audience;
            let found: BTreeSet<&String> = server.audiences.iter().collect();
            let judgement = Judgement::when(found == BTreeSet::from([wanted]), || {
                let (code, more) = if is_another_server(given) {
                    let more = ", and none of the model's scopes: this is another authorization \
                                server";
                    (Code::ServerOther, more.to_owned() + &copies(given))
                } else {
                    (Code::AudienceOther, copies(given))
                };
                let put = format!("PUT /api/v1/authorizationServers/{}", server.id);
                let fix = if code == Code::ServerOther {
                    Fix::new(
                        format!(
                            "OKTA_OAUTH2_ISSUER in .env: put the Issuer URI of the server with \
                             the audience `{wanted}`, which {PLACE} shows; if there is none, step \
                             3a: Add Authorization Server"
                        ),
                        "GET /api/v1/authorizationServers",
                    )
                } else {
                    Fix::new(
                        format!(
                            "{}{PLACE} > the server > Settings > Edit > Audience",
                            of_variable(given, &server.audiences)
                        ),
                        format!("{put} with \"audiences\":[\"{wanted}\"]"),
                    )
                };
                Finding {
                    found: code.into(),
                    expected: format!("the audience `{wanted}`"),
                    actual: format!("{:?}{more}", server.audiences),
                    fix,
                }
            });
            let audiences = server.audiences.iter().map(String::as_str);
            Ok(judgement.resting_on(rests_on::AUDIENCES, audiences))
        },
    )
    .explains(|given, symptom| {
        let lacks_scope = || {
            let mut scopes = given.model.scopes.iter();
            scopes.any(|scope| symptom.is_missing(&context::scope(scope.name.get_ref())))
        };
        let of_another_server = || matches!(symptom, Symptom::NoTokens { .. }) || lacks_scope();
        matches!(symptom, Symptom::Refused { .. })
            || (of_another_server() && is_another_server(given))
    })
}

/// Whether the issuer is a server that the document did not make: neither audience nor scopes fit.
fn is_another_server(given: &Context<'_>) -> bool {
    given.is_another_server(|| finds_another_server(given))
}

fn finds_another_server(given: &Context<'_>) -> bool {
    let org = &given.seen.org;
    let (Ok(Some(server)), Ok(scopes)) = (&org.server, &org.scopes) else {
        return false;
    };
    let mut wanted = given.model.scopes.iter().map(|scope| scope.name.get_ref());
    server.audiences != [given.facts.audience.clone()]
        && wanted.all(|name| scopes.iter().all(|found| found.name != *name))
}

fn set_the_issuer() -> Fix {
    Fix::new(
        format!("{PLACE} > the server > Settings > Issuer, or set OKTA_OAUTH2_ISSUER to it"),
        "PUT /api/v1/authorizationServers/{authServerId} with \"issuerMode\"",
    )
}

/// A server of Okta's that is not active has no metadata either, whatever its issuer is.
fn or_activate(given: &Context<'_>, fix: Fix) -> Fix {
    if given.model.provider != Provider::Okta || is_of_another_org(given) {
        return fix;
    }
    Fix::new(
        format!(
            "set OKTA_OAUTH2_ISSUER to the Issuer URI of the server ({PLACE}); where it is that \
             already, the server is not active: {PLACE} > the server > Activate"
        ),
        "POST /api/v1/authorizationServers/{authServerId}/lifecycle/activate",
    )
}

fn metadata_names_the_issuer() -> Trial {
    let name = "its_metadata_names_the_issuer";
    Trial::new(
        Step::AuthorizationServer,
        name,
        see::DISCOVERY,
        [Need::Metadata],
        |given| {
            let fix = if is_of_another_org(given) {
                mend_issuer(given)
            } else {
                set_the_issuer()
            };
            let expected = format!(
                "metadata with the issuer `{}`, byte for byte",
                given.facts.issuer
            );
            let other = other_issuer(given).filter(|_| given.model.provider == Provider::Okta);
            if let Some(other) = other {
                return Ok(
                    Judgement::not_met(Code::IssuerOther, expected, other, fix).with(
                        Symptom::Missing {
                            object: context::METADATA.to_owned(),
                        },
                    ),
                );
            }
            match &given.seen.metadata {
                Ok(Metadata {
                    repeated: Some(name),
                    ..
                }) => Ok(Judgement::not_met(
                    Code::MetadataRepeats,
                    format!("{expected}, and each member once"),
                    format!("{}, and clients differ in which one they take", twice(name)),
                    fix,
                )),
                Ok(metadata) if metadata.issuer == given.facts.issuer => Ok(Judgement::met()
                    .seeing("response types", metadata.response_types_supported.clone())
                    .seeing("grant types", metadata.grant_types_supported.clone())),
                Ok(metadata) => Ok(Judgement::not_met(
                    Code::MetadataIssuerOther,
                    expected,
                    format!("`{}`", metadata.issuer),
                    fix,
                )
                .resting_on(rests_on::ISSUERS, [metadata.issuer.clone()])),
                Err(reason) => match &reason.symptom {
                    Some(symptom) => {
                        let withheld = withheld(given, &reason.reason);
                        let is_of_others = symptom.is_missing(context::METADATA_OF_OTHERS);
                        if withheld.is_none() && is_of_others {
                            return Err(NotSeen::failed(reason.reason.clone()));
                        }
                        let (actual, fix) = withheld
                            .unwrap_or_else(|| (reason.reason.clone(), or_activate(given, fix)));
                        let code = Code::MetadataMissing;
                        let judgement = Judgement::not_met(code, expected, actual, fix);
                        Ok(judgement.with(Symptom::clone(symptom)))
                    }
                    None => Err(reason.clone()),
                },
            }
        },
    )
    .explains(|_, symptom| matches!(symptom, Symptom::Refused { .. }) || is_of_metadata(symptom))
}

fn is_of_metadata(symptom: &Symptom) -> bool {
    let kinds = [context::METADATA, context::METADATA_OF_OTHERS];
    kinds.iter().any(|kind| symptom.is_missing(kind))
}

/// What is said where the org has the very server and its metadata do not come: Okta publishes
/// those of every active server, so that something before the org holds them back.
fn withheld(given: &Context<'_>, reason: &str) -> Option<(String, Fix)> {
    let server = given.seen.org.server.as_ref().ok()?.as_ref()?;
    let is_there = server.status.is_active() && server.issuer == given.facts.issuer;
    // What to check of the issuer is known: it is right.
    let (seen, _) = reason.split_once("; check OKTA_OAUTH2_ISSUER")?;
    let actual = format!(
        "{seen}; the org has the active server `{}` of this very issuer",
        server.name
    );
    let fix = Fix::new(
        "none in the org: what stands before it (a proxy, a firewall, the set-up of the custom \
         domain) must let GET of {issuer}/.well-known/openid-configuration and \
         {issuer}/.well-known/oauth-authorization-server through",
        format!("GET /api/v1/authorizationServers/{}", server.id),
    );
    is_there.then_some((actual, fix))
}

/// Which member is there twice, for sentences.
pub(super) fn twice(name: &str) -> String {
    format!("`{}` is in it twice", excerpt(name))
}

fn endpoints_are_at_the_issuer() -> Trial {
    Row {
        name: "its_endpoints_are_on_the_host_of_the_issuer",
        see: see::DISCOVERY,
        needs: vec![Need::Metadata],
        expected: "every endpoint on the host of the issuer".to_owned(),
        look: endpoints_elsewhere,
        fix: Fix::new(
            format!("{PLACE} > the server > Settings > Issuer: one domain for all"),
            "PUT /api/v1/authorizationServers/{authServerId} with \"issuerMode\"",
        ),
    }
    .trial(Step::AuthorizationServer)
}

fn endpoints_elsewhere(given: &Context<'_>) -> Seen<Option<Wrong>> {
    let metadata = given.seen.metadata.as_ref().map_err(Clone::clone)?;
    let issuer = url::Url::parse(&given.facts.issuer).map(|url| url.origin());
    let optional = [
        &metadata.userinfo_endpoint,
        &metadata.introspection_endpoint,
        &metadata.revocation_endpoint,
        &metadata.end_session_endpoint,
    ];
    let others = other_endpoints(metadata);
    let endpoints = endpoints(metadata)
        .into_iter()
        .map(|(_, endpoint)| endpoint)
        .chain(optional.into_iter().flatten())
        .chain(&others);
    let elsewhere = endpoints.filter(|endpoint| issuer.as_ref() != Ok(&endpoint.origin()));
    let elsewhere: Vec<String> = elsewhere.map(ToString::to_string).collect();
    Ok(listed(Code::EndpointElsewhere, elsewhere, ", "))
}

/// The endpoints that every metadata document has, by their fields.
fn endpoints(metadata: &Metadata) -> [(&'static str, &NamedUrl); 3] {
    [
        ("authorization_endpoint", &metadata.authorization_endpoint),
        ("token_endpoint", &metadata.token_endpoint),
        ("jwks_uri", &metadata.jwks_uri),
    ]
}

/// Every other address that the metadata calls an endpoint: what clients send there, registrations
/// and requests among them, is for the server alone.
fn other_endpoints(metadata: &Metadata) -> Vec<NamedUrl> {
    let others = metadata.other.iter();
    let named = others.filter(|(name, _)| name.ends_with("_endpoint"));
    named
        .filter_map(|(_, address)| serde_json::from_value(address.clone()).ok())
        .collect()
}

/// Nobody but Okta need have both documents.
fn not_owed(context: &Context<'_>, reason: &NotSeen) -> NotSeen {
    if context.no_management_api() && reason.reason.contains(" 404 ") {
        return NotSeen::not_applicable("the provider has no second metadata document (RFC 8414)");
    }
    reason.clone()
}

fn metadata_documents_agree() -> Trial {
    Row {
        name: "both_metadata_documents_agree",
        see: see::DISCOVERY,
        needs: vec![Need::Metadata],
        expected: "the same endpoints in both metadata documents".to_owned(),
        look: differences_of_metadata,
        fix: Fix::new(
            "none: the documents are Okta's; look for a proxy that rewrites one of them",
            "GET {issuer}/.well-known/openid-configuration and \
             {issuer}/.well-known/oauth-authorization-server",
        ),
    }
    .trial(Step::AuthorizationServer)
    .advised()
}

fn differences_of_metadata(given: &Context<'_>) -> Seen<Option<Wrong>> {
    let openid = given.seen.metadata.as_ref().map_err(Clone::clone)?;
    let oauth = given.seen.oauth_metadata.as_ref();
    let oauth = oauth.map_err(|reason| not_owed(given, reason))?;
    let issuers = (openid.issuer != oauth.issuer)
        .then(|| format!("issuer: {} and {}", openid.issuer, oauth.issuer));
    let different = endpoints(openid)
        .into_iter()
        .zip(endpoints(oauth))
        .filter(|((_, openid), (_, oauth))| openid != oauth)
        .map(|((field, openid), (_, oauth))| format!("{field}: {openid} and {oauth}"))
        .chain(issuers);
    Ok(listed(
        Code::MetadataDocumentsDiffer,
        different.collect(),
        "; ",
    ))
}

/// Settings that change tokens without changing who gets them, and claims that hide Okta's own.
fn nothing_else_differs() -> Trial {
    let fix = Fix::new(
        format!("{PLACE} > the server > Settings, or Claims"),
        "PUT /api/v1/authorizationServers/{authServerId}, or …/claims/{claimId}",
    );
    let name = "the_authorization_server_differs_in_nothing_else";
    let needs = [Need::Server, Need::Claims];
    no_drift(
        Step::AuthorizationServer,
        Code::ServerDrift,
        name,
        see::AUTHORIZATION_SERVERS,
        needs,
        fix,
        |given| {
            let server = given.seen.org.server.as_ref().map_err(Clone::clone)?;
            let server = server
                .as_ref()
                .ok_or_else(|| context::missing(context::SERVER))?;
            let claims = given.seen.org.claims.as_ref().map_err(Clone::clone)?;
            let signing = server
                .other
                .get("credentials")
                .and_then(|credentials| credentials.pointer("/signing/rotationMode"));
            let encryption = server.other.get("accessTokenEncryptedResponseAlgorithm");
            let encryption = Drift::of(
                "accessTokenEncryptedResponseAlgorithm",
                &serde_json::Value::Null,
                encryption,
            );
            let own = given.model.claims.iter();
            let own: Vec<&FoundClaim> = own.filter_map(|own| the_claim(own, claims)).collect();
            let is_wanted = |found: &&FoundClaim| own.iter().any(|own| own.id == found.id);
            let others = claims.iter().filter(|found| !is_wanted(found));
            let doubts = others.clone().filter_map(claim_doubt);
            let claims = others.filter_map(claim_drift);
            let probes = probes_audit::servers_of_no_model(given);
            let differing = encryption.into_iter().chain(claims).chain(probes);
            let compared: Compared = differing.collect();
            let mut compared = compared.without(doubts);
            compared.told("credentials.signing.rotationMode", &"AUTO".into(), signing);
            Ok(compared)
        },
    )
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::config::Facts;
    use crate::model::OrgModel;
    use crate::observation::Observations;
    use crate::requirements::Remembered;

    const MODEL: &str = include_str!("../../fixtures/org.toml");
    const RIGHT: &str = "http://myapp.com";

    /// To leave the variable blank helps where nothing else differs.
    #[rstest]
    #[case::the_variable_alone("http://other.example", RIGHT, true)]
    #[case::nothing(RIGHT, RIGHT, false)]
    #[case::the_org_alone(RIGHT, "http://third.example", false)]
    #[case::both("http://other.example", "http://third.example", false)]
    fn the_variable_is_to_be_left_blank(
        #[case] variable: &str,
        #[case] found: &str,
        #[case] is_told: bool,
    ) {
        let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
        let mut facts = Facts::of_model(&model);
        variable.clone_into(&mut facts.audience);
        let context = Context {
            model: &model,
            facts: &facts,
            seen: &Observations::default(),
            remembered: &Remembered::default(),
        };
        let told = of_variable(&context, &[found.to_owned()]);
        assert_eq!(told.contains("leave OKTA_OAUTH2_AUDIENCE blank"), is_told);
    }
}
