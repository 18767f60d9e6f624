//! A user agent that signs in at the sandbox by plain HTTP, as its page's script would.
//!
//! For what needs no browser: it knows the sandbox's sign-in API and nothing of real pages.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use okta_e2e::browser::{
    BrowserError, Credentials, Evidence, Known, Landing, Refusal, SecretUrl, StopPage, UserAgent,
    UserAgents, Visit,
};
use okta_e2e::openid::{CarriedCookie, CarriedSession, MESSAGED, POSTED, PostedForm};
use reqwest::header::{COOKIE, LOCATION, SET_COOKIE};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Url;

/// No sign-in takes more steps.
const MOST_STEPS: usize = 10;

/// What it says that it is.
pub(crate) const USER_AGENT: &str = "HttpAgent/1 (of the suite's own proof)";

/// Lends a fresh agent to every user.
#[derive(Default)]
pub(crate) struct HttpAgents;

/// One user's cookies.
struct HttpAgent {
    http: reqwest::Client,
    cookies: BTreeMap<String, String>,
    /// The names of those that scripts may read.
    read_by_scripts: BTreeSet<String>,
    passwords_submitted: usize,
    sent_elsewhere: BTreeSet<String>,
}

impl UserAgents for HttpAgents {
    fn description(&self) -> &'static str {
        "plain HTTP"
    }

    fn lend(&self) -> BoxFuture<'_, Result<Box<dyn UserAgent + '_>, BrowserError>> {
        let http = super::loopback()
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(USER_AGENT)
            .build()
            .expect("a client");
        let agent = HttpAgent {
            http,
            cookies: BTreeMap::new(),
            read_by_scripts: BTreeSet::new(),
            passwords_submitted: 0,
            sent_elsewhere: BTreeSet::new(),
        };
        async { Ok(Box::new(agent) as Box<dyn UserAgent + '_>) }.boxed()
    }
}

impl UserAgent for HttpAgent {
    fn authorize<'a>(
        &'a mut self,
        visit: &'a Visit<'a>,
    ) -> BoxFuture<'a, Result<Landing, BrowserError>> {
        self.follow(visit).boxed()
    }

    fn passwords_submitted(&self) -> usize {
        self.passwords_submitted
    }

    fn sent_elsewhere(&self) -> Option<&BTreeSet<String>> {
        Some(&self.sent_elsewhere)
    }

    fn session_at<'a>(&'a mut self, at: &'a Url) -> BoxFuture<'a, Option<CarriedSession>> {
        let cookies = self.cookies.iter();
        let cookies = cookies.map(|(name, value)| CarriedCookie {
            name: name.clone(),
            value: SecretString::from(value.clone()),
            is_kept: !self.read_by_scripts.contains(name),
        });
        let session = CarriedSession::new(at, cookies.collect(), USER_AGENT.to_owned());
        async { Some(session) }.boxed()
    }
}

/// A page, with its status.
struct Page {
    status: u16,
    location: Option<Url>,
    text: String,
}

impl HttpAgent {
    async fn follow(&mut self, visit: &Visit<'_>) -> Result<Landing, BrowserError> {
        let mut url = visit.url.clone();
        let mut signed_in = false;
        for _ in 0..MOST_STEPS {
            let page = self.get(&url).await?;
            if let Some(location) = page.location {
                let is_elsewhere = visit.is_answered_elsewhere(&location);
                let is_there = location.as_str().starts_with(visit.redirect_uri.as_str());
                if is_there && !is_elsewhere {
                    return Ok(Landing::Redirected {
                        url: SecretUrl::new(location),
                        signed_in,
                    });
                }
                if is_elsewhere {
                    return Ok(Landing::Elsewhere {
                        url: SecretUrl::new(location),
                        signed_in,
                    });
                }
                url = location;
                continue;
            }
            match page.status {
                429 => return Ok(too_fast()),
                500.. => return Ok(stopped("", StopPage::HttpError(page.status))),
                400.. => return Ok(error_page(&page.text)),
                _ => {}
            }
            let landing = posted(&page.text, visit, signed_in);
            if let Some(landing) = landing.or_else(|| messaged(&page.text, visit, signed_in)) {
                return Ok(landing);
            }
            let Some(credentials) = visit.credentials else {
                return Ok(stopped("Sign In", StopPage::SignIn));
            };
            match self.sign_in(&url, &page.text, credentials).await? {
                Ok(next) => url = next,
                Err(landing) => return Ok(*landing),
            }
            signed_in = true;
        }
        Ok(stopped("too many redirects", StopPage::Unknown))
    }

