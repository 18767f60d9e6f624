//! One request, from what it says to the answer.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::SolarState;
use super::answer::Verdict;
use super::behaviour::{Behaviour, RequestRules, Says, Sessions};
use super::claims::Kind;
use super::endpoint::Access;
use super::keys::Unavailable;
use super::request::{Asked, Credential};
use super::route::{Route, Rule, route};
use super::signature::Checker;
use super::token::Token;
use super::trouble;
use super::visit::Visit;
use crate::server::elapse;

/// What is waited for in between, the API's own upstream perhaps.
const A_WHILE: Duration = Duration::from_millis(5);

/// The cookie of a session.
const SESSION: &str = "api_session";

/// The largest form that is looked into, in bytes.
const LARGEST_FORM: usize = 64 * 1024;

/// Answers a request.
pub(super) async fn serve(State(state): State<Arc<SolarState>>, request: Request) -> Response {
    let behaviour = state.behaviour();
    let asked = read(request, &state, &behaviour).await;
    let credential = asked.credential(&behaviour.presented);
    let visit = Visit {
        state,
        behaviour,
        asked,
        credential,
    };
    let response = match trouble::instead(&visit).await {
        Some(response) => response,
        None => visit.answer().await,
    };
    let Visit {
        behaviour, asked, ..
    } = visit;
    behaviour
        .answer
        .finish(&behaviour.cache, &asked, response)
        .await
}

async fn read(request: Request, state: &SolarState, behaviour: &Behaviour) -> Asked {
    let (parts, body) = request.into_parts();
    if let Some(log) = &state.log {
        log.note(&parts);
    }
    let form = if behaviour.presented.form || behaviour.request.scope_in_body {
        axum::body::to_bytes(body, LARGEST_FORM)
            .await
            .unwrap_or_default()
    } else {
        axum::body::Bytes::new()
    };
    Asked::new(parts, form.to_vec())
}

