//! What protects a user is judged of every answer of a run, and not of the document's own alone; and
//! whose tokens they are is known by what was seen alone.
//!
//! A right org is looked at, and what came of one other request is altered: exactly the trials of
//! the user turn red that are about it, and say of which request they are.

use std::collections::BTreeSet;

use okta_e2e::exchange::ApiCall;
use okta_e2e::judgement::{Outcome, judge};
use okta_e2e::model::Flow;
use okta_e2e::observation::{
    ApiAnswer, Authorization, AuthorizationKey, Cause, Outcome as Came, TokenAnswer, Tokens,
    authorization,
};
use okta_e2e::openid::{Jwt, Response};
use okta_e2e::requirements::Remembered;
use okta_sandbox::Sandbox;
use rstest::rstest;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use crate::blind_runs::Sight;
use crate::support::world::World;

const WEEK: i64 = 7 * 24 * 60 * 60;
const STRANGER: &str = "stranger@example.com";

fn tokens(seen: &mut Authorization) -> &mut Tokens {
    match &mut seen.outcome {
        Came::Tokens { tokens, .. } => tokens,
        Came::Denied { text, .. } => panic!("no tokens: {text}"),
    }
}

fn access(tokens: &mut Tokens) -> &mut Jwt {
    tokens.access_token.as_mut().expect("a token")
}

fn id(tokens: &mut Tokens) -> &mut Jwt {
    let token = tokens.id_token.as_mut().expect("an ID token");
    token.as_mut().expect("a token")
}

fn set(token: &mut Jwt, claim: &str, value: impl Into<Value>) {
    token.claims.insert(claim.to_owned(), value.into());
}

fn shift(token: &mut Jwt, claim: &str, seconds: i64) {
    let time = token.number(claim).expect("a time");
    set(token, claim, time + seconds);
}

/// The same token, with another signature.
fn resigned(token: &SecretString) -> Jwt {
    let text = token.expose_secret();
    let (signed, signature) = text.rsplit_once('.').expect("a signature");
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let text = format!("{signed}.{first}{}", &signature[1..]);
    Jwt::decode(&text.into()).expect("a token")
}

fn foreign_access(tokens: &mut Tokens) {
    tokens.access_token = Ok(resigned(&tokens.access));
}

fn foreign_id(tokens: &mut Tokens) {
    let id = tokens.id.as_ref().expect("an ID token");
    tokens.id_token = Some(Ok(resigned(id)));
}

fn names(sight: &Sight<'_>, is_wanted: fn(&Outcome) -> bool) -> BTreeSet<String> {
    let remembered = Remembered::default();
    let judged = judge(&sight.trials, &sight.context(&remembered));
    let wanted = judged.iter().filter(|judged| is_wanted(&judged.outcome));
    wanted.map(|judged| judged.trial.name()).collect()
}

const fn is_not_met(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::NotMet(_))
}

const fn is_not_checked(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::NotChecked { .. })
}

/// Exactly these trials of the user are not met, and each says of which request.
fn assert_red(sight: &Sight<'_>, user: &str, expected: &[&str], of: &str) {
    let expected = expected.iter();
    let expected: BTreeSet<String> = expected
        .map(|name| format!("step_5_authorize::{name}[{user}]"))
        .collect();
    assert_eq!(names(sight, is_not_met), expected, "not met");
    let remembered = Remembered::default();
    for judged in judge(&sight.trials, &sight.context(&remembered)) {
        if let Outcome::NotMet(finding) = &judged.outcome {
            let actual = &finding.actual;
            assert!(actual.starts_with(of), "{}: {actual}", judged.trial.name());
        }
    }
}

fn seen<'s>(sight: &'s mut Sight<'_>, key: &AuthorizationKey) -> &'s mut Authorization {
    let seen = sight.seen.authorizations.get_mut(key).expect("a request");
    seen.as_mut().expect("a look")
}

fn key(world: &World, user: &str, scopes: &[&str]) -> AuthorizationKey {
    let request = world.model.request_for(scopes);
    authorization(user, &request, Flow::Implicit)
}

