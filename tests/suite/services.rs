//! Service clients: what a model may say of them, what is made of it in an org, and what a run
//! does.

use std::path::Path;

use okta_e2e::config::{Config, Environment, Target};
use okta_e2e::management::ManagementClient;
use okta_e2e::model::OrgModel;
use okta_e2e::provisioning::{self, FileStore, Memory, Store as _};
use okta_e2e::requirements::Trial;
use okta_sandbox::Sandbox;
use rstest::rstest;
use secrecy::SecretString;
use url::Url;

use crate::support::world::{World, file, names};

const MODEL: &str = "fixtures/org-orders.toml";

/// The model of the orders company with another text in it.
fn parsed(from: &str, to: &str) -> Result<OrgModel, String> {
    let text = std::fs::read_to_string(file(MODEL)).expect("the model can be read");
    assert!(text.contains(from), "{MODEL} has no `{from}`");
    let text = text.replace(from, to);
    OrgModel::parse(Path::new("orders.toml"), &text).map_err(|error| error.to_string())
}

#[rstest]
#[case::name(
    "\"BILLING\"",
    "\"Billing\"",
    "service name \"Billing\" must be capital letters"
)]
#[case::twice("\"IMPORT\"", "\"BILLING\"", "the service `BILLING` is defined twice")]
#[case::blank_label("\"Order import\"", "\"\"", "`label` is blank")]
#[case::label_with_a_blank_behind("\"Order import\"", "\"Order import \"", "`label` is blank")]
#[case::label_of_two_lines("\"Order import\"", "\"Order\\nimport\"", "`label` is blank")]
#[case::label_of_the_client(
    "\"Order import\"",
    "\"Orders\"",
    "`Orders` is the label of the client"
)]
#[case::label_of_another("\"Order import\"", "\"Billing\"", "or of another service")]
#[case::public("\"private_key_jwt\"", "\"none\"", "`none` is of other clients")]
#[case::no_scope(
    "scopes = [\"orders:read\", \"orders:write\"]\naccess",
    "scopes = []\naccess",
    "a service needs a scope"
)]
#[case::of_users(
    "scopes = [\"orders:read\", \"orders:write\"]\naccess",
    "scopes = [\"openid\"]\naccess",
    "no scope `openid` of this model can be a service's"
)]
#[case::lifetime("minutes = 10", "minutes = 1441", "lives 5 to 1440 minutes")]
#[case::unknown_field(
    "label = \"Billing\"",
    "labels = \"Billing\"",
    "unknown field `labels`"
)]
fn what_cannot_be_said_of_a_service_is_refused(
    #[case] from: &str,
    #[case] to: &str,
    #[case] says: &str,
) {
    let message = parsed(from, to).expect_err("it cannot be said");
    assert!(message.contains(says), "{message}");
    assert!(message.contains("line "), "{message}");
}

const ORG: [(&str, &str); 2] = [
    ("OKTA_OAUTH2_ISSUER", "https://example.okta.com/oauth2/aus1"),
    ("OKTA_OAUTH2_CLIENT_ID", "0oa1"),
];

fn read(more: &[(&str, &str)]) -> Result<Config, String> {
    let environment: Environment = ORG.iter().chain(more).copied().collect();
    Config::read(&environment).map_err(|error| error.to_string())
}

#[rstest]
#[case::secret_alone(
    ("SERVICE_BILLING_CLIENT_SECRET", "not-told"),
    "SERVICE_BILLING_CLIENT_ID is not set"
)]
#[case::no_key(
    ("SERVICE_BILLING_PRIVATE_KEY", "Cargo.toml"),
    "SERVICE_BILLING_PRIVATE_KEY: no RSA private key is in"
)]
fn half_a_service_is_refused_and_nothing_is_printed(#[case] set: (&str, &str), #[case] says: &str) {
    let message = read(&[set]).expect_err("it is half");
    assert!(message.contains(says), "{message}");
    assert!(!message.contains("not-told"), "{message}");
}

