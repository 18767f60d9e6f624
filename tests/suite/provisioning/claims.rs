//! Claims, and the attributes of users that they tell: made, put right, and taken down.

use okta_e2e::provisioning::{self, Memory, Store as _};
use serde_json::{Value, json};

use super::org::{Org, model, path, text};

/// An org that fits the orders company's model.
async fn orders() -> (Org, Memory) {
    let (org, mut store) = (Org::start().await, Memory::default());
    let model = model("org-orders.toml");
    let made = provisioning::provision(&model, &org.client, &mut store, |_| {}).await;
    made.expect("the org is set up");
    (org, store)
}

#[tokio::test]
async fn claims_and_profiles_are_made_once() {
    let (org, mut store) = orders().await;
    let claim = org.get(&path(&store, "claim", "cost_center")).await;
    assert_eq!(claim["value"], "user.costCenter");
    assert_eq!(claim["claimType"], "RESOURCE");
    let scopes = json!({ "scopes": ["orders:write", "invoices:approve"] });
    assert_eq!(claim["conditions"], scopes);
    let user = org.get(&path(&store, "user", "SELLER")).await;
    assert_eq!(text(&user, "/profile/costCenter"), "1200");
    assert!(text(&user, "/profile/department").starts_with("okta-e2e "));
    let model = model("org-orders.toml");
    let again = provisioning::provision(&model, &org.client, &mut store, |_| {}).await;
    assert_eq!(again.expect("a second run").changes, [""; 0]);
}

/// What became a filter of groups is an expression again, whole; what is disabled, is enabled.
#[tokio::test]
async fn what_was_changed_by_hand_is_put_right() {
    let (org, mut store) = orders().await;
    let (cost_center, seller) = (
        path(&store, "claim", "cost_center"),
        path(&store, "user", "SELLER"),
    );
    let by_hand = |claim: &mut Value| {
        claim["valueType"] = "GROUPS".into();
        claim["value"] = "sales".into();
        claim["group_filter_type"] = "EQUALS".into();
        claim["status"] = "INACTIVE".into();
    };
    org.change(&cost_center, by_hand).await;
    let other = json!({ "profile": { "costCenter": "9999" } });
    org.call(reqwest::Method::POST, &seller, Some(other)).await;
    let model = model("org-orders.toml");
    let again = provisioning::provision(&model, &org.client, &mut store, |_| {}).await;
    assert_eq!(again.expect("a second run").changes.len(), 2);
    let claim = org.get(&cost_center).await;
    assert_eq!(claim["value"], "user.costCenter");
    assert_eq!(claim["status"], "ACTIVE");
    assert_eq!(claim.get("group_filter_type"), None);
    let user = org.get(&seller).await;
    assert_eq!(text(&user, "/profile/costCenter"), "1200");
    assert_eq!(text(&user, "/profile/lastName"), "SELLER", "the rest stays");
}

/// A user whose department a claim tells carries the mark elsewhere, and is known by it.
#[tokio::test]
async fn the_mark_stands_where_no_claim_reads_it() {
    let (org, mut store) = (Org::start().await, Memory::default());
    let file = crate::support::world::file("fixtures/org-orders.toml");
    let orders = std::fs::read_to_string(&file).expect("the model can be read");
    let own = orders.replace("costCenter", "department");
    let model = okta_e2e::model::OrgModel::parse(&file, &own).expect("a model");
    let made = provisioning::provision(&model, &org.client, &mut store, |_| {}).await;
    made.expect("the org is set up");
    let user = org.get(&path(&store, "user", "SELLER")).await;
    assert_eq!(text(&user, "/profile/department"), "1200");
    let mark = store.journal().mark().to_owned();
    assert_eq!(text(&user, "/profile/division"), format!("okta-e2e {mark}"));
    let ids = org.ids().await;
    provisioning::teardown(&org.client, &mut store, |_| {})
        .await
        .expect("a teardown");
    assert!(org.ids().await.len() < ids.len());
}
