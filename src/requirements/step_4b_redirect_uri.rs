//! Step 4b: the login redirect URI, which authorises the redirect, and the Trusted Origins, which
//! do not.

use url::Url;

use super::client::client;
use super::context::Context;
use super::found::{Code, Found};
use super::redirect_uri;
use super::row::{Row, Wrong};
use super::see;
use super::step::Step;
use super::subject::Subject;
use super::trial::{Finding, Fix, Judgement, Trial};
use super::unseen::{takes_part, told};
use crate::management::found::FoundTrustedOrigin;
use crate::management::status::Words;
use crate::model::{OrgModel, TrustedOrigin};
use crate::observation::{Denial, Need, NotSeen, Seen};
use crate::origin::is_secure;

const PLACE: &str = "Applications > Applications > the client > General > Login";
const REDIRECT_URIS: &str = "settings.oauthClient.redirect_uris";
const WILDCARD: &str = "wildcard_redirect";
/// The wildcards that Okta knows: one in the lowest label of a host.
const SUBDOMAIN: &str = "SUBDOMAIN";
/// No wildcards (`OpenIdConnectApplicationSettingsClient` of Okta's API description).
const NO_WILDCARD: &str = "DISABLED";

pub(super) fn trials(model: &OrgModel) -> Vec<Trial> {
    let mut trials = vec![
        redirect_uri_is_registered(),
        nothing_else_is_registered(),
        no_wildcard(),
    ];
    trials.extend(model.trusted_origins.iter().map(origin_is_trusted));
    trials.push(no_other_origin_is_a_danger(model));
    trials
}

fn redirect_uri_is_registered() -> Trial {
    let name = "the_redirect_uri_is_registered";
    Trial::new(
        Step::RedirectUri,
        name,
        see::APPLICATIONS,
        [Need::Client],
        |context| {
            let wanted = context.facts.redirect_uri.as_str();
            let settings = &client(context)?.settings.oauth_client;
            let found = told(REDIRECT_URIS, &settings.redirect_uris)?;
            if let Some(wildcard) = found.iter().find(|uri| has_wildcard_for(uri, wanted))
                && settings
                    .other
                    .get(WILDCARD)
                    .is_some_and(|found| found == SUBDOMAIN)
                && !found.iter().any(|uri| uri == wanted)
            {
                let by = format!("`{wanted}` is not registered itself: `{wildcard}` is");
                return Ok(Judgement::met_with(by));
            }
            let is_registered = found.iter().any(|uri| uri == wanted);
            let may_fit = is_registered || found.iter().any(|uri| uri.contains('*'));
            let shown = format!("the redirect URI `{wanted}` is not registered");
            let doubt = context.contradicted_by_a_grant(&shown, |_| !may_fit);
            doubt.map_or(Ok(()), Err)?;
            Ok(Judgement::when(is_registered, || Finding {
                found: Code::RedirectUriMissing.into(),
                expected: format!("the login redirect URI `{wanted}`, byte for byte"),
                actual: format!("{found:?}{}", of_the_run(context)),
                fix: redirect_uri::mend_variable(context).unwrap_or_else(|| {
                    Fix::new(
                        format!(
                            "{PLACE} > Sign-in redirect URIs > Add URI (not under Trusted Origins)"
                        ),
                        "PUT /api/v1/apps/{appId} with settings.oauthClient.redirect_uris",
                    )
                }),
            }))
        },
    )
    .explains(|_, symptom| symptom.is_denial(&[Denial::RedirectUri, Denial::Other]))
}