#[rstest]
#[case::signature(foreign_access, &["the_access_token_is_signed_by_a_published_key"])]
#[case::algorithm(
    |tokens: &mut Tokens| drop(access(tokens).header.insert("alg".to_owned(), "RS512".into())),
    &["the_access_token_has_an_rs256_header"]
)]
#[case::type_of_another(
    |tokens: &mut Tokens| drop(access(tokens).header.insert("typ".to_owned(), "dpop+jwt".into())),
    &["the_access_token_has_the_type_of_no_other_token"]
)]
#[case::twice(
    |tokens: &mut Tokens| access(tokens).repeated = Some("sub".to_owned()),
    &["the_access_token_says_nothing_twice"]
)]
#[case::iss(
    |tokens: &mut Tokens| set(access(tokens), "iss", "https://other.example"),
    &["the_access_token_names_the_issuer"]
)]
#[case::aud(
    |tokens: &mut Tokens| set(access(tokens), "aud", "api://payroll"),
    &["the_access_token_is_for_the_audience"]
)]
#[case::cid(
    |tokens: &mut Tokens| set(access(tokens), "cid", "0oaother"),
    &["the_access_token_names_the_client"]
)]
#[case::uid(
    |tokens: &mut Tokens| set(access(tokens), "uid", "00ustranger"),
    &["the_access_token_names_the_user"]
)]
#[case::sub(
    |tokens: &mut Tokens| set(access(tokens), "sub", STRANGER),
    &["the_access_token_names_the_user"]
)]
#[case::iat(
    |tokens: &mut Tokens| {
        shift(access(tokens), "iat", -WEEK);
        shift(access(tokens), "exp", -WEEK);
    },
    &["the_access_token_was_issued_now"]
)]
#[case::exp(
    |tokens: &mut Tokens| {
        shift(access(tokens), "exp", WEEK);
        tokens.expires_in = Some((WEEK + 3600).to_string());
    },
    &["the_access_token_lives_as_long_as_its_rule_says"]
)]
#[case::expires_in(
    |tokens: &mut Tokens| tokens.expires_in = Some(WEEK.to_string()),
    &["expires_in_is_the_lifetime_of_the_access_token"]
)]
#[case::signature_of_the_id_token(foreign_id, &["the_id_token_is_signed_by_a_published_key"])]
#[case::algorithm_of_the_id_token(
    |tokens: &mut Tokens| drop(id(tokens).header.insert("alg".to_owned(), "RS512".into())),
    &["the_id_token_has_an_rs256_header"]
)]
#[case::iss_of_the_id_token(
    |tokens: &mut Tokens| set(id(tokens), "iss", "https://other.example"),
    &["the_id_token_names_the_issuer"]
)]
#[case::aud_of_the_id_token(
    |tokens: &mut Tokens| set(id(tokens), "aud", "0oaother"),
    &["the_id_token_is_for_the_client"]
)]
#[case::azp_of_the_id_token(
    |tokens: &mut Tokens| set(id(tokens), "azp", "0oaother"),
    &["the_id_token_names_no_other_party"]
)]
#[case::sub_of_the_id_token(
    |tokens: &mut Tokens| set(id(tokens), "sub", "00ustranger"),
    &["the_id_token_has_the_user_as_subject"]
)]
#[case::nonce(
    |tokens: &mut Tokens| set(id(tokens), "nonce", "other"),
    &["the_id_token_has_the_nonce_that_was_sent"]
)]
#[case::no_nonce(
    |tokens: &mut Tokens| drop(id(tokens).claims.remove("nonce")),
    &["the_id_token_has_the_nonce_that_was_sent"]
)]
#[case::at_hash(
    |tokens: &mut Tokens| set(id(tokens), "at_hash", "other"),
    &["the_id_token_has_the_hash_of_the_access_token"]
)]
#[case::iat_of_the_id_token(
    |tokens: &mut Tokens| {
        shift(id(tokens), "iat", -WEEK);
        shift(id(tokens), "exp", -WEEK);
    },
    &["the_id_token_was_issued_now"]
)]
#[case::exp_of_the_id_token(
    |tokens: &mut Tokens| shift(id(tokens), "exp", WEEK),
    &["the_id_token_lives_an_hour"]
)]
#[tokio::test]
async fn what_is_wrong_with_the_tokens_of_another_request_is_wrong(
    #[case] alter: fn(&mut Tokens),
    #[case] expected: &[&str],
) {
    let world = World::new().await;
    let mut sight = Sight::of(&world).await;
    let key = key(&world, "SILVER", &[]);
    alter(tokens(seen(&mut sight, &key)));
    assert_red(&sight, "SILVER", expected, "of `SILVER openid alone`: ");
}

/// Without an audit, the tokens of one user are compared with one another.
#[tokio::test]
async fn tokens_of_two_users_in_one_session_are_told_apart_without_an_audit() {
    let world = World::new().await;
    let mut sight = Sight::of(&world).await;
    sight.seen.org.users.clear();
    let key = key(&world, "SILVER", &[]);
    let tokens = tokens(seen(&mut sight, &key));
    set(access(tokens), "uid", "00ustranger");
    set(access(tokens), "sub", STRANGER);
    set(id(tokens), "sub", "00ustranger");
    let expected = [
        "the_access_token_names_the_user",
        "the_id_token_has_the_user_as_subject",
    ];
    assert_red(&sight, "SILVER", &expected, "of `SILVER openid alone`: ");
}

