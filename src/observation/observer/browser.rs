//! Sign-ins: users side by side, each in a browser of their own, one request after the other.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use jiff::Timestamp;

use super::answered::BY_HTTP_ALONE;
use super::audit::not_configured;
use super::visitor::{Carried, UserSeeing, Visitor, ended};
use super::{Observer, Plan, Seeing, again};
use crate::browser::{BrowserError, Credentials, Landing, UserAgent, UserAgents, Visit};
use crate::config::TestUserCredentials;
use crate::model::Expected;
use crate::observation::{
    Authorization, AuthorizationKey, Denial, Need, NotSeen, Outcome, Seen, Typed,
};
use crate::openid::{Asks, AuthorizationRequest, Metadata, Prompt, Response};
use crate::totp::Totp;
use crate::transport::limits::{self, MOST_RETRIES};

/// A browser that dies is replaced so often for one user.
const MOST_BROWSERS_PER_USER: usize = 2;

/// One visit, as it ended.
struct Visited<'a> {
    request: AuthorizationRequest,
    /// Of the server that it went to.
    metadata: &'a Metadata,
    started: Timestamp,
    landing: Result<Landing, BrowserError>,
    /// How many passwords were submitted on the way.
    submitted: usize,
}

impl Visited<'_> {
    fn died(&self) -> bool {
        self.landing.as_ref().is_err_and(BrowserError::died)
    }
}

/// Why the rest of a user's requests is not made.
enum GiveUp {
    /// The browser died or cannot be driven.
    Browser(BrowserError),
    /// The org refused the credentials; they are never tried twice.
    Credentials(NotSeen),
}