/// Where the wanted one is from, where the model has another.
fn of_the_run(context: &Context<'_>) -> &'static str {
    if redirect_uri::is_of_the_run(context) {
        "; the one of OKTA_OAUTH2_REDIRECT_URI is not among them"
    } else {
        ""
    }
}

/// Whether a registered redirect URI has a wildcard that stands for a part of the lowest label of
/// the wanted one, by https (Okta's Management API, `wildcard_redirect`).
fn has_wildcard_for(registered: &str, wanted: &str) -> bool {
    let Some((before, after)) = registered.split_once('*') else {
        return false;
    };
    let middle = wanted.strip_prefix(before);
    let middle = middle.and_then(|rest| rest.strip_suffix(after));
    let label = before.strip_prefix("https://");
    label.is_some_and(|label| !label.contains(['.', '/']))
        && middle.is_some_and(|part| !part.is_empty() && !part.contains(['.', '/', ':', '@']))
}

fn nothing_else_is_registered() -> Trial {
    Row {
        name: "no_other_redirect_uri_is_registered",
        see: see::API_ACCESS_MANAGEMENT,
        needs: vec![Need::Client],
        expected: "no redirect URI beside those in use".to_owned(),
        look: other_redirect_uris,
        fix: Fix::new(
            format!("{PLACE} > Sign-in redirect URIs: remove what is not in use"),
            "PUT /api/v1/apps/{appId} with settings.oauthClient.redirect_uris",
        ),
    }
    .trial(Step::RedirectUri)
    .advised()
}

fn other_redirect_uris(context: &Context<'_>) -> Seen<Option<Wrong>> {
    // The model's own is in use by others where a run sends another.
    let own = [
        &context.facts.redirect_uri,
        &context.model.client.redirect_uri,
    ];
    let is_own = |uri: &&String| own.iter().any(|own| own.as_str() == uri.as_str());
    let found = &client(context)?.settings.oauth_client.redirect_uris;
    let found = told(REDIRECT_URIS, found)?;
    let others: Vec<&String> = found.iter().filter(|uri| !is_own(uri)).collect();
    let words = format!("{others:?} can receive tokens too");
    let found = Found::of(Code::RedirectUriExtra, others.iter().copied());
    Ok((!others.is_empty()).then_some((found, words)))
}

fn no_wildcard() -> Trial {
    Row {
        name: "no_redirect_uri_has_a_wildcard",
        see: see::APPLICATIONS,
        needs: vec![Need::Client],
        expected: "redirect URIs that are compared byte for byte".to_owned(),
        look: wildcards,
        fix: Fix::new(
            format!("{PLACE}: untick Allow wildcard * in sign-in redirect URI"),
            "PUT /api/v1/apps/{appId} with settings.oauthClient.wildcard_redirect DISABLED",
        ),
    }
    .trial(Step::RedirectUri)
    .advised()
}

fn wildcards(context: &Context<'_>) -> Seen<Option<Wrong>> {
    let other = &client(context)?.settings.oauth_client.other;
    let wildcard = other.get(WILDCARD);
    let wildcard = wildcard.and_then(serde_json::Value::as_str);
    let untold = "the org does not show settings.oauthClient.wildcard_redirect";
    let wildcard = wildcard.ok_or_else(|| NotSeen::inconclusive(untold))?;
    let words = "wildcards in subdomains are allowed".to_owned();
    match wildcard {
        SUBDOMAIN => Ok(Some((Code::RedirectUriWildcard.into(), words))),
        NO_WILDCARD => Ok(None),
        other => Err(NotSeen::inconclusive(format!(
            "settings.oauthClient.wildcard_redirect is {other}, and that word does not tell \
             whether wildcards are allowed"
        ))),
    }
}

/// An origin that the model does not have is the org's affair, unless anyone who is between or
/// below it gets the org's trust too.
fn no_other_origin_is_a_danger(model: &OrgModel) -> Trial {
    let own: Vec<String> = model
        .trusted_origins
        .iter()
        .map(|own| own.origin.clone())
        .collect();
    let name = "no_other_trusted_origin_is_a_danger";
    let (see, needs) = (see::TRUSTED_ORIGINS, [Need::TrustedOrigins]);
    Trial::new(Step::RedirectUri, name, see, needs, move |context| {
        let found = &context.seen.org.trusted_origins;
        let found = found.as_ref().map_err(Clone::clone)?;
        let is_own = |found: &FoundTrustedOrigin| own.iter().any(|own| is_origin(found, own));
        let dangers = found
            .iter()
            .filter_map(|found| danger(found, is_own(found)));
        let dangers: Vec<Danger<'_>> = dangers.collect();
        if let Some(unknown) = found.iter().find_map(|found| unknown(found, is_own(found)))
            && dangers.is_empty()
        {
            return Err(NotSeen::inconclusive(unknown));
        }
        Ok(Judgement::when(dangers.is_empty(), || Finding {
            found: dangers.iter().flat_map(Danger::found).collect(),
            expected: "Trusted Origins that embed nothing, and others than the model's that are \
                       https and name one host"
                .to_owned(),
            actual: dangers
                .iter()
                .map(Danger::words)
                .collect::<Vec<_>>()
                .join("; "),
            fix: Fix::new(
                "Security > API > Trusted Origins: edit, deactivate or delete these",
                "PUT /api/v1/trustedOrigins/{trustedOriginId}, or POST …/lifecycle/deactivate",
            ),
        }))
    })
    .advised()
}

/// What is dangerous about an origin, each by its code.
struct Danger<'a> {
    origin: &'a FoundTrustedOrigin,
    told: Vec<(Code, &'static str)>,
}

impl Danger<'_> {
    fn found(&self) -> impl Iterator<Item = (Code, String)> {
        let told = self.told.iter();
        told.map(|(code, _)| (*code, self.origin.origin.clone()))
    }

    fn words(&self) -> String {
        let FoundTrustedOrigin { name, origin, .. } = self.origin;
        let told: Vec<&str> = self.told.iter().map(|(_, what)| *what).collect();
        format!("`{name}` ({origin}) {}", told.join(" and "))
    }
}

