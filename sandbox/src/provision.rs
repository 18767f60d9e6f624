//! The org of the wire tests, built in memory.

use std::collections::BTreeMap;

use okta_sandbox::Sandbox;

use crate::org::{AuthorizationServer, new_id};
use crate::testing::{
    application, group, group_assignment, policy, rule, scope, server, table, user,
};
use crate::world::{GOLD, LOGOUT_URI, REDIRECT_URI, SILVER, login};

/// What the tests need to know of the org.
pub(crate) struct Provisioned {
    pub(crate) server_id: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    /// Ids by the short names of the test users.
    pub(crate) users: BTreeMap<&'static str, String>,
}

/// Builds the document's org: silver and gold, each in a group of their own.
pub(crate) async fn provision(sandbox: &Sandbox) -> Provisioned {
    let keys = sandbox.state.keys.server_keys().await.unwrap();
    let mut org = sandbox.state.org();
    let mut users = BTreeMap::new();
    for name in ["silver", "gold", "none", "unassigned"] {
        let id = new_id("00u");
        org.users.insert(id.clone(), user(&id, &login(name)));
        users.insert(name, id);
    }
    let mut client = application(&new_id("0oa"), REDIRECT_URI, LOGOUT_URI);
    for name in ["silver", "gold"] {
        let members = [users[name].as_str()];
        org.groups.insert(name.to_owned(), group(name, &members));
        client.groups.insert(name.to_owned(), group_assignment());
    }
    org.groups.insert(
        "others".to_owned(),
        group("others", &[users["none"].as_str()]),
    );
    client
        .groups
        .insert("others".to_owned(), group_assignment());
    let server = AuthorizationServer {
        keys,
        ..document_server(&new_id("aus"))
    };
    let provisioned = Provisioned {
        server_id: server.id.clone(),
        client_id: client.id.clone(),
        client_secret: client.client_secret.clone().unwrap_or_default(),
        users,
    };
    org.servers.insert(server.id.clone(), server);
    org.applications.insert(client.id.clone(), client);
    provisioned
}

fn document_server(id: &str) -> AuthorizationServer {
    let names = [
        "openid",
        "profile",
        "email",
        "phone",
        "offline_access",
        SILVER,
        GOLD,
    ];
    let silver = rule(2, "silver", &["openid", "profile", "email", SILVER], 30);
    let gold = rule(1, "gold", &["openid", SILVER, GOLD], 60);
    let policy = policy(1, "ALL_CLIENTS", vec![silver, gold]);
    AuthorizationServer {
        scopes: table(names.map(|name| (name.to_owned(), scope(name)))),
        policies: table([(policy.id.clone(), policy)]),
        ..server(id)
    }
}
