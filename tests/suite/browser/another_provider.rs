//! A real provider that is not Okta, npm's `oidc-provider`: its own sign-in page in a browser, its
//! tokens by both flows. Where it is not installed it is passed over, which is said.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use okta_e2e::config::Profile;
use okta_e2e::model::{OrgModel, Scope};
use okta_e2e::observation::Cause;
use okta_e2e::report::RecordedResult;
use okta_e2e::requirements::Severity;
use okta_e2e::verification::Verified;
use okta_sandbox::Sandbox;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use url::Url;

use crate::support::scenario::keep_what_was_found;
use crate::support::world::{World, file, names};

/// Where `scripts/install-provider` puts it.
const INSTALLED: &str = "target/providers";
/// It takes no other for the implicit flow than https at a name of its own.
const REDIRECT_URI: &str = "https://app.example.com/callback";

/// A world whose tokens come from another provider than the sandbox.
struct Elsewhere {
    world: World,
    _provider: Child,
    /// Open as long as it may write: it ends where nobody can read what it says.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Elsewhere {
    /// Nothing where it is not installed.
    async fn start(format: &str, narrows: bool) -> Option<Self> {
        if !file(INSTALLED).join("node_modules/oidc-provider").is_dir() {
            eprintln!("NOT PROVEN: oidc-provider is not installed: scripts/install-provider");
            return None;
        }
        let text = std::fs::read_to_string(file("fixtures/org.toml")).expect("the model");
        let text = format!("provider = \"generic\"\n{text}");
        let model = OrgModel::parse(&file("fixtures/org.toml"), &text).expect("the model is right");
        let mut world = World::of_model(model, Sandbox::builder()).await;
        world.access.redirect_uri = Some(REDIRECT_URI.parse().expect("a URI"));
        let settings = settings(&world, format, narrows);
        let mut provider = Command::new("node")
            .arg(file("fixtures/providers/oidc-provider.mjs"))
            .arg(file(INSTALLED))
            .arg(settings.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("node is installed");
        let output = provider.stdout.take().expect("an output");
        let mut lines = BufReader::new(output).lines();
        let first = lines.next_line().await.expect("readable");
        let first: Value = serde_json::from_str(&first.expect("a line")).expect("JSON");
        let issuer = first["issuer"].as_str().expect("an issuer").to_owned();
        world.access.org_url = Url::parse(&issuer).expect("a URL");
        world.access.issuer = issuer;
        world.access.api_token = None;
        world.access.trusted_key = None;
        Some(Self {
            world,
            _provider: provider,
            _output: lines,
        })
    }

    /// By an API that trusts the provider.
    async fn verify(&self) -> Verified {
        let (model, access) = (&self.world.model, &self.world.access);
        let audience = &model.authorization_server.audience;
        let api = okta_sandbox::SolarSystem::builder(&access.issuer, audience)
            .endpoints(crate::support::served::endpoints(model))
            .start()
            .await
            .expect("the API starts");
        self.world.verify_at(api.url(), None).await
    }
}

/// Every one that the provider has with tokens or a code.
const RESPONSE_TYPES: [&str; 6] = [
    "code",
    "id_token",
    "id_token token",
    "code id_token",
    "code token",
    "code id_token token",
];

/// Who may have which scope: as the rules of the model say.
fn settings(world: &World, format: &str, narrows: bool) -> Value {
    let scopes: Vec<&str> = world.model.scopes.iter().map(Scope::name).collect();
    let flow = world.model.main_flow();
    let users = world.model.users.iter().filter_map(|user| {
        let may_have = world.model.largest_granted(user, flow)?;
        let login = world.access.users.get(user.name())?.username.clone();
        Some((login, may_have.with_openid()))
    });
    let users: BTreeMap<String, _> = users.collect();
    let secret = world.access.client_secret.as_ref().expect("a secret");
    json!({
        "audience": world.model.authorization_server.audience,
        "format": format,
        "narrows": narrows,
        "scopes": scopes,
        "users": users,
        "client": {
            "client_id": world.access.client_id,
            "client_secret": secrecy::ExposeSecret::expose_secret(secret),
            "redirect_uris": [REDIRECT_URI],
            "response_types": RESPONSE_TYPES,
            "grant_types": ["implicit", "authorization_code"],
        },
    })
}

/// The names of what is required and neither met nor something that this provider cannot have.
fn wrong(verified: &Verified) -> Vec<String> {
    let results = verified.record.results.iter();
    let wrong = results.filter(|result| {
        result.severity == Severity::Required
            && !result.is_met()
            && !matches!(
                result.cause,
                Some(Cause::NotApplicable | Cause::NotConfigured)
            )
    });
    let told = |result: &RecordedResult| {
        let why = result.reason.as_ref().or(result.actual.as_ref());
        format!("{}: {}", result.name, why.map_or("", String::as_str))
    };
    wrong.map(told).collect()
}

fn of<'v>(verified: &'v Verified, name: &str) -> &'v RecordedResult {
    let mut results = verified.record.results.iter();
    let found = results.find(|result| result.name == name);
    found.unwrap_or_else(|| panic!("no {name} in {:#?}", names(verified, "met")))
}

