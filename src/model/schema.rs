//! The JSON schema of a model, for editors: `fixtures/org.schema.json`, made from the types that read
//! the file. The schema says what can be written; whether it makes sense, the model itself does.

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
