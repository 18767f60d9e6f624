//! Step 5: the claims of the model, in the tokens of each test user for each request.
//!
//! Okta leaves a claim out whose expression is null, and makes one of groups an array (its
//! reference "OpenID Connect and OAuth 2.0", custom claims). Whether an empty list of groups is
//! there or not, it does not say: both will do.

use std::collections::BTreeSet;

use serde_json::Value;

use super::claims::{Checked, Kind, View, Wrong, claim_trial, equal, shown, with};
use super::context;
use super::found::Code;
use super::rests_on;
use super::see;
use super::step_3a_claims::the_claim;
use super::step_5_authorize::{granted, main_authorizations};
use super::subject::Subject;
use super::trial::{Fix, Trial};
use crate::management::found::FoundClaim;
use crate::model::{Claim, ClaimToken, ClaimValue, Flow, GroupFilter, MustSee, OrgModel, TestUser};
use crate::observation::{AuthorizationKey, FoundTestUser, Need};

/// The trials of the tokens that come by one flow.
pub(super) fn trials(model: &OrgModel, flow: Flow) -> Vec<Trial> {
    if model.claims.is_empty() {
        return Vec::new();
    }
    let mut trials = Vec::new();
    for key in granted(model, flow) {
        let claims = model.claims.iter();
        trials.extend(claims.map(|claim| in_its_token(model, &key, claim)));
    }
    for key in main_authorizations(model, flow) {
        let claims = model
            .claims
            .iter()
            .filter(|claim| is_of_one_token(model, claim));
        trials.extend(claims.map(|claim| in_the_other_token(&key, claim)));
    }
    let trials = trials.into_iter();
    trials.map(|trial| trial.by_flow(model, flow)).collect()
}

/// Whether no claim of the name is in the other token.
fn is_of_one_token(model: &OrgModel, own: &Claim) -> bool {
    let mut claims = model.claims.iter();
    !claims.any(|claim| claim.name() == own.name() && claim.token != own.token)
}

fn kind(token: ClaimToken) -> Kind {
    match token {
        ClaimToken::Access => Kind::Access,
        ClaimToken::Id => Kind::Id,
    }
}

fn in_its_token(model: &OrgModel, key: &AuthorizationKey, claim: &Claim) -> Trial {
    let subject = Subject::claim_in(key, claim.name());
    let wanted = claim.clone();
    let kind = kind(claim.token);
    if !claim.comes_with(&key.request) {
        let name = match claim.token {
            ClaimToken::Access => "the_access_token_is_without_the_claim",
            ClaimToken::Id => "the_id_token_is_without_the_claim",
        };
        let code = extra(kind);
        let why = why_not(claim);
        let fix = fix_of(claim);
        let check = move |view: &View<'_>| absent(view, &wanted, &why);
        return claim_trial(key, kind, code, name, see::CLAIMS, fix, check).about(subject);
    }
    let name = match claim.token {
        ClaimToken::Access => "the_access_token_has_the_claim",
        ClaimToken::Id => "the_id_token_has_the_claim",
    };
    let looks_at_the_user = model.user(&key.user).is_some_and(|user| {
        matches!(
            claim.must_see(user),
            MustSee::Attribute(_) | MustSee::Groups(_)
        )
    });
    let check = move |view: &View<'_>| present(view, &wanted);
    let code = match claim.token {
        ClaimToken::Access => Code::AccessTokenClaim,
        ClaimToken::Id => Code::IdTokenClaim,
    };
    let fix = fix_of(claim);
    let trial = claim_trial(key, kind, code, name, see::CLAIMS, fix, check).about(subject);
    if looks_at_the_user {
        with(Need::Users, trial)
    } else {
        trial
    }
}

/// The code of a claim that should not be in a token.
fn extra(kind: Kind) -> Code {
    match kind {
        Kind::Access => Code::AccessTokenClaimExtra,
        Kind::Id => Code::IdTokenClaimExtra,
    }
}

/// Why a token is without the claim.
fn why_not(claim: &Claim) -> String {
    let scopes: Vec<&str> = claim.scope_names().collect();
    if claim.token == ClaimToken::Id && !claim.always {
        return "it is told by the userinfo endpoint alone (`always = false`)".to_owned();
    }
    format!("it comes with the scope {} alone", scopes.join(" or "))
}

