//! Real gateways in front of an API that checks nothing: a right configuration is green, and one
//! that lacks a line is red for what the line was for. Each is a folder of `fixtures/gateways`; one
//! that is not installed is passed over, which is said.

use std::path::{Path, PathBuf};

use futures_util::StreamExt as _;
use futures_util::stream;
use okta_e2e::config::Profile;
use okta_e2e::report::RecordedResult;
use okta_e2e::requirements::{Severity, Step, Trial};
use okta_e2e::verification::Verified;
use okta_sandbox::{Finds, Gateway, GatewayKind, Guarded, Sandbox, SolarSystem};
use rstest::rstest;

use crate::support::agent::HttpAgents;
use crate::support::served;
use crate::support::world::{World, file, names};

/// Where `scripts/install-gateway` puts programs.
fn installed() -> [PathBuf; 2] {
    [file("target/gateways"), file("target/gateways/python/bin")]
}

/// The gateway of a folder; nothing where it is not installed.
fn kind_of(folder: &Path) -> Option<GatewayKind> {
    let kind = GatewayKind::read(folder).expect("readable");
    match kind.program(&installed()) {
        Ok(_) => Some(kind),
        Err(missing) => {
            eprintln!("NOT PROVEN: {}: {missing}", kind.title());
            None
        }
    }
}

fn named(name: &str) -> Option<GatewayKind> {
    kind_of(&file("fixtures/gateways").join(name))
}

/// So many gateways of a kind are tried side by side: each waits for the other end most of the
/// time.
const SIDE_BY_SIDE: usize = 3;

/// How a run ends that could not look at something.
const NOT_LOOKED: i32 = 2;

/// An org and an open API, in front of which gateways are started.
struct Behind {
    world: World,
    api: SolarSystem,
}

impl Behind {
    async fn new() -> Self {
        Self::of("fixtures/org.toml").await
    }

    async fn of(model: &str) -> Self {
        let mut world = World::of(model, Sandbox::builder()).await;
        world.config.profile = Profile::Standard;
        let audience = &world.model.authorization_server.audience;
        let open = SolarSystem::builder(&world.access.issuer, audience).open();
        let open = open.endpoints(served::endpoints(&world.model));
        let api = open.start().await.expect("the API starts");
        Self { world, api }
    }

    async fn start(&self, kind: &GatewayKind, weakness: Option<&str>) -> Gateway {
        let issuer = &self.world.access.issuer;
        let guarded = Guarded {
            api_url: self.api.url(),
            issuer,
            audience: &self.world.model.authorization_server.audience,
            key: &self.world.sandbox.signing_key(issuer).expect("a key"),
        };
        let gateway = kind.start(&installed(), &guarded, weakness).await;
        gateway.expect("the gateway starts")
    }

    /// Whatever there is to verify.
    async fn verify(&self, kind: &GatewayKind, weakness: Option<&str>) -> Verified {
        let gateway = self.start(kind, weakness).await;
        let agents = HttpAgents;
        self.world.verify_at(gateway.url(), Some(&agents)).await
    }

    /// The API alone: what is in front of it changes nothing else.
    async fn verify_api(&self, kind: &GatewayKind, weakness: &str) -> Verified {
        let gateway = self.start(kind, Some(weakness)).await;
        let of_api = |trial: &Trial| trial.step == Step::Access;
        self.world.verify_where_at(gateway.url(), &of_api).await
    }
}

/// Whatever a gateway's own ways to refuse: another status, HTML, no challenge where none is due.
/// What it lets through that a norm refuses, and that gives nobody more, is advised.
#[rstest]
#[tokio::test]
async fn a_right_gateway_is_green(#[files("fixtures/gateways/*/gateway.toml")] file: PathBuf) {
    let Some(kind) = kind_of(file.parent().expect("a folder")) else {
        return;
    };
    let verified = Behind::new().await.verify(&kind, None).await;
    let finds = kind.finds(None).expect("what is found");
    assert_eq!(differs(&verified, finds), Vec::<String>::new());
    let results = verified.record.results.iter();
    let unseen = results.filter(|r| r.severity == Severity::Required && r.outcome.word() != "met");
    let unseen: Vec<&str> = unseen.map(|result| result.name.as_str()).collect();
    assert_eq!(unseen, Vec::<&str>::new());
}

