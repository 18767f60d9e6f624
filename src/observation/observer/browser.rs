//! Sign-ins: users side by side, each in a browser of their own, one request after the other.

use std::time::{Duration, Instant};

use futures_util::future::join_all;
use jiff::Timestamp;

use super::audit::not_configured;
use super::{Observer, Picture, Plan, Seeing, again};
use crate::browser::{
    BrowserError, Credentials, Evidence, Landing, Refusal, StopPage, Totp, UserAgent, UserAgents,
    Visit,
};
use crate::config::TestUserCredentials;
use crate::limits::{self, MOST_RETRIES};
use crate::model::Expected;
use crate::observation::{
    Authorization, AuthorizationKey, Denial, Need, NotSeen, Outcome, Seen, Symptom,
};
use crate::openid::{AuthorizationRequest, Metadata, Prompt, Response};

/// A browser that dies is replaced so often for one user.
const MOST_BROWSERS_PER_USER: usize = 2;

const PASSWORD_ALONE: &str = "let the client's authentication policy ask for a password alone \
                              (`provision --password-only-sign-in`, or Applications > the client > \
                              Sign On > User authentication)";

/// What one user's requests came to.
#[derive(Default)]
struct UserSeeing {
    authorizations: Vec<(AuthorizationKey, Seen<Authorization>)>,
    pictures: Vec<Picture>,
    sign_ins: usize,
    retries: Vec<String>,
    durations: Vec<(Need, Duration)>,
}

/// A user at the authorization server: who, and what has happened so far.
struct Visitor<'a> {
    name: &'a str,
    credentials: &'a TestUserCredentials,
    /// Kept for all of the user's browsers: no code is used twice.
    totp: Option<Totp>,
    metadata: &'a Metadata,
    signed_in: Option<Timestamp>,
    /// Why the rest of the user's requests is not made: credentials that were refused must not be
    /// typed again, and a page that never comes would be waited for again.
    refused: Option<NotSeen>,
    seeing: UserSeeing,
}

/// One visit, as it ended.
struct Visited {
    request: AuthorizationRequest,
    started: Timestamp,
    landing: Result<Landing, BrowserError>,
}

/// Why the rest of a user's requests is not made.
enum GiveUp {
    /// The browser died or cannot be driven.
    Browser(BrowserError),
    /// The org refused the credentials; they are never tried twice.
    Credentials(NotSeen),
}