impl Observer<'_> {
    /// Makes every request of the plan in a browser: what came of each.
    pub(super) async fn sign_in(
        &self,
        plan: &Plan,
        agents: &dyn UserAgents,
        seeing: &mut Seeing,
    ) -> Vec<(AuthorizationKey, Seen<Authorization>)> {
        seeing.browser = Some(agents.description().to_owned());
        let metadata = seeing.observations.metadata.clone();
        let users = plan.by_user();
        let servers = self.probe_servers(plan).await;
        let leak = OnceLock::new();
        let visits = users.iter().map(|(name, keys)| {
            let (metadata, servers, leak) = (metadata.as_ref(), &servers, &leak);
            async move {
                let endpoint = metadata.map_err(Clone::clone).and_then(|metadata| {
                    let endpoint = metadata.authorization_endpoint.opened(&self.reach());
                    let asked = self.model.authorization_server.asked_audience();
                    let endpoint = endpoint.map(|endpoint| endpoint.saying(asked));
                    endpoint.map_err(|error| NotSeen::failed(error.to_string()))
                });
                let metadata = metadata
                    .and_then(|metadata| endpoint.as_ref().map(|endpoint| (metadata, endpoint)));
                let seen = match (metadata, self.access.users.get(*name)) {
                    (Ok(org), Some(credentials)) => {
                        let (metadata, endpoint) = org;
                        let visitor = Visitor {
                            name,
                            credentials,
                            redirect_uri: &self.facts.redirect_uri,
                            totp: totp(credentials),
                            metadata,
                            endpoint,
                            servers,
                            signed_in: None,
                            lost_a_password: false,
                            not_assigned: None,
                            spent: None,
                            leak,
                            refused: None,
                            carried: Carried::default(),
                            seeing: UserSeeing::default(),
                        };
                        self.visit_all(agents, visitor, keys).await
                    }
                    (Err(reason), _) => none_of(keys, reason),
                    (_, None) => none_of(keys, &not_configured(name)),
                };
                // Who is not configured, or has nowhere to go, made none.
                if seen.requests > 0 {
                    self.progress.user_done(name, seen.requests);
                }
                (*name, seen)
            }
        });
        let mut authorizations = Vec::new();
        for (name, user) in join_all(visits).await {
            authorizations.extend(keep(seeing, name, user));
        }
        authorizations
    }

    async fn visit_all(
        &self,
        agents: &dyn UserAgents,
        mut visitor: Visitor<'_>,
        keys: &[&AuthorizationKey],
    ) -> UserSeeing {
        let name = visitor.name;
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
                    visitor.carried = Carried::default();
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
        if let Carried::Session(held) = visitor.carried {
            visitor.seeing.session = held.is_known.then_some(held.session);
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
                Err(error) if error.died() => {
                    let refused = visitor.refused.take().map(GiveUp::Credentials);
                    return Some(refused.unwrap_or(GiveUp::Browser(error)));
                }
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

    /// Makes a request, unless it is about a session or a response type that there is not.
    async fn visit(
        &self,
        agent: &mut dyn UserAgent,
        visitor: &mut Visitor<'_>,
        key: &AuthorizationKey,
    ) -> Result<Seen<Authorization>, BrowserError> {
        if key.needs_session() && visitor.signed_in.is_none() {
            let user = &key.user;
            let why = if key.is_probe() {
                format!("{user} has no session, and nothing is typed for a probe")
            } else {
                format!("{user} has no session that a new sign-in could be asked for in")
            };
            return Ok(Err(NotSeen::inconclusive(why)));
        }
        if let Err(reason) = visitor.server_of(key) {
            return Ok(Err(reason));
        }
        let asked = key.own_response_type();
        if let Some(lacks) = asked.and_then(|asked| visitor.metadata.lacks(asked)) {
            return Ok(Err(NotSeen::not_applicable(lacks)));
        }
        if let Some(seen) = self.visit_by_http(agent, visitor, key).await {
            return Ok(Ok(seen));
        }
        // Without a session it is denied as every other one is, for the same reason.
        if key.is_more_than_an_address() && visitor.signed_in.is_some() {
            return Ok(Err(NotSeen::not_applicable(BY_HTTP_ALONE)));
        }
        let seen = self.visit_again_in_passing(agent, visitor, key).await?;
        if key.is_silent() {
            self.compare_with_browser(visitor, key, &seen);
        }
        Ok(seen)
    }

    /// Makes a request, and makes it again at most three times where the org failed in passing.
    async fn visit_again_in_passing(
        &self,
        agent: &mut dyn UserAgent,
        visitor: &mut Visitor<'_>,
        key: &AuthorizationKey,
    ) -> Result<Seen<Authorization>, BrowserError> {
        let mut attempt = 0;
        loop {
            let visited = self.visit_once(agent, visitor, key).await;
            let redirect_uri = &self.facts.redirect_uri;
            let failed = again::in_passing(key, &visited.landing, redirect_uri, attempt);
            let is_lost = failed.is_some() || visited.died();
            if is_lost && visited.submitted > 0 && !visitor.may_type_again() {
                return self.take(visitor, key, visited).await;
            }
            if let Some((wait, why)) = failed {
                if !self.may_visit_again(key, attempt, wait, &why).await {
                    return self.take(visitor, key, visited).await;
                }
            } else {
                let seen = self.take(visitor, key, visited).await?;
                let why = "the token endpoint failed, and a code is good for once";
                let again = seen
                    .as_ref()
                    .is_ok_and(|seen| self.may_ask_for_another_code(key, seen));
                let wait = limits::pause(attempt);
                if !again || !self.may_visit_again(key, attempt, wait, why).await {
                    return Ok(seen);
                }
            }
            attempt += 1;
        }
    }

    /// Waits before a request is made again; or does not, where it was made often enough or the
    /// run has waited enough.
    async fn may_visit_again(
        &self,
        key: &AuthorizationKey,
        attempt: u32,
        wait: Duration,
        why: &str,
    ) -> bool {
        let what = format!("{} is asked again", key.words());
        let retries = self.http.shared_retries();
        // What another user is answered says nothing of this one's next visit.
        attempt < MOST_RETRIES && retries.wait(wait, &what, why, None).await
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

    /// The request, with a state and a nonce that no other has.
    pub(super) fn request_of(
        &self,
        visitor: &Visitor<'_>,
        key: &AuthorizationKey,
    ) -> AuthorizationRequest {
        // Who typed a password may have a session, wherever that led.
        let prompt = if visitor.signed_in.is_none() && visitor.spent.is_none() {
            Prompt::Login
        } else {
            Prompt::Session
        };
        let asks = Asks {
            client_id: &self.facts.client_id,
            redirect_uri: self.facts.redirect_uri.as_str(),
            scope: &key.request.parameter(),
            flow: key.flow,
            prompt,
        };
        let details = key.details.as_deref().cloned().unwrap_or_default();
        // Anyone who asks has looked whether it is known.
        let endpoint = visitor.server_of(key).map_or(visitor.endpoint, |it| it.1);
        AuthorizationRequest::saying(endpoint, &asks, &details)
    }

    async fn visit_once<'v>(
        &self,
        agent: &mut dyn UserAgent,
        visitor: &mut Visitor<'v>,
        key: &AuthorizationKey,
    ) -> Visited<'v> {
        visitor.seeing.requests += 1;
        visitor.mind_leak();
        let request = self.request_of(visitor, key);
        // Anyone who asks has looked whether it is known.
        let metadata = visitor.server_of(key).map_or(visitor.metadata, |it| it.0);
        let started = Timestamp::now();
        let credentials = Credentials {
            username: &visitor.credentials.username,
            password: &visitor.credentials.password,
            totp: visitor.totp.as_ref(),
            passkey: visitor.credentials.passkey.as_ref(),
        };
        let visit = Visit {
            url: &request.url,
            redirect_uri: &self.facts.redirect_uri,
            credentials: visitor.may_type_for(key).then_some(credentials),
            trusted: &self.access.trusted_origins(),
        };
        if let Some(verifier) = &request.code_verifier {
            self.secrets.add(verifier);
        }
        let before = agent.passwords_submitted();
        let landing = agent.authorize(&visit).await;
        if let Some(code) = visitor.totp.as_ref().and_then(Totp::last_code) {
            self.secrets.add(&code);
        }
        let submitted = agent.passwords_submitted() - before;
        visitor.seeing.sign_ins += submitted;
        visitor.note_sent(agent.sent_elsewhere());
        visitor.note_unread(agent.unread());
        Visited {
            request,
            metadata,
            started,
            landing,
            submitted,
        }
    }

    /// What a visit came to.
    async fn take(
        &self,
        visitor: &mut Visitor<'_>,
        key: &AuthorizationKey,
        visited: Visited<'_>,
    ) -> Result<Seen<Authorization>, BrowserError> {
        let Visited {
            request, started, ..
        } = visited;
        let outcome = match visited.landing? {
            Landing::Redirected { url, signed_in } => {
                if signed_in {
                    visitor.signed_in = Some(started);
                }
                let response = Response::parse(&self.facts.redirect_uri, url.expose());
                self.redirected(visited.metadata, key, &request, response)
                    .await
            }
            Landing::Elsewhere { url, signed_in } => {
                if signed_in {
                    visitor.signed_in = Some(started);
                }
                Ok(self.answered_elsewhere(url.expose()))
            }
            Landing::Stopped {
                kind,
                heading,
                known,
                evidence,
            } if key.asks_anew()
                && kind.asks_who_it_is()
                && (known.is_sign_in || visitor.asks_for_a_name(kind, &evidence)) =>
            {
                Ok(Outcome::Denied {
                    denial: Denial::AskedToSignIn,
                    text: format!("the page \"{heading}\" asks to sign in"),
                    response: None,
                })
            }
            elsewhere => {
                let signed_in = visitor.seeing.sign_ins > 0;
                let elsewhere = self.of_this_client(elsewhere);
                let elsewhere = self.quoted(self.in_own_words(elsewhere, signed_in));
                let has_submitted = visited.submitted > 0;
                let outcome = ended(visitor, key, elsewhere, has_submitted);
                if has_submitted {
                    visitor.note_spent(key, &outcome);
                }
                outcome
            }
        };
        Ok(outcome.map(|outcome| Authorization {
            url: request.url,
            state: request.state,
            nonce: request.nonce,
            code_verifier: request.code_verifier,
            started,
            signed_in: visitor.signed_in,
            outcome,
            by_http: None,
        }))
    }
}