#[test]
fn a_name_that_is_near_a_service_variable_is_reported() {
    let config = read(&[("SERVICE_BILLING_CLIENTID", "0oa2")]).expect("it is a note");
    let notes = config.notes.join("\n");
    assert!(notes.contains("SERVICE_BILLING_CLIENT_ID"), "{notes}");
    let of_others = read(&[("SERVICE_PORT", "80"), ("SERVICE_NAME", "web")]).expect("theirs");
    assert_eq!(of_others.notes, Vec::<String>::new());
}

#[test]
fn a_service_alone_does_not_name_an_org() {
    let pairs = [("SERVICE_BILLING_CLIENT_ID", "0oa2")];
    let environment: Environment = pairs.into_iter().collect();
    let error = Config::read(&environment).expect_err("the issuer is lost");
    assert!(
        error.to_string().contains("SERVICE_BILLING_CLIENT_ID is"),
        "{error}"
    );
}

/// Where services alone use the API, one user of the suite's own is enough.
#[tokio::test]
async fn services_alone_are_verified_beside_one_user_who_may_nothing() {
    let world = World::of("fixtures/org-services.toml", Sandbox::builder()).await;
    let verified = world.verify().await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    assert_eq!(verified.record.run.sign_ins, 1);
    let met = names(&verified, "met");
    for name in [
        "access::the_service_may_use_the_endpoint[BILLING /invoices]",
        "access::the_service_may_use_the_endpoint[REPORTING /orders]",
        "access::the_service_is_refused_the_endpoint[BILLING /orders]",
        "access::tester_is_refused_orders[openid alone]",
    ] {
        assert!(met.iter().any(|met| met == name), "{name}: {met:?}");
    }
}

#[test]
fn a_model_of_services_alone_is_refused_with_what_it_lacks() {
    let text = std::fs::read_to_string(file("fixtures/org-services.toml")).expect("the model");
    let (before, _) = text.split_once("# ---- The suite's own").expect("the rest");
    let refused = OrgModel::parse(Path::new("org.toml"), before).expect_err("half a model");
    let says = "the model has no [[user]], no [policy], no [client]; services are verified beside";
    assert!(refused.to_string().contains(says), "{refused}");
    assert!(refused.to_string().contains("fixtures/org-services.toml"));
}

/// All green, once for every token endpoint and endpoint of the API, and nothing leaks.
#[tokio::test]
async fn a_right_org_is_green_and_nothing_of_its_services_leaks() {
    let world = World::of(MODEL, Sandbox::builder()).await;
    let verified = world.verify().await;
    for outcome in ["not_met", "not_checked"] {
        assert_eq!(names(&verified, outcome), Vec::<String>::new(), "{outcome}");
    }
    assert_eq!(verified.record.run.sign_ins, 4, "services sign nobody in");
    let met = names(&verified, "met");
    for name in [
        "access::the_service_may_use_the_endpoint[BILLING /invoices]",
        "access::the_service_may_use_the_endpoint[IMPORT POST /orders]",
        "access::the_service_is_refused_the_endpoint[BILLING POST /orders]",
    ] {
        assert!(
            met.iter().any(|met| met == name),
            "{name} is not among {met:?}"
        );
    }
    let record = serde_json::to_string(&verified.record).expect("JSON");
    for secret in world.sandbox.secrets() {
        assert!(!record.contains(&secret), "the record has a secret");
    }
    assert!(
        !record.contains("BEGIN PRIVATE KEY"),
        "the record has a key"
    );
}

/// An org of its own, and what it lists.
struct Org {
    sandbox: Sandbox,
    client: ManagementClient,
}

impl Org {
    async fn start() -> Self {
        let sandbox = Sandbox::builder().start().await.expect("it starts");
        let url = Url::parse(sandbox.org_url()).expect("a URL");
        let token = SecretString::from(sandbox.api_token());
        let client = ManagementClient::new(url, token).expect("a client");
        Self { sandbox, client }
    }

    async fn labels(&self) -> Vec<String> {
        let clients = self.client.active_clients().await.expect("a list");
        clients.into_iter().map(|client| client.label).collect()
    }
}