impl Observer<'_> {
    /// Makes every request of the plan in a browser.
    pub(super) async fn sign_in(&self, plan: &Plan, agents: &dyn UserAgents, seeing: &mut Seeing) {
        seeing.browser = Some(agents.description().to_owned());
        let metadata = seeing.observations.metadata.clone();
        let users = plan.by_user();
        let visits = users.iter().map(|(name, keys)| {
            let metadata = metadata.as_ref();
            async move {
                let seen = match (metadata, self.access.users.get(*name)) {
                    (Ok(metadata), Some(credentials)) => {
                        self.visit_all(agents, name, credentials, metadata, keys)
                            .await
                    }
                    (Err(reason), _) => none_of(keys, reason),
                    (_, None) => none_of(keys, &not_configured(name)),
                };
                self.progress.user_done(name, seen.authorizations.len());
                seen
            }
        });
        for user in join_all(visits).await {
            seeing
                .observations
                .authorizations
                .extend(user.authorizations);
            seeing.observations.sign_ins += user.sign_ins;
            seeing.observations.retries.extend(user.retries);
            seeing.observations.durations.extend(user.durations);
            seeing.pictures.extend(user.pictures);
        }
    }

    async fn visit_all(
        &self,
        agents: &dyn UserAgents,
        name: &str,
        credentials: &TestUserCredentials,
        metadata: &Metadata,
        keys: &[&AuthorizationKey],
    ) -> UserSeeing {
        let seeing = UserSeeing::default();
        let mut visitor = Visitor {
            name,
            credentials,
            totp: totp(credentials),
            metadata,
            signed_in: None,
            refused: None,
            seeing,
        };
        let mut left: Vec<&AuthorizationKey> = keys.to_vec();
        for attempt in 1..=MOST_BROWSERS_PER_USER {
            let gave_up = self
                .visit_in_one_browser(agents, &mut visitor, &mut left)
                .await;
            match gave_up {
                None => break,
                Some(GiveUp::Browser(error))
                    if error.died() && attempt < MOST_BROWSERS_PER_USER =>
                {
                    let retry = format!("{name}: {error}; going on in a new browser");
                    self.progress.say(&retry);
                    visitor.seeing.retries.push(retry);
                    visitor.signed_in = None;
                }
                Some(why) => {
                    let reason = match why {
                        GiveUp::Browser(error) => NotSeen::failed(error.to_string()),
                        GiveUp::Credentials(reason) => reason,
                    };
                    visitor
                        .seeing
                        .authorizations
                        .extend(none_of(&left, &reason).authorizations);
                    break;
                }
            }
        }
        visitor.seeing
    }

    /// Makes the requests that are left, and takes each that came to an end off the list.
    async fn visit_in_one_browser(
        &self,
        agents: &dyn UserAgents,
        visitor: &mut Visitor<'_>,
        left: &mut Vec<&AuthorizationKey>,
    ) -> Option<GiveUp> {
        let mut agent = match agents.lend().await {
            Ok(agent) => agent,
            Err(error) => return Some(GiveUp::Browser(error)),
        };
        while let Some(key) = left.first().copied() {
            self.progress.asking(&key.words());
            let clock = Instant::now();
            let seen = self.visit(agent.as_mut(), visitor, key).await;
            let need = Need::Authorization(key.clone());
            visitor.seeing.durations.push((need, clock.elapsed()));
            let seen = match seen {
                Ok(seen) => seen,
                Err(error) if error.died() => return Some(GiveUp::Browser(error)),
                Err(error) => {
                    let reason = NotSeen::failed(error.to_string());
                    visitor.refused = Some(reason.clone());
                    Err(reason)
                }
            };
            visitor.seeing.authorizations.push((key.clone(), seen));
            left.remove(0);
            if let Some(mut reason) = visitor.refused.clone() {
                reason.reason = format!("not tried again: {}", reason.reason);
                return Some(GiveUp::Credentials(reason));
            }
        }
        None
    }

    /// Makes a request, and makes it again at most three times where the org failed in passing.
    async fn visit(
        &self,
        agent: &mut dyn UserAgent,
        visitor: &mut Visitor<'_>,
        key: &AuthorizationKey,
    ) -> Result<Seen<Authorization>, BrowserError> {
        for attempt in 0..MOST_RETRIES {
            let visited = self.visit_once(agent, visitor, key).await;
            let redirect_uri = &self.facts.redirect_uri;
            let failed = again::in_passing(&visited.landing, redirect_uri, attempt);
            let (wait, why) = match failed {
                Some(failed) => failed,
                None => match self.take(visitor, key, visited).await? {
                    Ok(seen) if self.may_ask_for_another_code(key, &seen) => {
                        let why = "the token endpoint failed, and a code is good for once";
                        (limits::pause(attempt), why.to_owned())
                    }
                    seen => return Ok(seen),
                },
            };
            let words = (key.words(), limits::words(wait));
            let retry = format!("{} is asked again in {}: {why}", words.0, words.1);
            self.progress.say(&retry);
            visitor.seeing.retries.push(retry);
            limits::elapse(wait).await;
        }
        let visited = self.visit_once(agent, visitor, key).await;
        self.take(visitor, key, visited).await
    }

    /// A code that nobody may have counts as it is: another request must not hide it.
    fn may_ask_for_another_code(&self, key: &AuthorizationKey, seen: &Authorization) -> bool {
        let user = self.model.user(&key.user);
        let expected = user.map(|user| {
            self.model
                .expected(user, &key.request, key.flow.grant_type())
        });
        matches!(expected, Some(Expected::Granted { .. }))
            && matches!(
                seen.outcome,
                Outcome::Denied {
                    denial: Denial::NotRedeemed,
                    ..
                }
            )
    }

    async fn visit_once(
        &self,
        agent: &mut dyn UserAgent,
        visitor: &Visitor<'_>,
        key: &AuthorizationKey,
    ) -> Visited {
        let prompt = if visitor.signed_in.is_none() {
            Prompt::Login
        } else {
            Prompt::Session
        };
        let request = AuthorizationRequest::new(
            &visitor.metadata.authorization_endpoint,
            &self.facts.client_id,
            self.facts.redirect_uri.as_str(),
            &key.request.parameter(),
            key.flow,
            prompt,
        );
        let started = Timestamp::now();
        let credentials = Credentials {
            username: &visitor.credentials.username,
            password: &visitor.credentials.password,
            totp: visitor.totp.as_ref(),
        };
        let visit = Visit {
            url: &request.url,
            redirect_uri: &self.facts.redirect_uri,
            credentials: Some(credentials),
        };
        if let Some(verifier) = &request.code_verifier {
            self.secrets.add(verifier);
        }
        let landing = agent.authorize(&visit).await;
        if let Some(code) = visitor.totp.as_ref().and_then(Totp::last_code) {
            self.secrets.add(&code);
        }
        Visited {
            request,
            started,
            landing,
        }
    }

    /// What a visit came to.
    async fn take(
        &self,
        visitor: &mut Visitor<'_>,
        key: &AuthorizationKey,
        visited: Visited,
    ) -> Result<Seen<Authorization>, BrowserError> {
        let Visited {
            request, started, ..
        } = visited;
        let outcome = match visited.landing? {
            Landing::Redirected { url, signed_in } => {
                if signed_in {
                    visitor.seeing.sign_ins += 1;
                    visitor.signed_in = Some(started);
                }
                let response = Response::parse(&self.facts.redirect_uri, url.expose());
                self.redirected(visitor.metadata, key, &request, response)
                    .await
            }
            elsewhere => ended(visitor, key, self.quoted(elsewhere)),
        };
        Ok(outcome.map(|outcome| Authorization {
            state: request.state,
            nonce: request.nonce,
            started,
            signed_in: visitor.signed_in,
            outcome,
        }))
    }
}

