//! What a model says beyond the document: requests that change something, several scopes, none, and
//! headers. What is sent, how often, and what is made of the answers.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Method, Response, StatusCode};
use okta_e2e::config::Profile;
use okta_e2e::model::OrgModel;
use okta_e2e::verification::Verified;
use okta_sandbox::Sandbox;
use rstest::rstest;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use crate::support::agent::HttpAgents;
use crate::support::http;
use crate::support::world::{World, file, names};

const MODEL: &str = "fixtures/org-orders.toml";
/// No request of the suite is longer.
const MOST_BYTES: usize = 1024 * 1024;

/// A request that came to the API, and the status of its answer.
#[derive(Debug, Clone)]
struct Recorded {
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Bytes,
    status: StatusCode,
}

impl Recorded {
    fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Notes every request on its way to the API.
struct Recorder {
    url: String,
    recorded: Arc<Mutex<Vec<Recorded>>>,
    task: JoinHandle<()>,
}

struct Way {
    api: String,
    http: reqwest::Client,
    recorded: Arc<Mutex<Vec<Recorded>>>,
    /// Another body for a path.
    instead: Option<(String, String)>,
}

impl Drop for Recorder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Recorder {
    async fn before(api: &str) -> Self {
        Self::start(api, None).await
    }

    /// The same, with another body wherever a request to the path succeeds.
    async fn answering(api: &str, path: &str, body: Value) -> Self {
        Self::start(api, Some((path.to_owned(), body.to_string()))).await
    }

