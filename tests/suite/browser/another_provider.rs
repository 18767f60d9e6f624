//! Real providers that are not Okta, npm's `oidc-provider` and Debian's glewlwyd: their own sign-in
//! pages in a browser, their tokens by both flows. One that is not installed is passed over, which
//! is said.

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
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use url::Url;

use crate::support::scenario::keep_what_was_found;
use crate::support::world::{World, file, names};

/// Where `scripts/install-provider` puts it.
const INSTALLED: &str = "target/providers";
/// Where Debian has it.
const GLEWLWYD: &str = "/usr/bin/glewlwyd";
/// What its page says to a user who may have none of the scopes.
const NO_SCOPE: &str = "no required scope is available";
/// It takes no other for the implicit flow than https at a name of its own.
const REDIRECT_URI: &str = "https://app.example.com/callback";

/// A world whose tokens come from another provider than the sandbox.
struct Elsewhere {
    world: World,
    _provider: Child,
    _folder: TempDir,
    /// Open as long as it may write: it ends where nobody can read what it says.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Elsewhere {
    /// npm's `oidc-provider`; nothing where it is not installed.
    async fn oidc_provider(format: &str, narrows: bool) -> Option<Self> {
        if !file(INSTALLED).join("node_modules/oidc-provider").is_dir() {
            eprintln!("NOT PROVEN: oidc-provider is not installed: scripts/install-provider");
            return None;
        }
        let world = world(&[]).await;
        let mut settings = settings(&world, format, narrows);
        let users = settings["users"].as_object_mut().expect("users");
        for user in users.values_mut() {
            *user = user["scopes"].take();
        }
        let program = file("fixtures/providers/oidc-provider.mjs");
        let mut command = Command::new("node");
        command.arg(program).arg(file(INSTALLED));
        Some(
            Self::start(
                world,
                &mut command,
                &settings,
                TempDir::new().expect("a folder"),
            )
            .await,
        )
    }

    /// Debian's glewlwyd; nothing where it is not installed.
    async fn glewlwyd(asks: bool) -> Option<Self> {
        if !Path::new(GLEWLWYD).is_file() {
            eprintln!("NOT PROVEN: glewlwyd is not installed: apt-get install glewlwyd sqlite3");
            return None;
        }
        // It takes no audience by http.
        let server = "audience = \"https://myapp.com\"\naudience_parameter = \"resource\"";
        let audience = "audience = \"http://myapp.com\"";
        let own_words = format!("[client]\nnot_assigned = [\"{NO_SCOPE}\"]");
        let world = world(&[(audience, server), ("[client]", &own_words)]).await;
        let mut settings = settings(&world, "jwt", true);
        settings["asks"] = asks.into();
        let audience = settings["audience"].clone();
        let client = settings["client"].as_object_mut().expect("a client");
        client.insert("resource".to_owned(), json!([audience]));
        client.retain(|name, _| name.starts_with("client_") || name == "resource");
        client.insert("redirect_uri".to_owned(), json!([REDIRECT_URI]));
        let folder = TempDir::new().expect("a folder");
        let mut command = Command::new("node");
        command
            .arg(file("fixtures/providers/glewlwyd.mjs"))
            .arg(folder.path());
        Some(Self::start(world, &mut command, &settings, folder).await)
    }

