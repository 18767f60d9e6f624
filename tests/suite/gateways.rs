//! Real gateways in front of an API that checks nothing: a right configuration is green, and one
//! that lacks a line is red. One that is not installed is passed over, which is said.

use std::path::PathBuf;

use okta_e2e::requirements::Severity;
use okta_e2e::verification::Verified;
use okta_sandbox::{Gateway, GatewayKind, Guarded, SolarSystem};
use rstest::rstest;

use crate::support::agent::HttpAgents;
use crate::support::world::{World, file, names};

/// Where `scripts/install-gateway` puts programs.
fn installed() -> [PathBuf; 2] {
    [file("target/gateways"), file("target/gateways/python/bin")]
}

/// An org, an open API, and a gateway in front of it.
struct Front {
    world: World,
    gateway: Gateway,
    _api: SolarSystem,
}

impl Front {
    /// Nothing where the gateway is not installed.
    async fn of(name: &str, weakness: Option<&str>) -> Option<Self> {
        let kind = GatewayKind::read(&file("fixtures/gateways").join(name)).expect("readable");
        if let Err(missing) = kind.program(&installed()) {
            eprintln!("NOT PROVEN: {name}: {missing}");
            return None;
        }
        let world = World::new().await;
        let audience = &world.model.authorization_server.audience;
        let open = SolarSystem::builder(&world.access.issuer, audience).open();
        let api = open.start().await.expect("the API starts");
        let key = world.sandbox.signing_key(&world.access.issuer);
        let guarded = Guarded {
            api_url: api.url(),
            issuer: &world.access.issuer,
            audience,
            key: &key.expect("a key"),
        };
        let gateway = kind.start(&installed(), &guarded, weakness).await;
        Some(Self {
            world,
            gateway: gateway.expect("the gateway starts"),
            _api: api,
        })
    }

    async fn verify(&self) -> Verified {
        let agents = HttpAgents;
        self.world
            .verify_at(self.gateway.url(), Some(&agents))
            .await
    }
}

/// Whatever a gateway's own ways to refuse: another status, HTML, no challenge where none is due.
#[rstest]
#[case::nginx("nginx")]
#[case::envoy("envoy")]
#[case::apache("apache")]
#[case::express("express")]
#[tokio::test]
async fn a_right_gateway_is_green(#[case] name: &str) {
    let Some(front) = Front::of(name, None).await else {
        return;
    };
    let verified = front.verify().await;
    let results = verified.record.results.iter();
    let wrong: Vec<&str> = results
        .filter(|result| result.severity == Severity::Required)
        .filter(|result| result.outcome.word() != "met")
        .map(|result| result.name.as_str())
        .collect();
    assert_eq!(wrong, Vec::<&str>::new());
    assert_eq!(verified.record.run.exit_status, 0);
}

/// Each without one line of its configuration, and a requirement that this turns red.
#[rstest]
#[case::nginx_signature("nginx", "signature", "access::")]
#[case::nginx_scope("nginx", "scope", "access::silver_is_refused_moons")]
#[case::envoy_scope("envoy", "scope", "access::silver_is_refused_moons")]
#[case::apache_scope("apache", "scope", "access::silver_is_refused_moons")]
#[case::express_scope("express", "scope", "access::silver_is_refused_moons")]
#[tokio::test]
async fn a_gateway_that_lacks_a_line_is_red(
    #[case] name: &str,
    #[case] weakness: &str,
    #[case] requirement: &str,
) {
    let Some(front) = Front::of(name, Some(weakness)).await else {
        return;
    };
    let verified = front.verify().await;
    let red = names(&verified, "not_met");
    assert!(
        red.iter().any(|name| name.starts_with(requirement)),
        "{red:#?}"
    );
    assert_eq!(verified.record.run.exit_status, 1);
}

/// What the norm asks for and no access depends on is advised.
#[tokio::test]
async fn a_gateway_that_asks_for_no_token_is_advised_to() {
    let Some(front) = Front::of("nginx", Some("challenge")).await else {
        return;
    };
    let verified = front.verify().await;
    let challenges = ["planets", "moons"]
        .map(|path| format!("access::a_refusal_asks_for_a_bearer_token[/{path}]"));
    assert_eq!(names(&verified, "not_met"), challenges);
    assert_eq!(verified.record.run.exit_status, 0);
}
