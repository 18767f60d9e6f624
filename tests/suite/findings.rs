//! Each way in which keys, headers and metadata can be wrong, one by one: what the finding says.
//!
//! A trial that checks several things is turned red by each of them alone; what nothing can turn
//! red is not checked at all.

use okta_e2e::observation::{Denial, Observations, Outcome};
use okta_e2e::openid::{Key, Metadata, NamedUrl, Response};
use okta_e2e::requirements::{Finding, Remembered, Trial, Verdict};
use okta_sandbox::Sandbox;
use rstest::rstest;
use serde_json::{Map, Value, json};
use url::Url;

use crate::blind_runs::Sight;
use crate::support::scenario::told;
use crate::support::world::World;

const KEYS: &str = "step_3a_authorization_server::its_keys_can_verify_rs256";
const DANGER: &str = "step_4b_redirect_uri::no_other_trusted_origin_is_a_danger";
const PLACE: &str = "step_3a_authorization_server::its_endpoints_are_on_the_host_of_the_issuer";
const AGREE: &str = "step_3a_authorization_server::both_metadata_documents_agree";
const ISSUER: &str = "step_3a_authorization_server::its_metadata_names_the_issuer";
const ACTIVE: &str = "step_3a_authorization_server::the_authorization_server_is_active";

/// What a trial finds wrong in a right org with this changed.
async fn finding(trial: &str, change: impl FnOnce(&mut Observations)) -> Finding {
    let world = World::new().await;
    let mut sight = Sight::of(&world).await;
    change(&mut sight.seen);
    let remembered = Remembered::default();
    let context = sight.context(&remembered);
    let mut trials = sight.trials.iter();
    let trial = trials.find(|known| known.name() == trial);
    let judgement = trial
        .expect("a trial")
        .judge(&context)
        .expect("it was seen");
    match judgement.verdict {
        Verdict::NotMet(finding) => finding,
        Verdict::Met => panic!("it is met"),
    }
}

fn first_key(seen: &mut Observations) -> &mut Key {
    &mut seen.keys.as_mut().expect("keys").keys[0]
}

fn private(seen: &mut Observations, member: &str) {
    let other = &mut first_key(seen).other;
    other.insert(member.to_owned(), "AQAB".into());
}

/// A modulus of as many bytes, in base64url: four letters are three bytes.
fn modulus(seen: &mut Observations, letters: usize) {
    first_key(seen).n = Some("w".repeat(letters));
}

fn twice(seen: &mut Observations) {
    let key = first_key(seen).clone();
    seen.keys.as_mut().expect("keys").keys.push(key);
}

fn every_key(seen: &mut Observations, change: fn(&mut Key)) {
    let keys = seen.keys.as_mut().expect("keys").keys.iter_mut();
    keys.for_each(change);
}

#[rstest]
#[case::d(|seen: &mut Observations| private(seen, "d"), "publishes private members", "key-private")]
#[case::p(|seen: &mut Observations| private(seen, "p"), "publishes private members", "key-private")]
#[case::q(|seen: &mut Observations| private(seen, "q"), "publishes private members", "key-private")]
#[case::dp(|seen: &mut Observations| private(seen, "dp"), "publishes private members", "key-private")]
#[case::dq(|seen: &mut Observations| private(seen, "dq"), "publishes private members", "key-private")]
#[case::qi(|seen: &mut Observations| private(seen, "qi"), "publishes private members", "key-private")]
#[case::k(|seen: &mut Observations| private(seen, "k"), "publishes private members", "key-private")]
#[case::symmetric(|seen: &mut Observations| first_key(seen).kty = "oct".to_owned(), "publishes private members", "key-private")]
#[case::small_modulus(|seen: &mut Observations| modulus(seen, 340), "has 2040 bits", "key-too-small")]
#[case::padded_modulus(
    |seen: &mut Observations| first_key(seen).n = Some("A".repeat(172) + &"w".repeat(171)),
    "has 1024 bits",
    "key-too-small"
)]
#[case::exponent_one(
    |seen: &mut Observations| first_key(seen).e = Some("AAAB".to_owned()), "has an exponent", "key-exponent-weak")]