    /// A program that says its issuer first, and takes what is set up as its last argument.
    async fn start(
        mut world: World,
        program: &mut Command,
        settings: &Value,
        folder: TempDir,
    ) -> Self {
        let mut provider = program
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
        Self {
            world,
            _provider: provider,
            _folder: folder,
            _output: lines,
        }
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

/// The document's model of another provider, with other lines instead of some.
async fn world(instead: &[(&str, &str)]) -> World {
    let text = std::fs::read_to_string(file("fixtures/org.toml")).expect("the model");
    let mut text = format!("provider = \"generic\"\n{text}");
    for (line, other) in instead {
        text = text.replace(line, other);
    }
    let model = OrgModel::parse(&file("fixtures/org.toml"), &text).expect("the model is right");
    let mut world = World::of_model(model, Sandbox::builder()).await;
    world.access.redirect_uri = Some(REDIRECT_URI.parse().expect("a URI"));
    world
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
        let may_have = world.model.largest_granted(user, flow);
        let scopes = may_have.map(|scopes| scopes.with_openid());
        let credentials = world.access.users.get(user.name())?;
        let password = secrecy::ExposeSecret::expose_secret(&credentials.password);
        let settings = json!({ "password": password, "scopes": scopes.unwrap_or_default() });
        Some((credentials.username.clone(), settings))
    });
    let users: BTreeMap<String, Value> = users.collect();
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
    let Some(mut elsewhere) = Elsewhere::oidc_provider("jwt", narrows).await else {
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
    let Some(elsewhere) = Elsewhere::oidc_provider("opaque", false).await else {
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

/// What glewlwyd does unlike the norms: it refuses `max_age=0`, wants an `id_token_hint` beside
/// `prompt=none`, and answers a code that it does not know by 403 and `invalid_code` (its version
/// 2.7.5; RFC 6749 section 5.2 has 400 and `invalid_grant`).
const OF_GLEWLWYD: [(&str, &str); 6] = [
    (
        "protocol::both_tokens_come_by_a_message",
        "that proves nothing",
    ),
    ("the_user_is_asked_again_by_max_age_0", "max_age invalid"),
    (
        "[token]",
        "a code that nobody gave is answered 403 `invalid_code`",
    ),
    (
        "[token]",
        "a code that was redeemed already is answered 403 `invalid_code`",
    ),
    (
        "protocol::a_code_is_re",
        "no code came in the session of the sign-in",
    ),
    (
        "protocol::a_verifier_is_refused",
        "no code came in the session of the sign-in",
    ),
];

/// Its page is written by a script, its tokens are for the API that `resource` names, and less is
/// granted than was asked for. A user who may have none of the scopes reads so on a page, as one
/// does who is not assigned, and the client is not sent a denial.
#[tokio::test]
async fn glewlwyd_is_red_for_what_it_does_unlike_the_norms() {
    let Some(mut elsewhere) = Elsewhere::glewlwyd(false).await else {
        return;
    };
    elsewhere.world.config.profile = Profile::Standard;
    let verified = elsewhere.verify().await;
    keep_what_was_found("providers", Path::new("glewlwyd"), &verified.record);
    let wrong = wrong(&verified);
    let says_no_scope = |line: &&String| line.contains(NO_SCOPE);
    let (on_a_page, others): (Vec<_>, Vec<_>) = wrong.iter().partition(says_no_scope);
    let denied = "step_5_authorize::the_user_is_denied_the_scopes[";
    let is_of_another = |line: &&&String| !line.starts_with(denied);
    assert_eq!(on_a_page.iter().find(is_of_another), None);
    let is_unlike = |line: &&&String| {
        let mut known = OF_GLEWLWYD.iter();
        !known.any(|(name, why)| line.contains(name) && line.contains(why))
    };
    assert_eq!(others.iter().find(is_unlike), None);
    for (name, why) in OF_GLEWLWYD {
        let is_seen = others
            .iter()
            .any(|line| line.contains(name) && line.contains(why));
        assert!(is_seen, "{name}: {why}: {others:#?}");
    }
    let denied = "step_5_authorize::the_user_is_denied_the_scopes[SILVER gold]";
    assert!(of(&verified, denied).is_met());
    let in_part = of(&verified, "access::silver_is_refused_moons[gold]");
    assert!(in_part.is_met(), "{in_part:#?}");
    assert_eq!(verified.record.run.exit_status, 1);
}

/// A page that asks the user to go on asks for more than a password: it is named.
#[tokio::test]
async fn a_page_that_asks_after_each_sign_in_is_named() {
    let Some(elsewhere) = Elsewhere::glewlwyd(true).await else {
        return;
    };
    let verified = elsewhere.verify().await;
    assert_ne!(verified.record.run.exit_status, 0);
    let gets = "step_5_authorize::the_user_gets_tokens[SILVER openid alone]";
    let reason = of(&verified, gets).reason.as_deref().unwrap_or_default();
    assert!(
        reason.contains("cannot go past the page \"Glewlwyd login\""),
        "{reason}"
    );
}
