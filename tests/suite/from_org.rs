//! A model that is written of an org: it means what the org's own model means, and nothing
//! dangerous gets into it without a look.

use std::path::{Path, PathBuf};

use okta_e2e::from_org::{look, written};
use okta_e2e::management::ManagementClient;
use okta_e2e::model::{Claim, Flow, OrgModel};
use okta_sandbox::Sandbox;
use reqwest::Method;
use rstest::rstest;
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use toml::Table;
use url::Url;

use crate::support::http;
use crate::support::scenario::Scenario;
use crate::support::world::{World, file, names};

pub(crate) fn client(world: &World) -> ManagementClient {
    let url = Url::parse(world.sandbox.org_url()).expect("a URL");
    ManagementClient::new(url, SecretString::from(world.sandbox.api_token())).expect("a client")
}

/// What is written of a world.
pub(crate) async fn text_of(world: &World) -> String {
    let (client, access) = (client(world), &world.access);
    let found = look(&client, &access.issuer, Some(&access.client_id)).await;
    written(&found.expect("the org can be read")).expect("a text")
}

pub(crate) fn parsed(text: &str) -> Result<OrgModel, String> {
    OrgModel::parse(&file("fixtures/of-an-org.toml"), text).map_err(|error| error.to_string())
}

/// What only a person knows is filled in, and what was asked is left as it is.
pub(crate) fn filled_in(text: &str, model: &str) -> String {
    let mut table: Table = text.parse().expect("TOML");
    let own = std::fs::read_to_string(file(model)).expect("the model can be read");
    let mut own: Table = own.parse().expect("TOML");
    for part in ["endpoint", "user"] {
        let known = own.remove(part).expect("the model has it");
        table.insert(part.to_owned(), known);
    }
    table.remove("unanswered");
    table.to_string()
}

/// The services and claims of a model are meant, services by the names that it has for them.
fn with_what_was_asked(text: &str, own: &OrgModel) -> String {
    let mut meant = String::new();
    let mut is_asked = false;
    for line in text.lines() {
        let begins = ["# [[service]]", "# [[claim]]"].contains(&line);
        is_asked = begins || (is_asked && !line.is_empty());
        let line = if is_asked {
            line.trim_start_matches("# ")
        } else {
            line
        };
        meant.push_str(line);
        meant.push('\n');
    }
    for service in &own.services {
        let by_label = service.label.to_uppercase().replace(' ', "_");
        meant = meant.replace(
            &format!("\"{by_label}\""),
            &format!("\"{}\"", service.name()),
        );
    }
    meant
}

/// A call that changes the org.
async fn change(world: &World, method: Method, path: &str, body: &Value) {
    let url = format!("{}/api/v1/{path}", world.sandbox.org_url());
    let token = format!("SSWS {}", world.sandbox.api_token());
    let sent = http().request(method, url).header("authorization", token);
    let answer = sent.json(body).send().await.expect("an answer");
    assert!(answer.status().is_success(), "{path}: {}", answer.status());
}

fn assert_means_the_same(found: &OrgModel, own: &OrgModel) {
    assert_eq!(
        found.access_policies()[0].rules.len(),
        own.policy.rules.len()
    );
    for user in &own.users {
        let flows: Vec<Flow> = own.flows();
        assert_eq!(found.flows(), flows);
        for flow in flows {
            let requests = own.requests(user, flow);
            assert_eq!(found.requests(user, flow), requests, "{}", user.name());
            for request in requests.iter() {
                let grant = flow.grant_type();
                let expected = own.expected(user, request, grant);
                assert_eq!(found.expected(user, request, grant), expected);
            }
        }
    }
    let claims = |model: &OrgModel| {
        let claims = model.claims.iter();
        let mut said: Vec<String> = claims
            .map(|claim| {
                format!(
                    "{} {:?} {}",
                    claim.name(),
                    claim.token,
                    claim.value().wire()
                )
            })
            .collect();
        said.sort();
        said
    };
    assert_eq!(claims(found), claims(own));
    let services = |model: &OrgModel| {
        let services = model.services.iter();
        let said = services.map(|service| {
            let scopes: Vec<String> = service.scope_names().map(str::to_owned).collect();
            let by = service.token_endpoint_auth_method.name();
            let lives = service.access_token_lifetime_minutes;
            (
                service.name().to_owned(),
                service.label.clone(),
                scopes,
                by,
                lives,
            )
        });
        said.collect::<std::collections::BTreeSet<_>>()
    };
    assert_eq!(services(found), services(own));
    assert_eq!(
        found.authorization_server.audience,
        own.authorization_server.audience
    );
    assert_eq!(found.policy.all_clients, own.policy.all_clients);
    assert_eq!(found.probes, own.probes);
    assert_eq!(found.scopes.len(), own.scopes.len());
}

