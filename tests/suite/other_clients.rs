//! Clients beside the one of step 4, and users whom rules name, in numbers.

use std::fmt::Write as _;

use okta_sandbox::{Options, Sandbox};
use rstest::rstest;
use serde::Deserialize;

use crate::support::change::{Change, Told, apply};
use crate::support::world::World;

const TRIAL: &str = "no_rule_gives_the_scope_to_anybody_else[gold]";

#[derive(Deserialize)]
struct Changes {
    change: Vec<Change>,
}

/// A policy of all clients that gives everyone gold by the device flow, and so many clients that
/// may use that flow, each assigned to gold subscribers alone.
fn devices(count: usize) -> Changes {
    let mut text = String::from(
        r#"
[[change]]
post = "/api/v1/authorizationServers/{server}/policies"
name = "theirs"
body = { type = "OAUTH_AUTHORIZATION_POLICY", status = "ACTIVE", name = "Devices", description = "x", priority = 2, conditions = { clients = { include = ["ALL_CLIENTS"] } } }

[[change]]
post = "/api/v1/authorizationServers/{server}/policies/{made:theirs}/rules"
body = { type = "RESOURCE_ACCESS", status = "ACTIVE", name = "any", priority = 1, conditions = { people = { groups = { include = ["EVERYONE"] } }, grantTypes = { include = ["urn:ietf:params:oauth:grant-type:device_code"] }, scopes = { include = ["openid", "http://myapp.com/scp/gold"] } }, actions = { token = { accessTokenLifetimeMinutes = 60, refreshTokenLifetimeMinutes = 0, refreshTokenWindowMinutes = 10080 } } }
"#,
    );
    for number in 0..count {
        write!(
            text,
            r#"
[[change]]
post = "/api/v1/apps"
name = "client{number}"
body = {{ name = "oidc_client", label = "Device {number}", signOnMode = "OPENID_CONNECT", credentials = {{ oauthClient = {{ token_endpoint_auth_method = "none", pkce_required = true }} }}, settings = {{ oauthClient = {{ application_type = "native", grant_types = ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code"], response_types = ["code"], redirect_uris = ["com.example.tv:/callback"] }} }} }}

[[change]]
put = "/api/v1/apps/{{made:client{number}}}/groups/{{group:goldSubscribers}}"
"#
        )
        .expect("a text grows");
    }
    toml::from_str(&text).expect("changes")
}

/// So many gold subscribers, whom the gold rule names one by one.
fn named_subscribers(count: usize) -> Changes {
    let mut text = String::new();
    for number in 0..count {
        write!(
            text,
            r#"
[[change]]
post = "/api/v1/users?activate=true"
name = "user{number}"
body = {{ profile = {{ firstName = "Gold", lastName = "{number}", email = "gold{number}@example.com", login = "gold{number}@example.com" }} }}

[[change]]
put = "/api/v1/groups/{{group:goldSubscribers}}/users/{{made:user{number}}}"
"#
        )
        .expect("a text grows");
    }
    let ids = (0..count).map(|number| format!("\"{{made:user{number}}}\""));
    let ids: Vec<String> = ids.collect();
    write!(
        text,
        r#"
[[change]]
merge_into = "/api/v1/authorizationServers/{{server}}/policies/{{policy}}/rules/{{rule:gold}}"
body = {{ conditions = {{ people = {{ users = {{ include = [{}] }} }} }} }}
"#,
        ids.join(", ")
    )
    .expect("a text grows");
    toml::from_str(&text).expect("changes")
}

/// Who is named and not looked at may be one who may have it.
#[rstest]
#[case::all_are_looked_at(20, "met", "")]
#[case::one_is_not(21, "not_checked", "more than 20 users one by one")]
#[tokio::test]
async fn users_beyond_the_bound_are_neither_fine_nor_wrong(
    #[case] count: usize,
    #[case] outcome: &str,
    #[case] words: &str,
) {
    let options = Options {
        rate_limit_per_minute: u32::MAX,
        ..Options::default()
    };
    let mut world = World::of("fixtures/org.toml", Sandbox::builder().options(options)).await;
    let changes = named_subscribers(count);
    apply(&mut world, &changes.change, &Told::default()).await;
    assert_outcome(&world, outcome, words).await;
}

async fn assert_outcome(world: &World, outcome: &str, words: &str) {
    let verified = world.verify_filtered(TRIAL).await;
    let results = verified.record.results.iter();
    let mut results = results.filter(|result| result.name.contains(TRIAL));
    let result = results.next().expect("the trial");
    let told = format!("{:?} {:?}", result.actual, result.reason);
    assert_eq!(result.outcome.word(), outcome, "{told}");
    assert!(told.contains(words), "{told}");
}

/// What is not looked at is neither fine nor wrong.
#[tokio::test]
async fn other_clients_beyond_the_bound_are_not_checked_and_never_hidden() {
    let options = Options {
        rate_limit_per_minute: u32::MAX,
        ..Options::default()
    };
    let mut world = World::of("fixtures/org.toml", Sandbox::builder().options(options)).await;
    for (clients, outcome, words) in [
        (20, "met", ""),
        (1, "not_checked", "more than 20 other clients"),
    ] {
        let mut changes = devices(clients);
        if outcome != "met" {
            changes.change.drain(..2);
        }
        apply(&mut world, &changes.change, &Told::default()).await;
        assert_outcome(&world, outcome, words).await;
    }
}
