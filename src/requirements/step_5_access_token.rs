//! Step 5: the access token, claim by claim, as a custom authorization server of Okta makes it.

use std::collections::BTreeSet;

use serde_json::Value;

use super::claims::{
    Checked, Kind, View, Wrong, claim_trial, equal, explains_refusal, explains_unreadable, header,
    issuer, signature_trial, sole, token_id, version, with,
};
use super::found::Code;
use super::provider::{weigh, weigh_user};
use super::rests_on;
use super::see::ACCESS_TOKEN;
use super::step_3a_authorization_server::of_variable;
use super::step_5_authorize::{granted, main_authorizations};
use super::step_5_fixes::mend_token;
use super::subject::Subject;
use super::times::{authenticated_at, issued_at, lifetime};
use super::token_form::{
    access_token_type, authorized_party, fits_into_a_header, no_secret, nothing_of_the_person,
    says_nothing_twice,
};
use super::topic::Topic;
use super::trial::{Fix, Trial};
use super::whose_token::{first_there, subject, user_id};
use crate::model::{Flow, OrgModel, Provider};
use crate::observation::{AuthorizationKey, Need, Symptom};

/// A check by name, its code, the claim that it is about, and its fix.
type Check = (
    &'static str,
    Code,
    &'static str,
    fn() -> Fix,
    fn(&View<'_>) -> Checked,
);

/// What an API looks at before it lets a token in: it explains a refusal.
const AT_THE_DOOR: [Check; 7] = [
    (
        "the_access_token_has_the_type_of_no_other_token",
        Code::TokenTyped,
        "typ",
        mend_token,
        access_token_type,
    ),
    (
        "the_access_token_says_nothing_twice",
        Code::TokenRepeats,
        "",
        mend_token,
        says_nothing_twice,
    ),
    (
        "the_access_token_has_an_rs256_header",
        Code::AccessTokenAlgorithm,
        "alg",
        mend_token,
        header,
    ),
    (
        "the_access_token_names_the_issuer",
        Code::AccessTokenIssuer,
        "iss",
        mend_token,
        issuer,
    ),
    (
        "the_access_token_is_for_the_audience",
        Code::AccessTokenAudience,
        "aud",
        mend_audience,
        audience,
    ),
    (
        "the_access_token_was_issued_now",
        Code::AccessTokenIssuedAt,
        "iat",
        mend_token,
        issued_at,
    ),
    (
        "the_access_token_names_the_client",
        Code::AccessTokenClient,
        "cid",
        mend_token,
        client_id,
    ),
];

const CHECKS: [Check; 6] = [
    (
        "the_access_token_holds_no_secret",
        Code::TokenSecret,
        "",
        mend_claims,
        no_secret,
    ),
    (
        "the_access_token_lives_as_long_as_its_rule_says",
        Code::AccessTokenLifetime,
        "exp",
        mend_rule,
        rule_lifetime,
    ),
    (
        "expires_in_is_the_lifetime_of_the_access_token",
        Code::ExpiresInOther,
        "exp",
        mend_token,
        expires_in,
    ),
    (
        "the_access_token_says_when_the_user_signed_in",
        Code::AccessTokenAuthTime,
        "auth_time",
        mend_token,
        authenticated_at,
    ),
    (
        "the_access_token_has_version_1",
        Code::AccessTokenVersion,
        "ver",
        mend_token,
        version,
    ),
    (
        "the_access_token_has_an_id_of_its_own",
        Code::AccessTokenId,
        "jti",
        mend_token,
        token_id,
    ),
];

/// What is better so, and stops nobody.
const ADVISED: [Check; 2] = [
    (
        "the_access_token_fits_into_a_header",
        Code::TokenTooLong,
        "",
        mend_claims,
        fits_into_a_header,
    ),
    (
        "the_access_token_holds_no_personal_data",
        Code::TokenPersonal,
        "",
        mend_claims,
        nothing_of_the_person,
    ),
];

/// The trials of the tokens that come by one flow.
pub(super) fn trials(model: &OrgModel, flow: Flow) -> Vec<Trial> {
    let mut trials = Vec::new();
    for key in main_authorizations(model, flow) {
        let claim = |(name, code, claim, fix, check): Check| {
            let trial = claim_trial(&key, Kind::Access, code, name, ACCESS_TOKEN, fix, check);
            (trial, claim)
        };
        let weighed =
            |(trial, claim)| weigh(trial, model.provider.promises_in_access_tokens(claim));
        let name = "the_access_token_is_signed_by_a_published_key";
        let signature = signature_trial(
            &key,
            Kind::Access,
            Code::AccessTokenSignature,
            name,
            ACCESS_TOKEN,
        );
        let at_the_door = AT_THE_DOOR.into_iter().map(claim).map(weighed);
        let signature = explains_refusal(signature, &key);
        trials.push(explains_unreadable(signature, Kind::Access, &key));
        trials.extend(at_the_door.map(|trial| explains_refusal(trial, &key)));
        trials.extend(CHECKS.into_iter().map(claim).map(weighed));
        let advised = ADVISED.into_iter().map(claim);
        trials.extend(advised.map(|(trial, _)| trial.advised()));
        let name = "the_access_token_names_the_user";
        let (user, _) = claim((name, Code::AccessTokenUser, "uid", mend_token, user_id));
        trials.push(with(Need::Users, weigh_user(user, model.provider)));
        let name = "the_access_token_has_the_login_as_subject";
        let (trial, about) = claim((name, Code::AccessTokenSubject, "sub", mend_subject, subject));
        trials.push(weighed((trial.advised(), about)));
    }
    trials.extend(granted(model, flow).map(|key| holds_the_scopes(&key)));
    let trials = trials.into_iter();
    trials.map(|trial| trial.by_flow(model, flow)).collect()
}

fn holds_the_scopes(key: &AuthorizationKey) -> Trial {
    let name = "the_access_token_holds_exactly_the_scopes_asked_for";
    let cause = key.clone();
    claim_trial(
        key,
        Kind::Access,
        Code::AccessTokenScopes,
        name,
        ACCESS_TOKEN,
        mend_rule,
        scopes,
    )
    .about(Subject::authorization(key))
    .explains_of(
        Topic::Authorization(key.clone()),
        move |_, symptom| matches!(symptom, Symptom::Refused { key, .. } if *key == cause),
    )
}

fn scopes(view: &View<'_>) -> Checked {
    let wanted = view.answer.key.request.with_openid();
    let claims = view.context.model.provider.scope_claims();
    let expected = format!(
        "{}: exactly {}",
        claims.join(" or "),
        view.answer.key.request.parameter()
    );
    for claim in claims {
        view.claim(claim);
    }
    let provider = view.context.model.provider;
    let list = view.token.scopes(claims);
    if list.is_none() && !provider.holds(&wanted, &BTreeSet::new()) {
        return Err(no_scopes(view, expected, claims));
    }
    let list = list.unwrap_or_default();
    let found: BTreeSet<String> = list.iter().map(|scope| (*scope).to_owned()).collect();
    if !provider.holds(&wanted, &found) || list.len() != found.len() {
        return Err(Wrong::new(expected, format!("scp: {}", list.join(" "))));
    }
    let Some((claim, scope)) = named_elsewhere(view, &wanted) else {
        return Ok(());
    };
    let gives = format!("the claim `{claim}` names `{scope}`: an API that reads it gives that");
    let claims = "Security > API > Authorization Servers > the server > Claims";
    Err(Wrong::new(expected, gives).mended_by(Fix::new(
        format!("step 3a: {claims}: delete `{claim}` of access tokens, or what a hook puts there"),
        "GET /api/v1/authorizationServers/{authServerId}/claims",
    )))
}

/// No scopes can be read: none are there, or they are in another form than they must be.
fn no_scopes(view: &View<'_>, expected: String, claims: &[&str]) -> Wrong {
    let mut found = claims
        .iter()
        .filter_map(|claim| Some((claim, view.claim(claim)?)));
    let Some((claim, value)) = found.next() else {
        return Wrong::new(expected, format!("{}: not there", claims.join(" and ")));
    };
    let form = match value {
        Value::Array(_) => "a list, but not of texts alone",
        Value::String(_) => "a text, and not a list of texts",
        _ => "no list of texts",
    };
    // Okta makes a list of it, whatever rule granted the scopes.
    Wrong::new(expected, format!("{claim}: {form}")).mended_by(mend_token())
}

/// A scope of the model that was not asked for, in another claim that APIs read scopes from: `scp`
/// is Okta's, `scope` that of RFC 9068 section 2.2.3 and `scopes` that of many libraries.
fn named_elsewhere(view: &View<'_>, wanted: &BTreeSet<String>) -> Option<(&'static str, String)> {
    let context = view.context;
    let is_other = |word: &&str| {
        let mut scopes = context.model.scopes.iter();
        !wanted.contains(*word) && scopes.any(|scope| scope.name.get_ref().as_str() == *word)
    };
    let is_meant = |claim: &str| {
        context
            .model
            .claims
            .iter()
            .any(|meant| meant.name.get_ref() == claim)
    };
    let claims = ["scp", "scope", "scopes"].into_iter();
    let claims = claims.filter(|claim| !is_meant(claim));
    let mut named = claims.filter_map(|claim| {
        let words = match view.token.text(claim) {
            Some(text) => text.split([' ', ',']).collect(),
            None => view.token.list(claim)?,
        };
        words
            .into_iter()
            .find(is_other)
            .map(|word| (claim, word.to_owned()))
    });
    named.next()
}

fn audience(view: &View<'_>) -> Checked {
    let context = view.context;
    sole(view, "aud", &context.facts.audience).map_err(|wrong| {
        let named = view.token.text("aud").map(str::to_owned);
        let variable = of_variable(context, named.as_slice());
        if variable.is_empty() {
            return wrong;
        }
        // Who changes the server's audience to the variable's has the API refuse all tokens.
        wrong.mended_by(audience_fix(&variable))
    })
}

fn rule_lifetime(view: &View<'_>) -> Checked {
    let Some(minutes) = view.answer.minutes(view.context) else {
        view.cannot_tell("the org model gives the request no lifetime");
        return Ok(());
    };
    lifetime(view, i64::from(minutes) * 60).inspect_err(|_| {
        let times = view.token.number("exp").zip(view.token.number("iat"));
        let rule = view
            .context
            .given_by(view.answer.key)
            .map(|given| given.rule);
        if let (Some((exp, iat)), Some(rule)) = (times, rule) {
            let lives = rests_on::lifetime_words(&rule, exp.saturating_sub(iat));
            view.keep(rests_on::LIFETIMES, lives);
            view.keep(rests_on::RULES, rule);
        }
    })
}

fn expires_in(view: &View<'_>) -> Checked {
    let told: Option<i64> = view
        .answer
        .tokens
        .expires_in
        .as_deref()
        .and_then(|text| text.parse().ok());
    let lives = view
        .token
        .number("exp")
        .zip(view.number("iat"))
        .map(|(exp, iat)| exp.saturating_sub(iat));
    let expected = "expires_in = exp - iat, in seconds".to_owned();
    let is_okta = view.context.model.provider == Provider::Okta;
    match (told, lives) {
        (None, Some(_)) if view.answer.tokens.expires_in.is_none() && !is_okta => {
            view.remark("expires_in is not told, which RFC 6749 section 5.1 recommends");
            Ok(())
        }
        (Some(told), Some(lives)) if told.abs_diff(lives) <= 1 => Ok(()),
        (told, lives) => Err(Wrong::new(
            expected,
            format!("expires_in {}, exp - iat {}", number(told), number(lives)),
        )),
    }
}

/// A number, or that it is none.
fn number(found: Option<i64>) -> String {
    found.map_or_else(
        || "no number of seconds".to_owned(),
        |found| found.to_string(),
    )
}

/// By the first of the claims that is there.
fn client_id(view: &View<'_>) -> Checked {
    let claim = first_there(view, view.context.model.provider.client_claims());
    equal(claim, view.claim(claim), &view.context.facts.client_id)?;
    authorized_party(view)
}

fn mend_audience() -> Fix {
    audience_fix("")
}

fn audience_fix(first: &str) -> Fix {
    Fix::new(
        format!(
            "{first}Security > API > Authorization Servers > the server > Settings > Edit > \
             Audience"
        ),
        "PUT /api/v1/authorizationServers/{authServerId} with \"audiences\"",
    )
}

fn mend_claims() -> Fix {
    Fix::new(
        "Security > API > Authorization Servers > the server > Claims: take away what nobody asked \
         for, or narrow its filter",
        "GET /api/v1/authorizationServers/{authServerId}/claims",
    )
}

fn mend_rule() -> Fix {
    Fix::new(
        "Security > API > Authorization Servers > the server > Access Policies: another rule than \
         the model's was the first to match (order, scopes, lifetime), or its token inline hook \
         says otherwise",
        "GET /api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules",
    )
}

fn mend_subject() -> Fix {
    Fix::new(
        "Security > API > Authorization Servers > the server > Claims > sub: the default is \
         (appuser != null) ? appuser.userName : app.clientId",
        "PUT /api/v1/authorizationServers/{authServerId}/claims/{claimId of sub}",
    )
}