#[rstest]
#[case::default("fixtures/org.toml")]
#[case::planets_only("fixtures/org-planets-only.toml")]
#[case::code_only("fixtures/org-code-only.toml")]
#[case::two_separate_tiers("fixtures/org-two-separate-tiers.toml")]
#[case::orders("fixtures/org-orders.toml")]
#[case::probes("fixtures/org-probes.toml")]
#[tokio::test]
async fn a_model_of_an_org_means_what_the_org_was_made_from(#[case] model: &str) {
    let mut world = World::of(model, Sandbox::builder()).await;
    let text = text_of(&world).await;
    let refused = parsed(&text).expect_err("it asks for endpoints and users");
    assert!(
        refused.contains("not answered yet: Which endpoints"),
        "{refused}"
    );
    assert!(
        refused.contains("not answered yet: Which test users"),
        "{refused}"
    );
    let services = &world.model.services;
    for service in services {
        let asked = format!("The client `{}` gets", service.label);
        assert!(refused.contains(&asked), "{refused}");
    }
    let is_everywhere = |claim: &&Claim| {
        claim.token.claim_type() == "RESOURCE" && claim.scope_names().next().is_none()
    };
    let claims = world.model.claims.iter().filter(is_everywhere);
    let claims: Vec<&str> = claims.map(Claim::name).collect();
    for claim in &claims {
        let asked = format!("The claim `{claim}` is in every access token, whatever its scopes.");
        assert!(refused.contains(&asked), "{refused}");
    }
    assert_eq!(
        refused.lines().count(),
        2 + services.len() + claims.len(),
        "nothing else is asked: {refused}"
    );
    let secret = world.access.client_secret.as_ref();
    let secrets = secret.map(ExposeSecret::expose_secret);
    for secret in secrets.into_iter().chain([world.sandbox.api_token()]) {
        assert!(!text.contains(secret), "a secret is in the model");
    }
    let left_out = parsed(&filled_in(&text, model)).expect("a model");
    assert!(
        left_out.services.is_empty(),
        "a service was not asked about"
    );
    let meant = with_what_was_asked(&text, &world.model);
    let found = parsed(&filled_in(&meant, model)).expect("a model");
    assert_means_the_same(&found, &world.model);
    world.model = found;
    let verified = world.verify().await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    assert_eq!(names(&verified, "not_checked"), Vec::<String>::new());
}

/// Where the first policy of the world's server is.
pub(crate) async fn policy(world: &World) -> (String, String, Value) {
    let client = client(world);
    let servers = client.servers().await.expect("servers");
    let server = servers
        .iter()
        .find(|server| server.issuer == world.access.issuer);
    let server = server.expect("the server").id.clone();
    let policies = client.policies_with_rules(&server).await.expect("policies");
    let path = format!(
        "authorizationServers/{server}/policies/{}",
        policies[0].policy.id
    );
    let url = format!("{}/api/v1/{path}", world.sandbox.org_url());
    let token = format!("SSWS {}", world.sandbox.api_token());
    let found = http().get(url).header("authorization", token).send().await;
    let found = found.expect("an answer").json().await.expect("JSON");
    (path, server, found)
}

/// A mistake in the org must not become the intent: it is asked about, and left out until somebody
/// says that it is meant.
#[tokio::test]
async fn a_policy_of_all_clients_is_asked_about() {
    let world = World::new().await;
    let (path, _, mut found) = policy(&world).await;
    found["conditions"]["clients"]["include"] = json!(["ALL_CLIENTS"]);
    change(&world, Method::PUT, &path, &found).await;
    let text = text_of(&world).await;
    let refused = parsed(&text).expect_err("it asks");
    assert!(refused.contains("applies to all clients"), "{refused}");
    let left_out = parsed(&filled_in(&text, "fixtures/org.toml")).expect("a model");
    assert!(!left_out.policy.all_clients);
    let meant = text.replace("# all_clients = true", "all_clients = true");
    let meant = parsed(&filled_in(&meant, "fixtures/org.toml")).expect("a model");
    assert!(meant.policy.all_clients);
}

