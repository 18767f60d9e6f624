//! `docs/model.md`: every field, made of the schema, and examples that can be read.

use std::collections::BTreeSet;

use serde_json::Value;
use toml::Table;

use super::{OrgModel, fixture, generated};

/// No more words are listed in a row: the codes of findings have a page of their own.
const MOST_LISTED: usize = 10;

/// The tables of a model in the order in which one is written, and how each is.
const TABLES: [(&str, &str); 19] = [
    ("OrgModel", "The whole file"),
    ("Endpoint", "[[endpoint]]"),
    ("Scopes", "[[endpoint]] scopes"),
    ("Group", "[[group]]"),
    ("TestUser", "[[user]]"),
    ("AuthorizationServer", "[authorization_server]"),
    ("Claim", "[[claim]]"),
    ("ClaimValue", "[[claim]] value"),
    ("GroupFilter", "[[claim]] value = { groups = … }"),
    ("Expression", "[[claim]] value = { expression = … }"),
    ("Scope", "[[scope]]"),
    ("Policy", "[policy]"),
    ("Rule", "[[policy.rule]]"),
    ("Client", "[client]"),
    ("RefreshToken", "[client.refresh_token]"),
    ("Service", "[[service]]"),
    ("TrustedOrigin", "[[trusted_origin]]"),
    ("Accepted", "[[accepted]]"),
    ("Probes", "[probes]"),
];
const MARK: &str =
    "<!-- Below: written by OKTA_E2E_WRITE_DOCS=1 cargo test --lib -- model::schema -->\n";

fn on_one_line(value: &Value) -> String {
    let text = value.get("description").and_then(Value::as_str);
    text.unwrap_or_default()
        .replace('\n', " ")
        .replace('|', "\\|")
}

/// What is written in a field, in words.
fn words(schema: &Value) -> String {
    let named = schema
        .get("$ref")
        .or_else(|| schema.pointer("/allOf/0/$ref"));
    let named = named.or_else(|| schema.pointer("/anyOf/0/$ref"));
    if let Some(name) = named.and_then(Value::as_str) {
        return one_of(name.rsplit('/').next().unwrap_or_default());
    }
    if let Some(few) = listed(schema) {
        return few;
    }
    let kind = schema.get("type");
    let kind = kind.and_then(|kind| kind.as_str().or_else(|| kind.get(0)?.as_str()));
    match kind {
        Some("string") => "text".to_owned(),
        Some("boolean") => "`true` or `false`".to_owned(),
        Some("integer") => "number".to_owned(),
        Some("array") => format!("list of {}", words(&schema["items"])),
        Some("object") => "table".to_owned(),
        _ => "any value".to_owned(),
    }
}

/// The values of a type that has a few; a table otherwise.
fn one_of(name: &str) -> String {
    let schema = generated();
    listed(&schema["definitions"][name]).unwrap_or_else(|| "table".to_owned())
}

/// The texts that a value may be, where it is one of a few.
fn listed(schema: &Value) -> Option<String> {
    let listed = schema.get("enum").or_else(|| schema.get("oneOf"))?;
    let text = |value: &Value| {
        let text = value.get("const").unwrap_or(value).as_str();
        text.map(|text| format!("`{text}`"))
    };
    let texts: Vec<String> = listed.as_array()?.iter().filter_map(text).collect();
    let few = 1..=MOST_LISTED;
    few.contains(&texts.len()).then(|| texts.join(", "))
}

/// The fields of a table: a row each.
fn rows(schema: &Value) -> String {
    let variants = schema.get("oneOf").and_then(Value::as_array);
    let variants = variants.into_iter().flatten();
    let tables = std::iter::once(schema).chain(variants);
    let mut text = "| field | what is written | what it is |\n|---|---|---|\n".to_owned();
    for table in tables {
        let required = table.get("required").and_then(Value::as_array);
        let is_required = |name: &str| required.is_some_and(|all| all.contains(&name.into()));
        let fields = table.get("properties").and_then(Value::as_object);
        for (name, field) in fields.into_iter().flatten() {
            let needed = if is_required(name) { ", required" } else { "" };
            let about = match on_one_line(field) {
                about if about.is_empty() => on_one_line(table),
                about => about,
            };
            let row = format!("| `{name}` | {}{needed} | {about} |\n", words(field));
            text.push_str(&row);
        }
    }
    text
}

