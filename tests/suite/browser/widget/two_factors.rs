//! An org whose new apps ask for any two factors, as new orgs do.

use okta_e2e::browser::{Landing, StopPage};
use okta_e2e::management::ManagementClient;
use okta_e2e::provisioning::{self, Foreign, Memory, Store as _};
use okta_sandbox::{DefaultSignInPolicy, Options, SignInPage};
use rstest::rstest;
use secrecy::{ExposeSecret as _, SecretString};

use super::place::{self, Org};
use crate::support::world::World;

#[rstest]
fn a_user_with_a_password_meets_enrolment_until_a_password_is_enough() {
    place::run(check());
}

async fn check() {
    let options = Options {
        default_sign_in_policy: DefaultSignInPolicy::AnyTwoFactors,
        ..Options::default()
    };
    let world = place::world(SignInPage::Builtin, options).await;
    let landing = sign_in(&world).await;
    let is_stopped = matches!(
        landing,
        Landing::Stopped {
            kind: StopPage::Enrolment,
            ..
        }
    );
    assert!(is_stopped, "{landing:?}");
    let_a_password_be_enough(&world).await;
    let landing = sign_in(&world).await;
    let Landing::Redirected { url, .. } = &landing else {
        panic!("{landing:?}")
    };
    let answer = url.expose().fragment().unwrap_or_default();
    assert!(answer.contains("access_token="), "{landing:?}");
}

async fn sign_in(world: &World) -> Landing {
    let silver = &world.access.users["SILVER"];
    let password = silver.password.expose_secret();
    let org = Org { world };
    org.sign_in(&silver.username, password, None).await
}

/// `provision --password-only-sign-in`, by somebody who has the `.env` of the run before alone.
async fn let_a_password_be_enough(world: &World) {
    let mut store = Memory::default();
    for (name, user) in &world.access.users {
        let (username, password) = (
            format!("TEST_USER_{name}_USERNAME"),
            format!("TEST_USER_{name}_PASSWORD"),
        );
        let known = [
            (username.as_str(), user.username.as_str()),
            (password.as_str(), user.password.expose_secret()),
        ];
        store.set(&known).expect("memory keeps everything");
    }
    let mut model = world.model.clone();
    model.client.password_only_sign_in = true;
    let token = SecretString::from(world.sandbox.api_token());
    let client = ManagementClient::new(world.access.org_url.clone(), token).expect("a client");
    // Without the journal the client is one of others, which is changed for who asks for that.
    let adopt = Foreign::Adopt;
    let made = provisioning::provision_with(adopt, &model, &client, &mut store, |_| {}).await;
    assert_eq!(made.expect("the org is set up").changes.len(), 3);
}
