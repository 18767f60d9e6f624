//! The document, through a real browser: who asks for what, and what they can read with it.
//!
//! Every line sets up a fresh sandbox org by the org model, signs a test user in at the authorize
//! URL, takes the tokens from the fragment of the redirect, and goes to the API with them.

use okta_e2e::browser::{BrowserConfig, Browsers, Credentials, Landing, Visit};
use okta_e2e::openid::{
    ApiEndpoint, AuthorizationHeader, AuthorizationRequest, Flow, Http, Metadata, Prompt, Reach,
    Response,
};
use rstest::rstest;
use url::Url;

use crate::support::world::World;

const SILVER: &str = "openid http://myapp.com/scp/silver";
const GOLD: &str = "openid http://myapp.com/scp/gold";
const BOTH: &str = "openid http://myapp.com/scp/silver http://myapp.com/scp/gold";

/// What becomes of a request.
#[derive(Debug, PartialEq)]
enum Comes {
    /// The endpoint answers.
    Data,
    /// The endpoint refuses the token: 403.
    Refusal,
    /// The authorization server withholds the scopes.
    Denial,
    /// The user is not assigned to the client.
    NoAssignment,
}

#[rstest]
#[case::silver_reads_planets("SILVER", SILVER, "/planets", Comes::Data)]
#[case::silver_is_refused_moons("SILVER", SILVER, "/moons", Comes::Refusal)]
#[case::silver_gets_no_gold("SILVER", GOLD, "/moons", Comes::Denial)]
#[case::silver_gets_no_part_of_both("SILVER", BOTH, "/planets", Comes::Denial)]
#[case::gold_alone_reads_moons("GOLD", GOLD, "/moons", Comes::Data)]
#[case::gold_alone_is_refused_planets("GOLD", GOLD, "/planets", Comes::Refusal)]
#[case::gold_with_both_reads_planets("GOLD", BOTH, "/planets", Comes::Data)]
#[case::gold_with_both_reads_moons("GOLD", BOTH, "/moons", Comes::Data)]
#[case::none_gets_nothing("NONE", SILVER, "/planets", Comes::Denial)]
#[case::unassigned_gets_nothing("UNASSIGNED", SILVER, "/planets", Comes::NoAssignment)]
#[tokio::test]
async fn the_document(
    #[case] user: &str,
    #[case] scope: &str,
    #[case] endpoint: &str,
    #[case] expected: Comes,
) {
    let world = World::new().await;
    let http = Http::new().expect("HTTPS can be set up");
    let response = Box::pin(authorize(&world, &http, user, scope)).await;
    if let Some((error, description)) = response.error() {
        assert_eq!(error, "access_denied");
        let not_assigned = description.contains("not assigned");
        let comes = if not_assigned {
            Comes::NoAssignment
        } else {
            Comes::Denial
        };
        return assert_eq!(comes, expected, "{description}");
    }
    let api = Url::parse(world.api.url()).expect("a URL");
    let token = response.fragment.secret("access_token");
    let token = AuthorizationHeader::bearer("the access token", token.expect("a token"));
    let (endpoint, token) = (ApiEndpoint::new(&api, endpoint), token.expect("it fits"));
    let answer = http.get_each(&endpoint, Some(&token)).await.last;
    let answer = answer.expect("the API answers");
    let comes = if answer.status.is_success() {
        Comes::Data
    } else {
        Comes::Refusal
    };
    assert_eq!(comes, expected, "{}", answer.status);
}

/// Sends a user's browser to the authorize URL and reads what comes back at the redirect URI.
async fn authorize(world: &World, http: &Http, user: &str, scope: &str) -> Response {
    let redirect_uri = &world.model.client.redirect_uri;
    let url = Metadata::url(&world.access.issuer, "openid-configuration").expect("a URL");
    let answer = http.get(&url).await.expect("the org answers");
    let metadata = Metadata::read(&url, &answer).expect("metadata");
    let reach = Reach::of(&world.access.issuer, world.access.trusted_origins());
    let endpoint = metadata.authorization_endpoint.opened(&reach);
    let request = AuthorizationRequest::new(
        &endpoint.expect("an address for a browser"),
        &world.access.client_id,
        redirect_uri.as_str(),
        scope,
        Flow::Implicit,
        Prompt::Login,
    );
    let config = BrowserConfig::new(Url::clone(redirect_uri), world.access.org_url.clone());
    let browsers = Browsers::start(config).await.expect("a browser starts");
    let credentials = &world.access.users[user];
    let visit = Visit {
        url: &request.url,
        redirect_uri,
        credentials: Some(Credentials {
            username: &credentials.username,
            password: &credentials.password,
            totp: None,
            passkey: None,
        }),
        trusted: &world.access.trusted_origins(),
    };
    let landing = browsers
        .user()
        .await
        .expect("a browser is free")
        .authorize(&visit)
        .await;
    let response = match landing.expect("the sign-in comes to an end") {
        Landing::Redirected { url, .. } => Response::parse(redirect_uri, url.expose()),
        elsewhere => panic!("the browser ended at {elsewhere:?}"),
    };
    assert_eq!(response.get("state"), Some(request.state.as_str()));
    browsers.close().await;
    response
}
