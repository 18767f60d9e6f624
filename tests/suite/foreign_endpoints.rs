//! An org that names other addresses gets no secret sent there, and nothing of this machine read.

use std::collections::BTreeSet;

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use okta_e2e::browser::{BrowserError, Landing, SecretUrl, UserAgent, UserAgents, Visit};
use okta_e2e::report::RecordedResult;
use okta_e2e::verification::Verified;
use rstest::rstest;
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use crate::scripted::{Scripted, ScriptedServer};
use crate::support::agent::HttpAgents;
use crate::support::world::World;

/// A server that nobody may ask anything.
async fn foreign() -> ScriptedServer {
    let tokens = json!({"access_token": "a.b.c", "token_type": "Bearer", "keys": []});
    ScriptedServer::start([Scripted::new(200, tokens.to_string())]).await
}

impl World {
    /// The world whose metadata is this, at an issuer that names endpoints of the sandbox else.
    ///
    /// The sandbox itself is the org of the world, and as such trusted.
    async fn naming(field: &str, url: &str) -> (Self, ScriptedServer) {
        let mut world = Self::new().await;
        let issuer = world.access.issuer.clone();
        let mut metadata = json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/v1/authorize"),
            "token_endpoint": format!("{issuer}/v1/token"),
            "jwks_uri": format!("{issuer}/v1/keys"),
        });
        metadata[field] = Value::from(url);
        let front = ScriptedServer::start([Scripted::new(200, metadata.to_string())]).await;
        world.access.issuer = format!("{}/oauth2/aus1", front.base());
        (world, front)
    }
}

fn reason<'a>(verified: &'a Verified, id: &str) -> &'a str {
    let found = |result: &&RecordedResult| result.name.contains(id);
    let results = verified.record.results.iter();
    let result = results
        .filter(found)
        .find(|result| result.outcome.word() == "not_checked");
    let result = result.unwrap_or_else(|| panic!("{id} is nowhere not checked"));
    result.reason.as_deref().unwrap_or_default()
}

fn retries(verified: &Verified) -> String {
    verified.record.run.retries.join("\n")
}

const CODE_FLOW: &str = "the_code_flow_gives_tokens[";
const KEYS: &str = "its_keys_can_verify_rs256";

#[tokio::test]
async fn a_code_is_not_redeemed_at_another_host() {
    let foreign = foreign().await;
    let (world, _front) =
        World::naming("token_endpoint", &format!("{}/token", foreign.base())).await;
    let verified = world.verify().await;
    assert_eq!(foreign.asked().len(), 0);
    let host = foreign.base().trim_start_matches("http://");
    let expected = format!(
        "token endpoint at another host (`{host}`): not redeemed; to allow it: \
         OKTA_E2E_TRUSTED_ORIGINS"
    );
    assert_eq!(reason(&verified, CODE_FLOW), expected);
    assert_eq!(retries(&verified), "");
}

#[tokio::test]
async fn a_host_that_the_configuration_trusts_gets_the_code() {
    let foreign = foreign().await;
    let url = format!("{}/token", foreign.base());
    let (mut world, _front) = World::naming("token_endpoint", &url).await;
    world.access.further_origins = vec![Url::parse(&url).unwrap()];
    world.verify().await;
    assert!(foreign.asked()[0].headers.contains_key("authorization"));
}

#[rstest]
#[case::see_other(302)]
#[case::with_the_body(307)]
#[case::for_good(308)]
#[tokio::test]
async fn a_code_does_not_follow_a_redirect(#[case] status: u16) {
    let foreign = foreign().await;
    let target = format!("{}/token?secret=value", foreign.base());
    let redirect = Scripted::new(status, "").header("location", target);
    let moved = ScriptedServer::start([redirect]).await;
    let url = format!("{}/token", moved.base());
    let (mut world, _front) = World::naming("token_endpoint", &url).await;
    world.access.further_origins = vec![Url::parse(&url).unwrap()];
    let verified = world.verify().await;
    assert_eq!(foreign.asked().len(), 0);
    let expected = format!(
        "{url} answers {status}, a redirect to `{}/token`, which is not followed with a secret",
        foreign.base()
    );
    assert_eq!(reason(&verified, CODE_FLOW), expected);
    assert_eq!(retries(&verified), "");
}

#[rstest]
#[case::another_port("http://127.0.0.1:{port}/keys", "at another port of this machine")]
#[case::in_hexadecimal("http://0x7f.1:{port}/keys", "at another port of this machine")]
#[case::by_name(
    "http://localhost:{port}/keys?delete=1",
    "at another port of this machine"
)]
#[case::by_name_with_a_dot("https://localhost.:{port}/keys", "at another port of this machine")]
#[case::mapped(
    "https://[::ffff:127.0.0.1]:{port}/keys",
    "at another port of this machine"
)]
#[case::a_file("file:///etc/passwd", "with the scheme `file:`")]
#[case::metadata_service("http://169.254.169.254/latest", "without TLS")]
#[case::private("https://10.0.0.1/keys", "in a private network (`10.0.0.1`)")]
#[case::with_a_password(
    "http://user:hunter22secret@127.0.0.1:{port}/",
    "with a user or password"
)]
#[tokio::test]
async fn keys_are_not_fetched_from_where_the_issuer_is_not(#[case] url: &str, #[case] why: &str) {
    let foreign = foreign().await;
    let port = foreign.base().rsplit(':').next().unwrap();
    let (world, _front) = World::naming("jwks_uri", &url.replace("{port}", port)).await;
    let verified = world.verify().await;
    assert_eq!(foreign.asked().len(), 0);
    let reason = reason(&verified, KEYS);
    assert!(reason.starts_with(&format!("`jwks_uri` {why}")), "{reason}");
    assert!(reason.contains("not fetched"), "{reason}");
    let record = serde_json::to_string(&verified.record).unwrap();
    assert!(!record.contains("hunter22secret"));
}

