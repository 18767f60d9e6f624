//! Real gateways in front of an API that checks nothing: a right configuration is green, and one
//! that lacks a line is red. One that is not installed is passed over, which is said.

use std::path::PathBuf;

use okta_e2e::config::Profile;
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
        let mut world = World::new().await;
        world.config.profile = Profile::Standard;
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
/// What it lets through that a norm refuses, and that gives nobody more, is advised.
#[rstest]
#[case::nginx("nginx", &["crit_unknown", "kid_number_trusted_key"])]
#[case::envoy("envoy", &["crit_unknown", "foreign_scheme_before_bearer"])]
#[case::apache("apache", &["crit_unknown", "trusted_key_rs512"])]
#[case::express("express", &["crit_unknown", "header_twice_good_first"])]
#[tokio::test]
async fn a_right_gateway_is_green(#[case] name: &str, #[case] advised: &[&str]) {
    let Some(front) = Front::of(name, None).await else {
        return;
    };
    let verified = front.verify().await;
    keep(name, &verified);
    let results = verified.record.results.iter();
    let wrong: Vec<&str> = results
        .filter(|result| result.severity == Severity::Required)
        .filter(|result| result.outcome.word() != "met")
        .map(|result| result.name.as_str())
        .collect();
    assert_eq!(wrong, Vec::<&str>::new());
    assert_eq!(verified.record.run.exit_status, 0);
    let seen = names(&verified, "not_met");
    for case in advised {
        let trial = format!("hostile::{case}[/planets]");
        assert!(seen.contains(&trial), "{trial} in {seen:#?}");
    }
}

/// Two segments, the `kid` published: whoever has seen any token can end the process.
#[tokio::test]
async fn a_verifier_that_ends_its_process_takes_the_api_away() {
    let Some(front) = Front::of("express", Some("shape")).await else {
        return;
    };
    let verified = front.verify().await;
    let results = verified.record.results.iter();
    let mut red = results.filter(|r| r.is_not_met() && r.severity == Severity::Required);
    let first = red.next().expect("a case");
    assert_eq!(first.id, "hostile::signature_removed");
    let actual = first.actual.as_deref().unwrap_or_default();
    assert!(actual.contains("the API stayed away"), "{actual}");
    assert_eq!(red.count(), 0);
    let gone = "the API is gone since hostile::signature_removed";
    let reasons = verified.record.results.iter();
    let mut reasons = reasons.filter_map(|result| result.reason.as_deref());
    assert!(reasons.any(|reason| reason.contains(gone)));
}

/// Each without one line of its configuration: what turns red is what the line was for.
#[rstest]
#[case::nginx_signature("nginx", "signature", "access::a_tampered_token", "")]
#[case::nginx_issuer("nginx", "issuer", "hostile::issuer_other", "issuer_")]
#[case::nginx_audience("nginx", "audience", "hostile::audience_other", "audience_")]
#[case::nginx_expiry("nginx", "expiry", "hostile::expired_an_hour_ago", "exp")]
#[case::nginx_scope("nginx", "scope", "access::silver_is_refused_moons", "moons")]
#[case::nginx_part("nginx", "scope-by-substring", "hostile::scope_longer", "scope_")]
#[case::envoy_issuer("envoy", "issuer", "hostile::issuer_other", "issuer_")]
#[case::envoy_audience("envoy", "audience", "hostile::audience_other", "audience_")]
#[case::envoy_expiry("envoy", "expiry", "hostile::expired_an_hour_ago", "exp")]
#[case::envoy_scope("envoy", "scope", "access::silver_is_refused_moons", "moons")]
#[case::envoy_part("envoy", "scope-by-substring", "hostile::scope_longer", "scope_")]
#[case::apache_issuer("apache", "issuer", "hostile::issuer_other", "issuer_")]
#[case::apache_audience("apache", "audience", "hostile::audience_other", "audience_")]
#[case::apache_scope("apache", "scope", "access::silver_is_refused_moons", "moons")]
#[case::apache_part("apache", "scope-by-substring", "hostile::scope_longer", "scope_")]
#[case::express_scope("express", "scope", "access::silver_is_refused_moons", "moons")]
#[case::express_part("express", "scope-by-substring", "hostile::scope_longer", "scope_")]
#[tokio::test]
async fn a_gateway_that_lacks_a_line_is_red(
    #[case] name: &str,
    #[case] weakness: &str,
    #[case] requirement: &str,
    #[case] cause: &str,
) {
    let Some(front) = Front::of(name, Some(weakness)).await else {
        return;
    };
    let verified = front.verify().await;
    keep(&format!("{name}-{weakness}"), &verified);
    let red = required_red(&verified);
    let is_there = red.iter().any(|name| name.starts_with(requirement));
    let others: Vec<&String> = red.iter().filter(|name| !name.contains(cause)).collect();
    assert!(is_there && others.is_empty(), "{red:#?}");
    assert_eq!(verified.record.run.exit_status, 1);
}

/// The names of what is required and not met.
fn required_red(verified: &Verified) -> Vec<String> {
    let results = verified.record.results.iter();
    let red = results.filter(|r| r.is_not_met() && r.severity == Severity::Required);
    red.map(|result| result.name.clone()).collect()
}

/// Writes what was not met to `target/gateways-seen/`, for whoever compares gateways.
fn keep(name: &str, verified: &Verified) {
    let folder = file("target/gateways-seen");
    std::fs::create_dir_all(&folder).expect("a folder");
    let results = verified.record.results.iter().filter(|r| r.is_not_met());
    let lines = results.map(|result| {
        let actual = result.actual.as_deref().unwrap_or_default();
        format!("{:?} {}: {actual}\n", result.severity, result.name)
    });
    std::fs::write(folder.join(name), lines.collect::<String>()).expect("a file");
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
    let mut advised = names(&verified, "not_met");
    advised.retain(|name| name.starts_with("access::"));
    assert_eq!(advised, challenges);
    assert_eq!(verified.record.run.exit_status, 0);
}