/// Keeps what was seen of a user, beside the requests themselves.
fn keep(
    seeing: &mut Seeing,
    name: &str,
    user: UserSeeing,
) -> Vec<(AuthorizationKey, Seen<Authorization>)> {
    seeing.observations.sign_ins += user.sign_ins;
    seeing.observations.requests += user.requests;
    let typed = Typed {
        passwords: user.sign_ins,
        elsewhere: user.sent_elsewhere.ok_or_else(cannot_tell),
        unread: user.unread,
    };
    let before = seeing.observations.typed.remove(name);
    let typed = before.map_or(typed.clone(), |before| before.and(typed));
    seeing.observations.typed.insert(name.to_owned(), typed);
    seeing.observations.retries.extend(user.retries);
    seeing.observations.durations.extend(user.durations);
    seeing.pictures.extend(user.pictures);
    let session = user.session.map(|session| (name.to_owned(), session));
    seeing.observations.sessions.extend(session);
    user.authorizations
}

/// The user's authenticator app; its secret was checked when the configuration was read.
fn totp(credentials: &TestUserCredentials) -> Option<Totp> {
    Totp::new(credentials.totp_secret.as_ref()?).ok()
}

fn cannot_tell() -> NotSeen {
    NotSeen::not_configured(
        "this browser does not tell what a page sends, and to whom: use Chromium to have it \
         looked at",
    )
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
