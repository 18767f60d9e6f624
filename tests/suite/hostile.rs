//! An org that echoes every secret it is given, in every form; readers that go away; a run that
//! never looks.

use std::collections::VecDeque;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{Response, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rstest::rstest;
use serde_json::json;
use tempfile::TempDir;
use tokio::task::JoinHandle;

use crate::main_job::{Ended, collect, run};
use crate::support::world::file;

const PASSWORD: &str = "Kept-\"9876\" &<ž>";
const API_TOKEN: &str = "00kept-api+token/of-24-or-more";
const REDIRECT_URI: &str = "http://localhost:8080/authorization-code/callback";

/// Every form in which a secret must not be found, made here from first principles.
fn forms(secret: &str) -> Vec<String> {
    let bytes = |write: fn(u8) -> String| secret.bytes().map(write).collect::<String>();
    let each = |write: fn(char) -> String| secret.chars().map(write).collect::<String>();
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let percent = bytes(|byte| format!("%{byte:02X}"));
    let json = json!(secret).to_string();
    let mut forms = vec![
        secret.to_owned(),
        secret.to_uppercase(),
        secret.to_lowercase(),
        form.clone(),
        form.replace('+', "%20"),
        form.to_lowercase(),
        percent.replace('%', "%25"),
        percent,
        json[1..json.len() - 1].to_owned(),
        json[1..json.len() - 1].replace('/', "\\/"),
        each(|c| format!("\\u{:04x}", u32::from(c))),
        each(|c| format!("\\u{{{:x}}}", u32::from(c))),
        each(|c| format!("&#{};", u32::from(c))),
        each(|c| format!("&#x{:x};", u32::from(c))),
        secret
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;"),
    ];
    for before in ["", "1", "12"] {
        forms.push(STANDARD.encode(format!("{before}{secret}")));
        forms.push(URL_SAFE_NO_PAD.encode(format!("{before}{secret}")));
    }
    forms.push(STANDARD.encode(format!("0oa1:{form}")));
    let letters: Vec<char> = secret.chars().collect();
    forms.extend(letters.windows(16).map(|part| part.iter().collect()));
    forms
}

/// An org that answers with these texts, one after the other.
struct Echo {
    base: String,
    texts: Arc<Mutex<VecDeque<String>>>,
    serving: JoinHandle<()>,
}

#[derive(Clone)]
struct Texts {
    base: String,
    texts: Arc<Mutex<VecDeque<String>>>,
}

impl Drop for Echo {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Echo {
    async fn start(secrets: &[&str], at_once: usize) -> Self {
        let forms: Vec<String> = secrets.iter().flat_map(|secret| forms(secret)).collect();
        let texts = forms
            .chunks(at_once)
            .map(|forms| forms.join(" | "))
            .collect();
        let texts = Arc::new(Mutex::new(texts));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let state = Texts {
            base: base.clone(),
            texts: texts.clone(),
        };
        let router = Router::new().fallback(answer).with_state(state);
        let serving = tokio::spawn(async move {
            axum::serve(listener, router).await.unwrap();
        });
        Self {
            base,
            texts,
            serving,
        }
    }

    fn left(&self) -> usize {
        self.texts.lock().unwrap().len()
    }
}

async fn answer(State(state): State<Texts>, request: Request) -> Response<String> {
    let (method, uri) = (request.method().clone(), request.uri().clone());
    let path = uri.path();
    let next = || {
        state
            .texts
            .lock()
            .unwrap()
            .pop_front()
            .unwrap_or_else(|| "no more".to_owned())
    };
    let to = |place: String| {
        let answer = Response::builder()
            .status(StatusCode::FOUND)
            .header("location", place);
        answer.body(String::new()).unwrap()
    };
    if path.contains("/.well-known/openid-configuration") || path.contains("oauth-authorization") {
        let issuer = format!("{}/oauth2/default", state.base);
        let at = |end: &str| format!("{issuer}/v1/{end}");
        let metadata = json!({
            "issuer": issuer, "authorization_endpoint": at("authorize"),
            "token_endpoint": at("token"), "jwks_uri": at("keys"),
        });
        return Response::new(metadata.to_string());
    }
    if path.ends_with("/v1/authorize") && request.headers().contains_key("cookie") {
        let query = uri.query().unwrap_or_default();
        let state = query.split('&').find(|pair| pair.starts_with("state="));
        let mut pairs = url::form_urlencoded::Serializer::new(String::new());
        pairs
            .append_pair("error", "access_denied")
            .append_pair("error_description", &next());
        let mark = if query.contains("response_type=code") {
            '?'
        } else {
            '#'
        };
        let pairs = format!("{}&{}", pairs.finish(), state.unwrap_or_default());
        return to(format!("{REDIRECT_URI}{mark}{pairs}"));
    }
    if path.ends_with("/v1/authorize") {
        return sign_in_page(uri.query().unwrap_or_default());
    }
    if path == "/signed" && method == axum::http::Method::POST {
        let place = format!(
            "/oauth2/default/v1/authorize?{}",
            uri.query().unwrap_or_default()
        );
        let mut answer = to(place);
        answer
            .headers_mut()
            .insert("set-cookie", "sid=1; Path=/".parse().unwrap());
        return answer;
    }
    let error = json!({ "errorCode": "E0000003", "errorSummary": next(), "errorCauses": [] });
    let answer = Response::builder().status(StatusCode::BAD_REQUEST);
    answer
        .header("content-type", "application/json")
        .body(error.to_string())
        .unwrap()
}

fn sign_in_page(query: &str) -> Response<String> {
    let page = format!(
        "<h1>Sign in</h1><form method=post action='/signed?{query}'><input name=username>\
         <input type=password name=password><button type=submit>Sign in</button></form>"
    );
    let answer = Response::builder().header("content-type", "text/html; charset=utf-8");
    answer.body(page).unwrap()
}

fn leaks_nothing(place: &str, text: &str, secrets: &[&str]) {
    for secret in secrets {
        for form in forms(secret) {
            assert!(!text.contains(&form), "{place} holds {form} of {secret}");
        }
    }
}

#[tokio::test]
async fn an_org_that_echoes_secrets_gets_none_into_what_a_run_writes() {
    let secrets = [PASSWORD, API_TOKEN];
    let org = Echo::start(&secrets, 3).await;
    let issuer = format!("{}/oauth2/default", org.base);
    let told = [
        ("OKTA_OAUTH2_ISSUER", issuer.as_str()),
        ("OKTA_OAUTH2_CLIENT_ID", "0oa1"),
        ("OKTA_OAUTH2_REDIRECT_URI", REDIRECT_URI),
        ("OKTA_CLIENT_TOKEN", API_TOKEN),
        ("RESOURCE_SERVER_URL", &org.base),
        ("TEST_USER_SILVER_USERNAME", "silver"),
        ("TEST_USER_SILVER_PASSWORD", PASSWORD),
        ("TEST_USER_GOLD_USERNAME", "gold"),
        ("TEST_USER_GOLD_PASSWORD", PASSWORD),
        ("RUST_LOG", "trace"),
        ("RUST_BACKTRACE", "full"),
    ];
    let ended = run(&told, &["--nocapture"]).await;
    assert_eq!(ended.status, Some(1), "{}", ended.text);
    assert_eq!(org.left(), 0, "not every form was echoed\n{}", ended.text);
    ended.says("access_denied: [redacted]");
    leaks_nothing("the output", &ended.text, &secrets);
    let mut written = Vec::new();
    collect(ended.reports.path(), &mut written);
    assert!(written.len() >= 3, "{}", written.len());
    for (place, text) in &written {
        leaks_nothing(place, text, &secrets);
    }
    again_from_the_record(&ended, &secrets);
}

/// What `report` makes of the record.
fn again_from_the_record(ended: &Ended, secrets: &[&str]) {
    let again = Command::new(env!("CARGO_BIN_EXE_okta-e2e"))
        .arg("report")
        .arg(ended.reports.path())
        .output()
        .expect("it runs");
    let text = String::from_utf8_lossy(&again.stdout).into_owned();
    assert!(text.contains("access_denied: [redacted]"), "{text}");
    leaks_nothing("report", &text, secrets);
}

#[tokio::test]
async fn an_org_that_echoes_secrets_gets_none_out_of_provision() {
    let secrets = [API_TOKEN];
    let org = Echo::start(&secrets, 2).await;
    let place = TempDir::new().expect("a folder");
    let told = format!(
        "OKTA_CLIENT_ORGURL='{}'\nOKTA_CLIENT_TOKEN='{API_TOKEN}'\n",
        org.base
    );
    std::fs::write(place.path().join("my.env"), told).expect("written");
    let model = file("fixtures/org.toml");
    while org.left() > 0 {
        let before = org.left();
        let mut command = Command::new(env!("CARGO_BIN_EXE_okta-e2e"));
        command
            .args(["provision", "--env-file", "my.env", "--model"])
            .arg(&model);
        command
            .current_dir(place.path())
            .env_clear()
            .env("RUST_LOG", "trace");
        let output = tokio::task::spawn_blocking(move || command.output()).await;
        let output = output.expect("no panic").expect("it runs");
        assert_eq!(output.status.code(), Some(1));
        let text = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(text.contains("[redacted]"), "{text}");
        assert!(org.left() < before, "{text}");
        leaks_nothing("provision", &text, &secrets);
    }
}

/// A command whose output nobody reads, on this shell redirection.
fn unread(
    program: &str,
    arguments: &[&str],
    redirection: &str,
    into: &Path,
) -> (Option<i32>, String) {
    let output = Command::new("sh")
        .args(["-c", &format!("exec \"$0\" \"$@\" {redirection}"), program])
        .args(arguments)
        .current_dir(file(""))
        .env("OKTA_E2E_REPORT_DIR", into)
        .env("OKTA_OAUTH2_ISSUER", "sandbox")
        .stdin(Stdio::null())
        .output()
        .expect("sh runs");
    let text =
        [output.stdout, output.stderr].map(|part| String::from_utf8_lossy(&part).into_owned());
    (output.status.code(), text.concat())
}

#[rstest]
#[case::full(">/dev/full")]
#[case::closed(">&-")]
fn a_run_whose_output_nobody_reads_comes_to_its_end(#[case] redirection: &str) {
    let reports = TempDir::new().expect("a folder");
    let cargo = std::env::var("CARGO").expect("cargo runs the tests");
    let main_job = [
        "test",
        "--workspace",
        "--quiet",
        "--test",
        "org",
        "--",
        "step_3b",
    ];
    let (status, text) = unread(&cargo, &main_job, redirection, reports.path());
    assert_eq!(status, Some(0), "{text}");
    assert!(
        !text.contains("panicked") && !text.contains("defect"),
        "{text}"
    );
    assert!(
        reports.path().join("report-partial.json").exists(),
        "{text}"
    );
    let page = std::fs::read_to_string(reports.path().join("report-partial.html")).expect("it");
    assert!(page.contains("6 met"), "{page}");
    let directory = reports.path().display().to_string();
    let program = env!("CARGO_BIN_EXE_okta-e2e");
    for (arguments, ends) in [
        (vec!["report", &directory], 0),
        (vec!["--help"], 0),
        (vec!["provision", "--env-file", "/none", "--nope"], 2),
        (vec!["authorize-url"], 2),
    ] {
        let both = format!("{redirection} 2{redirection}");
        let (status, text) = unread(program, &arguments, &both, reports.path());
        assert_eq!(status, Some(ends), "{arguments:?} {text}");
    }
}

#[tokio::test]
async fn a_run_that_never_looked_leaves_no_earlier_report() {
    let reports = TempDir::new().expect("a folder");
    let directory = reports.path().display().to_string();
    let night = [("OKTA_E2E_REPORT_DIR", directory.as_str())];
    for name in ["report.json", "report.html", "junit.xml"] {
        std::fs::write(reports.path().join(name), "last night: all met").expect("written");
    }
    let lost = [night[0], ("OKTA_OAUTH2_CLIENT_ID", "0oa1")];
    let ended = run(&lost, &[]).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    let read = |name: &str| std::fs::read_to_string(reports.path().join(name)).expect("a file");
    for name in ["report.json", "report.html", "junit.xml"] {
        assert!(
            read(name).contains("OKTA_OAUTH2_ISSUER is not set"),
            "{name}: {}",
            read(name)
        );
    }
    assert!(
        read("junit.xml").contains("errors=\"1\""),
        "{}",
        read("junit.xml")
    );
    let again = Command::new(env!("CARGO_BIN_EXE_okta-e2e"))
        .args(["report", &directory])
        .output();
    let text = String::from_utf8_lossy(&again.expect("it runs").stdout).into_owned();
    assert!(
        text.contains("the run could not be made: OKTA_OAUTH2_ISSUER is not set"),
        "{text}"
    );
}

#[tokio::test]
async fn secrets_that_cannot_be_kept_out_are_named_at_the_start() {
    let told = [
        ("OKTA_OAUTH2_ISSUER", "http://127.0.0.1:9/oauth2/aus1"),
        ("OKTA_OAUTH2_CLIENT_ID", "0oa1"),
        ("TEST_USER_SILVER_USERNAME", "silver"),
        ("TEST_USER_SILVER_PASSWORD", "planets"),
        ("TEST_USER_GOLD_USERNAME", "gold"),
        ("TEST_USER_GOLD_PASSWORD", "tiny-1"),
    ];
    let ended = run(&told, &["step_3b"]).await;
    ended.says("warning: TEST_USER_SILVER_PASSWORD is part of a name of the org model");
    ended.says("warning: TEST_USER_GOLD_PASSWORD is shorter than 8 characters");
    assert!(!ended.text.contains("tiny-1"), "{}", ended.text);
}

/// What the user's own names may hold, since somebody else may have chosen them.
const NAME: &str = "x\u{1b}[31m\n::error::y\u{202e}\u{85}##vso[z]";

#[rstest]
#[case::model(&[("OKTA_E2E_ORG_MODEL", NAME)], &[], "cannot read the org model")]
#[case::folder(&[("OKTA_E2E_REPORT_DIR", "/proc/x\u{1b}\n::error::y")], &["step_3b"], "cannot write")]
#[case::filter(&[], &[NAME], "no trial matches")]
#[case::partition(&[], &["--partition", NAME], "is no partition")]
#[case::argument(&[], &["--x\u{1b}[31m\n::error::y"], "unexpected argument")]
#[tokio::test]
async fn names_of_ones_own_are_data_too(
    #[case] told: &[(&str, &str)],
    #[case] arguments: &[&str],
    #[case] says: &str,
) {
    let ended = run(told, arguments).await;
    assert_eq!(ended.status, Some(2), "{}", ended.text);
    ended.says(says);
    // What cargo says of a run that failed comes after it, and is not ours.
    let ours = ended
        .text
        .split("error: test failed")
        .next()
        .unwrap_or_default();
    let hidden = |c: char| c != '\n' && (c.is_control() || c == '\u{202e}');
    assert!(!ours.contains(hidden), "{ours:?}");
    for line in ours.lines() {
        assert!(!line.trim_start().starts_with("::"), "{ours}");
        assert!(!line.contains("##vso["), "{ours}");
    }
}

#[tokio::test]
async fn two_runs_in_one_folder_leave_one_whole_report() {
    let reports = TempDir::new().expect("a folder");
    let directory = reports.path().display().to_string();
    let told = [("OKTA_E2E_REPORT_DIR", directory.as_str())];
    let (one, other) = tokio::join!(run(&told, &["step_3b"]), run(&told, &["step_3b"]));
    assert_eq!(
        (one.status, other.status),
        (Some(0), Some(0)),
        "{}",
        one.text
    );
    let record = reports.path().join("report-partial.json");
    let record = okta_e2e::report::Record::read(&record).expect("a whole record");
    assert_eq!(record.results.len(), 6);
    let mut left: Vec<_> = std::fs::read_dir(reports.path())
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name())
        .collect();
    left.sort();
    assert_eq!(
        left,
        [
            "junit-partial.xml",
            "report-partial.html",
            "report-partial.json"
        ]
    );
}