fn in_the_other_token(key: &AuthorizationKey, claim: &Claim) -> Trial {
    let (other, name) = match claim.token {
        ClaimToken::Access => (
            Kind::Id,
            "the_id_token_is_without_the_claim_of_access_tokens",
        ),
        ClaimToken::Id => (
            Kind::Access,
            "the_access_token_is_without_the_claim_of_id_tokens",
        ),
    };
    let own = claim.clone();
    let why = format!("it is a claim of {} alone", claim.token.plural());
    let check = move |view: &View<'_>| absent(view, &own, &why);
    claim_trial(
        key,
        other,
        extra(other),
        name,
        see::CLAIMS,
        fix_of(claim),
        check,
    )
    .about(Subject::claim_in(key, claim.name()))
}

fn fix_of(claim: &Claim) -> impl Fn() -> Fix + Send + Sync + use<> {
    let name = claim.name().to_owned();
    move || {
        Fix::new(
            format!(
                "Security > API > Authorization Servers > the server > Claims > {name} > Edit: \
                 token type, value and scopes; and Directory > People > the user > Profile"
            ),
            "GET /api/v1/authorizationServers/{authServerId}/claims",
        )
    }
}

fn absent(view: &View<'_>, claim: &Claim, why: &str) -> Checked {
    let name = claim.name();
    match view.claim(name) {
        None => Ok(()),
        found => {
            let wrong = Wrong::new(
                format!("no claim `{name}`: {why}"),
                format!("{name}: {}", shown(found)),
            );
            let second = second_of_the_name(view, claim);
            Err(match second {
                Some(second) => wrong.mended_by(mend_second(second)),
                None => wrong,
            })
        }
    }
}

/// Another active claim of the name in this token, which is none of the model's: where there is
/// one, the claim of the model is as it should be, or is judged by itself.
fn second_of_the_name<'v>(view: &View<'v>, claim: &Claim) -> Option<&'v FoundClaim> {
    let kind = match view.kind {
        Kind::Access => ClaimToken::Access,
        Kind::Id => ClaimToken::Id,
    };
    let claims = view.context.seen.org.claims.as_ref().ok()?;
    let own = view.context.model.claims.iter();
    let own: Vec<&str> = own
        .filter_map(|own| Some(the_claim(own, claims)?.id.as_str()))
        .collect();
    claims.iter().find(|found| {
        found.name == claim.name()
            && found.claim_type == kind.claim_type()
            && found.status.is_active()
            && !own.contains(&found.id.as_str())
    })
}

fn mend_second(second: &FoundClaim) -> Fix {
    let value = second.value.as_deref().unwrap_or_default();
    let tokens = second.tokens().unwrap_or("tokens");
    Fix::new(
        format!(
            "step 3a: Security > API > Authorization Servers > the server > Claims: delete the \
             claim `{}` of {tokens} with the value `{value}`, which the org model does not have, \
             and leave the other one of that name as it is",
            second.name
        ),
        format!(
            "DELETE /api/v1/authorizationServers/{{authServerId}}/claims/{}",
            second.id
        ),
    )
}

fn present(view: &View<'_>, claim: &Claim) -> Checked {
    let Some(user) = view.context.model.user(&view.answer.key.user) else {
        view.cannot_tell("the org model has no such user");
        return Ok(());
    };
    let found = view.claim(claim.name());
    let checked = match claim.must_see(user) {
        MustSee::Value(value) => same(claim.name(), found, value).inspect_err(|_| {
            if let ClaimValue::Profile(attribute) = claim.value() {
                view.keep(rests_on::ATTRIBUTES, attribute.as_str());
            }
        }),
        MustSee::Text(text) => equal(claim.name(), found, text),
        MustSee::Attribute(attribute) => as_in_the_profile(view, claim, attribute, found),
        MustSee::Groups(filter) => Groups { view, user, filter }.check(claim.name(), found),
        MustSee::Unsaid => {
            view.cannot_tell("the org model does not say what the user sees in the claim");
            Ok(())
        }
    };
    if checked.is_err() && found.is_none() {
        let tokens = claim.token.plural();
        view.lacks(context::claim(claim.name(), tokens, user.name()));
    }
    checked
}

/// A claim that is this value; of a list, the order makes no difference, and an empty one may be
/// left out.
fn same(name: &str, found: Option<&Value>, wanted: &Value) -> Checked {
    let is_same = match (found, wanted) {
        (_, Value::String(text)) => return equal(name, found, text),
        (Some(Value::Array(found)), Value::Array(wanted)) => sorted(found) == sorted(wanted),
        (None, Value::Array(wanted)) => wanted.is_empty(),
        (found, wanted) => found == Some(wanted),
    };
    if is_same {
        return Ok(());
    }
    let expected = format!("{name} = {}", shown(Some(wanted)));
    Err(Wrong::new(expected, shown(found)))
}