/// Several requests are told by the first, and how many more there are.
#[tokio::test]
async fn a_mistake_in_several_answers_is_told_once() {
    let world = World::new().await;
    let mut sight = Sight::of(&world).await;
    for scopes in [&[][..], &["http://myapp.com/scp/gold"]] {
        let key = key(&world, "GOLD", scopes);
        set(access(tokens(seen(&mut sight, &key))), "cid", "0oaother");
    }
    let expected = ["the_access_token_names_the_client"];
    let of = "of `GOLD openid alone`, and the like of 1 more: ";
    assert_red(&sight, "GOLD", &expected, of);
}

#[rstest]
#[case::state("state=other", "the_state_comes_back")]
#[case::no_state("", "the_state_comes_back")]
#[case::issuer("iss=https://other.example", "the_answer_names_no_other_issuer")]
#[tokio::test]
async fn what_is_wrong_with_the_redirect_of_another_request_is_wrong(
    #[case] instead: &str,
    #[case] expected: &str,
) {
    let world = World::new().await;
    let mut sight = Sight::of(&world).await;
    let key = key(&world, "SILVER", &[]);
    let seen = seen(&mut sight, &key);
    let state = if expected == "the_state_comes_back" {
        String::new()
    } else {
        format!("&state={}", seen.state)
    };
    let landed = format!("http://localhost/#access_token=a&id_token=b&{instead}{state}");
    let landed = Url::parse(&landed).expect("a URL");
    let Came::Tokens { response, .. } = &mut seen.outcome else {
        panic!("no tokens");
    };
    let redirect_uri = Url::parse("http://localhost/").expect("a URL");
    *response = Response::parse(&redirect_uri, &landed);
    assert_red(&sight, "SILVER", &[expected], "of `SILVER openid alone`: ");
}

/// What refuses a request that was never made refuses nothing.
#[rstest]
#[case::of_a_user_with_tokens("SILVER", &["the_state_comes_back"])]
#[case::of_a_user_without_any("NONE", &[])]
#[tokio::test]
async fn a_denial_with_another_state_denies_nothing(#[case] user: &str, #[case] expected: &[&str]) {
    let world = World::new().await;
    let mut sight = Sight::of(&world).await;
    let before = names(&sight, is_not_checked);
    let key = key(&world, user, &["http://myapp.com/scp/gold"]);
    seen(&mut sight, &key).state = "the one that was sent".to_owned();
    assert_red(&sight, user, expected, "of `SILVER gold`: another state");
    let mut unchecked = names(&sight, is_not_checked);
    unchecked.retain(|name| !before.contains(name));
    let denied = format!("step_5_authorize::the_user_is_denied_the_scopes[{user} gold]");
    assert_eq!(unchecked, BTreeSet::from([denied]));
}

/// The tokens that a refresh token brings, and those it came with.
#[rstest]
#[case::signature(foreign_access, &["the_access_token_is_signed_by_a_published_key"])]
#[case::signature_of_the_id_token(foreign_id, &["the_id_token_is_signed_by_a_published_key"])]
#[case::exp(
    |tokens: &mut Tokens| {
        shift(access(tokens), "exp", WEEK);
        let told: i64 = tokens.expires_in.as_deref().expect("it").parse().expect("seconds");
        tokens.expires_in = Some((told + WEEK).to_string());
    },
    &["the_access_token_lives_as_long_as_its_rule_says"]
)]
#[case::nonce(
    |tokens: &mut Tokens| set(id(tokens), "nonce", "other"),
    &["the_id_token_has_the_nonce_that_was_sent"]
)]
#[case::at_hash(
    |tokens: &mut Tokens| set(id(tokens), "at_hash", "other"),
    &["the_id_token_has_the_hash_of_the_access_token"]
)]
#[tokio::test]
async fn what_is_wrong_with_refreshed_tokens_is_wrong(
    #[case] alter: fn(&mut Tokens),
    #[case] expected: &[&str],
    #[values(true, false)] is_refreshed: bool,
) {
    let world = World::of("fixtures/org-orders.toml", Sandbox::builder()).await;
    let mut sight = Sight::of(&world).await;
    let mut keys = sight.seen.refreshed.keys();
    let key = keys.find(|key| key.user == "SELLER").expect("one").clone();
    let mut of = format!("of `{}`: ", key.subject());
    if is_refreshed {
        of = format!("of `{}`, refreshed: ", key.subject());
        let refreshed = sight.seen.refreshed.get_mut(&key).expect("it");
        let answer = &mut refreshed.as_mut().expect("a look").redeemed;
        let Ok(TokenAnswer::Tokens(tokens)) = answer else {
            panic!("it was not redeemed");
        };
        alter(tokens);
    } else {
        alter(tokens(seen(&mut sight, &key)));
    }
    assert_red(&sight, "SELLER", expected, &of);
}

