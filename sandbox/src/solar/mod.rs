//! The solar-system API: `/planets` and `/moons`, protected by an authorization server.

mod fault;
mod gate;
mod keys;
mod token;

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

pub use self::fault::{SolarFault, UnknownSolarFault};
use self::keys::IssuerKeys;
use self::token::{Verdict, Verifier};
use crate::server::{self, Running, StartError};
use crate::tls::CertificateAuthority;

/// What `/planets` needs.
const SILVER: &str = "http://myapp.com/scp/silver";

/// What `/moons` needs.
const GOLD: &str = "http://myapp.com/scp/gold";

const PLANETS: [&str; 8] = [
    "mercury", "venus", "earth", "mars", "jupiter", "saturn", "uranus", "neptune",
];

/// Some of Jupiter's.
const MOONS: [&str; 8] = [
    "adrastea", "amalthea", "callisto", "europa", "ganymede", "io", "metis", "thebe",
];

/// The solar-system API under way; dropping it stops it.
pub struct SolarSystem {
    url: String,
    state: Arc<SolarState>,
    _running: Running,
}

/// How the API is to be started.
#[derive(Debug, Clone)]
pub struct SolarSystemBuilder {
    issuer: String,
    audience: String,
    port: u16,
    open: bool,
    tls: Option<CertificateAuthority>,
    fault: Option<SolarFault>,
}

struct SolarState {
    verifier: Verifier,
    /// Whether anyone gets everything.
    open: bool,
    fault: Mutex<Option<SolarFault>>,
    /// Requests since the fault was set.
    requests: AtomicU32,
}

impl SolarSystem {
    /// Starts the API on any free port, trusting access tokens of the issuer for the audience.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn start(issuer: &str, audience: &str) -> Result<Self, StartError> {
        Self::builder(issuer, audience).start().await
    }

    /// An API to be.
    #[must_use]
    pub fn builder(issuer: &str, audience: &str) -> SolarSystemBuilder {
        SolarSystemBuilder {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            port: 0,
            open: false,
            tls: None,
            fault: None,
        }
    }

    /// `http://127.0.0.1:PORT`, or `https`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Breaks the API from now on, or mends it.
    pub fn set_fault(&self, fault: Option<SolarFault>) {
        let slot = &self.state.fault;
        *slot.lock().unwrap_or_else(PoisonError::into_inner) = fault;
        self.state.requests.store(0, Ordering::Relaxed);
    }
}

impl SolarSystemBuilder {
    /// The port to listen on; 0, the default, is any free one.
    #[must_use]
    pub fn port(mut self, port: u16) -> Self {
        self.port = port;
        self
    }

    /// Checks nothing: the API that is behind a gateway, which does all the checking.
    #[must_use]
    pub fn open(mut self) -> Self {
        self.open = true;
        self
    }

    /// Answers by TLS with a certificate of this authority, and trusts the authority where the
    /// issuer's keys are fetched.
    #[must_use]
    pub fn tls(mut self, authority: &CertificateAuthority) -> Self {
        self.tls = Some(authority.clone());
        self
    }

    /// What is wrong with the API.
    #[must_use]
    pub fn fault(mut self, fault: SolarFault) -> Self {
        self.fault = Some(fault);
        self
    }

    /// Starts it.
    ///
    /// # Errors
    /// When the port cannot be bound, or the system's certificates cannot be read.
    pub async fn start(self) -> Result<SolarSystem, StartError> {
        let bound = server::bind_as(self.port, self.tls.as_ref()).await?;
        let verifier = Verifier {
            keys: IssuerKeys::new(&self.issuer, self.tls.as_ref())?,
            issuer: self.issuer,
            audience: self.audience,
        };
        let state = Arc::new(SolarState {
            verifier,
            open: self.open,
            fault: Mutex::new(self.fault),
            requests: AtomicU32::new(0),
        });
        let url = bound.url.clone();
        let running = bound.serve(router(&state));
        Ok(SolarSystem {
            url,
            state,
            _running: running,
        })
    }
}

impl SolarState {
    /// Counts a request: 1 for the first since the fault was set.
    fn count(&self) -> u32 {
        self.requests.fetch_add(1, Ordering::Relaxed) + 1
    }