#[case::even_exponent(
    |seen: &mut Observations| first_key(seen).e = Some("AQAA".to_owned()), "has an exponent", "key-exponent-weak")]
#[case::no_exponent(
    |seen: &mut Observations| first_key(seen).e = None, "has an exponent", "key-exponent-weak")]
#[case::no_modulus(|seen: &mut Observations| first_key(seen).n = None, "has 0 bits", "key-too-small")]
#[case::no_id(|seen: &mut Observations| first_key(seen).kid = None, "has no `kid`", "key-without-id")]
#[case::equal_ids(twice, "two keys have the same `kid`", "key-ids-equal")]
#[case::of_another_kind(|seen: &mut Observations| every_key(seen, |key| key.kty = "EC".to_owned()), "no RSA key", "key-missing")]
#[case::for_encryption(
    |seen: &mut Observations| every_key(seen, |key| key.usage = Some("enc".to_owned())), "no RSA key", "key-missing")]
#[case::for_another_algorithm(
    |seen: &mut Observations| every_key(seen, |key| key.alg = Some("RS512".to_owned())), "no RSA key", "key-missing")]
#[tokio::test]
async fn a_key_that_is_wrong_is_found(
    #[case] change: fn(&mut Observations),
    #[case] wanted: &str,
    #[case] code: &str,
) {
    let Finding { found, actual, .. } = finding(KEYS, change).await;
    assert!(actual.contains(wanted), "{actual}");
    assert_eq!(found.codes(), code);
}

/// One key may be wrong in two ways, and each has its code.
#[tokio::test]
async fn what_is_wrong_in_two_ways_has_two_codes() {
    let both = finding(KEYS, |seen| {
        private(seen, "d");
        twice(seen);
    });
    assert_eq!(both.await.found.codes(), "key-private key-ids-equal");
}

#[rstest]
#[tokio::test]
async fn a_header_that_leads_to_another_key_is_found(
    #[values("jku", "jwk", "x5u", "x5c", "crit", "zip")] member: &str,
    #[values(("access_token", "access-token-header"), ("id_token", "id-token-header"))] token: (
        &str,
        &str,
    ),
) {
    let (token, code) = token;
    let trial = format!("step_5_authorize::the_{token}_has_an_rs256_header[SILVER]");
    let found = finding(&trial, |seen| {
        let seen = seen.authorizations.values_mut().flatten();
        for seen in seen {
            if let Outcome::Tokens { tokens, .. } = &mut seen.outcome {
                let id = tokens.id_token.as_mut();
                let both = [Some(&mut tokens.access_token), id].into_iter().flatten();
                for token in both.flatten() {
                    token
                        .header
                        .insert(member.to_owned(), "https://keys.test".into());
                }
            }
        }
    });
    let Finding { found, actual, .. } = found.await;
    assert!(
        actual.contains(&format!("it has `{member}` too")),
        "{actual}"
    );
    assert_eq!(found.codes(), code);
}

/// Changes the claims of every access token.
fn in_access_tokens(seen: &mut Observations, change: impl Fn(&mut Map<String, Value>)) {
    for seen in seen.authorizations.values_mut().flatten() {
        if let Outcome::Tokens { tokens, .. } = &mut seen.outcome
            && let Ok(token) = &mut tokens.access_token
        {
            change(&mut token.claims);
        }
    }
}

/// RFC 7519 section 4.1.5: before `nbf` a token must not be taken.
#[tokio::test]
async fn a_token_that_is_not_good_yet_is_found() {
    let trial = "step_5_authorize::the_access_token_was_issued_now[SILVER]";
    let Finding {
        expected, actual, ..
    } = finding(trial, |seen| {
        in_access_tokens(seen, |claims| {
            let issued = claims["iat"].as_i64().expect("a number");
            claims.insert("nbf".to_owned(), (issued + 600).into());
        });
    })
    .await;
    assert!(expected.starts_with("nbf: not after"), "{expected}");
    assert!(actual.ends_with("s off"), "{actual}");
}