    async fn get(&mut self, url: &Url) -> Result<Page, BrowserError> {
        let cookies: Vec<String> = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let request = self
            .http
            .get(url.clone())
            .header(COOKIE, cookies.join("; "));
        let unreachable = |error| unreachable(url, &error);
        let answer = request.send().await.map_err(unreachable)?;
        for cookie in answer.headers().get_all(SET_COOKIE) {
            let cookie = cookie.to_str().unwrap_or_default();
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            if let Some((name, value)) = pair.split_once('=') {
                self.cookies.insert(name.to_owned(), value.to_owned());
                if !attributes.to_ascii_lowercase().contains("httponly") {
                    self.read_by_scripts.insert(name.to_owned());
                }
            }
        }
        let location = answer
            .headers()
            .get(LOCATION)
            .and_then(|value| value.to_str().ok());
        let location = location.and_then(|location| url.join(location).ok());
        let status = answer.status().as_u16();
        let text = answer.text().await.map_err(unreachable)?;
        Ok(Page {
            status,
            location,
            text,
        })
    }

    /// Where the sign-in goes on, or where it ends.
    async fn sign_in(
        &mut self,
        page: &Url,
        text: &str,
        credentials: Credentials<'_>,
    ) -> Result<Result<Url, Box<Landing>>, BrowserError> {
        let also_to = variable(text, "alsoTo").and_then(|url| Url::parse(&url).ok());
        self.sent_elsewhere
            .extend(also_to.map(|url| url.origin().ascii_serialization()));
        let Some(token) = variable(text, "stateToken") else {
            return Ok(Err(Box::new(stopped("no state token", StopPage::Unknown))));
        };
        let introspected = self
            .post(page, "introspect", &json!({"stateToken": token}))
            .await?;
        let handle = introspected["stateHandle"].clone();
        let identifier = json!({"identifier": credentials.username, "stateHandle": handle});
        let passcode = credentials.password.expose_secret();
        let answer = json!({"credentials": {"passcode": passcode}, "stateHandle": handle});
        let steps = [("identify", identifier), ("challenge/answer", answer)];
        let mut last = introspected;
        for (path, body) in steps {
            if let Some(landing) = refusal(&last) {
                return Ok(Err(Box::new(landing)));
            }
            self.passwords_submitted += usize::from(body.get("credentials").is_some());
            last = self.post(page, path, &body).await?;
        }
        if let Some(landing) = refusal(&last) {
            return Ok(Err(Box::new(landing)));
        }
        let next = last.pointer("/success/href").and_then(Value::as_str);
        Ok(match next.and_then(|href| page.join(href).ok()) {
            Some(next) => Ok(next),
            None => Err(Box::new(stopped("an unknown step", StopPage::Unknown))),
        })
    }

    async fn post(&self, page: &Url, path: &str, body: &Value) -> Result<Value, BrowserError> {
        let url = page.join(&format!("/idp/idx/{path}")).expect("a path");
        let answer = self
            .http
            .post(url)
            .json(body)
            .send()
            .await
            .map_err(broken)?;
        Ok(answer.json().await.unwrap_or_default())
    }
}

/// A form that goes to the redirect URI, as the suite's own server there shows it.
fn posted(page: &str, visit: &Visit<'_>, signed_in: bool) -> Option<Landing> {
    let form = PostedForm::read(page)?;
    let mut url = Url::parse(&form.action).ok()?;
    let is_of_client = url.as_str().starts_with(visit.redirect_uri.as_str());
    let fields = url::form_urlencoded::Serializer::new(POSTED.to_owned())
        .extend_pairs(form.fields)
        .finish();
    url.set_fragment(Some(&fields));
    is_of_client.then(|| Landing::Redirected {
        url: SecretUrl::new(url),
        signed_in,
    })
}

