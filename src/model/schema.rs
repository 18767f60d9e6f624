//! The JSON schema of a model, for editors: `fixtures/org.schema.json`, made from the types that
//! read the file. The schema says what can be written; whether it makes sense, the model itself
//! does.

mod page;

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use boon::{Compiler, Schemas};
use rstest::rstest;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::Value;

use super::OrgModel;
use super::file::ClientAuthentication;
use super::service::AUTHENTICATIONS;
use super::values::{CLIENT_GRANT_TYPES, GRANT_TYPES, RESPONSE_TYPES};
use crate::code::Code;

/// The few words that a text may be: those that the reader itself compares with.
macro_rules! words {
    ($(#[doc = $about:literal] $name:ident = $words:expr;)+) => {
        $(
            #[doc = $about]
            pub(super) struct $name;

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }

                fn inline_schema() -> bool {
                    true
                }

                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    let words: Vec<&str> = $words;
                    json_schema!({ "type": "string", "enum": words })
                }
            }
        )+
    };
}

words! {
    /// A grant type of a rule.
    GrantType = GRANT_TYPES.into();
    /// A grant type of the client.
    ClientGrantType = CLIENT_GRANT_TYPES.into();
    /// A response type of the client.
    ResponseType = RESPONSE_TYPES.into();
    /// How a service says who it is.
    ServiceAuthentication = AUTHENTICATIONS.map(ClientAuthentication::name).into();
    /// The code of a finding.
    FindingCode = Code::ALL.iter().map(|code| code.text()).collect();
}

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

/// What an attribute of a profile is, and a claim that an expression makes.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "it says how an attribute is written, for the schema alone"
)]
pub(super) enum Attribute {
    /// One value.
    One(Scalar),
    /// A list of values.
    List(Vec<Scalar>),
}

/// A value that is no list.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(
    dead_code,
    reason = "it says how a value is written, for the schema alone"
)]
pub(super) enum Scalar {
    /// A text.
    Text(String),
    /// A whole number or none.
    Number(f64),
    /// A truth.
    Truth(bool),
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

/// A value as editors check it: JSON has no dates.
fn as_json(value: toml::Value) -> Value {
    match value {
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(as_json).collect(),
        toml::Value::Table(table) => {
            let members = table.into_iter();
            members.map(|(key, value)| (key, as_json(value))).collect()
        }
        other => serde_json::to_value(other).expect("JSON"),
    }
}

/// What the schema has against a text of TOML.
fn problem(text: &str) -> Option<String> {
    let table: toml::Table = text.parse().expect("TOML");
    let value = as_json(table.into());
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

/// How the reader says that a text is none of a few.
const OF_A_FEW: [&str; 4] = [
    "unknown variant",
    "is not one of those allowed",
    "a service authenticates by one of",
    "there is no such finding code",
];
const NO_WORD: &str = "no-such-word";

/// What an `org-orders.toml` leaves out that is one of a few words, or a number of a few.
const MORE: &str = "
[[accepted]]
finding = \"redirect-uri-extra\"
subject = \"https://old.example/cb\"
reason = \"it goes\"
owner = \"team\"
until = 2027-01-31
";

/// Every text of a TOML value in turn with another in its place.
fn with_each_text_replaced(value: &toml::Value) -> Vec<(String, toml::Value)> {
    fn of<'v>(
        parts: impl Iterator<Item = (String, &'v toml::Value)>,
        put: impl Fn(&str, toml::Value) -> toml::Value,
    ) -> Vec<(String, toml::Value)> {
        let mut all = Vec::new();
        for (name, part) in parts {
            for (place, changed) in with_each_text_replaced(part) {
                all.push((format!("{name}.{place}"), put(&name, changed)));
            }
        }
        all
    }
    match value {
        toml::Value::String(_) => vec![(String::new(), NO_WORD.into())],
        toml::Value::Array(items) => {
            let parts = items.iter().enumerate();
            let parts = parts.map(|(at, item)| (at.to_string(), item));
            of(parts, |at, item| {
                let mut items = items.clone();
                items[at.parse::<usize>().expect("a place")] = item;
                items.into()
            })
        }
        toml::Value::Table(table) => {
            let parts = table.iter().map(|(key, value)| (key.clone(), value));
            of(parts, |key, value| {
                let mut table = table.clone();
                table.insert(key.to_owned(), value);
                table.into()
            })
        }
        _ => Vec::new(),
    }
}

/// Where the reader knows a few words alone, so does the schema, and nowhere else: for every text
/// of a model that has all kinds of them.
#[test]
fn the_schema_and_the_reader_know_the_same_words() {
    let text = std::fs::read_to_string(fixture("org-orders.toml")).expect("the model") + MORE;
    let whole: toml::Value = toml::from_str(&text).expect("TOML");
    assert_eq!(problem(&text), None);
    let mut of_a_few = 0;
    for (place, changed) in with_each_text_replaced(&whole) {
        let text = toml::to_string(&changed).expect("TOML");
        let read = OrgModel::parse(&fixture("org-orders.toml"), &text);
        let refusal = read
            .err()
            .map(|error| error.to_string())
            .unwrap_or_default();
        let is_of_a_few = OF_A_FEW.iter().any(|says| refusal.contains(says));
        of_a_few += usize::from(is_of_a_few);
        let against = problem(&text);
        assert_eq!(
            against.is_some(),
            is_of_a_few,
            "{place}: {refusal}; {against:?}"
        );
    }
    assert!(of_a_few >= 15, "{of_a_few} places have a few words");
}

/// Numbers out of range are against both.
#[rstest]
#[case::lifetime("lifetime_minutes = 15", "lifetime_minutes = 4")]
#[case::long_lifetime("lifetime_minutes = 15", "lifetime_minutes = 1441")]
#[case::lifetime_of_a_service("lifetime_minutes = 10", "lifetime_minutes = 4")]
#[case::leeway("leeway_seconds = 30", "leeway_seconds = 61")]
#[case::status("status = 201", "status = 404")]
fn the_schema_and_the_reader_know_the_same_ranges(#[case] from: &str, #[case] to: &str) {
    let text = std::fs::read_to_string(fixture("org-orders.toml")).expect("the model");
    assert!(text.contains(from), "the model has no `{from}`");
    let text = text.replacen(from, to, 1);
    assert!(OrgModel::parse(&fixture("org-orders.toml"), &text).is_err());
    assert_ne!(problem(&text), None);
}