/// What a finding, a reason or a reference may not speak of, where nobody has Okta.
const OF_OKTA: [&str; 5] = [
    "Okta",
    "okta.com",
    "Security >",
    "Applications >",
    "/api/v1/",
];

fn speaks_of_okta(result: &RecordedResult) -> bool {
    let fix = result.fix.as_ref();
    let fix = fix.map(|fix| format!("{} {}", fix.admin_console, fix.api));
    let texts = [&result.expected, &result.actual, &fix, &result.see];
    let mut texts = texts.into_iter().flatten();
    result.is_not_met() && texts.any(|text| OF_OKTA.iter().any(|word| text.contains(word)))
}

/// Tokens that RFC 9068 describes, by both flows; what is denied is denied, or given in part.
#[rstest]
#[case::all_or_nothing(false)]
#[case::in_part(true)]
#[tokio::test]
async fn a_right_provider_is_green(#[case] narrows: bool) {
    let Some(mut elsewhere) = Elsewhere::start("jwt", narrows).await else {
        return;
    };
    elsewhere.world.config.profile = Profile::Standard;
    let verified = elsewhere.verify().await;
    let name = if narrows { "in-part" } else { "oidc-provider" };
    keep_what_was_found("providers", Path::new(name), &verified.record);
    assert_eq!(wrong(&verified), Vec::<String>::new());
    assert_eq!(verified.record.run.exit_status, 0);
    let results = verified.record.results.iter();
    let of_okta: Vec<_> = results.filter(|result| speaks_of_okta(result)).collect();
    assert!(of_okta.is_empty(), "{of_okta:#?}");
    let denied = of(
        &verified,
        "step_5_authorize::the_user_is_denied_the_scopes[SILVER gold]",
    );
    assert!(denied.is_met(), "{denied:#?}");
    let in_part = of(&verified, "access::silver_is_refused_moons[gold]");
    let expected = (!narrows).then_some(Cause::NotApplicable);
    assert_eq!(in_part.cause, expected, "{in_part:#?}");
    assert_eq!(in_part.is_met(), narrows);
}

/// Nobody but the provider reads them: what an API makes of them, the suite's own can show to
/// nobody, and nothing is said of claims that nobody can see.
#[tokio::test]
async fn opaque_tokens_are_not_judged() {
    let Some(elsewhere) = Elsewhere::start("opaque", false).await else {
        return;
    };
    let verified = elsewhere.verify().await;
    let results = verified.record.results.iter();
    let unmet = results.filter(|r| r.is_not_met() && r.severity == Severity::Required);
    let unmet: Vec<&RecordedResult> = unmet.collect();
    assert!(unmet.is_empty(), "{unmet:#?}");
    let results = verified.record.results.iter();
    let reads = results.filter(|result| result.id.contains("_reads_"));
    let reads: Vec<&RecordedResult> = reads.collect();
    assert!(!reads.is_empty());
    for result in reads {
        let reason = result.reason.as_deref().unwrap_or_default();
        assert!(reason.contains("set RESOURCE_SERVER_URL"), "{result:#?}");
    }
}
