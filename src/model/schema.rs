//! The JSON schema of a model, for editors: `fixtures/org.schema.json`, made from the types that
//! read the file. The schema says what can be written; whether it makes sense, the model itself does.

use std::path::{Path, PathBuf};

use boon::{Compiler, Schemas};
use rstest::rstest;
use schemars::JsonSchema;
use serde_json::{Value, json};

use super::OrgModel;

/// The value of a header, as it is written.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "it says how a header is written, for the schema alone"
)]
pub(super) enum Header {
    /// As it stands in the model.
    Text(String),
    /// The value of an environment variable, a secret.
    Variable {
        /// The name of the variable.
        variable: String,
    },
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fixtures")
        .join(name)
}

/// The schema in the words of the JSON Schema draft that Taplo reads.
fn generated() -> Value {
    let settings = schemars::generate::SchemaSettings::draft07();
    let schema = settings.into_generator().into_root_schema_for::<OrgModel>();
    let mut schema = schema.to_value();
    schema["title"] = "The org model of okta-e2e".into();
    schema
}

/// `OKTA_E2E_WRITE_DOCS=1 cargo test --lib -- model::schema` writes it anew.
#[test]
fn the_schema_is_the_one_of_the_types() {
    let path = fixture("org.schema.json");
    let text = format!("{:#}\n", generated());
    if std::env::var_os("OKTA_E2E_WRITE_DOCS").is_some() {
        std::fs::write(&path, &text).expect("the schema can be written");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    let how = "write it anew: OKTA_E2E_WRITE_DOCS=1 cargo test --lib -- model::schema";
    assert!(
        found == text,
        "fixtures/org.schema.json is out of date; {how}"
    );
}

/// The tables of a model in the order in which one is written, and how each is.
const TABLES: [(&str, &str); 16] = [
    ("OrgModel", "The whole file"),
    ("Endpoint", "[[endpoint]]"),
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
    let found = &schema["definitions"][name];
    let listed = found.get("enum").or_else(|| found.get("oneOf"));
    let values = listed.and_then(Value::as_array).into_iter().flatten();
    let text = |value: &Value| {
        let text = value.get("const").unwrap_or(value).as_str();
        text.map(|text| format!("`{text}`"))
    };
    let texts: Vec<String> = values.filter_map(text).collect();
    if texts.is_empty() {
        return "table".to_owned();
    }
    texts.join(", ")
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

/// What the schema has against a text of TOML.
fn problem(text: &str) -> Option<String> {
    let table: toml::Table = text.parse().expect("TOML");
    let value = serde_json::to_value(table).expect("JSON");
    let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
    let place = "file:///org.schema.json";
    compiler.add_resource(place, generated()).expect("a schema");
    let schema = compiler.compile(place, &mut schemas).expect("a schema");
    let checked = schemas.validate(&value, schema);
    checked.err().map(|error| format!("{error:#}"))
}

fn shipped() -> impl Iterator<Item = (PathBuf, String)> {
    let entries = std::fs::read_dir(fixture("")).expect("a folder");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    let models = paths.filter(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("org") && name.ends_with(".toml")
    });
    models.map(|path| {
        let text = std::fs::read_to_string(&path).expect("a model");
        (path, text)
    })
}

/// Taplo and editors that use it find the schema by the first line.
#[test]
fn every_shipped_model_names_the_schema_and_keeps_to_it() {
    let mut models = 0;
    for (path, text) in shipped() {
        let first = text.lines().next();
        assert_eq!(
            first,
            Some("#:schema ./org.schema.json"),
            "{}",
            path.display()
        );
        assert_eq!(problem(&text), None, "{}", path.display());
        models += 1;
    }
    assert!(models >= 5, "{models} models");
}

#[rstest]
#[case::unknown_key("title = \"", "titel = \"")]
#[case::no_list("open_to = [\"sales\", \"managers\"]", "open_to = \"sales\"")]
#[case::no_method("method = \"POST\"", "method = \"FETCH\"")]
#[case::no_number(
    "access_token_lifetime_minutes = 15",
    "access_token_lifetime_minutes = \"15\""
)]
#[case::no_type("application_type = \"web\"", "application_type = \"desktop\"")]
#[case::no_token("token = \"access\"", "token = \"refresh\"")]
#[case::no_claim_value("{ profile = \"costCenter\" }", "{ attribute = \"costCenter\" }")]
#[case::no_header("\"Idempotency-Key\" = \"okta-e2e\"", "\"Idempotency-Key\" = 7")]
fn what_cannot_be_written_is_against_the_schema(#[case] from: &str, #[case] to: &str) {
    let text = std::fs::read_to_string(fixture("org-orders.toml")).expect("the model");
    assert!(text.contains(from), "the model has no `{from}`");
    assert_ne!(problem(&text.replacen(from, to, 1)), None);
}

/// What a claim may say, the schema lists.
#[test]
fn the_schema_lists_what_is_allowed() {
    let schema = generated();
    let tokens = schema
        .pointer("/definitions/ClaimToken/oneOf")
        .expect("the tokens");
    let names = tokens
        .as_array()
        .expect("a list")
        .iter()
        .map(|token| &token["const"]);
    assert_eq!(names.collect::<Vec<_>>(), [&json!("access"), &json!("id")]);
}
