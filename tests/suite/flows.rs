//! Which flows a run uses follows from the model: from its client's grants and the rules'.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use okta_e2e::model::{Flow, OrgModel};
use okta_e2e::observation::Plan;
use okta_e2e::requirements;
use okta_e2e::selection::Selection;
use okta_sandbox::Sandbox;
use rstest::rstest;

use crate::support::world::{World, file, names};

const BOTH: &str = r#"["authorization_code", "implicit"]"#;
const CODE: &str = r#"["authorization_code"]"#;
const IMPLICIT: &str = r#"["implicit"]"#;
const ALL_TYPES: &str = r#"["code", "token", "id_token"]"#;

/// What a model says of its client, and of its rules' grants.
#[derive(Clone, Copy)]
struct Says {
    kind: &'static str,
    grants: &'static str,
    types: &'static str,
    method: &'static str,
    rules: &'static str,
}

const DOCUMENT: Says = Says {
    kind: "web",
    grants: BOTH,
    types: ALL_TYPES,
    method: "client_secret_basic",
    rules: BOTH,
};
const CODE_WITH_SECRET: Says = Says {
    grants: CODE,
    types: r#"["code"]"#,
    rules: CODE,
    ..DOCUMENT
};
const SINGLE_PAGE: Says = Says {
    kind: "browser",
    method: "none",
    ..CODE_WITH_SECRET
};
const IMPLICIT_ALONE: Says = Says {
    kind: "browser",
    grants: IMPLICIT,
    types: r#"["token", "id_token"]"#,
    method: "none",
    rules: IMPLICIT,
};

impl Says {
    /// The default model with this client and these rules.
    fn model(self) -> OrgModel {
        let text = std::fs::read_to_string(file("fixtures/org.toml")).expect("the model");
        let (rules, client) = text.split_once("[client]").expect("a client");
        let rules = rules.replace(BOTH, self.rules);
        let client = client
            .replace(BOTH, self.grants)
            .replace(ALL_TYPES, self.types)
            .replace("\"web\"", &format!("\"{}\"", self.kind))
            .replace("client_secret_basic", self.method);
        let text = format!("{rules}[client]{client}");
        OrgModel::parse(Path::new("org.toml"), &text).expect("the model is right")
    }
}

/// The names of all trials of the model.
fn trials(says: Says) -> BTreeSet<String> {
    let trials = requirements::trials(&says.model());
    trials.iter().map(requirements::Trial::name).collect()
}

#[rstest]
#[case::implicit_alone(IMPLICIT_ALONE, &[Flow::Implicit])]
#[case::code_of_a_single_page(SINGLE_PAGE, &[Flow::Code])]
#[case::code_of_a_native_client(Says { kind: "native", ..SINGLE_PAGE }, &[Flow::Code])]
#[case::code_with_a_secret(CODE_WITH_SECRET, &[Flow::Code])]
#[case::code_with_a_secret_in_the_form(Says { method: "client_secret_post", ..CODE_WITH_SECRET }, &[Flow::Code])]
#[case::code_alone_by_the_rules(Says { rules: CODE, ..DOCUMENT }, &[Flow::Code])]
#[case::implicit_alone_by_the_client(Says { rules: BOTH, ..IMPLICIT_ALONE }, &[Flow::Implicit])]
#[case::both_of_a_single_page(Says { kind: "browser", method: "none", ..DOCUMENT }, &Flow::ALL)]
#[case::both(DOCUMENT, &Flow::ALL)]
#[tokio::test]
async fn a_right_org_is_all_green_by_the_flows_of_its_model(
    #[case] says: Says,
    #[case] flows: &[Flow],
) {
    let mut world = World::of_model(says.model(), Sandbox::builder()).await;
    world.config.strict = true;
    assert_eq!(world.model.flows(), flows);
    let plan = plan(&world.model);
    let asked: BTreeSet<Flow> = plan.authorizations().map(|key| key.flow).collect();
    assert_eq!(
        asked,
        flows.iter().copied().collect(),
        "no other flow is asked for"
    );
    let verified = world.verify().await;
    for outcome in ["not_met", "not_checked"] {
        assert_eq!(names(&verified, outcome), Vec::<String>::new());
    }
    assert_eq!(verified.record.run.exit_status, 0);
    assert_eq!(verified.record.run.sign_ins, 4, "a user signs in once");
}

fn plan(model: &OrgModel) -> Plan {
    let trials = requirements::trials(model);
    Selection::all(&trials).work(model, &|_| true).plan
}

/// Only where there are two does a name tell which.
#[test]
fn what_is_verified_by_one_flow_is_verified_by_the_other() {
    let (by_code, by_implicit) = (trials(SINGLE_PAGE), trials(IMPLICIT_ALONE));
    let of_code = [
        "step_4a_client::the_client_may_use_the_grant_type[authorization_code]",
        "step_4a_client::the_client_may_use_the_response_type[code]",
        "step_4a_client::the_client_requires_pkce",
        "step_5_authorize::an_id_token_comes_with_the_access_token[GOLD]",
        "step_5_authorize::an_id_token_comes_with_the_access_token[SILVER]",
        "step_5_authorize::no_refresh_token_comes_without_offline_access[GOLD]",
        "step_5_authorize::no_refresh_token_comes_without_offline_access[SILVER]",
        "step_5_authorize::the_code_flow_puts_no_token_into_the_browser[GOLD]",
        "step_5_authorize::the_code_flow_puts_no_token_into_the_browser[SILVER]",
    ];
    let of_implicit = [
        "step_4a_client::the_client_may_use_the_grant_type[implicit]",
        "step_4a_client::the_client_may_use_the_response_type[id_token]",
        "step_4a_client::the_client_may_use_the_response_type[token]",
        "step_5_authorize::both_tokens_are_in_the_fragment_and_nowhere_else[GOLD]",
        "step_5_authorize::both_tokens_are_in_the_fragment_and_nowhere_else[SILVER]",
        "step_5_authorize::no_refresh_token_comes_by_the_browser[GOLD]",
        "step_5_authorize::no_refresh_token_comes_by_the_browser[SILVER]",
    ];
    assert_eq!(
        by_code.difference(&by_implicit).collect::<Vec<_>>(),
        of_code
    );
    assert_eq!(
        by_implicit.difference(&by_code).collect::<Vec<_>>(),
        of_implicit
    );
    let both = trials(DOCUMENT);
    let of_implicit = by_implicit.difference(&both).count();
    assert_eq!(of_implicit, 0, "the document's own flow keeps its names");
}