/// Scopes that are there and cannot be read are another mistake than none.
#[rstest]
#[case::text(json!("http://myapp.com/scp/silver openid"), "scp: a text, and not a list of texts")]
#[case::numbers(json!([1, 2]), "scp: a list, but not of texts alone")]
#[case::truth(json!(true), "scp: no list of texts")]
#[case::none(Value::Null, "scp: not there")]
#[tokio::test]
async fn the_form_of_scopes_is_told(#[case] scopes: Value, #[case] told: &str) {
    let trial = "step_5_authorize::the_access_token_holds_exactly_the_scopes_asked_for[SILVER \
                 silver]";
    let found = finding(trial, |seen| {
        in_access_tokens(seen, |claims| {
            claims.remove("scp");
            if !scopes.is_null() {
                claims.insert("scp".to_owned(), scopes.clone());
            }
        });
    });
    assert_eq!(found.await.actual, told);
}

/// By a key that is too short nobody verifies anything: that it did not sign is not known.
#[tokio::test]
async fn a_signature_by_a_key_that_is_too_short_is_not_judged() {
    let world = World::new().await;
    let mut sight = Sight::of(&world).await;
    every_key(&mut sight.seen, |key| key.n = Some("w".repeat(172)));
    let remembered = Remembered::default();
    let context = sight.context(&remembered);
    let is_of_signature = |trial: &&Trial| trial.id.ends_with("is_signed_by_a_published_key");
    let trials: Vec<&Trial> = sight.trials.iter().filter(is_of_signature).collect();
    assert!(trials.len() > 2, "{}", trials.len());
    for trial in trials {
        let seen = trial.judge(&context).expect_err("nothing can be said");
        assert!(seen.reason.ends_with("it has 1032 bits"), "{}", seen.reason);
    }
}

#[rstest]
#[case::wildcard("https://*.example.com", "CORS", "origin-wildcard")]
#[case::frame("https://example.com", "IFRAME_EMBED", "origin-embeds")]
#[tokio::test]
async fn a_dangerous_origin_is_found(#[case] origin: &str, #[case] kind: &str, #[case] code: &str) {
    let found = finding(DANGER, |seen| {
        let origins = seen.org.trusted_origins.as_mut().expect("origins");
        let mut other = origins[0].clone();
        origin.clone_into(&mut other.origin);
        kind.clone_into(&mut other.scopes[0].kind);
        origins.push(other);
    });
    let Finding { found, .. } = found.await;
    assert_eq!(found.codes(), code);
    let about: Vec<String> = found.about(None).collect();
    assert_eq!(about, [origin]);
}

#[tokio::test]
async fn a_success_by_another_status_is_found() {
    let found = finding("access::silver_reads_planets[silver]", |seen| {
        let answers = seen.calls.values_mut().flatten();
        for answer in answers.filter(|answer| answer.status == 200) {
            answer.status = 201;
        }
    });
    assert_eq!(found.await.found.codes(), "status-other");
}

/// Somebody has to consent, which no run does for them unless the model says so.
#[tokio::test]
async fn a_page_of_consent_is_found() {
    let trial = "step_5_authorize::the_user_gets_tokens[SILVER silver]";
    let found = finding(trial, |seen| {
        for seen in seen.authorizations.values_mut().flatten() {
            seen.outcome = Outcome::Denied {
                denial: Denial::Consent,
                text: "a consent page".to_owned(),
                response: None,
            };
        }
    });
    assert_eq!(found.await.found.codes(), "no-tokens-consent");
}

