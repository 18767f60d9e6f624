//! How far the sandbox is Okta: every operation it serves, what of it is pinned, and what is a
//! guess.
//!
//! `recorded.json` names the keys in recorded answers of real orgs (acceptance tests of
//! okta/terraform-provider-okta, 2021 to 2026): for each operation and kind of object those that
//! all of its objects have and those that some have, without values. `operations.toml` lists what
//! is served and where else it comes from. `docs/parity.md` is made of both; `OKTA_E2E_WRITE_DOCS=1
//! scripts/test parity` writes it anew.

mod catalogue;
mod org;
mod page;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde_json::Value;

use self::org::Populated;

/// What recorded answers to an operation hold.
#[derive(Debug, Deserialize)]
struct Recorded {
    operation: String,
    status: u16,
    kind: String,
    objects: u32,
    always: BTreeSet<String>,
    sometimes: BTreeSet<String>,
}

/// An operation that is served, or several of which the same is known.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    calls: Vec<String>,
    /// The document or recording behind it, beside what is counted.
    #[serde(default)]
    from: String,
    /// What nobody has on record.
    #[serde(default)]
    guess: String,
    /// Keys that all recorded objects have and the sandbox does not show.
    #[serde(default)]
    missing: BTreeSet<String>,
    /// Keys that the sandbox shows and no recorded object has.
    #[serde(default)]
    extra: BTreeSet<String>,
}

#[derive(Debug, Deserialize)]
struct Part {
    title: String,
    operation: Vec<Operation>,
}

#[derive(Debug, Deserialize)]
struct Parts {
    part: Vec<Part>,
}

fn parts() -> Vec<Part> {
    let parts: Parts = toml::from_str(include_str!("operations.toml")).unwrap();
    parts.part
}

fn recorded() -> Vec<Recorded> {
    serde_json::from_str(include_str!("recorded.json")).unwrap()
}

/// The paths of all keys, with `*` for the items of a list; below a link none is named.
fn keys(value: &Value) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    gather("", value, &mut found);
    found
}

fn gather(path: &str, value: &Value, found: &mut BTreeSet<String>) {
    let is_below_link = path.starts_with("/_links/");
    match value {
        Value::Object(fields) if !is_below_link => {
            for (key, value) in fields {
                let path = format!("{path}/{key}");
                gather(&path, value, found);
                found.insert(path);
            }
        }
        Value::Array(items) if !is_below_link => {
            let items = items.iter();
            items.for_each(|item| gather(&format!("{path}/*"), item, found));
        }
        _ => {}
    }
}

/// Whether an object is of the kind that a recording is about.
fn is_of_kind(object: &Value, kind: &str) -> bool {
    let named = ["type", "signOnMode"].map(|key| object[key].as_str());
    kind.is_empty() || named.contains(&Some(kind))
}

/// The keys of what a call answers, of objects of the kind.
fn keys_of_answer(body: &Value, kind: &str) -> BTreeSet<String> {
    match body {
        Value::Array(items) => {
            let items = items.iter().filter(|item| is_of_kind(item, kind));
            items.flat_map(keys).collect()
        }
        one => keys(one),
    }
}

/// One line for each key that is not as recorded.
fn differences(
    missing: &BTreeMap<String, BTreeSet<String>>,
    extra: &BTreeMap<String, BTreeSet<String>>,
) -> Vec<String> {
    let lines = |word: &'static str, keys: &BTreeMap<String, BTreeSet<String>>| -> Vec<String> {
        let keys = keys.iter();
        keys.flat_map(|(call, keys)| {
            let keys = keys.iter();
            keys.map(move |key| format!("{call} {word} {key}"))
        })
        .collect()
    };
    [lines("without", missing), lines("with", extra)].concat()
}

#[tokio::test]
async fn answers_have_the_keys_of_recorded_ones() {
    let parts = parts();
    let mut org = Populated::new().await;
    let (mut wrong, mut missing, mut extra) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
    for recorded in recorded() {
        let call = &recorded.operation;
        let answer = org.call(call, &recorded.kind).await;
        if answer.status != recorded.status {
            wrong.push(format!(
                "{call}: {} instead of {}",
                answer.status, recorded.status
            ));
            continue;
        }
        let found = keys_of_answer(&answer.body, &recorded.kind);
        let lacks = recorded.always.difference(&found).cloned();
        let known: BTreeSet<String> = &recorded.always | &recorded.sometimes;
        let adds = found.difference(&known).cloned();
        let of: &mut BTreeSet<String> = missing.entry(call.clone()).or_default();
        of.extend(lacks);
        let of: &mut BTreeSet<String> = extra.entry(call.clone()).or_default();
        of.extend(adds);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    let found = differences(&missing, &extra);
    let listed = parts.iter().flat_map(|part| &part.operation);
    let listed = listed.flat_map(|operation| {
        let calls = operation.calls.iter();
        calls.map(|call| (call.clone(), operation.clone()))
    });
    let listed: BTreeMap<String, Operation> = listed.collect();
    let known = missing
        .keys()
        .filter_map(|call| Some((call, listed.get(call)?)));
    let missing = known
        .clone()
        .map(|(call, of)| (call.clone(), of.missing.clone()));
    let extra = known.map(|(call, of)| (call.clone(), of.extra.clone()));
    let expected = differences(&missing.collect(), &extra.collect());
    assert_eq!(found, expected, "`missing` and `extra` of operations.toml");
}

/// A method of a path is served exactly if the table has it.
#[tokio::test]
async fn the_table_names_exactly_what_is_served() {
    let parts = parts();
    let org = Populated::new().await;
    let calls = parts.iter().flat_map(|part| &part.operation);
    let calls: BTreeSet<&str> = calls
        .flat_map(|operation| operation.calls.iter().map(String::as_str))
        .collect();
    let paths: BTreeSet<&str> = calls
        .iter()
        .map(|call| call.split_once(' ').unwrap().1)
        .collect();
    let mut wrong = Vec::new();
    for path in paths {
        for method in ["GET", "PUT", "POST", "DELETE"] {
            let call = format!("{method} {path}");
            let is_served = org.serves(method, path).await;
            if is_served != calls.contains(call.as_str()) {
                wrong.push(format!("{call}: served: {is_served}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_page_of_parity_is_current() {
    let page = page::of(&parts(), &recorded());
    let path = format!("{}/../docs/parity.md", env!("CARGO_MANIFEST_DIR"));
    if std::env::var_os("OKTA_E2E_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/parity.md is not current: `OKTA_E2E_WRITE_DOCS=1 scripts/test parity` writes it anew"
    );
}