/// Each without one line of its configuration: what turns red is what the line was for.
#[rstest]
#[tokio::test]
async fn a_gateway_that_lacks_a_line_is_red_for_it(
    #[files("fixtures/gateways/*/gateway.toml")] file: PathBuf,
) {
    let Some(kind) = kind_of(file.parent().expect("a folder")) else {
        return;
    };
    let behind = Behind::new().await;
    let (kind, behind) = (&kind, &behind);
    let weaknesses = stream::iter(kind.weaknesses());
    let tried = weaknesses.map(|weakness| async move {
        let verified = behind.verify_api(kind, weakness).await;
        let finds = kind.finds(Some(weakness)).expect("what is found");
        let here = differs(&verified, finds).into_iter();
        let here = here.map(|line| format!("without {weakness}: {line}"));
        here.collect::<Vec<String>>()
    });
    let differ: Vec<Vec<String>> = tried.buffered(SIDE_BY_SIDE).collect().await;
    assert_eq!(differ.concat(), Vec::<String>::new());
}

/// How what was found differs from what is to be found; nothing where it does not.
fn differs(verified: &Verified, finds: &Finds) -> Vec<String> {
    let mut differs = Vec::new();
    let red: Vec<&str> = required_red(verified).map(|r| r.name.as_str()).collect();
    let is_meant = |name: &&str| {
        let is_first = finds.red.as_ref().is_some_and(|red| name.starts_with(red));
        is_first || finds.only.iter().any(|part| name.contains(part.as_str()))
    };
    let first = red.first().copied();
    match &finds.red {
        Some(wanted) if !first.is_some_and(|first| first.starts_with(wanted)) => {
            differs.push(format!("first is {first:?}, not {wanted}"));
        }
        _ => {}
    }
    let others = red.iter().filter(|name| !is_meant(name));
    differs.extend(others.map(|name| format!("{name} is red")));
    let unmet = names(verified, "not_met");
    let is_seen = |wanted: &&String| unmet.iter().any(|name| name.starts_with(wanted.as_str()));
    let unseen = finds.advised.iter().filter(|wanted| !is_seen(wanted));
    differs.extend(unseen.map(|name| format!("{name} is met")));
    let status = i32::from(finds.red.is_some());
    let found = i32::from(verified.record.run.exit_status);
    let is_unanswered = finds.unanswered && found == NOT_LOOKED;
    if found != status && !is_unanswered {
        differs.push(format!("the run ends with another status than {status}"));
    }
    differs
}

/// What is required and not met, in the order in which it is cited.
fn required_red(verified: &Verified) -> impl Iterator<Item = &RecordedResult> {
    let results = verified.record.results.iter();
    results.filter(|r| r.is_not_met() && r.severity == Severity::Required)
}

