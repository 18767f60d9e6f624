//! Seconds per sign-in, one, two and four at a time, beside Playwright.
//!
//! Both drive the same browser binary at the same sandbox org, every user in a browser with nothing
//! of the one before, in turns: what else the machine does befalls both. `scripts/benchmark` runs
//! it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Instant;

use futures_util::StreamExt as _;
use futures_util::stream;
use okta_e2e::browser::{BrowserConfig, Browsers, Credentials, Landing, Visit};
use okta_e2e::config::OrgAccess;
use okta_e2e::management::ManagementClient;
use okta_e2e::model::OrgModel;
use okta_e2e::openid::{AuthorizationRequest, Flow, NamedUrl, Prompt, Reach};
use okta_e2e::provisioning::{self, Memory};
use okta_sandbox::Sandbox;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use tokio::net::TcpListener;
use url::Url;

const AT_ONCE: [usize; 3] = [1, 2, 4];
/// As many as the suite has by default on two cores: one is wiped while the next user has another.
const BROWSERS: usize = 2;
const BROWSER: &str = "chromium-headless-shell";

/// How often both take their turn, and how many users sign in at each turn.
struct Size {
    rounds: usize,
    users: usize,
}

/// A provisioned org, a page at its redirect URI, and a user.
struct Org {
    access: OrgAccess,
    redirect_uri: Url,
    _sandbox: Sandbox,
}

impl Org {
    async fn start() -> Self {
        let redirect_uri = callback().await;
        let model =
            OrgModel::load(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("fixtures/org.toml"));
        let mut model = model.unwrap();
        model.client.redirect_uri = redirect_uri.as_str().parse().unwrap();
        let sandbox = Sandbox::start().await.unwrap();
        let org_url = Url::parse(sandbox.org_url()).unwrap();
        let token = SecretString::from(sandbox.api_token());
        let client = ManagementClient::new(org_url.clone(), token.clone()).unwrap();
        let made =
            provisioning::provision(&model, &client, &mut Memory::for_model(&model), |_| {}).await;
        Self {
            access: made.unwrap().access(org_url, token),
            redirect_uri,
            _sandbox: sandbox,
        }
    }

    /// The document's request, with a state and a nonce of its own.
    fn request(&self) -> Url {
        let endpoint = format!("{}/v1/authorize", self.access.issuer);
        let scope = "openid http://myapp.com/scp/silver";
        let (client, redirect_uri) = (&self.access.client_id, self.redirect_uri.as_str());
        let reach = Reach::of(&self.access.issuer, self.access.trusted_origins());
        let endpoint = NamedUrl::new(endpoint.parse().unwrap()).opened(&reach);
        AuthorizationRequest::new(
            &endpoint.unwrap(),
            client,
            redirect_uri,
            scope,
            Flow::Implicit,
            Prompt::Login,
        )
        .url
    }

    fn user(&self) -> (&str, &SecretString) {
        let user = &self.access.users["SILVER"];
        (&user.username, &user.password)
    }
}

/// A page at the redirect URI: Playwright follows the redirect to its end.
async fn callback() -> Url {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/callback", listener.local_addr().unwrap());
    let page = axum::routing::get(|| async { axum::response::Html("<h1>signed in</h1>") });
    let app = axum::Router::new().route("/callback", page);
    tokio::spawn(async move { axum::serve(listener, app).await });
    url.parse().unwrap()
}

fn browser() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut files = std::env::split_paths(&path).map(|folder| folder.join(BROWSER));
    files
        .find(|file| file.is_file())
        .expect("chromium-headless-shell: run scripts/install-browser")
}

/// The suite's own browsers, so many of them.
struct Ours<'a> {
    org: &'a Org,
    at_once: usize,
    browsers: Browsers,
}

impl<'a> Ours<'a> {
    async fn start(org: &'a Org, at_once: usize) -> Self {
        let mut config = BrowserConfig::new(org.redirect_uri.clone(), org.access.org_url.clone());
        config.sessions = at_once.max(BROWSERS);
        config.browser = Some(browser());
        let browsers = Browsers::start(config).await.unwrap();
        Self {
            org,
            at_once,
            browsers,
        }
    }

