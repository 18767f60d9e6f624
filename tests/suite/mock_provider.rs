//! npm's `oauth2-mock-server`, which gives tokens to anyone who asks: what a person sees in its
//! source is red. Where it is not installed it is passed over, which is said.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Stdio;

use okta_e2e::config::Profile;
use okta_e2e::model::OrgModel;
use okta_e2e::requirements::Severity;
use okta_e2e::verification::Verified;
use okta_sandbox::{Sandbox, SolarSystem};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use url::Url;

use crate::support::agent::HttpAgents;
use crate::support::scenario::keep_what_was_found;
use crate::support::served;
use crate::support::world::{World, file};

/// Where `scripts/install-provider` puts it.
const INSTALLED: &str = "target/providers";

/// What its source says, and the trials that must be red for it: whoever they are about.
const FAULTS: [(&str, &[&str]); 23] = [
    (
        "any client id will do",
        &["a_request_of_an_unknown_client_is_refused"],
    ),
    ("and none", &["a_request_without_client_is_refused"]),
    ("a client id twice", &["a_second_client_id_is_refused"]),
    (
        "any host will do as redirect URI",
        &["a_redirect_uri_at_another_host_is_refused"],
    ),
    (
        "and any path",
        &[
            "a_redirect_uri_with_another_path_is_refused",
            "a_redirect_uri_with_a_longer_path_is_refused",
        ],
    ),
    (
        "and any scheme and port",
        &[
            "a_redirect_uri_by_another_scheme_is_refused",
            "a_redirect_uri_at_another_port_is_refused",
        ],
    ),
    (
        "errors go to any redirect URI",
        &["an_error_leads_to_no_redirect_uri_of_others"],
    ),
    (
        "codes come without a sign-in",
        &[
            "a_silent_request_without_a_session_is_refused",
            "the_user_is_denied_the_scopes",
            "the_user_is_refused_as_not_assigned",
        ],
    ),
    (
        "`prompt` is not read",
        &["a_silent_request_that_asks_for_a_sign_in_is_refused"],
    ),
    (
        "`response_mode` is not read",
        &[
            "an_error_is_where_the_response_mode_says",
            "an_error_comes_in_a_form_where_the_response_mode_says_so",
        ],
    ),
    (
        "a code challenge may be plain",
        &[
            "a_plain_code_challenge_is_refused",
            "a_code_challenge_without_method_is_refused",
        ],
    ),
    ("and short", &["a_short_code_challenge_is_refused"]),
    (
        "the metadata says that it may be plain",
        &["a_code_challenge_is_hashed"],
    ),
    (
        "request objects are passed over",
        &[
            "a_request_object_is_refused",
            "a_request_object_elsewhere_is_refused",
        ],
    ),
    (
        "pages of any origin read everything",
        &["no_page_elsewhere_reads_an_answer"],
    ),
    (
        "no client shows its secret",
        &[
            "a_code_is_refused_with_a_wrong_client_secret",
            "a_code_is_refused_without_the_client_secret",
        ],
    ),
    (
        "a code is good without its verifier",
        &["a_code_is_refused_without_a_verifier"],
    ),
    (
        "and for another redirect URI, or none",
        &[
            "a_code_is_refused_for_another_redirect_uri",
            "a_code_is_refused_without_redirect_uri",
        ],
    ),
    (
        "any client acts for itself",
        &["a_client_acts_for_itself_only_where_it_may"],
    ),
    (
        "claims come without a token",
        &[
            "nobody_fetches_claims_without_a_token",
            "nobody_fetches_claims_with_garbage",
            "nobody_fetches_claims_with_another_signature",
        ],
    ),
    (
        "every token is alive, to anyone",
        &[
            "a_made_up_token_is_not_alive",
            "nobody_asks_about_tokens_without_a_secret",
        ],
    ),
    (
        "anyone revokes, and nothing ends",
        &[
            "nobody_revokes_without_a_secret",
            "a_revoked_token_is_not_alive",
        ],
    ),
    (
        "who signs out is sent anywhere",
        &[
            "nobody_who_signs_out_is_sent_elsewhere",
            "nobody_is_sent_elsewhere_without_an_id_token",
        ],
    ),
];

/// The provider; it ends when it is dropped.
struct Provider {
    issuer: String,
    _process: Child,
    /// Open as long as it may write.
    _output: Lines<BufReader<ChildStdout>>,
}

impl Provider {
    async fn start(audience: &str) -> Self {
        let mut process = Command::new("node")
            .arg(file("fixtures/providers/oauth2-mock-server.mjs"))
            .arg(file(INSTALLED))
            .arg(audience)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("node is installed");
        let output = process.stdout.take().expect("an output");
        let mut lines = BufReader::new(output).lines();
        let first = lines.next_line().await.expect("readable");
        let first: Value = serde_json::from_str(&first.expect("a line")).expect("JSON");
        Self {
            issuer: first["issuer"].as_str().expect("an issuer").to_owned(),
            _process: process,
            _output: lines,
        }
    }
}

/// A client with a secret and the code flow, of another provider than Okta.
fn model() -> OrgModel {
    let text = std::fs::read_to_string(file("fixtures/org-code-only.toml")).expect("the model");
    let text = text
        .replace(
            "application_type = \"browser\"",
            "application_type = \"web\"",
        )
        .replace("= \"none\"", "= \"client_secret_basic\"");
    let text = format!("provider = \"generic\"\n{text}");
    OrgModel::parse(&file("fixtures/org-code-only.toml"), &text).expect("the model is right")
}

async fn verified() -> Verified {
    let mut world = World::of_model(model(), Sandbox::builder()).await;
    let audience = world.model.authorization_server.audience.clone();
    let provider = Provider::start(&audience).await;
    world.config.profile = Profile::Standard;
    world.access.org_url = Url::parse(&provider.issuer).expect("a URL");
    world.access.issuer.clone_from(&provider.issuer);
    world.access.api_token = None;
    world.access.trusted_key = None;
    let api = SolarSystem::builder(&provider.issuer, &audience)
        .endpoints(served::endpoints(&world.model))
        .start()
        .await
        .expect("the API starts");
    world.verify_at(api.url(), Some(&HttpAgents)).await
}

/// Each row names what is wrong as its source has it, and nothing that is required is met in its
/// place.
#[tokio::test]
async fn what_a_person_sees_in_its_source_is_red() {
    if !file(INSTALLED)
        .join("node_modules/oauth2-mock-server")
        .is_dir()
    {
        eprintln!("NOT PROVEN: oauth2-mock-server is not installed: scripts/install-provider");
        return;
    }
    let verified = verified().await;
    keep_what_was_found(
        "providers",
        Path::new("oauth2-mock-server"),
        &verified.record,
    );
    let results = verified.record.results.iter();
    let red = results.filter(|result| result.is_not_met());
    let red: BTreeSet<&str> = red.map(|result| result.name.as_str()).collect();
    for (what, trials) in FAULTS {
        for trial in trials {
            assert!(
                red.iter().any(|name| name.contains(trial)),
                "{what}: {trial}"
            );
        }
    }
    let mut required = verified.record.results.iter();
    let is_breach =
        required.any(|result| result.is_not_met() && result.severity == Severity::Required);
    assert!(is_breach);
    assert_eq!(verified.record.run.exit_status, 1);
}