/// Each user: all requests by the document's own flow; by the other the largest that is granted
/// and the smallest that is not, or each scope alone to whom it gives nothing.
#[test]
fn the_second_flow_costs_a_request_or_two_for_each_user() {
    let model = DOCUMENT.model();
    let plan = plan(&model);
    let by = |flow| plan.authorizations().filter(|key| key.flow == flow).count();
    // Three of them ask what no flow of their own is for: to sign in anew, twice, and for a code
    // with an ID token.
    assert_eq!((by(Flow::Implicit), by(Flow::Code)), (16 + 3, 6));
}

/// The cells of the matrix's rows for a user, without the drawing.
fn rows(matrix: &str, user: &str) -> Vec<String> {
    let row = |line: &str| {
        let cells = line.split(['│', '┆']).map(str::trim);
        let cells: Vec<&str> = cells.filter(|cell| !cell.is_empty()).collect();
        cells.join(" ")
    };
    let rows = matrix.lines().map(row);
    rows.filter(|row| row.starts_with(&format!("{user} ")))
        .collect()
}

#[rstest]
#[case::two_flows(DOCUMENT, &[
    "SILVER openid alone yes refused refused",
    "SILVER silver yes reads refused",
    "SILVER gold denied - -",
    "SILVER silver and gold denied - -",
    "SILVER silver by code yes reads refused",
    "SILVER gold by code denied - -",
])]
#[case::one_flow(SINGLE_PAGE, &[
    "SILVER openid alone yes refused refused",
    "SILVER silver yes reads refused",
    "SILVER gold denied - -",
    "SILVER silver and gold denied - -",
])]
#[tokio::test]
async fn the_matrix_names_a_flow_where_there_are_two(#[case] says: Says, #[case] wanted: &[&str]) {
    let world = World::of_model(says.model(), Sandbox::builder()).await;
    let verified = world.verify().await;
    let matrix = okta_e2e::report::lines(&verified.record, "", None, None).join("\n");
    assert_eq!(rows(&matrix, "SILVER"), wanted, "{matrix}");
}

/// A browser of one's own is sent by the flow that the model's client has.
#[rstest]
#[case::code_alone("fixtures/org-code-only.toml", "code", true)]
#[case::both("fixtures/org.toml", "token id_token", false)]
#[tokio::test]
async fn the_url_to_try_by_hand_is_that_of_the_model(
    #[case] model: &str,
    #[case] response_type: &str,
    #[case] has_challenge: bool,
) {
    let world = World::of(model, Sandbox::builder()).await;
    let place = tempfile::TempDir::new().expect("a folder");
    let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_okta-e2e"))
        .args(["authorize-url", "--user", "GOLD"])
        .current_dir(place.path())
        .env_clear()
        .env("OKTA_OAUTH2_ISSUER", &world.access.issuer)
        .env("OKTA_OAUTH2_CLIENT_ID", &world.access.client_id)
        .env("OKTA_E2E_ORG_MODEL", file(model))
        .output()
        .await
        .expect("the command runs");
    let text = String::from_utf8(output.stdout).expect("a text");
    let url = url::Url::parse(text.trim()).expect("a URL");
    let sent: BTreeMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(sent["response_type"], response_type);
    assert_eq!(sent.contains_key("code_challenge"), has_challenge);
    assert!(sent["scope"].ends_with("/gold"), "{url}");
}

/// Nobody told the run the secret of the client, so nothing can be said of what comes of its codes.
#[rstest]
#[case::no_secret(CODE_WITH_SECRET, "set OKTA_OAUTH2_CLIENT_SECRET")]
#[case::a_key(Says { method: "private_key_jwt", ..CODE_WITH_SECRET }, "the suite has no key for it")]
#[tokio::test]
async fn a_client_that_the_run_cannot_be_is_not_checked_and_never_red(
    #[case] says: Says,
    #[case] reason: &str,
) {
    let mut world = World::of_model(says.model(), Sandbox::builder()).await;
    world.access.client_secret = None;
    let verified = world.verify().await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    let results = verified.record.results.iter();
    let tokens = results.filter(|result| result.id.ends_with("::the_user_gets_tokens"));
    for result in tokens {
        assert_eq!(result.outcome.word(), "not_checked");
        let told = result.reason.as_deref().unwrap_or_default();
        assert!(told.contains(reason), "{told}");
    }
    let checked = names(&verified, "met");
    let negative = "step_5_authorize::the_user_is_denied_the_scopes[NONE silver]";
    assert!(
        checked.iter().any(|name| name == negative),
        "codes are handed out to others"
    );
}
