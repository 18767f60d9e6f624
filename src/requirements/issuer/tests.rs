//! Which server of the org is meant where the issuer is none of it.

use rstest::rstest;
use serde_json::json;

use super::*;
use crate::config::Facts;
use crate::model::OrgModel;
use crate::observation::Observations;
use crate::requirements::Remembered;

const MODEL: &str = include_str!("../../../fixtures/org.toml");

fn server(id: &str, name: &str) -> FoundServer {
    let server = json!({
        "id": id,
        "name": name,
        "audiences": ["http://myapp.com"],
        "issuer": format!("https://org.example/oauth2/{id}"),
        "status": "ACTIVE",
    });
    serde_json::from_value(server).expect("a server")
}

/// The id says it at whatever domain; a name says it where one server alone has it.
#[rstest]
#[case::by_its_id("https://login.example/oauth2/aus2", &["default", "Other"], Some("aus2"))]
#[case::by_its_id_before_its_name(
    "https://login.example/oauth2/aus2",
    &["Solar System", "Other"],
    Some("aus2")
)]
#[case::by_its_name("https://login.example/oauth2/aus9", &["Other", "Solar System"], Some("aus2"))]
#[case::by_its_name_for_no_address("aus9", &["Other", "Solar System"], Some("aus2"))]
#[case::one_of_two_of_the_name(
    "https://login.example/oauth2/aus9",
    &["Solar System", "Solar System"],
    None
)]
#[case::none("https://login.example/oauth2/aus9", &["default", "Other"], None)]
fn the_server_that_is_meant(
    #[case] issuer: &str,
    #[case] names: &[&str],
    #[case] id: Option<&str>,
) {
    let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
    let mut facts = Facts::of_model(&model);
    issuer.clone_into(&mut facts.issuer);
    let mut seen = Observations::default();
    let servers = names.iter().enumerate();
    let servers = servers.map(|(index, name)| server(&format!("aus{}", index + 1), name));
    seen.org.servers = Ok(servers.collect());
    let context = Context {
        model: &model,
        facts: &facts,
        seen: &seen,
        remembered: &Remembered::default(),
    };
    assert_eq!(meant(&context).map(|server| server.id.as_str()), id);
}
