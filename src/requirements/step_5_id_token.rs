//! Step 5: the ID token, claim by claim (OpenID Connect Core 3.1.3.7 and 3.2.2.11, and Okta's own
//! claims).

use super::claims::{
    Checked, Kind, View, Wrong, claim_trial, equal, explains_unreadable, header, issuer, present,
    shown, signature_trial, sole, token_id, version, with,
};
use super::every_answer::By;
use super::found::Code;
use super::provider::weigh;
use super::see::ID_TOKEN;
use super::step_5_authorize::main_authorizations;
use super::step_5_fixes::mend_token;
use super::times::{LEEWAY_SECONDS, authenticated_at, issued_at, lifetime, org_time, within};
use super::token_form::{
    authorized_party, id_token_type, no_secret, nothing_of_the_person, says_nothing_twice,
};
use super::trial::Trial;
use crate::model::{Flow, OrgModel, Provider};
use crate::observation::Need;
use crate::openid::half_hash;

/// Okta's ID tokens live an hour, which cannot be changed.
const LIFETIME_SECONDS: i64 = 3600;

/// A check by name, its code, and the claim that it is about.
type Check = (&'static str, Code, &'static str, fn(&View<'_>) -> Checked);

const CHECKS: [Check; 15] = [
    (
        "the_id_token_says_nothing_twice",
        Code::TokenRepeats,
        "",
        says_nothing_twice,
    ),
    (
        "the_id_token_has_the_type_of_no_other_token",
        Code::TokenTyped,
        "typ",
        id_token_type,
    ),
    (
        "the_id_token_names_no_other_party",
        Code::IdTokenParty,
        "azp",
        authorized_party,
    ),
    (
        "the_id_token_holds_no_secret",
        Code::TokenSecret,
        "",
        no_secret,
    ),
    (
        "the_id_token_has_an_rs256_header",
        Code::IdTokenAlgorithm,
        "alg",
        header,
    ),
    (
        "the_id_token_names_the_issuer",
        Code::IdTokenIssuer,
        "iss",
        issuer,
    ),
    (
        "the_id_token_is_for_the_client",
        Code::IdTokenAudience,
        "aud",
        audience,
    ),
    (
        "the_id_token_was_issued_now",
        Code::IdTokenIssuedAt,
        "iat",
        issued_at,
    ),
    (
        "the_id_token_says_when_the_user_signed_in",
        Code::IdTokenAuthTime,
        "auth_time",
        authenticated_at,
    ),
    (
        "the_id_token_has_the_nonce_that_was_sent",
        Code::IdTokenNonce,
        "nonce",
        nonce,
    ),
    (
        "the_id_token_has_the_hash_of_the_access_token",
        Code::IdTokenAccessTokenHash,
        "at_hash",
        access_token_hash,
    ),
    (
        "the_id_token_has_version_1",
        Code::IdTokenVersion,
        "ver",
        version,
    ),
    (
        "the_id_token_has_an_id_of_its_own",
        Code::IdTokenId,
        "jti",
        token_id,
    ),
    (
        "the_id_token_says_how_the_user_signed_in",
        Code::IdTokenMethods,
        "amr",
        methods,
    ),
    (
        "the_id_token_names_the_identity_provider",
        Code::IdTokenIdentityProvider,
        "idp",
        identity_provider,
    ),
];

/// The trials of the tokens that come by one flow.
pub(super) fn trials(model: &OrgModel, flow: Flow) -> Vec<Trial> {
    let mut trials = Vec::new();
    for key in main_authorizations(model, flow) {
        let claim = |(name, code, claim, check): Check| {
            let trial = claim_trial(&key, Kind::Id, code, name, ID_TOKEN, mend_token, check);
            weigh(trial, model.provider.promises_in_id_tokens(claim))
        };
        let name = "the_id_token_is_signed_by_a_published_key";
        let signature = signature_trial(&key, Kind::Id, Code::IdTokenSignature, name, ID_TOKEN);
        trials.push(explains_unreadable(signature, Kind::Id, &key));
        trials.extend(CHECKS.into_iter().map(claim));
        trials.push(claim(lives(model.provider)));
        let name = "the_id_token_holds_no_personal_data";
        let personal: Check = (name, Code::TokenPersonal, "", nothing_of_the_person);
        trials.push(claim(personal).advised());
        let name = "the_id_token_has_the_user_as_subject";
        trials.push(with(
            Need::Users,
            claim((name, Code::IdTokenSubject, "sub", subject)),
        ));
    }
    let trials = trials.into_iter();
    trials.map(|trial| trial.by_flow(model, flow)).collect()
}

fn audience(view: &View<'_>) -> Checked {
    sole(view, "aud", &view.context.facts.client_id)
}

/// How long an ID token lives is told by Okta alone; anybody's must not be over when it comes.
const fn lives(provider: Provider) -> Check {
    match provider {
        Provider::Okta => (
            "the_id_token_lives_an_hour",
            Code::IdTokenLifetime,
            "exp",
            hour,
        ),
        Provider::Generic => (
            "the_id_token_has_not_expired",
            Code::IdTokenLifetime,
            "exp",
            not_expired,
        ),
    }
}

fn hour(view: &View<'_>) -> Checked {
    lifetime(view, LIFETIME_SECONDS)
}

fn not_expired(view: &View<'_>) -> Checked {
    let now = org_time(view, view.answer.tokens.received) - LEEWAY_SECONDS;
    within(
        "exp",
        view,
        now,
        i64::MAX,
        "a time that is to come, in seconds",
    )
}

fn nonce(view: &View<'_>) -> Checked {
    let expected = "the nonce that was sent".to_owned();
    view.claim("nonce");
    // Refreshed tokens need none; one that is there is that of the sign-in (OpenID Connect Core
    // section 12.2).
    if view.answer.by == By::RefreshToken && view.token.claims.get("nonce").is_none() {
        return Ok(());
    }
    match view.token.text("nonce") {
        Some(found) if found == view.answer.authorization.nonce => Ok(()),
        Some(_) => Err(Wrong::new(expected, "another nonce")),
        None => Err(Wrong::new(expected, "no nonce")),
    }
}

/// `at_hash` may be absent where the tokens did not come through the browser (OpenID Connect Core
/// 3.1.3.6); one that is there must be right.
fn access_token_hash(view: &View<'_>) -> Checked {
    let found = view.claim("at_hash");
    if found.is_none() && view.answer.key.flow == Flow::Code {
        return Ok(());
    }
    equal("at_hash", found, &half_hash(&view.answer.tokens.access))
}

/// `amr` holds `pwd` at least: RFC 8176, and the password that was typed.
fn methods(view: &View<'_>) -> Checked {
    let found = view.claim("amr");
    let listed = view.token.list("amr").unwrap_or_default();
    if listed.contains(&"pwd") {
        return Ok(());
    }
    Err(Wrong::new("amr: an array with `pwd`", shown(found)))
}

/// `idp` is the org's id for its own users, or the id of another identity provider.
fn identity_provider(view: &View<'_>) -> Checked {
    present(view, "idp", |value| {
        value.as_str().is_some_and(|idp| !idp.is_empty())
    })
}

/// `sub` is the user's id in the directory, where it is known; else the one of the access token.
/// Of another provider it is known alone that no two users have one (OpenID Connect Core section
/// 5.7).
fn subject(view: &View<'_>) -> Checked {
    let found = view.claim("sub");
    view.is_as_in_document("sub")?;
    if let Ok(Some(user)) = view.context.seen.org.user(&view.answer.key.user) {
        return equal("sub", found, &user.user.id);
    }
    present(view, "sub", |value| {
        value.as_str().is_some_and(|sub| !sub.is_empty())
    })?;
    if !view.context.model.provider.has_management_api() {
        return is_nobody_elses(view);
    }
    let access_token = view.answer.tokens.access_token.as_ref();
    let Some(id) = access_token.ok().and_then(|token| token.text("uid")) else {
        view.cannot_tell("no audit and no `uid` in the access token to compare `sub` with");
        return Ok(());
    };
    equal("sub (as the access token's uid)", found, id)
}

fn is_nobody_elses(view: &View<'_>) -> Checked {
    let own = view.token.text("sub");
    let mut others = view.context.seen.subjects();
    let same =
        others.find(|(user, subject)| *user != view.answer.key.user && Some(*subject) == own);
    same.map_or(Ok(()), |(user, _)| {
        let expected = "a `sub` that no other test user has".to_owned();
        Err(Wrong::new(expected, format!("{user} has it too")))
    })
}