/// A code is as good as tokens: whoever is denied them gets none.
#[tokio::test]
async fn a_code_for_who_is_denied_is_found() {
    let trial = "step_5_authorize::the_user_is_denied_the_scopes[NONE silver]";
    let found = finding(trial, |seen| {
        let redirect_uri = Url::parse("http://localhost/").expect("a URL");
        let landed = redirect_uri.join("?code=abc#error=access_denied");
        let landed = landed.expect("a URL");
        for seen in seen.authorizations.values_mut().flatten() {
            if let Outcome::Denied { response, .. } = &mut seen.outcome {
                *response = Some(Response::parse(&redirect_uri, &landed));
            }
        }
    });
    assert_eq!(found.await.found.codes(), "code-given");
}

fn elsewhere() -> NamedUrl {
    serde_json::from_value(json!("https://elsewhere.test/oauth2")).expect("a URL")
}

fn authorization(metadata: &mut Metadata) {
    metadata.authorization_endpoint = elsewhere();
}

fn token(metadata: &mut Metadata) {
    metadata.token_endpoint = elsewhere();
}

fn keys(metadata: &mut Metadata) {
    metadata.jwks_uri = elsewhere();
}

#[rstest]
#[case::authorization(authorization)]
#[case::token(token)]
#[case::keys(keys)]
#[tokio::test]
async fn an_endpoint_elsewhere_is_found(#[case] change: fn(&mut Metadata)) {
    let found = finding(PLACE, |seen| {
        change(seen.metadata.as_mut().expect("metadata"));
    });
    assert_eq!(found.await.actual, "https://elsewhere.test/oauth2");
}

#[rstest]
#[case::authorization(authorization, "authorization_endpoint: ")]
#[case::token(token, "token_endpoint: ")]
#[case::keys(keys, "jwks_uri: ")]
#[case::issuer(|metadata: &mut Metadata| metadata.issuer.push('/'), "issuer: ")]
#[tokio::test]
async fn a_document_that_says_something_else_is_found(
    #[case] change: fn(&mut Metadata),
    #[case] field: &str,
) {
    let found = finding(AGREE, |seen| {
        change(seen.oauth_metadata.as_mut().expect("metadata"));
    });
    let found = found.await.actual;
    assert!(found.starts_with(field), "{found}");
}

/// The issuer as the run is told it, and what is said of it: by what answers there.
#[rstest]
#[case::openid("/.well-known/openid-configuration")]
#[case::oauth("/.well-known/oauth-authorization-server")]
#[tokio::test]
async fn the_address_of_a_document_is_known_by_the_document(#[case] document: &str) {
    let mut world = World::new().await;
    let issuer = world.access.issuer.clone();
    world.access.issuer += document;
    let said = format!("is the address of a metadata document: set it to {issuer}");
    assert_says(&world, &[ISSUER, ACTIVE], &said).await;
}

#[tokio::test]
async fn the_org_authorization_server_is_known_by_its_metadata() {
    let mut world = World::new().await;
    world.access.issuer = world.sandbox.org_url().to_owned();
    let said = "is the org authorization server, which gives no custom scopes";
    assert_says(&world, &[ISSUER, ACTIVE], said).await;
}

#[tokio::test]
async fn a_server_of_another_org_is_known_by_the_id_of_the_org() {
    let mut world = World::new().await;
    let other = World::new().await;
    world.access.org_url = other.access.org_url.clone();
    world.access.api_token = other.access.api_token.clone();
    let said = "and OKTA_CLIENT_ORGURL is the org 00o";
    assert_says(&world, &[ISSUER, ACTIVE], said).await;
}

/// The same org by another name is the same org.
#[tokio::test]
async fn another_domain_of_the_org_is_no_other_org() {
    let mut world = World::of("fixtures/org.toml", Sandbox::builder()).await;
    let host = world.access.org_url.set_host(Some("localhost"));
    host.expect("a host");
    let record = world.verify().await.record;
    let said = told(&record, ISSUER);
    assert_eq!(said, "");
}

async fn assert_says(world: &World, trials: &[&str], wanted: &str) {
    let record = world.verify().await.record;
    for trial in trials {
        let said = told(&record, trial);
        assert!(said.contains(wanted), "{trial} says: {said}");
    }
}
