//! Step 3a: the keys by which anyone verifies the tokens of the authorization server.

use super::context::Context;
use super::found::{Code, Found};
use super::row::{Row, Wrong};
use super::see;
use super::step::Step;
use super::step_3a_authorization_server::{PLACE, twice};
use super::trial::{Fix, Trial};
use crate::observation::{Need, Seen, Symptom};
use crate::openid::{Key, LEAST_MODULUS_BITS};

/// RFC 7518 sections 6.2.2, 6.3.2 and 6.4.
const PRIVATE_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// The keys that are published verify RS256, and sign nothing.
pub(super) fn keys_can_verify() -> Trial {
    Row {
        name: "its_keys_can_verify_rs256",
        see: see::ACCESS_TOKEN,
        needs: vec![Need::Keys],
        expected: "RSA keys of 2048 bits or more for RS256 signatures, each with a `kid` of its \
                   own and without private members"
            .to_owned(),
        look: wrong_keys,
        fix: Fix::new(
            format!("{PLACE} > the server > Settings > Rotate Signing Keys"),
            "POST /api/v1/authorizationServers/{authServerId}/credentials/lifecycle/keyRotate",
        ),
    }
    .trial(Step::AuthorizationServer)
    .explains(|_, symptom| matches!(symptom, Symptom::Refused { .. }))
}

fn wrong_keys(given: &Context<'_>) -> Seen<Option<Wrong>> {
    let problems = key_problems(given)?;
    let words: Vec<&str> = problems
        .iter()
        .map(|(_, _, words)| words.as_str())
        .collect();
    let words = words.join("; ");
    let found = problems.into_iter().map(|(code, about, _)| (code, about));
    let found: Found = found.collect();
    Ok((!words.is_empty()).then_some((found, words)))
}

/// What is wrong with a key: which way, which key, and both in words.
type KeyProblem = (Code, String, String);

fn key_problems(given: &Context<'_>) -> Seen<Vec<KeyProblem>> {
    let set = given.seen.keys.as_ref().map_err(Clone::clone)?;
    let keys = &set.keys;
    let private = keys.iter().filter(|key| {
        key.kty == "oct"
            || PRIVATE_MEMBERS
                .iter()
                .any(|member| key.other.contains_key(*member))
    });
    let publishes = "publishes private members".to_owned();
    let mut problems: Vec<KeyProblem> = private
        .map(|key| key_problem(Code::KeyPrivate, key, &publishes))
        .collect();
    let signing: Vec<&Key> = keys.iter().filter(|key| signs_rs256(key)).collect();
    problems.extend(signing.iter().flat_map(|key| signing_key_problems(key)));
    if signing.is_empty() {
        let none = "no RSA key for RS256 signatures is published".to_owned();
        problems.push((Code::KeyMissing, "RS256".to_owned(), none));
    }
    let mut names: Vec<&str> = signing.iter().map(|key| name(key)).collect();
    names.sort_unstable();
    names.dedup();
    if names.len() != signing.len() {
        let equal = "two keys have the same `kid`".to_owned();
        problems.push((Code::KeyIdsEqual, "kid".to_owned(), equal));
    }
    let repeated = set.repeated.iter();
    problems.extend(repeated.map(|name| (Code::KeysRepeat, name.clone(), twice(name))));
    Ok(problems)
}

/// Whether the key is one that may sign tokens; others may stand beside it.
fn signs_rs256(key: &Key) -> bool {
    key.kty == "RSA" && key.is_for_rs256()
}

fn name(key: &Key) -> &str {
    key.kid.as_deref().unwrap_or("without `kid`")
}

fn key_problem(code: Code, key: &Key, what: &str) -> KeyProblem {
    let name = name(key);
    (code, name.to_owned(), format!("the key {name} {what}"))
}

/// RFC 8017 section 3.1: "an integer between 3 and n - 1", which has no factor in common with an
/// even number. By 1, each message is its own signature.
fn is_exponent(bytes: &[u8]) -> bool {
    bytes != [1] && bytes.last().is_some_and(|last| last % 2 == 1)
}

fn signing_key_problems(key: &Key) -> Vec<KeyProblem> {
    let bits = key.modulus().len() * 8;
    let checks = [
        (
            Code::KeyWithoutId,
            key.kid.is_none(),
            "has no `kid`".to_owned(),
        ),
        (
            Code::KeyTooSmall,
            bits < LEAST_MODULUS_BITS,
            format!("has {bits} bits"),
        ),
        (
            Code::KeyExponent,
            !is_exponent(&key.exponent()),
            "has an exponent that is no odd number above 1".to_owned(),
        ),
    ];
    let wrong = checks.into_iter().filter(|(_, is_wrong, _)| *is_wrong);
    wrong
        .map(|(code, _, what)| key_problem(code, key, &what))
        .collect()
}