/// Where the tokens of one request alone are wrong, the API refuses that request's for it, and those
/// of another for something else.
#[tokio::test]
async fn a_wrong_token_explains_the_refusal_of_no_other() {
    let world = World::new().await;
    let mut sight = Sight::of(&world).await;
    let (silver, gold) = ("http://myapp.com/scp/silver", "http://myapp.com/scp/gold");
    let wrong = key(&world, "GOLD", &[gold]);
    let right = key(&world, "GOLD", &[silver, gold]);
    foreign_access(tokens(seen(&mut sight, &wrong)));
    for key in [&wrong, &right] {
        let call = ApiCall::with_token_of(key, "/moons");
        let refused = sight.seen.calls.insert(call, Ok(ApiAnswer::of_status(401)));
        assert!(refused.is_some_and(|seen| seen.is_ok()), "it was asked");
    }
    let red = names(&sight, is_not_met);
    assert!(!red.contains("access::gold_reads_moons[gold]"), "{red:?}");
    let other = "access::gold_reads_moons[silver and gold]";
    assert!(red.contains(other), "{red:?}");
}

/// What becomes of the trial of whose access tokens SILVER's are, where no audit tells and all of
/// them have this name and id; none: their own. Both are told by the logins and by GOLD's id.
async fn called(whose: impl FnOnce(&[&str; 3]) -> (String, Option<String>)) -> Outcome {
    let world = World::new().await;
    let mut sight = Sight::of(&world).await;
    let gold = key(&world, "GOLD", &[]);
    let gold = id(tokens(seen(&mut sight, &gold))).clone();
    let [silver_login, gold_login] = ["SILVER", "GOLD"].map(|user| &*sight.facts.logins[user]);
    let gold_id = gold.text("sub").expect("an id");
    let (name, uid) = whose(&[silver_login, gold_login, gold_id]);
    sight.seen.org.users.clear();
    for (key, seen) in &mut sight.seen.authorizations {
        let Ok(seen) = seen else { continue };
        let (true, Came::Tokens { tokens, .. }) = (key.user == "SILVER", &mut seen.outcome) else {
            continue;
        };
        set(access(tokens), "sub", name.as_str());
        if let Some(uid) = &uid {
            set(access(tokens), "uid", uid.as_str());
            if tokens.id_token.is_some() {
                set(id(tokens), "sub", uid.as_str());
            }
        }
    }
    let remembered = Remembered::default();
    let mut judged = judge(&sight.trials, &sight.context(&remembered)).into_iter();
    let wanted = "step_5_authorize::the_access_token_names_the_user[SILVER]";
    let found = judged.find(|judged| judged.trial.name() == wanted);
    found.expect("the trial").outcome
}

/// The login in any case, and what stands before its `@`.
#[rstest]
#[case::itself(str::to_owned)]
#[case::capitals(str::to_uppercase)]
#[case::short(|login: &str| login.split('@').next().expect("a text").to_owned())]
#[tokio::test]
async fn the_name_of_who_signed_in_tells_whose_tokens_they_are(#[case] name: fn(&str) -> String) {
    let outcome = called(|[login, ..]| (name(login), None)).await;
    assert!(matches!(outcome, Outcome::Met(_)), "{outcome:?}");
}

/// Another name may be the user's too, and nothing tells: an id says no less than a name, and that
/// there is no audit to ask is nobody's mistake.
#[rstest]
#[case::a_stranger(STRANGER, Some("00ustranger"), Cause::Inconclusive)]
#[case::another_name(STRANGER, None, Cause::Inconclusive)]
#[case::an_id("00usilver", Some("00usilver"), Cause::NotConfigured)]
#[tokio::test]
async fn another_name_is_not_known_to_be_the_users(
    #[case] name: &str,
    #[case] uid: Option<&str>,
    #[case] expected: Cause,
) {
    let outcome = called(|_| (name.to_owned(), uid.map(str::to_owned))).await;
    let Outcome::NotChecked { cause, reason, .. } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(cause, expected, "{reason}");
    let both = format!("name {name}, and TEST_USER_SILVER_USERNAME is okta-e2e-silver");
    assert!(reason.contains(&both), "{reason}");
}

/// Of another test user's name, the assignment is the likely cause; where the ids are that user's
/// too, no assignment did it.
#[rstest]
#[case::by_the_assignment(false, "the login of GOLD: the assignment of SILVER")]
#[case::by_the_session(true, "the token is of GOLD's session")]
#[tokio::test]
async fn the_name_of_another_test_user_is_wrong(#[case] is_id_too: bool, #[case] expected: &str) {
    let outcome = called(|[_, login, uid]| {
        let uid = is_id_too.then(|| (*uid).to_owned());
        ((*login).to_owned(), uid)
    })
    .await;
    let Outcome::NotMet(finding) = outcome else {
        panic!("{outcome:?}");
    };
    assert!(finding.actual.contains(expected), "{}", finding.actual);
}
