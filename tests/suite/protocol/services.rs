//! What is of one client, presented by another one: a service client of the model.

use okta_e2e::config::Profile;
use okta_e2e::exchange;
use okta_e2e::model::{ClientAuthentication, OrgModel};
use okta_e2e::observation::Cause;
use okta_sandbox::Sandbox;

use super::{Proofs, assert_red_beside, of_row};
use crate::support::world::{World, file};

/// Another client that is there and says who it is.
#[tokio::test]
async fn what_is_of_one_client_is_refused_to_another() {
    assert_red_beside("fixtures/org-orders.toml", &Proofs::read().with_service).await;
}

/// Where nobody can say that the other client is known, its refusal proves nothing.
#[tokio::test]
async fn a_service_that_is_not_known_proves_nothing() {
    let mut world = World::of("fixtures/org-orders.toml", Sandbox::builder()).await;
    world.config.profile = Profile::Standard;
    let services = world.access.services.values_mut();
    for service in services {
        service.client_secret = Some("another".into());
    }
    let verified = super::verified(&world).await;
    let refused = of_row(&verified, "a_code_is_refused_to_another_client");
    let reason = refused.reason.as_deref().unwrap_or_default();
    assert!(reason.contains("BILLING got no token"), "{refused:#?}");
    world.access.services.clear();
    let verified = super::verified(&world).await;
    let of_service = exchange::protocol().filter(|row| row.needs_service());
    for row in of_service {
        let cause = of_row(&verified, &row.id).cause;
        assert_eq!(cause, Some(Cause::NotConfigured), "{}", row.id);
    }
}

/// One that no rule is for is known all the same: the server says why it gives it nothing.
#[tokio::test]
async fn a_service_that_no_rule_is_for_is_known() {
    let mut world = World::of("fixtures/org-orders.toml", Sandbox::builder()).await;
    world.config.profile = Profile::Standard;
    // It asks for what another one may have.
    world.model.services[0].scopes = world.model.services[1].scopes.clone();
    let verified = super::verified(&world).await;
    let refused = of_row(&verified, "a_code_is_refused_to_another_client");
    assert!(refused.is_met(), "{refused:#?}");
}

/// What another client does needs no key of the client's own.
#[test]
fn a_client_with_a_key_is_asked_of_other_clients() {
    let mut model = OrgModel::load(&file("fixtures/org-orders.toml")).expect("a model");
    model.client.token_endpoint_auth_method = ClientAuthentication::PrivateKeyJwt;
    let of_others = exchange::protocol().filter(|row| row.needs_service());
    let asked = of_others.filter(|row| row.is_for(&model));
    let asked: Vec<&str> = asked.map(|row| row.id.as_str()).collect();
    let wanted = [
        "a_code_is_refused_to_another_client",
        "another_client_that_revokes_a_token_is_answered",
        "no_other_client_takes_the_claims_from_a_token",
    ];
    assert_eq!(asked, wanted);
}