fn sorted(items: &[Value]) -> Vec<String> {
    let mut items: Vec<String> = items.iter().map(Value::to_string).collect();
    items.sort_unstable();
    items
}

/// The test user in the org; none, where it was not seen, which is then the reason.
fn user_of<'v>(view: &View<'v>) -> Option<&'v FoundTestUser> {
    match view.context.seen.org.user(&view.answer.key.user) {
        Ok(Some(found)) => Some(found),
        Ok(None) => {
            view.cannot_tell("the org shows no user of that login");
            None
        }
        Err(reason) => {
            view.cannot_see(reason);
            None
        }
    }
}

fn as_in_the_profile(
    view: &View<'_>,
    claim: &Claim,
    attribute: &str,
    found: Option<&Value>,
) -> Checked {
    let Some(user) = user_of(view) else {
        return Ok(());
    };
    let profile = &user.user.profile;
    let login = Value::from(profile.login.as_str());
    let own = if attribute == "login" {
        Some(&login)
    } else {
        profile.other.get(attribute)
    };
    let own = own.filter(|own| !own.is_null() && *own != "");
    match (own, found) {
        (Some(own), Some(found)) if own == found => Ok(()),
        (Some(own), found) => Err(Wrong::new(
            format!("{} = {own}, as the user's profile says", claim.name()),
            shown(found),
        )),
        (None, None) => {
            view.cannot_tell(&format!(
                "the profile of {} has no {attribute}, so that there is nothing to see: give it \
                 one (Directory > People > the user > Profile)",
                view.answer.key.user
            ));
            Ok(())
        }
        (None, found) if found.and_then(Value::as_str) == Some("") => Ok(()),
        (None, found) => Err(Wrong::new(
            format!("no {}: the user's profile has no {attribute}", claim.name()),
            shown(found),
        )),
    }
}

/// The groups that a test user must see, by the model, and the others that the user is in.
struct Groups<'a, 'v> {
    view: &'a View<'v>,
    user: &'a TestUser,
    filter: &'a GroupFilter,
}

impl Groups<'_, '_> {
    /// Every group of the user that the filter lets through, and no other. A group that the model
    /// does not have may be one that the user is in: only the org knows.
    fn check(&self, name: &str, found: Option<&Value>) -> Checked {
        let own: BTreeSet<&str> = self.user.all_group_names().collect();
        let fitting = |answer: Option<bool>| {
            let own = own.iter().copied();
            own.filter(move |group| self.filter.lets_through(group) == answer)
        };
        let must: BTreeSet<&str> = fitting(Some(true)).collect();
        let expected = format!("{name}: exactly {}", words(&must));
        let Some(listed) = list(found) else {
            let form = if found.is_some_and(Value::is_array) {
                "a list, but not of texts alone"
            } else {
                "no list of texts"
            };
            let wanted = format!("{name}: a list of exactly {}", words(&must));
            return Err(Wrong::new(wanted, format!("{form}: {}", shown(found))));
        };
        let seen: BTreeSet<&str> = listed.iter().copied().collect();
        if !must.is_subset(&seen) || seen.len() != listed.len() {
            return Err(Wrong::new(expected, shown(found)));
        }
        let may: BTreeSet<&str> = fitting(None).collect();
        let mut more = seen.into_iter().filter(|group| !must.contains(group));
        if more.any(|group| !may.contains(group) && !self.is_own(group)) {
            return Err(Wrong::new(expected, shown(found)));
        }
        if let Some(group) = may.first() {
            self.view.remark(&format!(
                "Okta does not say whether a regular expression must fit the whole name: `{group}` \
                 may be listed or not"
            ));
        }
        Ok(())
    }

    /// Whether the user is in a group of the org that the model does not have.
    fn is_own(&self, group: &str) -> bool {
        let mut of_model = self.view.context.model.groups.iter();
        if of_model.any(|known| known.name == group)
            || self.filter.lets_through(group) == Some(false)
        {
            return false;
        }
        let Some(found) = user_of(self.view) else {
            return true;
        };
        found.groups.iter().any(|own| own.profile.name == group)
    }
}

/// The names in a claim of groups; one that is not there has none.
fn list(found: Option<&Value>) -> Option<Vec<&str>> {
    match found {
        None => Some(Vec::new()),
        Some(found) => found.as_array()?.iter().map(Value::as_str).collect(),
    }
}

fn words(names: &BTreeSet<&str>) -> String {
    if names.is_empty() {
        return "no group".to_owned();
    }
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(" and ")
}