/// Two segments, the `kid` published: anyone who has seen any token can end the process.
#[tokio::test]
async fn a_verifier_that_ends_its_process_takes_the_api_away() {
    let Some(kind) = named("express") else {
        return;
    };
    let verified = Behind::new().await.verify(&kind, Some("shape")).await;
    let mut red = required_red(&verified);
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

/// Endpoints with methods, bodies and several scopes, as a gateway has them that is not ours.
#[rstest]
#[case::right(None)]
#[case::either_scope(Some("either-scope"))]
#[case::method(Some("method"))]
#[tokio::test]
async fn orders_behind_a_gateway_are_judged_by_their_scopes(#[case] weakness: Option<&str>) {
    let Some(kind) = kind_of(&file("tests/suite/companies/gateway")) else {
        return;
    };
    let behind = Behind::of("fixtures/org-orders.toml").await;
    let verified = behind.verify(&kind, weakness).await;
    let finds = kind.finds(weakness).expect("what is found");
    assert_eq!(differs(&verified, finds), Vec::<String>::new());
}

/// What the norm asks for and no access depends on is advised.
#[tokio::test]
async fn a_gateway_that_asks_for_no_token_is_advised_to() {
    let Some(kind) = named("nginx") else {
        return;
    };
    let verified = Behind::new().await.verify(&kind, Some("challenge")).await;
    let challenges = ["planets", "moons"]
        .map(|path| format!("access::a_refusal_asks_for_a_bearer_token[/{path}]"));
    let mut advised = names(&verified, "not_met");
    advised.retain(|name| name.starts_with("access::"));
    assert_eq!(advised, challenges);
    assert_eq!(verified.record.run.exit_status, 0);
}

/// While its key cache is cold, nginx leaves some of several requests without an answer: those were
/// not looked at, and say so; nothing of it is a breach, and nobody reads green from it.
#[tokio::test]
async fn what_a_cold_key_cache_leaves_unanswered_is_not_checked() {
    let Some(kind) = named("nginx") else {
        return;
    };
    let cold = Some("keys-on-demand");
    let verified = Behind::new().await.verify(&kind, cold).await;
    assert_eq!(required_red(&verified).count(), 0);
    let results = verified.record.results.iter();
    let unseen = results.filter(|it| it.severity == Severity::Required && !it.is_met());
    let unanswered: Vec<&RecordedResult> = unseen.collect();
    for result in &unanswered {
        let reason = result.reason.as_deref().unwrap_or_default();
        assert!(reason.contains("gave no answer within"), "{result:#?}");
    }
    let status = if unanswered.is_empty() { 0 } else { 2 };
    assert_eq!(verified.record.run.exit_status, status);
}

/// Every gateway by its name, installed or not.
pub(crate) fn kinds() -> Vec<(String, GatewayKind)> {
    let folders = std::fs::read_dir(file("fixtures/gateways")).expect("a folder");
    let mut folders: Vec<PathBuf> = folders.map(|it| it.expect("an entry").path()).collect();
    folders.sort();
    let kinds = folders.iter().map(|folder| {
        let name = folder.file_name().expect("a name").to_string_lossy();
        (
            name.into_owned(),
            GatewayKind::read(folder).expect("readable"),
        )
    });
    kinds.collect()
}

/// What is missing of each gateway, and what turns red by it.
#[test]
fn the_page_of_gateways_is_current() {
    let mut page = HEAD.to_owned();
    for (name, kind) in kinds() {
        page += &section(&name, &kind);
    }
    let place = file("docs/gateways-seen.md");
    if std::env::var_os("OKTA_E2E_WRITE_DOCS").is_some() {
        std::fs::write(&place, &page).expect("written");
    }
    let found = std::fs::read_to_string(place).unwrap_or_default();
    assert!(
        found == page,
        "OKTA_E2E_WRITE_DOCS=1 scripts/test gateways writes docs/gateways-seen.md again"
    );
}

const HEAD: &str = "# Gateways: what is missing, and what turns red\n\n\
Generated from `fixtures/gateways` by `OKTA_E2E_WRITE_DOCS=1 scripts/test gateways`. The tests start each \
gateway that is\ninstalled ([how](gateways.md)), as it should be and with each of these lines less.\n";

fn section(name: &str, kind: &GatewayKind) -> String {
    let right = kind.finds(None).expect("what is found");
    let mut section = format!("\n## `{name}`: {}\n\n", kind.title());
    if !right.advised.is_empty() {
        let advised = format!("As it should be, advised: {}.\n\n", listed(&right.advised));
        section.push_str(&advised);
    }
    section += "| without | first cited | advised |\n|---|---|---|\n";
    for weakness in kind.weaknesses() {
        let finds = kind.finds(Some(weakness)).expect("what is found");
        let red = finds.red.as_deref().map(|red| format!("`{red}`"));
        let red = red.as_deref().unwrap_or("–");
        let row = format!("| `{weakness}` | {red} | {} |\n", listed(&finds.advised));
        section.push_str(&row);
    }
    section
}

fn listed(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