/// What a visit came to that did not end at the redirect URI.
fn ended(visitor: &mut Visitor<'_>, key: &AuthorizationKey, landing: Landing) -> Seen<Outcome> {
    match landing {
        Landing::Redirected { .. } => Err(NotSeen::inconclusive("the browser was redirected")),
        Landing::ErrorPage {
            heading,
            code,
            description,
            evidence,
        } => {
            visitor.keep(key, evidence);
            let (code, text) = (code.unwrap_or_default(), description.unwrap_or_default());
            let denial = Denial::of_error_page(&code, &text);
            Ok(on_page(
                denial,
                format!("Okta's error page \"{heading}\": {code} {text}"),
            ))
        }
        Landing::Refused {
            kind,
            text,
            evidence,
        } => {
            visitor.keep(key, evidence);
            visitor.refused_by(key, kind, format!("the sign-in page says \"{text}\""))
        }
        Landing::Stopped {
            kind,
            heading,
            evidence,
        } => {
            let shown = format!("{} at {}", evidence.title, evidence.url);
            visitor.keep(key, evidence);
            let reason = stopped(kind, &heading, &shown, key);
            visitor.stopped_at(kind, &reason);
            Err(reason)
        }
    }
}

/// A denial that a page tells, without a redirect.
fn on_page(denial: Denial, text: String) -> Outcome {
    Outcome::Denied {
        denial,
        text,
        response: None,
    }
}

fn stopped(kind: StopPage, heading: &str, shown: &str, key: &AuthorizationKey) -> NotSeen {
    let app = format!(
        "set TEST_USER_{}_TOTP_SECRET to the secret of the user's authenticator app, or \
         {PASSWORD_ALONE}",
        key.user
    );
    let advice = match kind {
        StopPage::Enrolment => PASSWORD_ALONE,
        StopPage::SecondFactor => &app,
        StopPage::ExpiredPassword => "set a password for the user that does not expire",
        StopPage::Consent => "step 4a: untick Require consent, and step 3b: consent IMPLICIT",
        StopPage::RequestExpired => "the page took too long; run it again",
        StopPage::HttpError(_) => "the org failed; run it again, and see the org's status page",
        StopPage::SignIn | StopPage::Unknown => "look at the screenshot in the report",
    };
    let page = match kind {
        StopPage::HttpError(status) => format!("the org answers {status} to the authorize URL"),
        _ => format!("a robot must stop at the page \"{heading}\" ({shown})"),
    };
    let denial = if kind == StopPage::Consent {
        Denial::Consent
    } else {
        Denial::Page
    };
    let symptom = Symptom::NoTokens {
        key: key.clone(),
        denial,
    };
    NotSeen::failed(format!("{page}: {advice}")).with(symptom)
}

