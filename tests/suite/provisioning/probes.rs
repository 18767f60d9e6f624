//! Probes: made when they are asked for, for the test users alone, once, and taken down.

use okta_e2e::provisioning::{self, Memory};
use serde_json::{Value, json};

use super::command::Place;
use super::org::{Org, model, path, text};

const MODEL: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/org-probes.toml");

fn length(list: &Value) -> usize {
    list.as_array().expect("a list").len()
}

/// The authorization server of the model.
async fn server(org: &Org) -> String {
    let servers = org.get("authorizationServers?q=Solar").await;
    format!("authorizationServers/{}", text(&servers[0], "/id"))
}

#[tokio::test]
async fn probes_are_for_one_client_and_test_users_alone_and_made_once() {
    let (org, mut store, model) = (
        Org::start().await,
        Memory::default(),
        model("org-probes.toml"),
    );
    let made = provisioning::provision(&model, &org.client, &mut store, |_| {}).await;
    let client_id = made.expect("the org is set up").client_id;
    let policy = org.get(&path(&store, "probes_policy", "")).await;
    assert_eq!(
        policy["conditions"]["clients"]["include"],
        json!([client_id])
    );
    let rule = org.get(&path(&store, "probes_rule", "near scopes")).await;
    let people = &rule["conditions"]["people"];
    let id = |name| {
        let path = path(&store, "user", name);
        path.rsplit('/').next().expect("an id").to_owned()
    };
    let users: Vec<&Value> = people["users"]["include"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    assert_eq!(users, [&json!(id("GOLD")), &json!(id("SILVER"))]);
    assert_eq!(people["groups"]["include"], json!([]));
    assert_eq!(
        rule["conditions"]["grantTypes"]["include"],
        json!(["implicit"])
    );
    assert_eq!(rule["actions"]["token"]["accessTokenLifetimeMinutes"], 5);
    let again = provisioning::provision(&model, &org.client, &mut store, |_| {}).await;
    assert_eq!(again.expect("a second run").changes, [""; 0]);
}

#[tokio::test]
async fn probes_are_planned_made_when_asked_for_and_taken_down() {
    let org = Org::start().await;
    let (place, before) = (Place::of(&org), org.ids().await);
    let without = place.provision(&["--model", MODEL]).await;
    assert_eq!(without.status, 0, "{}", without.text);
    assert!(!without.text.contains("of the probes"), "{}", without.text);
    let hint = "left out: add --with-probes";
    assert!(without.text.contains(hint), "{}", without.text);
    let policies = format!("{}/policies", server(&org).await);
    assert_eq!(length(&org.get(&policies).await), 1);

    let flags = ["--model", MODEL, "--with-probes"];
    let plan = place.provision(&[&flags[..], &["--plan"]].concat()).await;
    for planned in [
        "rule of the probes near scopes: to be made; where the API takes a scope by a part of its \
         name, its tokens open /planets and /moons to GOLD and SILVER",
        "rule of the probes short-lived 2: to be made; where the API checks no expiry, its tokens \
         open /moons to GOLD",
    ] {
        assert!(plan.text.contains(planned), "{planned}: {}", plan.text);
    }
    assert_eq!(length(&org.get(&policies).await), 1);
    let made = place.provision(&flags).await;
    assert_eq!(made.status, 0, "{}", made.text);
    assert!(!made.text.contains(hint), "{}", made.text);
    assert_eq!(length(&org.get(&policies).await), 2);
    let again = place.provision(&flags).await;
    assert!(again.text.contains("nothing to change"), "{}", again.text);

    let down = place.provision(&["--model", MODEL, "--teardown"]).await;
    let words = "step 3c rule of the probes near scopes: deleted";
    assert!(down.text.contains(words), "{}", down.text);
    assert!(!down.text.contains(hint), "{}", down.text);
    assert_eq!((down.status, org.ids().await), (0, before), "{}", down.text);
    assert!(!place.journals().exists());
    assert!(
        place.env().contains("OKTA_E2E_PROBE_ISSUER=''"),
        "{}",
        place.env()
    );
}

#[tokio::test]
async fn another_server_is_for_the_client_and_test_users_and_its_issuer_is_kept() {
    let org = Org::start().await;
    let place = Place::of(&org);
    let made = place.provision(&["--model", MODEL, "--with-probes"]).await;
    assert_eq!(made.status, 0, "{}", made.text);
    let servers = org.get("authorizationServers?q=okta-e2e").await;
    assert_eq!(length(&servers), 2);
    for (variable, name, audience) in [
        (
            "ISSUER",
            "okta-e2e probe: another issuer",
            "http://myapp.com",
        ),
        (
            "AUDIENCE",
            "okta-e2e probe: another audience",
            "http://myapp.com-okta-e2e-probe",
        ),
    ] {
        let mut all = servers.as_array().expect("a list").iter();
        let server = all
            .find(|server| server["name"] == name)
            .expect("the server");
        assert_eq!(server["audiences"], json!([audience]));
        let kept = format!("OKTA_E2E_PROBE_{variable}='{}'", text(server, "/issuer"));
        assert!(place.env().contains(&kept), "{kept}");
    }
}

#[tokio::test]
async fn a_model_without_probes_has_none_to_make() {
    let org = Org::start().await;
    let (place, before) = (Place::of(&org), org.ids().await);
    let said = place.provision(&["--with-probes"]).await;
    assert_eq!(said.status, 2, "{}", said.text);
    assert!(said.text.contains("add `[probes]`"), "{}", said.text);
    assert_eq!(org.ids().await, before);
}
