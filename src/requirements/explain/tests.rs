//! The cause of each denial, as the audit shows it, and no cause where all is right.

use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::config::Facts;
use crate::model::{Flow, OrgModel};
use crate::observation::Observations;
use crate::requirements::Remembered;

const MODEL: &str = include_str!("../../../fixtures/org.toml");
const SILVER: &str = "http://myapp.com/scp/silver";

/// What is audited of a right org.
fn right() -> Value {
    let settings = json!({
        "redirect_uris": ["http://localhost:9/other", "http://localhost:8080/callback"],
        "response_types": ["code", "id_token", "token"],
        "grant_types": ["authorization_code", "implicit"],
        "consent_method": "TRUSTED",
    });
    json!({
        "client": {
            "id": "0oa1",
            "label": "Solar System Explorer",
            "status": "ACTIVE",
            "settings": { "oauthClient": settings },
        },
        "scopes": [
            { "id": "scp0", "name": "openid", "system": true, "consent": "IMPLICIT" },
            { "id": "scp1", "name": SILVER, "consent": "IMPLICIT" },
        ],
        "server": {
            "id": "aus1",
            "name": "Solar System",
            "audiences": ["http://myapp.com"],
            "issuer": "https://org.example/oauth2/aus1",
            "status": "ACTIVE",
        },
    })
}

/// What is said of a denial where the org is right but for this place.
fn said(place: &str, value: Value, denial: Denial) -> String {
    let mut org = right();
    *org.pointer_mut(place).expect("a place") = value;
    let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
    let mut seen = Observations::default();
    let part = |name: &str| org[name].clone();
    seen.org.client = Ok(serde_json::from_value(part("client")).expect("a client"));
    seen.org.scopes = Ok(serde_json::from_value(part("scopes")).expect("scopes"));
    seen.org.server = Ok(serde_json::from_value(part("server")).expect("a server"));
    let facts = Facts::of_model(&model);
    let remembered = Remembered::default();
    let context = Context {
        model: &model,
        facts: &facts,
        seen: &seen,
        remembered: &remembered,
    };
    let key = AuthorizationKey::new("SILVER", &model.request_for(&[SILVER]), Flow::Implicit);
    explain(&context, &key, denial)
}

const SETTINGS: &str = "/client/settings/oauthClient";

#[rstest]
#[case::consent_of_the_client_alone(
    &format!("{SETTINGS}/consent_method"), json!("REQUIRED"), Denial::Consent, ""
)]
#[case::consent_of_a_scope_alone("/scopes/1/consent", json!("REQUIRED"), Denial::Consent, "")]
#[case::from_anywhere(
    &format!("{SETTINGS}/consent_method"), json!("TRUSTED"), Denial::Network, ""
)]
#[case::from_one_zone(
    SETTINGS,
    json!({ "network": { "connection": "ZONE" } }),
    Denial::Network,
    "settings.oauthClient.network is {\"connection\":\"ZONE\"}"
)]
#[case::redirect_uri(SETTINGS, right()["client"]["settings"]["oauthClient"].clone(),
    Denial::RedirectUri, "")]
#[case::redirect_uri_in_capitals(
    &format!("{SETTINGS}/redirect_uris"),
    json!(["http://localhost:8080/Callback"]),
    Denial::RedirectUri,
    "`http://localhost:8080/Callback` is registered: byte for byte another"
)]
#[case::no_redirect_uri(
    &format!("{SETTINGS}/redirect_uris"),
    json!(["http://localhost:9/other"]),
    Denial::RedirectUri,
    "[\"http://localhost:9/other\"] are registered"
)]
#[case::grant_type(
    &format!("{SETTINGS}/grant_types"),
    json!(["authorization_code"]),
    Denial::ResponseType,
    "cause: the client may use the grant types [\"authorization_code\"] and not `implicit`"
)]
#[case::response_type(
    &format!("{SETTINGS}/response_types"),
    json!(["code", "id_token"]),
    Denial::ResponseType,
    "cause: the client may use the response types [\"code\", \"id_token\"] and not [\"token\"]"
)]
#[case::every_type("/client/label", json!("Other"), Denial::ResponseType, "")]
#[case::scope(
    "/scopes/1/name",
    json!("https://myapp.com/scp/silver/"),
    Denial::UnknownScope,
    "has no scope `http://myapp.com/scp/silver`; it has `https://myapp.com/scp/silver/`"
)]
#[case::every_scope("/client/label", json!("Other"), Denial::UnknownScope, "")]
#[case::no_client("/client", Value::Null, Denial::Client, "is it of another org?")]
#[case::client("/client/status", json!("INACTIVE"), Denial::Client, "is INACTIVE")]
#[case::a_right_client("/client/label", json!("Other"), Denial::Client, "")]
#[case::another_error("/client/label", json!("Other"), Denial::Other, "")]
#[case::no_server(
    "/server",
    Value::Null,
    Denial::Other,
    "no authorization server of the org"
)]
#[case::server(
    "/server/status", json!("INACTIVE"), Denial::Other, "cause: the authorization server is INACTIVE"
)]
#[case::client_of_another_error("/client/status", json!("INACTIVE"), Denial::Other, "is INACTIVE")]
fn a_cause_is_what_the_audit_shows_and_nothing_else(
    #[case] place: &str,
    #[case] value: Value,
    #[case] denial: Denial,
    #[case] cause: &str,
) {
    let said = said(place, value, denial);
    if cause.is_empty() {
        assert!(
            said.starts_with("the audit shows no cause; likely: (1) "),
            "{said}"
        );
    } else {
        assert!(said.contains(cause), "{said}");
        assert!(said.starts_with("cause: "), "{said}");
    }
}

/// The client and the scope must both ask.
#[test]
fn consent_is_asked_for_where_client_and_scope_want_it() {
    let client = json!({
        "id": "0oa1",
        "status": "ACTIVE",
        "settings": { "oauthClient": { "consent_method": "REQUIRED" } },
    });
    let mut scopes = right()["scopes"].clone();
    scopes[1]["consent"] = json!("REQUIRED");
    let org = json!({ "client": client, "scopes": scopes, "server": right()["server"] });
    assert_eq!(
        said("", org, Denial::Consent),
        format!("cause: the client and the scopes [\"{SILVER}\"] require consent")
    );
}

#[rstest]
#[case::the_same(SILVER, true)]
#[case::in_capitals("HTTP://MYAPP.COM/scp/Silver", true)]
#[case::another_scheme("https://myapp.com/scp/silver", true)]
#[case::a_slash_behind("http://myapp.com/scp/silver/", true)]
#[case::its_end_alone("silver", true)]
#[case::with_something_before_it("api:myapp.com/scp/silver", true)]
#[case::another("http://myapp.com/scp/gold", false)]
#[case::its_beginning_alone("http://myapp.com/scp/", false)]
fn names_of_scopes_are_alike(#[case] found: &str, #[case] are_alike: bool) {
    assert_eq!(alike(found, SILVER), are_alike);
}

/// A scope that is nothing like the one that was asked for is no hint.
#[rstest]
#[case::of_another_name(json!({ "id": "scp1", "name": "http://myapp.com/scp/gold" }))]
#[case::of_okta_itself(json!({ "id": "scp1", "name": "silver", "system": true }))]
fn another_scope_is_not_named(#[case] scope: Value) {
    let said = said("/scopes/1", scope, Denial::UnknownScope);
    assert_eq!(
        said,
        format!("cause: the authorization server has no scope `{SILVER}`")
    );
}