    async fn start(api: &str, instead: Option<(String, String)>) -> Self {
        let recorded = Arc::new(Mutex::new(Vec::new()));
        let way = Arc::new(Way {
            api: api.to_owned(),
            http: http(),
            recorded: Arc::clone(&recorded),
            instead,
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let url = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(carry).with_state(way);
        let task = tokio::spawn(async { axum::serve(listener, router).await.expect("it serves") });
        Self {
            url,
            recorded,
            task,
        }
    }

    /// What came with this request line.
    fn asked(&self, line: &str) -> Vec<Recorded> {
        let recorded = self.recorded.lock().expect("no panic");
        let such = recorded.iter().filter(|recorded| recorded.line() == line);
        such.cloned().collect()
    }
}

async fn carry(State(way): State<Arc<Way>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MOST_BYTES).await.expect("a body");
    let target = parts
        .uri
        .path_and_query()
        .map_or("", |target| target.as_str())
        .to_owned();
    if !target.starts_with('/') {
        return plain(StatusCode::BAD_REQUEST);
    }
    let onward = way
        .http
        .request(parts.method.clone(), format!("{}{target}", way.api));
    let mut headers = parts.headers.clone();
    headers.remove("host");
    let answer = onward
        .headers(headers)
        .body(body.clone())
        .send()
        .await
        .expect("an answer");
    let status = answer.status();
    way.recorded.lock().expect("no panic").push(Recorded {
        method: parts.method.clone(),
        target,
        headers: parts.headers,
        body,
        status,
    });
    let instead = way
        .instead
        .as_ref()
        .filter(|(path, _)| *path == parts.uri.path());
    if let Some((_, body)) = instead.filter(|_| status.is_success()) {
        return Response::new(Body::from(body.clone()));
    }
    let mut response = Response::builder().status(status);
    for (name, value) in answer
        .headers()
        .iter()
        .filter(|(name, _)| *name != "transfer-encoding")
    {
        response = response.header(name, value);
    }
    let body = answer.bytes().await.expect("a body");
    response.body(Body::from(body)).expect("a response")
}

fn plain(status: StatusCode) -> Response<Body> {
    let response = Response::builder().status(status);
    response.body(Body::empty()).expect("a response")
}

/// A changed model on a sandbox of its own.
async fn world_with(changes: &[(&str, &str)]) -> World {
    let mut text = std::fs::read_to_string(file(MODEL)).expect("the model");
    for (from, to) in changes {
        assert!(text.contains(from), "the model has no `{from}`");
        text = text.replacen(from, to, 1);
    }
    let model = OrgModel::parse(Path::new("orders.toml"), &text).expect("a model");
    World::of_model(model, Sandbox::builder()).await
}

async fn verified_at(world: &World, recorder: &Recorder) -> Verified {
    world.verify_at(&recorder.url, Some(&HttpAgents)).await
}

/// The right verdicts, whatever is sent: no refusal of these endpoints is wrong, and none is
/// missed.
#[rstest]
#[case::standard(Profile::Standard)]
#[case::full(Profile::Full)]
#[tokio::test]
async fn hostile_requests_raise_no_false_alarm(#[case] profile: Profile) {
    let mut world = World::of(MODEL, Sandbox::builder()).await;
    world.config.profile = profile;
    let verified = world.verify().await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    let attacked: BTreeSet<String> = verified
        .record
        .results
        .iter()
        .filter(|result| result.id.starts_with("hostile::"))
        .filter_map(|result| result.subject.as_ref()?.endpoint.clone())
        .collect();
    let wanted = ["/invoices", "/orders?limit=10", "/profile", "POST /search"];
    assert_eq!(attacked, wanted.map(str::to_owned).into());
    assert_eq!(verified.record.run.exit_status, 0);
}

#[tokio::test]
async fn what_changes_something_is_asked_once_for_each_who_may() {
    let mut world = World::of(MODEL, Sandbox::builder()).await;
    world.config.profile = Profile::Full;
    let recorder = Recorder::before(world.api.url()).await;
    let verified = verified_at(&world, &recorder).await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    let posted = recorder.asked("POST /orders");
    let made = posted
        .iter()
        .filter(|post| post.status == StatusCode::CREATED);
    assert_eq!(
        made.count(),
        3,
        "SELLER, MANAGER and the service IMPORT may"
    );
    let presented: Vec<Option<&str>> = posted
        .iter()
        .map(|post| post.header("authorization"))
        .collect();
    let distinct: BTreeSet<Option<&str>> = presented.iter().copied().collect();
    assert_eq!(distinct.len(), presented.len(), "the same was posted twice");
    for post in &posted {
        assert_eq!(post.header("idempotency-key"), Some("okta-e2e"));
        assert_eq!(post.header("content-type"), Some("application/json"));
        let sent: Value = serde_json::from_slice(&post.body).expect("JSON");
        assert_eq!(sent["lines"][0]["article"], "lamp");
    }
    let approved = recorder.asked("POST /invoices/F-1/approval");
    let approved = approved
        .iter()
        .filter(|post| post.status == StatusCode::NO_CONTENT);
    assert_eq!(approved.count(), 1, "MANAGER may");
    assert!(!recorder.asked("GET /orders?limit=10").is_empty());
    assert!(recorder.asked("GET /orders%3Flimit=10").is_empty());
}

/// What is no JSON arrives as it is written, with its own media type.
#[tokio::test]
async fn a_text_is_sent_as_it_is() {
    const FORM: &str = "customer=Ada+%C3%BC&lines%5B0%5D=lamp";
    let kind = "application/x-www-form-urlencoded";
    let body = "body = { customer = \"Ada\", lines = [{ article = \"lamp\", count = 1 }] }";
    let headers = "headers = { \"Idempotency-Key\" = \"okta-e2e\" }";
    let world = world_with(&[
        (body, &format!("body = \"{FORM}\"")),
        (
            headers,
            &format!("headers = {{ \"Content-Type\" = \"{kind}\" }}"),
        ),
    ])
    .await;
    let recorder = Recorder::before(world.api.url()).await;
    let verified = verified_at(&world, &recorder).await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    let posted = recorder.asked("POST /orders");
    assert!(!posted.is_empty());
    for post in posted {
        assert_eq!(post.body, FORM);
        let kinds: Vec<_> = post.headers.get_all("content-type").iter().collect();
        assert_eq!(kinds, [kind]);
    }
}

/// Nobody who must be refused there is asked about again, and what failed is not sent again.
#[tokio::test]
async fn what_failed_and_changes_something_is_not_sent_again() {
    let world = World::of(MODEL, Sandbox::builder()).await;
    world.set_faults(None, Some("server-error"));
    let recorder = Recorder::before(world.api.url()).await;
    let verified = verified_at(&world, &recorder).await;
    assert!(!names(&verified, "not_met").is_empty());
    let posted = recorder.asked("POST /orders");
    let presented: BTreeSet<Option<&str>> = posted
        .iter()
        .map(|post| post.header("authorization"))
        .collect();
    assert_eq!(presented.len(), posted.len(), "the same was posted twice");
    assert!(!posted.is_empty());
}

#[tokio::test]
async fn a_header_takes_its_value_from_a_variable_and_is_a_secret() {
    const KEY: &str = "made-up-key-of-the-orders-gateway";
    let header = "headers = { \"X-Api-Key\" = { variable = \"ORDERS_KEY\" } }";
    let mut world =
        world_with(&[("headers = { \"Idempotency-Key\" = \"okta-e2e\" }", header)]).await;
    let recorder = Recorder::before(world.api.url()).await;
    let verified = verified_at(&world, &recorder).await;
    let unseen = names(&verified, "not_checked");
    assert!(
        unseen.contains(&"access::seller_may_post_orders[write]".to_owned()),
        "{unseen:?}"
    );
    let record = serde_json::to_string(&verified.record).expect("JSON");
    assert!(record.contains("set ORDERS_KEY, which the org model names"));
    assert_eq!(
        recorder.asked("POST /orders").len(),
        0,
        "it is not sent without its key"
    );
    assert_eq!(
        verified.record.run.exit_status, 0,
        "what was never configured costs nothing"
    );

    world.config.environment = [("ORDERS_KEY", KEY)].into_iter().collect();
    let verified = verified_at(&world, &recorder).await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    assert_eq!(names(&verified, "not_checked"), Vec::<String>::new());
    let posted = recorder.asked("POST /orders");
    assert!(!posted.is_empty());
    assert!(
        posted
            .iter()
            .all(|post| post.header("x-api-key") == Some(KEY))
    );
    assert_eq!(verified.secrets.redact(KEY), "[redacted]");
}

/// A rule for everyone who is assigned: `NONE`, in no group, gets it; `UNASSIGNED` does not.
#[tokio::test]
async fn an_endpoint_may_be_open_to_everyone() {
    let text = std::fs::read_to_string(file("fixtures/org.toml")).expect("the model");
    let text = text
        .replace(
            "open_to = [\"silverSubscribers\", \"goldSubscribers\"]",
            "open_to = [\"Everyone\"]",
        )
        .replace(
            "groups = [\"silverSubscribers\"]\nscopes",
            "groups = [\"Everyone\"]\nscopes",
        );
    let model = OrgModel::parse(Path::new("everyone.toml"), &text).expect("a model");
    let world = World::of_model(model, Sandbox::builder()).await;
    let verified = world.verify().await;
    assert_eq!(names(&verified, "not_met"), Vec::<String>::new());
    assert_eq!(names(&verified, "not_checked"), Vec::<String>::new());
    let met = names(&verified, "met");
    for name in [
        "access::none_reads_planets[silver]",
        "access::none_is_refused_moons[silver]",
        "step_5_authorize::the_user_is_refused_as_not_assigned[UNASSIGNED silver]",
    ] {
        assert!(met.contains(&name.to_owned()), "{name} is not met");
    }
}

/// What is said of a long answer is looked for in it as far as it can be, and never taken for
/// missing.
#[rstest]
#[case::text("\"last\"", 900, Some("met"))]
#[case::member("{ end = \"last\" }", 200, Some("met"))]
#[case::member_of_what_is_too_long("{ end = \"last\" }", 900, Some("not_checked"))]
#[case::missing("{ end = \"first\" }", 200, Some("not_met"))]
#[tokio::test]
async fn a_long_answer_is_compared_as_far_as_it_can_be(
    #[case] contains: &str,
    #[case] kilobytes: usize,
    #[case] outcome: Option<&str>,
) {
    let contains = format!("contains = {contains}");
    let world = world_with(&[(
        "contains = { invoices = [{ number = \"F-1\" }] }",
        &contains,
    )])
    .await;
    let long = json!({ "padding": "x".repeat(kilobytes * 1024), "end": "last" });
    let api = Recorder::answering(world.api.url(), "/invoices", long).await;
    let verified = verified_at(&world, &api).await;
    let name = "access::accountant_reads_invoices[invoices:read]";
    let mut results = verified.record.results.iter();
    let found = results.find(|result| result.name == name);
    assert_eq!(found.map(|result| result.outcome.word()), outcome);
}

/// What no rule gives to anybody is refused to everybody, and nobody is missing from the model.
#[tokio::test]
async fn a_scope_that_no_rule_gives_costs_a_strict_run_nothing() {
    let text = std::fs::read_to_string(file("fixtures/org.toml")).expect("the model");
    let scope = "[[scope]]\nname = \"http://myapp.com/scp/bronze\"\n";
    let text = text.replacen("[[scope]]", &format!("{scope}\n[[scope]]"), 1);
    let model = OrgModel::parse(Path::new("bronze.toml"), &text).expect("a model");
    let mut world = World::of_model(model, Sandbox::builder()).await;
    world.config.strict = true;
    let verified = world.verify().await;
    let run = &verified.record.run;
    assert_eq!(run.exit_status, 0, "{}", run.verdict);
    let results = &verified.record.results;
    let unseen = results.iter().filter(|result| result.cause.is_some());
    let causes: BTreeSet<String> = unseen.map(|it| format!("{:?}", it.cause)).collect();
    assert_eq!(causes.len(), 1, "{causes:?}");
    assert!(run.verdict.contains("not applicable"), "{}", run.verdict);
}