#[rstest]
#[case::a_script(
    "javascript:alert(1)",
    "authorization endpoint with the scheme `javascript:`"
)]
#[case::a_file("file:///etc/passwd", "authorization endpoint with the scheme `file:`")]
#[case::a_page_of_its_own(
    "data:text/html,<form>",
    "authorization endpoint with the scheme `data:`"
)]
#[case::with_a_password(
    "http://user:hunter22secret@127.0.0.1:1/authorize",
    "authorization endpoint with a user or password in its address (`127.0.0.1:1`)"
)]
#[case::another_port(
    "http://127.0.0.1:1/authorize",
    "authorization endpoint at another port of this machine (`127.0.0.1:1`)"
)]
#[tokio::test]
async fn no_browser_is_sent_to_an_address_that_is_none(#[case] url: &str, #[case] why: &str) {
    let (world, _front) = World::naming("authorization_endpoint", url).await;
    let verified = world.verify_with(Some(&Nobody)).await;
    let reason = reason(&verified, "the_user_gets_tokens[");
    assert!(
        reason.starts_with(why) && reason.contains("not opened"),
        "{reason}"
    );
    let record = serde_json::to_string(&verified.record).unwrap();
    assert!(!record.contains("hunter22secret"));
}

/// User agents that must not be lent.
struct Nobody;

impl UserAgents for Nobody {
    fn description(&self) -> &'static str {
        "nobody"
    }

    fn lend(&self) -> BoxFuture<'_, Result<Box<dyn UserAgent + '_>, BrowserError>> {
        panic!("a browser would have been sent there")
    }
}

/// User agents whose every visit ends with the same access token.
struct Giving(&'static str);

impl UserAgents for Giving {
    fn description(&self) -> &'static str {
        "an org that gives one token to all"
    }

    fn lend(&self) -> BoxFuture<'_, Result<Box<dyn UserAgent + '_>, BrowserError>> {
        let agent: Box<dyn UserAgent> = Box::new(Self(self.0));
        async { Ok(agent) }.boxed()
    }
}

impl UserAgent for Giving {
    fn authorize<'a>(
        &'a mut self,
        visit: &'a Visit<'a>,
    ) -> BoxFuture<'a, Result<Landing, BrowserError>> {
        let mut url = visit.redirect_uri.clone();
        let state = visit.url.query_pairs().find(|(name, _)| name == "state");
        let state = state
            .map(|(_, state)| state.into_owned())
            .unwrap_or_default();
        // A session that is too young for it would be asked for again.
        let by_age = visit.url.query_pairs().any(|(name, _)| name == "max_age");
        let answer = if by_age {
            ("error", "login_required")
        } else {
            ("access_token", self.0)
        };
        let mut fragment = url::form_urlencoded::Serializer::new(String::new());
        fragment
            .append_pair(answer.0, answer.1)
            .append_pair("state", &state);
        url.set_fragment(Some(&fragment.finish()));
        let url = SecretUrl::new(url);
        async {
            Ok(Landing::Redirected {
                url,
                signed_in: true,
            })
        }
        .boxed()
    }

    /// It was given the redirect, and typed nothing.
    fn passwords_submitted(&self) -> usize {
        0
    }

    fn sent_elsewhere(&self) -> Option<&BTreeSet<String>> {
        None
    }
}

#[rstest]
#[case::escape_sequence("a.\u{1b}[31mb.c", "a control character")]
#[case::line_break("a.b\r\nx-injected: 1.c", "a control character")]
#[case::not_ascii("a.bé.c", "a character that is not ASCII")]
#[tokio::test]
async fn a_token_that_no_header_can_carry_is_one_reason_at_once(
    #[case] token: &'static str,
    #[case] why: &str,
) {
    let world = World::new().await;
    let verified = world.verify_with(Some(&Giving(token))).await;
    let reason = reason(&verified, "access::silver_reads_planets[");
    let said = format!("the access token cannot be sent in a header: it holds {why}");
    assert!(reason.starts_with(&said), "{reason}");
    assert_eq!(retries(&verified), "");
}

#[rstest]
#[case::control_character("sec\u{7}ret-of-the-client")]
#[case::not_ascii("sécret-of-the-client")]
#[tokio::test]
async fn a_client_secret_that_no_header_can_carry_is_not_sent(#[case] secret: &str) {
    let mut world = World::new().await;
    world.access.client_secret = Some(SecretString::from(secret));
    let verified = world.verify().await;
    let reason = reason(&verified, CODE_FLOW);
    assert!(
        reason.starts_with("the client secret cannot be sent in a header: it holds"),
        "{reason}"
    );
    assert_eq!(retries(&verified), "");
}

#[rstest]
#[case::found(302)]
#[case::with_the_body(307)]
#[tokio::test]
async fn a_token_does_not_follow_a_redirect_of_the_api(#[case] status: u16) {
    let foreign = foreign().await;
    let target = format!("{}/api?token=value", foreign.base());
    let moved = Scripted::new(status, "").header("location", target);
    let api = ScriptedServer::start([moved]).await;
    let world = World::new().await;
    let agents = HttpAgents;
    let verified = world.verify_at(api.base(), Some(&agents)).await;
    assert!(
        api.asked()
            .iter()
            .any(|asked| asked.headers.contains_key("authorization"))
    );
    assert_eq!(foreign.asked().len(), 0);
    let said = format!(
        "{status}, a redirect to `{}/api`, not followed",
        foreign.base()
    );
    let results = verified.record.results.iter();
    let actual = results.filter_map(|result| result.actual.as_deref());
    assert!(actual.into_iter().any(|actual| actual.contains(&said)));
}