impl Visit {
    async fn answer(&self) -> Response {
        let behaviour = &self.behaviour;
        if let Some(preflight) = behaviour.answer.preflight(&self.asked) {
            return preflight;
        }
        if behaviour.answer.empty_head && self.asked.method() == "HEAD" {
            return StatusCode::NO_CONTENT.into_response();
        }
        if behaviour.answer.other_site && self.is_for_another_host() {
            return StatusCode::OK.into_response();
        }
        let Some(route) = route(&self.state.endpoints, &behaviour.path, &self.asked) else {
            return self.nowhere();
        };
        let Some(endpoint) = self.state.endpoints.get(route.served) else {
            return self.nowhere();
        };
        let is_open = self.is_open_method() || self.state.open;
        let method = self.asked.method();
        let mut as_get = behaviour.request.served_as_get.iter();
        if !endpoint.takes(method) && !is_open && !as_get.any(|other| other == method) {
            let allow = match endpoint.named_method() {
                "GET" => "GET, HEAD",
                method => method,
            };
            return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, allow)]).into_response();
        }
        let verdict = if is_open {
            Verdict::Granted
        } else {
            self.judge(&route).await
        };
        let verdict = if behaviour.cache.shared_verdict {
            self.of_whoever_came_last(verdict).await
        } else {
            verdict
        };
        self.note(&verdict);
        let others = || {
            let all = &self.state.endpoints;
            behaviour.answer.with_others(&self.asked, endpoint, all)
        };
        let is_granted = verdict == Verdict::Granted;
        let response = is_granted.then(others).flatten();
        let response =
            response.unwrap_or_else(|| behaviour.answer.to(&verdict, &self.asked, endpoint));
        self.with_session(response, &verdict)
    }

    /// Where a token was let in, a session begins, if there are any.
    fn with_session(&self, mut response: Response, verdict: &Verdict) -> Response {
        let begins = self.behaviour.cache.sessions != Sessions::None
            && *verdict == Verdict::Granted
            && self.credential != Credential::None;
        if begins {
            let session = self.state.memory().begin_session(self.asked.path());
            let cookie = format!("{SESSION}={session}; Path=/; HttpOnly");
            if let Ok(cookie) = HeaderValue::from_str(&cookie) {
                response.headers_mut().append(header::SET_COOKIE, cookie);
            }
        }
        response
    }

    /// Whether a cookie of a session opens the path.
    fn is_in_session(&self) -> bool {
        let memory = self.state.memory();
        let cookies = self.asked.cookies(SESSION);
        let mut began = cookies.iter().filter_map(|session| memory.began(session));
        match self.behaviour.cache.sessions {
            Sessions::None => false,
            Sessions::Everywhere => began.next().is_some(),
            Sessions::WhereTheyBegan => began.any(|path| path == self.asked.path()),
        }
    }

    /// Nothing is here, or it is at the same path without the slash.
    fn nowhere(&self) -> Response {
        let canonical = self.asked.path().trim_end_matches('/');
        let mut endpoints = self.state.endpoints.iter();
        let is_known = endpoints.any(|endpoint| endpoint.is_at(canonical));
        if self.behaviour.answer.redirects && is_known {
            let location = [(header::LOCATION, canonical.to_owned())];
            return (StatusCode::MOVED_PERMANENTLY, location).into_response();
        }
        StatusCode::NOT_FOUND.into_response()
    }

    fn is_open_method(&self) -> bool {
        let rules = &self.behaviour.request;
        let method = self.asked.method();
        let mut open = rules.open_methods.iter();
        let overrides = [
            "x-http-method-override",
            "x-http-method",
            "x-method-override",
        ];
        let mut overrides = overrides.iter().filter_map(|name| self.asked.header(name));
        open.any(|open| open == method || (open == "*" && method != "GET"))
            || (rules.method_case_ignored && method != "GET" && method.eq_ignore_ascii_case("get"))
            || (rules.method_override && overrides.any(|named| !named.eq_ignore_ascii_case(method)))
    }

    async fn judge(&self, route: &Route) -> Verdict {
        let behaviour = &self.behaviour;
        let endpoints = &self.state.endpoints;
        let wanted = match route.rule {
            Rule::Nothing => Access::Public,
            Rule::AnyToken => Access::SignedIn,
            Rule::Of(at) => behaviour.scopes.wanted(endpoints, at),
        };
        let was_answered = || self.state.memory().was_answered(self.asked.path());
        let is_spared = || self.is_trusted(&behaviour.request, &wanted);
        if wanted == Access::Public
            || (!behaviour.request.spares_the_scope && is_spared())
            || (behaviour.cache.answers && was_answered())
            || (behaviour.cache.files && is_style(self.asked.path()) && was_answered())
            || (behaviour.cache.connections && self.was_let_in())
            || self.is_in_session()
        {
            return Verdict::Granted;
        }
        let tokens: Vec<(Option<&str>, &str)> = match &self.credential {
            Credential::None => return Verdict::NoToken,
            Credential::Malformed => return Verdict::Malformed,
            Credential::Tokens(tokens) => {
                let tokens = tokens.iter().map(String::as_str);
                tokens.map(|token| (Some(token), token)).collect()
            }
            Credential::Read(tokens) => tokens.iter().map(|token| (None, token.as_str())).collect(),
            Credential::Split { verified, read } => vec![(Some(verified), read)],
        };
        if let (true, Some(status)) = (behaviour.cache.refusals, self.remembered_refusal()) {
            return Verdict::Repeated(status);
        }
        let mut verdict = Verdict::Invalid;
        for token in tokens {
            let judged = self.judge_token(token, &wanted, route.rule).await;
            verdict = judged.unwrap_or(if behaviour.keys.open_without {
                Verdict::Granted
            } else {
                Verdict::NoKeys
            });
            if verdict == Verdict::Granted {
                break;
            }
        }
        verdict
    }

    /// Judges a token that is verified, if one is, and one, mostly the same, whose claims are read.
    async fn judge_token(
        &self,
        (verified, read): (Option<&str>, &str),
        wanted: &Access,
        rule: Rule,
    ) -> Result<Verdict, Unavailable> {
        let behaviour = &self.behaviour;
        let parsed = |text| Token::parse(text, behaviour.signed.twice);
        let verified = verified.map(parsed);
        let (Some(token), false) = (parsed(read), matches!(verified, Some(None))) else {
            return Ok(if behaviour.signed.garbage_accepted {
                Verdict::Granted
            } else {
                Verdict::Invalid
            });
        };
        let key = behaviour.cache.verdicts.key(&token);
        if !self.state.memory().was_good(key.as_ref()) {
            let checker = Checker {
                keys: &self.state.keys,
                fetching: &behaviour.keys,
                rules: &behaviour.signed,
            };
            if let Some(verified) = verified.flatten()
                && !checker.is_signed(&verified).await?
            {
                return Ok(Verdict::Invalid);
            }
            match behaviour.claims.judge(&token, &self.state.trusted) {
                Kind::Invalid => return Ok(Verdict::Invalid),
                Kind::Id => return Ok(Verdict::Granted),
                Kind::Access => {}
            }
            self.state.memory().note_good(key);
        }
        Ok(match rule {
            Rule::Of(at) => self.judge_scopes(&token, wanted, at),
            Rule::AnyToken | Rule::Nothing => Verdict::Granted,
        })
    }

    /// Judges whether a good token is enough for the endpoint at this place.
    fn judge_scopes(&self, token: &Token<'_>, wanted: &Access, at: usize) -> Verdict {
        let behaviour = &self.behaviour;
        let user = token.claim("sub").filter(|_| behaviour.cache.users);
        let user = user.map(|user| format!("{user} {}", self.asked.path()));
        let rules = &behaviour.request;
        if (rules.spares_the_scope && self.is_trusted(rules, wanted))
            || self.state.memory().was_good(user.as_ref())
        {
            return Verdict::Granted;
        }
        let is_last = at + 1 == self.state.endpoints.len();
        let named = self.asked.parameter("scope");
        let named = named.filter(|_| behaviour.scopes.wanted_in_query);
        let named = named.map(|scope| Access::AllOf(vec![scope]));
        let wanted = named.as_ref().unwrap_or(wanted);
        let is_enough = behaviour
            .scopes
            .is_enough(&token.claims, wanted, (at == 0, is_last));
        if is_enough {
            self.state.memory().note_good(user);
            Verdict::Granted
        } else {
            Verdict::Insufficient(wanted.clone())
        }
    }

    /// Whether something else than a token opens the endpoint.
    fn is_trusted(&self, rules: &RequestRules, wanted: &Access) -> bool {
        let is_taken = |name: &str| {
            let mut taken = rules.hop_by_hop.iter();
            taken.any(|taken| taken.eq_ignore_ascii_case(name.trim()))
        };
        let is_hop = self.asked.headers("connection").into_iter();
        let is_hop = is_hop.flat_map(|named| named.split(',')).any(is_taken);
        let is_other_host = self.is_for_another_host();
        let without_token = self.credential == Credential::None;
        let target = format!("{}?{}", self.asked.path(), self.asked.query());
        let is_open = rules.open_parts.iter().any(|part| target.contains(part));
        let says_scope = |text: &str| Says::Scope.is_said(text, wanted);
        rules.trusted.iter().any(|trusted| {
            let values = self.asked.spelled(&trusted.header, rules);
            values
                .iter()
                .any(|value| trusted.says.is_said(value, wanted))
        }) || is_open
            || (rules.scope_in_query && says_scope(self.asked.query()))
            || (rules.scope_in_body && says_scope(&self.asked.body()))
            || is_hop
            || (rules.other_host && is_other_host)
            || (rules.no_token && without_token)
            || (rules.unnamed_client && self.asked.header("user-agent").is_none_or(str::is_empty))
            || rules
                .unchecked_above
                .is_some_and(|most| self.is_larger(most))
    }

    fn is_larger(&self, most: usize) -> bool {
        let presented = self.asked.headers("authorization").into_iter();
        presented.map(str::len).sum::<usize>() > most
    }

    fn is_for_another_host(&self) -> bool {
        self.asked.header("host") != Some(self.state.host.as_str())
    }

    /// Puts the verdict where all requests put theirs, waits, and takes what is there then.
    async fn of_whoever_came_last(&self, verdict: Verdict) -> Verdict {
        self.state.memory().put_verdict(verdict.clone());
        elapse(A_WHILE).await;
        let last = self.state.memory().last_verdict();
        last.unwrap_or(verdict)
    }

    /// Whether somebody was, on this connection.
    fn was_let_in(&self) -> bool {
        let memory = self.state.memory();
        self.asked
            .peer()
            .is_some_and(|peer| memory.was_let_in(peer))
    }

    fn remembered_refusal(&self) -> Option<u16> {
        self.state.memory().take_refusal(self.asked.path())
    }

    /// Remembers what came of a request.
    fn note(&self, verdict: &Verdict) {
        let mut memory = self.state.memory();
        match verdict {
            Verdict::Granted => {
                memory.note_answer(self.asked.path());
                memory.note_let_in(self.asked.peer());
            }
            Verdict::NoToken | Verdict::Malformed | Verdict::Invalid => {
                memory.count_refusal();
                memory.note_refusal(self.asked.path(), 401);
            }
            Verdict::Insufficient(_) | Verdict::NoKeys | Verdict::Repeated(_) => {}
        }
    }
}

impl Says {
    fn is_said(&self, value: &str, wanted: &Access) -> bool {
        match self {
            Self::Anything => true,
            Self::Holds(text) => value.contains(text),
            Self::Private => value
                .parse::<Ipv4Addr>()
                .is_ok_and(|address| address.is_private()),
            Self::Local => ["127.0.0.1", "localhost", "::1"]
                .iter()
                .any(|local| value.contains(local)),
            Self::Scope => wanted.scopes().iter().any(|scope| value.contains(scope)),
        }
    }
}

/// Whether a cache takes what is at this path for a file that is the same for everybody.
fn is_style(path: &str) -> bool {
    path.rsplit_once('.')
        .is_some_and(|(_, extension)| extension == "css")
}