fn reference() -> String {
    let schema = generated();
    let mut text = "\n## Every field\n".to_owned();
    for (name, written) in TABLES {
        let table = match name {
            "OrgModel" => &schema,
            name => &schema["definitions"][name],
        };
        let (about, rows) = (on_one_line(table), rows(table));
        let section = format!("\n### {written}\n\n{about}\n\n{rows}");
        text.push_str(&section);
    }
    text
}

/// The end of `docs/model.md` is made from the schema.
#[test]
fn the_page_of_the_model_has_every_field() {
    let path = fixture("../docs/model.md");
    let found = std::fs::read_to_string(&path).expect("the page");
    let (own, _) = found
        .split_once(MARK)
        .expect("the mark of what is generated");
    let text = format!("{own}{MARK}{}", reference());
    if std::env::var_os("OKTA_E2E_WRITE_DOCS").is_some() {
        std::fs::write(&path, &text).expect("the page can be written");
        return;
    }
    assert!(
        found == text,
        "docs/model.md is out of date; write it anew as the page says"
    );
}

/// Every table of a model has its fields on the page.
#[test]
fn no_table_is_left_out() {
    let schema = generated();
    let definitions = schema["definitions"].as_object().expect("definitions");
    let has_fields = |schema: &Value| schema.get("properties").is_some();
    let is_table = |schema: &Value| {
        let variants = schema.get("oneOf").and_then(Value::as_array);
        has_fields(schema) || variants.is_some_and(|all| all.iter().any(has_fields))
    };
    let tables = definitions.iter().filter(|(_, schema)| is_table(schema));
    for (name, _) in tables {
        let is_there = TABLES.iter().any(|(known, _)| known == name);
        assert!(is_there, "{name} is not among the tables of docs/model.md");
    }
}

/// The blocks of TOML on the page.
fn examples() -> Vec<String> {
    let page = std::fs::read_to_string(fixture("../docs/model.md")).expect("the page");
    let blocks = page.split("```toml\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap_or_default());
    blocks.map(str::to_owned).collect()
}

/// What an entry of a list is known by.
fn known_by(entry: &Table) -> Vec<Option<&toml::Value>> {
    ["name", "finding", "method", "path"]
        .map(|key| entry.get(key))
        .into()
}

/// Puts what an example has into a model: where it names what is there, in its place.
fn put(into: &mut Table, example: Table) {
    for (key, value) in example {
        match (into.get_mut(&key), value) {
            (Some(toml::Value::Table(own)), toml::Value::Table(more)) => put(own, more),
            (Some(toml::Value::Array(own)), toml::Value::Array(more))
                if more.iter().all(toml::Value::is_table) =>
            {
                for entry in more {
                    let toml::Value::Table(entry) = entry else {
                        continue;
                    };
                    let mut there = own.iter_mut().filter_map(toml::Value::as_table_mut);
                    match there.find(|there| known_by(there) == known_by(&entry)) {
                        Some(there) => put(there, entry),
                        None => own.push(entry.into()),
                    }
                }
            }
            (_, value) => {
                into.insert(key, value);
            }
        }
    }
}

/// Each example of the page, in the orders company's model, is a model.
#[test]
fn every_example_of_the_page_can_be_read() {
    let orders = std::fs::read_to_string(fixture("org-orders.toml")).expect("the model");
    let examples = examples();
    assert!(examples.len() >= 8, "{} examples", examples.len());
    for example in examples {
        let mut model: Table = orders.parse().expect("TOML");
        put(&mut model, example.parse().expect("TOML"));
        let read = OrgModel::parse(&fixture("org-orders.toml"), &model.to_string());
        if let Err(error) = read {
            panic!("{error}\n{example}");
        }
    }
}

/// Each table of a model has an example on the page.
#[test]
fn every_table_has_an_example() {
    let examples = examples();
    let headings = examples.iter().flat_map(|example| example.lines());
    let headings = headings.map(|line| line.split('#').next().unwrap_or_default().trim());
    let headings: BTreeSet<&str> = headings.filter(|line| line.starts_with('[')).collect();
    let tables = TABLES.iter().map(|(_, written)| *written);
    for table in tables.filter(|written| written.starts_with('[') && written.ends_with(']')) {
        assert!(headings.contains(table), "{table} has no example");
    }
}