#[rstest]
#[case::for_everyone(
    json!({ "people": { "groups": { "include": ["EVERYONE"] } } }),
    "The rule `wide` is for everyone to whom the client is assigned",
    "[\"Everyone\"]"
)]
#[case::of_any_scope(
    json!({ "scopes": { "include": ["*"] } }),
    "The rule `wide` is for everyone to whom the client is assigned, and gives any scope",
    "\"http://myapp.com/scp/gold\""
)]
#[case::of_a_machine(
    json!({ "grantTypes": { "include": ["client_credentials", "implicit"] } }),
    "is for the grant types client_credentials too",
    "grant_types = [\"implicit\"]"
)]
#[tokio::test]
async fn a_rule_that_is_too_wide_is_asked_about(
    #[case] conditions: Value,
    #[case] question: &str,
    #[case] behind: &str,
) {
    let world = World::new().await;
    let (path, ..) = policy(&world).await;
    let mut rule = json!({
        "type": "RESOURCE_ACCESS", "name": "wide", "status": "ACTIVE", "priority": 3,
        "conditions": {
            "people": { "groups": { "include": ["EVERYONE"], "exclude": [] } },
            "grantTypes": { "include": ["implicit"] },
            "scopes": { "include": ["openid"] },
        },
        "actions": { "token": {
            "accessTokenLifetimeMinutes": 60, "refreshTokenLifetimeMinutes": 0,
            "refreshTokenWindowMinutes": 10080,
        } },
    });
    for (name, condition) in conditions.as_object().expect("conditions") {
        rule["conditions"][name] = condition.clone();
    }
    change(&world, Method::POST, &format!("{path}/rules"), &rule).await;
    let text = text_of(&world).await;
    let refused = parsed(&text).expect_err("it asks");
    assert!(refused.contains(question), "{refused}");
    let lines = text.lines().filter(|line| line.starts_with("# "));
    let commented: Vec<&str> = lines.collect();
    assert!(commented.contains(&"# name = \"wide\""), "{text}");
    assert!(
        commented
            .join("\n")
            .replace(",\n#     ", ",")
            .contains(behind),
        "{text}"
    );
    let model = parsed(&filled_in(&text, "fixtures/org.toml")).expect("a model");
    assert!(model.policy.rules.iter().all(|rule| rule.name != "wide"));
}

/// What an expression comes to, no model knows.
#[tokio::test]
async fn what_an_expression_says_is_asked() {
    let world = World::new().await;
    let (_, server, _) = policy(&world).await;
    let claim = json!({
        "name": "staff", "status": "ACTIVE", "claimType": "RESOURCE", "valueType": "EXPRESSION",
        "value": "String.toUpperCase(user.login)", "conditions": { "scopes": [] },
    });
    let path = format!("authorizationServers/{server}/claims");
    change(&world, Method::POST, &path, &claim).await;
    let text = text_of(&world).await;
    let refused = parsed(&text).expect_err("it asks");
    assert!(
        refused.contains("What does each test user see in the claim `staff`?"),
        "{refused}"
    );
    let model = parsed(&filled_in(&text, "fixtures/org.toml")).expect("a model");
    assert!(model.claims.is_empty());
}

#[tokio::test]
async fn who_is_meant_must_be_known() {
    let world = World::new().await;
    let client = client(&world);
    let only = look(&client, &world.access.issuer, None)
        .await
        .expect("one client is named");
    assert!(
        written(&only)
            .expect("a text")
            .contains(&world.access.client_id)
    );
    let nobody = look(&client, &world.access.issuer, Some("0oaNobody")).await;
    let nobody = nobody.expect_err("there is no such client").to_string();
    assert!(nobody.contains("no client `0oaNobody`"), "{nobody}");
    let elsewhere = look(&client, "https://other.example/oauth2/aus1", None).await;
    let elsewhere = elsewhere.expect_err("there is no such server").to_string();
    assert!(elsewhere.contains(&world.access.issuer), "{elsewhere}");
}

/// The command reads an org, and keeps what is there.
#[tokio::test]
async fn the_command_writes_a_file_once() {
    let world = World::new().await;
    let folder = tempfile::TempDir::new().expect("a folder");
    let env = format!(
        "OKTA_CLIENT_ORGURL='{}'\nOKTA_CLIENT_TOKEN='{}'\nOKTA_OAUTH2_ISSUER='{}'\n",
        world.sandbox.org_url(),
        world.sandbox.api_token(),
        world.access.issuer
    );
    std::fs::write(folder.path().join("my.env"), env).expect("a file");
    let run = async || {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_okta-e2e"));
        command.current_dir(folder.path()).env_clear();
        command.args([
            "model",
            "--from-org",
            "--env-file",
            "my.env",
            "--output",
            "my.toml",
        ]);
        command.output().await.expect("it runs")
    };
    let first = run().await;
    let told = String::from_utf8_lossy(&first.stderr).into_owned();
    assert!(first.status.success(), "{told}");
    assert!(told.contains("2 questions are in it"), "{told}");
    let text = std::fs::read_to_string(folder.path().join("my.toml")).expect("a model");
    assert!(OrgModel::parse(Path::new("my.toml"), &text).is_err());
    let second = run().await;
    let told = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_eq!(second.status.code(), Some(2), "{told}");
    assert!(told.contains("name another by --output"), "{told}");
}