/// What is trusted with an origin of Okta's API description (`TrustedOriginScopeType`).
const KNOWN_SCOPES: [&str; 3] = ["CORS", "REDIRECT", "IFRAME_EMBED"];

/// Whether this is the origin: a slash behind it is no other one.
fn is_origin(found: &FoundTrustedOrigin, wanted: &str) -> bool {
    found.origin.strip_suffix('/').unwrap_or(&found.origin) == wanted
}

/// Why nobody knows whether an origin is a danger; whether one of the model's takes part, another
/// trial says.
fn unknown(found: &FoundTrustedOrigin, is_own: bool) -> Option<String> {
    let origin = format!("the Trusted Origin {}", found.origin);
    let doubt = found.status.doubt(Words::OBJECT, &origin);
    let doubt = doubt.filter(|_| !is_own);
    let mut scopes = found.scopes.iter().map(|scope| scope.kind.as_str());
    let other = scopes.find(|kind| !KNOWN_SCOPES.contains(kind));
    let other = other.filter(|_| found.status.is_active());
    let other = other.map(|kind| format!("{origin} is trusted for {kind}, which is not known"));
    doubt.or(other)
}

/// What is dangerous about an active origin. A model has its own ones, and none that embeds.
fn danger(found: &FoundTrustedOrigin, is_own: bool) -> Option<Danger<'_>> {
    let url = Url::parse(&found.origin).ok();
    let dangers = [
        (
            !is_own && !url.as_ref().is_some_and(is_secure),
            Code::OriginInsecure,
            "is not https",
        ),
        (
            !is_own && found.origin.contains('*'),
            Code::OriginWildcard,
            "stands for many hosts",
        ),
        (
            found
                .scopes
                .iter()
                .any(|scope| scope.kind == "IFRAME_EMBED"),
            Code::OriginEmbeds,
            "may show the org's pages in a frame",
        ),
    ];
    let told: Vec<(Code, &str)> = dangers
        .into_iter()
        .filter_map(|(is_so, code, what)| is_so.then_some((code, what)))
        .collect();
    let origin = found;
    (found.status.is_active() && !told.is_empty()).then_some(Danger { origin, told })
}

fn origin_is_trusted(origin: &TrustedOrigin) -> Trial {
    let wanted = origin.origin.clone();
    let name = "the_origin_is_trusted";
    let see = see::TRUSTED_ORIGINS;
    Trial::new(
        Step::RedirectUri,
        name,
        see,
        [Need::TrustedOrigins],
        move |context| {
            let origins = context
                .seen
                .org
                .trusted_origins
                .as_ref()
                .map_err(Clone::clone)?;
            let mut same = origins.iter().filter(|found| is_origin(found, &wanted));
            // Of one with a slash and one without, the one that takes part.
            let active = same.clone().find(|found| found.status.is_active());
            let found = active.or_else(|| same.next());
            let is_active = found.map(|found| takes_part("it", &found.status, Words::OBJECT));
            let is_active = is_active.transpose()?;
            let problem = match found {
                None => Some((Code::OriginMissing, "the org does not trust it".to_owned())),
                Some(found) if is_active == Some(false) => {
                    Some((Code::OriginInactive, format!("it is {}", found.status)))
                }
                Some(found) => ["CORS", "REDIRECT"]
                    .into_iter()
                    .find(|kind| !found.scopes.iter().any(|scope| scope.kind == *kind))
                    .map(|kind| {
                        let less = format!("it is not trusted for {kind}");
                        (Code::OriginTrustedForLess, less)
                    }),
            };
            Ok(Judgement::when(problem.is_none(), || Finding {
                found: problem
                    .as_ref()
                    .map_or(Code::OriginMissing, |(code, _)| *code)
                    .into(),
                expected: format!("`{wanted}` trusted for CORS and Redirect"),
                actual: problem.map(|(_, what)| what).unwrap_or_default(),
                fix: Fix::new(
                    "Security > API > Trusted Origins > Add Origin: CORS and Redirect",
                    "POST /api/v1/trustedOrigins",
                ),
            }))
        },
    )
    .about(Subject::case(&origin.origin))
    .advised()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::whole_label("https://*.example.com/cb", true)]
    #[case::part_of_a_label("https://preview-*.example.com/cb", true)]
    #[case::itself("https://preview-7.example.com/cb", false)]
    #[case::another_path("https://*.example.com/callback", false)]
    #[case::a_higher_label("https://preview-7.*.com/cb", false)]
    #[case::over_two_labels("https://*.com/cb", false)]
    #[case::no_https("http://*.example.com/cb", false)]
    fn a_wildcard_is_of_one_label(#[case] registered: &str, #[case] fits: bool) {
        let wanted = "https://preview-7.example.com/cb";
        assert_eq!(has_wildcard_for(registered, wanted), fits);
    }
}