/// The user's authenticator app; its secret was checked when the configuration was read.
fn totp(credentials: &TestUserCredentials) -> Option<Totp> {
    Totp::new(credentials.totp_secret.as_ref()?).ok()
}

fn none_of(keys: &[&AuthorizationKey], reason: &NotSeen) -> UserSeeing {
    let authorizations = keys
        .iter()
        .map(|key| ((*key).clone(), Err(reason.clone())))
        .collect();
    UserSeeing {
        authorizations,
        ..UserSeeing::default()
    }
}

impl Visitor<'_> {
    /// What a refusal of the sign-in page comes to.
    fn refused_by(&mut self, key: &AuthorizationKey, kind: Refusal, text: String) -> Seen<Outcome> {
        if kind == Refusal::RateLimited {
            let reason = NotSeen::failed(format!("{text}: wait a minute"));
            self.refused = Some(reason.clone());
            return Err(reason);
        }
        self.seeing.sign_ins += 1;
        match kind {
            Refusal::NotAssigned => Ok(on_page(Denial::NotAssigned, text)),
            Refusal::NotAllowed if text.contains("not allowed to access this app") => {
                Ok(on_page(Denial::NotAssigned, text))
            }
            // Okta says so of policies, network zones and threats alike.
            Refusal::NotAllowed => Ok(on_page(Denial::Unknown, text)),
            Refusal::Other => {
                self.refuse(key, &text);
                Ok(on_page(Denial::Unknown, text))
            }
            Refusal::WrongCode => {
                let mend = format!("check TEST_USER_{}_TOTP_SECRET", self.name);
                Err(self.refuse_because(key, &text, &mend))
            }
            _ => Err(self.refuse(key, &text)),
        }
    }

    /// Notes what a page on which a robot must stop means for the user's other requests.
    fn stopped_at(&mut self, kind: StopPage, reason: &NotSeen) {
        match kind {
            // These pages come after the password, and before any request of the user.
            StopPage::Enrolment | StopPage::SecondFactor | StopPage::ExpiredPassword => {
                self.seeing.sign_ins += 1;
                self.refused = Some(reason.clone());
            }
            StopPage::Consent => self.seeing.sign_ins += 1,
            // The next request would wait as long for the same page.
            StopPage::Unknown | StopPage::HttpError(_) => self.refused = Some(reason.clone()),
            StopPage::RequestExpired | StopPage::SignIn => {}
        }
    }

    /// Notes that the org refused the credentials: once more may lock the user.
    fn refuse(&mut self, key: &AuthorizationKey, text: &str) -> NotSeen {
        let user = self.name;
        let mend = format!("check TEST_USER_{user}_USERNAME and TEST_USER_{user}_PASSWORD");
        self.refuse_because(key, text, &mend)
    }

    fn refuse_because(&mut self, key: &AuthorizationKey, text: &str, mend: &str) -> NotSeen {
        let (user, key) = (self.name, key.clone());
        let symptom = Symptom::NoTokens {
            key,
            denial: Denial::SignIn,
        };
        let reason = NotSeen::failed(format!("{text} to {user}; {mend}")).with(symptom);
        self.refused = Some(reason.clone());
        reason
    }

    fn keep(&mut self, key: &AuthorizationKey, evidence: Evidence) {
        if let Some(png) = evidence.screenshot_png {
            let name = format!("{} {}", key.subject(), key.flow.grant_type());
            self.seeing.pictures.push(Picture { name, png });
        }
    }
}
