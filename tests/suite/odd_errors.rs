//! An error of another shape than RFC 6749's is shown as it came, and its status says whose it is.

use crate::support::front::Front;
use crate::support::scenario::told;
use crate::support::world::World;

/// RFC 6749 section 5.2 has 401 for a client that is not who it says it is.
#[tokio::test]
async fn an_error_of_another_shape_is_shown_and_its_status_says_whose_it_is() {
    let front = Front::start().await;
    let world = World::behind(&front).await;
    front.changes(|request, answer| {
        if request.is_to("/v1/token") {
            answer.status = 401;
            answer.body = br#"{"error":{"code":17,"message":"no such client here"}}"#.to_vec();
        }
    });
    let verified = world.verify().await;
    let name = "step_5_authorize::the_code_flow_gives_tokens[SILVER silver]";
    let why = told(&verified.record, name);
    assert!(why.contains("no such client here"), "{why}");
    assert!(why.contains("OKTA_OAUTH2_CLIENT_SECRET"), "{why}");
}