    fn fault(&self) -> Option<SolarFault> {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn router(state: &Arc<SolarState>) -> Router {
    Router::new()
        .route("/planets", get(planets))
        .route("/moons", get(moons))
        .layer(middleware::from_fn_with_state(
            Arc::clone(state),
            gate::gate,
        ))
        .with_state(Arc::clone(state))
}

async fn planets(State(state): State<Arc<SolarState>>, uri: Uri, headers: HeaderMap) -> Response {
    let scopes: &[&str] = match state.fault() {
        Some(SolarFault::ScopesSwapped) => &[GOLD],
        Some(SolarFault::GoldImpliesSilver) => &[SILVER, GOLD],
        _ => &[SILVER],
    };
    let token = presented(&state, &uri, &headers);
    answer(&state, token.as_deref(), scopes, &PLANETS).await
}

async fn moons(State(state): State<Arc<SolarState>>, uri: Uri, headers: HeaderMap) -> Response {
    let scopes: &[&str] = match state.fault() {
        Some(SolarFault::ScopesSwapped) => &[SILVER],
        _ => &[GOLD],
    };
    let token = presented(&state, &uri, &headers);
    answer(&state, token.as_deref(), scopes, &MOONS).await
}

/// The list, for whoever has a token with one of the scopes.
async fn answer(
    state: &SolarState,
    token: Option<&str>,
    scopes: &[&str],
    list: &[&str],
) -> Response {
    let fault = state.fault();
    if state.open {
        return granted(list, fault);
    }
    let Some(token) = token else {
        return match fault {
            Some(SolarFault::OpenWithoutToken) => granted(list, fault),
            _ => refused(StatusCode::UNAUTHORIZED, "Bearer", fault),
        };
    };
    let Ok(verdict) = state.verifier.judge(token, fault).await else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    let held = match verdict {
        Verdict::Invalid => {
            let challenge = "Bearer error=\"invalid_token\"";
            return refused(StatusCode::UNAUTHORIZED, challenge, fault);
        }
        Verdict::Anything => return granted(list, fault),
        Verdict::Access(held) => held,
    };
    let is_covered = scopes.iter().any(|scope| holds(&held, scope, fault));
    if is_covered && fault != Some(SolarFault::ForbiddenToAll) {
        return granted(list, fault);
    }
    let scope = scopes.first().copied().unwrap_or_default();
    let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
    let status = match fault {
        Some(SolarFault::UnauthorizedForScope) => StatusCode::UNAUTHORIZED,
        _ => StatusCode::FORBIDDEN,
    };
    refused(status, &challenge, fault)
}

/// Whether the scopes of a token hold the one that is wanted.
fn holds(held: &[String], wanted: &str, fault: Option<SolarFault>) -> bool {
    let is_held = held.iter().any(|one| one == wanted);
    match fault {
        Some(SolarFault::ScopeUnchecked) => true,
        Some(SolarFault::ScopeListExact) => is_held && held.len() == 1,
        Some(SolarFault::ScopeClaimOther) => false,
        _ => is_held,
    }
}

fn granted(list: &[&str], fault: Option<SolarFault>) -> Response {
    match fault {
        Some(SolarFault::WrongBody) => Json(["pluto"]).into_response(),
        _ => Json(list).into_response(),
    }
}

fn refused(status: StatusCode, challenge: &str, fault: Option<SolarFault>) -> Response {
    let mut response = status.into_response();
    let challenge = match fault {
        Some(SolarFault::ChallengeLowerCase) => challenge.replace("Bearer", "bearer"),
        Some(SolarFault::ChallengesSeveral) => format!("DPoP algs=\"RS256\", {challenge}"),
        _ => challenge.to_owned(),
    };
    if fault != Some(SolarFault::NoChallengeHeader)
        && let Ok(challenge) = HeaderValue::from_str(&challenge)
    {
        let headers = response.headers_mut();
        headers.insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}

/// The token of the `Authorization` header; of the query only by a fault (RFC 6750 section 2.3).
fn presented(state: &SolarState, uri: &Uri, headers: &HeaderMap) -> Option<String> {
    let in_header = bearer_token(headers).map(str::to_owned);
    if state.fault() != Some(SolarFault::QueryTokenAccepted) {
        return in_header;
    }
    let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    let mut tokens = query.filter(|(name, _)| name == "access_token");
    in_header.or_else(|| tokens.next().map(|(_, token)| token.into_owned()))
}

fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    let authorization = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = authorization.split_once(' ')?;
    let token = token.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}