    /// Seconds per sign-in.
    async fn sign_in(&self, users: usize) -> f64 {
        let clock = Instant::now();
        stream::iter(0..users)
            .for_each_concurrent(self.at_once, |_| self.sign_in_one())
            .await;
        per_user(clock, users)
    }

    async fn sign_in_one(&self) {
        let (username, password) = self.org.user();
        let url = self.org.request();
        let visit = Visit {
            url: &url,
            redirect_uri: &self.org.redirect_uri,
            credentials: Some(Credentials {
                username,
                password,
                totp: None,
                passkey: None,
            }),
            trusted: &self.org.access.trusted_origins(),
        };
        let mut user = self.browsers.user().await.unwrap();
        let landing = user.authorize(&visit).await.unwrap();
        let Landing::Redirected { url, signed_in } = landing else {
            panic!("{landing:?}")
        };
        let fragment = url.expose().fragment().unwrap_or_default();
        assert!(signed_in && fragment.contains("access_token="));
    }
}

/// Playwright in a process of its own: a line in, a line out.
struct Playwright {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Playwright {
    fn start(org: &Org) -> Self {
        let script = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/playwright.mjs");
        let mut process = Command::new("node")
            .arg(script)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node: install it with npm");
        let mut input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap());
        let (username, password) = org.user();
        let told = json!({
            "browser": browser(),
            "redirect_uri": org.redirect_uri,
            "username": username,
            "password": password.expose_secret(),
        });
        writeln!(input, "{told}").unwrap();
        Self {
            process,
            input,
            output,
        }
    }

    /// Seconds per sign-in.
    fn sign_in(&mut self, org: &Org, users: usize, at_once: usize) -> f64 {
        let urls: Vec<Url> = (0..users).map(|_| org.request()).collect();
        let clock = Instant::now();
        writeln!(
            self.input,
            "{}",
            json!({ "urls": urls, "at_once": at_once })
        )
        .unwrap();
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        assert_eq!(line.trim(), users.to_string(), "Playwright signs in");
        per_user(clock, users)
    }
}

impl Drop for Playwright {
    fn drop(&mut self) {
        // It ends its browser when its input does; the process is waited for, however it ends.
        writeln!(self.input).unwrap_or_default();
        let _ = self.process.wait();
    }
}

#[expect(clippy::cast_precision_loss, reason = "they are few")]
fn per_user(clock: Instant, users: usize) -> f64 {
    clock.elapsed().as_secs_f64() / users as f64
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

#[tokio::main]
async fn main() {
    // `cargo bench -- --quick` is for a look at whether it runs.
    let quick = std::env::args().any(|argument| argument == "--quick");
    let size = if quick {
        Size {
            rounds: 1,
            users: 4,
        }
    } else {
        Size {
            rounds: 9,
            users: 12,
        }
    };
    let org = Org::start().await;
    let mut playwright = Playwright::start(&org);
    println!(
        "seconds per sign-in, medians of {} rounds of {} users",
        size.rounds, size.users
    );
    println!("at once   okta-e2e   Playwright   ratio");
    for at_once in AT_ONCE {
        let ours = Ours::start(&org, at_once).await;
        // The first sign-in of a browser is none of its usual ones.
        ours.sign_in(at_once.max(BROWSERS)).await;
        playwright.sign_in(&org, at_once, at_once);
        let (mut one, mut other) = (Vec::new(), Vec::new());
        for _ in 0..size.rounds {
            one.push(ours.sign_in(size.users).await);
            other.push(playwright.sign_in(&org, size.users, at_once));
        }
        ours.browsers.close().await;
        let (one, other) = (median(one), median(other));
        println!(
            "{at_once:>7} {one:>10.3} {other:>12.3} {:>7.2}",
            one / other
        );
    }
}