/// A message to the page of the client, as a browser of the suite's shows it.
fn messaged(page: &str, visit: &Visit<'_>, signed_in: bool) -> Option<Landing> {
    let (_, target) = page.split_once(".postMessage(data, '")?;
    let target = unescaped(target.split_once('\'')?.0)?;
    let data = page.split("data['").skip(1).filter_map(|member| {
        let (name, value) = member.split_once("'] = '")?;
        Some((unescaped(name)?, unescaped(value.split_once('\'')?.0)?))
    });
    let told = url::form_urlencoded::Serializer::new(MESSAGED.to_owned())
        .append_pair("", &target)
        .extend_pairs(data)
        .finish();
    let mut url = visit.redirect_uri.clone();
    // What comes first is the value of the mark.
    url.set_fragment(Some(&told.replacen("&=", "=", 1)));
    Some(Landing::Redirected {
        url: SecretUrl::new(url),
        signed_in,
    })
}

/// A variable of the page, `var stateToken = '…'`.
fn variable(page: &str, name: &str) -> Option<String> {
    let (_, after) = page.split_once(&format!("{name} = '"))?;
    unescaped(after.split_once('\'')?.0)
}

/// A text of a script, whose characters may be written as `\xHH`.
fn unescaped(escaped: &str) -> Option<String> {
    let mut token = String::new();
    let mut rest = escaped;
    while let Some((plain, code)) = rest.split_once("\\x") {
        token.push_str(plain);
        token.push(char::from(u8::from_str_radix(code.get(..2)?, 16).ok()?));
        rest = code.get(2..)?;
    }
    Some(token + rest)
}

fn refusal(answer: &Value) -> Option<Landing> {
    let message = answer.pointer("/messages/value/0")?;
    let key = message
        .pointer("/i18n/key")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let kind = match key {
        "incorrectPassword" => Refusal::WrongPassword,
        "errors.E0000004" => Refusal::UnknownUser,
        "authfactor.challenge.suspended_factor" => Refusal::LockedOut,
        "idx.error.user.not.assigned.to.app" => Refusal::NotAssigned,
        "security.access_denied" => Refusal::NotAllowed,
        "tooManyRequests" => Refusal::RateLimited,
        "idx.session.expired" => return Some(stopped("expired", StopPage::RequestExpired)),
        _ => Refusal::Other,
    };
    let text = message["message"].as_str().unwrap_or_default().to_owned();
    Some(Landing::Refused {
        known: Known::default(),
        kind,
        text,
        evidence: Evidence::default(),
    })
}

/// Okta's error page, in either template.
fn error_page(text: &str) -> Landing {
    let between = |start: &str| {
        let (_, after) = text.split_once(start)?;
        Some(
            after
                .split('<')
                .next()
                .unwrap_or_default()
                .trim()
                .replace("&#x27;", "'"),
        )
    };
    Landing::ErrorPage {
        heading: "Bad Request".to_owned(),
        code: between("Error Code: ").or_else(|| between("\"technical-details\">")),
        description: between("Description: ").or_else(|| between("\"o-form-explain\">")),
        evidence: Evidence::default(),
    }
}

/// What a browser's page of status 429 comes to.
fn too_fast() -> Landing {
    Landing::Refused {
        known: Known::default(),
        kind: Refusal::RateLimited,
        text: "HTTP 429".to_owned(),
        evidence: Evidence::default(),
    }
}

/// What a browser shows where no answer comes.
fn unreachable(url: &Url, error: &reqwest::Error) -> BrowserError {
    BrowserError::Unreachable {
        url: url.path().to_owned(),
        reason: error.to_string(),
    }
}

fn stopped(heading: &str, kind: StopPage) -> Landing {
    Landing::Stopped {
        known: Known {
            is_sign_in: kind == StopPage::SignIn,
            ..Known::default()
        },
        kind,
        heading: heading.to_owned(),
        evidence: Evidence::default(),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is handed to map_err")]
fn broken(error: reqwest::Error) -> BrowserError {
    BrowserError::Session {
        reason: error.to_string(),
    }
}