#[tokio::test]
async fn provisioning_makes_services_once_and_a_teardown_removes_them() {
    let model = OrgModel::load(&file(MODEL)).expect("the model is right");
    let org = Org::start().await;
    let before = org.labels().await;
    let mut store = Memory::for_model(&model);
    let made = provisioning::provision(&model, &org.client, &mut store, |_| {}).await;
    let made = made.expect("it is set up");
    assert_eq!(made.left, Vec::<String>::new());
    assert_eq!(
        made.services.keys().collect::<Vec<_>>(),
        ["BILLING", "IMPORT"]
    );
    let again = provisioning::provision(&model, &org.client, &mut store, |_| {}).await;
    assert_eq!(again.expect("it is there").changes, Vec::<String>::new());
    let torn = provisioning::teardown(&org.client, &mut store, |_| {}).await;
    torn.expect("it is taken down");
    assert_eq!(org.labels().await, before);
    assert_eq!(store.variable("SERVICE_BILLING_CLIENT_ID"), None);
    assert_eq!(store.variable("SERVICE_BILLING_CLIENT_SECRET"), None);
}

/// Nobody but its owner makes the key of a service: without one the service is left out, and said.
#[tokio::test]
async fn a_service_that_signs_is_made_once_its_key_is_named() {
    let model = OrgModel::load(&file(MODEL)).expect("the model is right");
    let org = Org::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let env_file = folder.path().join(".env");
    let url = Url::parse(org.sandbox.org_url()).expect("a URL");
    let open = |variables: &str| {
        let known = Environment::parse(".env", variables).expect("variables");
        FileStore::open(&env_file, known, folder.path(), &url).expect("a store")
    };
    let mut store = open("");
    let made = provisioning::provision(&model, &org.client, &mut store, |_| {}).await;
    let left = made.expect("the rest is made").left.join("\n");
    assert!(left.contains("SERVICE_IMPORT_PRIVATE_KEY"), "{left}");
    assert!(!org.labels().await.contains(&"Order import".to_owned()));
    let key = Memory::for_model(&model)
        .variable("SERVICE_IMPORT_PRIVATE_KEY")
        .expect("a key");
    let key_file = folder.path().join("import.pem");
    std::fs::write(&key_file, &key).expect("a file");
    let mut variables = std::fs::read_to_string(&env_file).expect("variables");
    let key = format!("SERVICE_IMPORT_PRIVATE_KEY='{}'\n", key_file.display());
    variables.push_str(&key);
    std::fs::write(&env_file, &variables).expect("a file");
    let mut store = open(&variables);
    let made = provisioning::provision(&model, &org.client, &mut store, |_| {}).await;
    assert_eq!(made.expect("it is set up").left, Vec::<String>::new());
    assert!(org.labels().await.contains(&"Order import".to_owned()));
    let variables = std::fs::read_to_string(&env_file).expect("variables");
    let config = Config::read(&Environment::parse(".env", &variables).expect("variables"));
    let Target::Org(access) = config.expect("a configuration").target else {
        panic!("the org is not taken")
    };
    assert!(access.services["IMPORT"].private_key.is_some());
    assert!(access.services["BILLING"].client_secret.is_some());
    assert!(!variables.contains("BEGIN PRIVATE KEY"));
}

/// A scope that needs consent is no service's: what a service may have, users are not asked about.
#[tokio::test]
async fn a_client_that_asks_for_consent_keeps_no_service_from_its_scopes() {
    let model = parsed("[client]", "[client]\nasks_for_consent = true").expect("a model");
    let world = World::of_model(model, Sandbox::builder()).await;
    let trials = [
        "step_3b_scope::the_scope_differs_in_nothing_else",
        "step_5_authorize::the_service_gets_a_token_for_exactly_its_scopes",
    ];
    let is_selected = |trial: &Trial| trials.contains(&trial.id.as_str());
    let verified = world.verify_where(&is_selected).await;
    assert_eq!(
        names(&verified, "met").len(),
        4 + 2,
        "{:#?}",
        verified.record.results
    );
    let consents = [
        "orders:read",
        "orders:write",
        "invoices:read",
        "invoices:approve",
    ];
    let consents = consents.map(|scope| world.model.consent_to(scope));
    assert_eq!(consents, ["IMPLICIT", "IMPLICIT", "IMPLICIT", "REQUIRED"]);
}