/// Whatever is wrong with an org: what is written of it asks, and once it is answered it is a
/// model, or refused with a place.
#[rstest]
#[tokio::test]
async fn of_a_broken_org_comes_what_asks_or_reads_back(
    #[files("fixtures/broken-orgs/step-[1-4]*.toml")] broken: PathBuf,
) {
    let broken = Scenario::read(&broken);
    let world = broken.world().await;
    let (client, access) = (client(&world), &world.access);
    let found = match look(&client, &access.issuer, Some(&access.client_id)).await {
        Ok(found) => found,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    let text = written(&found).expect("a text");
    let asks = parsed(&text).expect_err("it asks for endpoints");
    assert!(asks.contains("not answered yet"), "{asks}");
    if let Err(refused) = parsed(&filled_in(&text, &broken.model)) {
        let has_place = |line: &str| line.contains("line ") || line.contains("too ");
        assert!(refused.lines().all(has_place), "{refused}");
    }
}

/// Who gets too much by a mistake in the org is asked about, or shown beside the scope, before it
/// can become the intent.
#[rstest]
#[case::by_a_rule_of_another_group(
    "step-3c-rule-gives-gold-too",
    "Today rules give `http://myapp.com/scp/gold` to: `goldSubscribers`, `silverSubscribers`."
)]
#[case::by_any_scope("step-3c-rule-with-all-scopes", "gives any scope")]
#[case::everyone(
    "step-3c-rule-open-to-everyone",
    "is for everyone to whom the client is assigned"
)]
#[case::by_another_client(
    "step-3c-another-client-gets-gold",
    "gives people http://myapp.com/scp/gold and openid by other clients"
)]
#[case::by_the_same_policy("step-3c-policy-names-another-client-too", "to other clients too")]
#[case::by_a_later_policy("step-3c-second-policy-gives-silver-gold", "at a later place")]
#[case::by_another_grant("step-3c-rule-with-another-grant-type", "is for the grant types")]
#[case::a_user_by_id(
    "step-3c-gold-rule-names-the-silver-user",
    "names 1 users by their ids"
)]
#[case::who_asks_for_nothing("step-3b-scope-given-unasked", "that asks for no scope at all")]
#[case::who_has_a_code("step-4a-pkce-not-required", "may leave out PKCE")]
#[case::by_grants_of_the_client(
    "step-3c-the-client-itself-gets-gold",
    "The client may use the grant types"
)]
#[case::at_another_address("step-4b-another-redirect-uri", "2 login redirect URIs")]
#[case::who_is_assigned("step-4c-client-assigned-to-everyone", "assigned to Everyone")]
#[case::who_is_not("step-4c-nobody-needs-assignment", "needs no assignment")]
#[case::members(
    "step-4c-another-group-assigned",
    "which no rule of its policies names"
)]
#[case::apis_by_groups("step-3a-orders-claim-of-all-groups", "all groups of the user")]
#[case::apis_by_address("step-3a-claim-with-the-email-address", "the user's e-mail address")]
#[case::every_token(
    "step-3a-orders-claim-with-any-scope",
    "The claim `cost_center` is in every access token, whatever its scopes"
)]
#[case::for_a_day("step-3c-shortest-and-longest-lifetime", "tokens live 1440 min")]
#[case::by_a_grant_of_others("step-4a-client-without-implicit", "implicit too, which the client")]
#[tokio::test]
async fn what_gives_too_much_is_asked_about_or_shown(#[case] broken: &str, #[case] says: &str) {
    let (broken, world) = Scenario::broken(broken).await;
    let text = text_of(&world).await;
    let asks = parsed(&text).expect_err("it asks");
    assert!(
        asks.contains(says) || text.contains(&format!("# {says}")),
        "{text}"
    );
    // The same of a right org asks nothing of the kind.
    let right = World::of(&broken.model, Sandbox::builder()).await;
    let right = text_of(&right).await;
    let asks = parsed(&right).expect_err("it asks");
    assert!(!asks.contains(says) && !right.contains(says), "{right}");
}

/// Nothing here can change an org.
#[test]
fn what_reads_an_org_makes_no_call_that_changes_it() {
    for entry in std::fs::read_dir(file("src/from_org")).expect("a folder") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("a text");
        for call in [".post(", ".put(", ".delete("] {
            assert!(!text.contains(call), "{} has {call}", path.display());
        }
    }
}
