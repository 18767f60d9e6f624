//! HTTP on loopback: binding, serving, stopping.

use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::extract::connect_info::Connected;
use axum::http::{HeaderMap, HeaderName, StatusCode};
use axum::response::Response;
use axum::serve::{IncomingStream, Listener, ListenerExt as _};
use tls_listener::TlsListener;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;
use url::Url;

use crate::error::okta_error;
use crate::kept::KeepError;
use crate::state::rate_limit::Allowance;
use crate::tls::{CertificateAuthority, TlsError};

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// A port of the loopback interface could not be had.
    #[error("failed to listen on `127.0.0.1:{port}`: choose another port, or 0 for any free one")]
    Listen {
        /// The port that was asked for.
        port: u16,
        /// What the system said.
        source: io::Error,
    },
    /// The address that the org is to be known by is none of an org.
    #[error("`{url}` cannot be the address of an org: {reason}")]
    PublicUrl {
        /// The address as it was given.
        url: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// The sign-in page is to be Okta's own widget, which is not there.
    #[error("the sign-in page needs `{}` of the npm package `@okta/okta-signin-widget`", missing.display())]
    Widget {
        /// The file that is missing.
        missing: PathBuf,
    },
    /// The client that fetches the issuer's keys could not be made.
    #[error("failed to make an HTTP client: check the system's certificates")]
    Client(#[from] reqwest::Error),
    /// There is no certificate to answer by.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The folder that the org is kept in cannot be used.
    #[error(transparent)]
    Keep(#[from] KeepError),
}

/// A port that is bound and not served yet, so that what it serves can know its address.
pub(crate) struct Bound {
    listener: TcpListener,
    acceptor: Option<TlsAcceptor>,
    pub(crate) port: u16,
    /// `http://127.0.0.1:PORT`, or `https`.
    pub(crate) url: String,
}

/// A server under way; dropping it stops it.
pub(crate) struct Running {
    _stops_when_dropped: oneshot::Sender<()>,
}

/// The address that an org is known by, without a slash at the end: an origin, as Okta's are.
pub(crate) fn public_url(text: &str) -> Result<String, StartError> {
    let refuse = |reason| StartError::PublicUrl {
        url: text.to_owned(),
        reason,
    };
    let url = Url::parse(text).map_err(|_| refuse("it is not a URL"))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(refuse("it must begin with http:// or https://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(refuse("it must not hold a user name or a password"));
    }
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(refuse("it must be scheme, host and port alone"));
    }
    Ok(url.origin().ascii_serialization())
}

/// A second address of an org that listens at `local_url`, whose port it has unless it names
/// another.
pub(crate) fn custom_domain(text: &str, local_url: &str) -> Result<String, StartError> {
    let known = public_url(text)?;
    let has_port = known
        .rsplit(':')
        .next()
        .is_some_and(|end| end.parse::<u16>().is_ok());
    let port = local_url.rsplit(':').next().filter(|_| !has_port);
    Ok(port.map_or(known.clone(), |port| format!("{known}:{port}")))
}

/// Binds a port of the loopback interface; 0 is any free one.
pub(crate) async fn bind(port: u16) -> Result<Bound, StartError> {
    let failed = |source| StartError::Listen { port, source };
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .await
        .map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    Ok(Bound {
        listener,
        acceptor: None,
        port: address.port(),
        url: format!("http://{address}"),
    })
}

/// The same, answering by TLS with a certificate of the authority, if there is one.
pub(crate) async fn bind_as(
    port: u16,
    authority: Option<&CertificateAuthority>,
) -> Result<Bound, StartError> {
    let bound = bind(port).await?;
    let Some(authority) = authority else {
        return Ok(bound);
    };
    Ok(Bound {
        acceptor: Some(authority.acceptor()?),
        url: bound.url.replacen("http", "https", 1),
        ..bound
    })
}

/// Waits for nothing: the deadline is the point.
pub(crate) async fn elapse(duration: Duration) {
    let _elapsed = tokio::time::timeout(duration, pending::<()>()).await;
}

/// 429, with the headers that say that the next request may come in a second.
pub(crate) fn too_fast(now: i64) -> Response {
    let allowance = Allowance {
        limit: 60,
        remaining: 0,
        reset: now + 1,
        exceeded: true,
    };
    let mut response = too_many();
    response.headers_mut().extend(rate_limit_headers(allowance));
    response
}

/// 429, in Okta's words.
pub(crate) fn too_many() -> Response {
    okta_error(
        StatusCode::TOO_MANY_REQUESTS,
        "E0000047",
        "API call exceeded rate limit due to too many requests.",
    )
}

/// What a caller is told of its limit.
pub(crate) fn rate_limit_headers(allowance: Allowance) -> HeaderMap {
    let numbers = [
        ("x-rate-limit-limit", i64::from(allowance.limit)),
        ("x-rate-limit-remaining", i64::from(allowance.remaining)),
        ("x-rate-limit-reset", allowance.reset),
    ];
    let headers = numbers.map(|(name, number)| (HeaderName::from_static(name), number.into()));
    HeaderMap::from_iter(headers)
}

impl Bound {
    /// Serves until the result is dropped, on the runtime of the caller.
    pub(crate) fn serve(self, router: Router) -> Running {
        // Answers are small: waiting to fill a packet would cost 40 ms each.
        match self.acceptor {
            None => serve(
                router,
                self.listener.tap_io(|stream| {
                    let _ignored = stream.set_nodelay(true);
                }),
            ),
            Some(acceptor) => {
                let listener = TlsListener::new(acceptor, self.listener);
                serve(
                    router,
                    listener.tap_io(|stream| {
                        let _ignored = stream.get_ref().0.set_nodelay(true);
                    }),
                )
            }
        }
    }
}

fn serve<L>(router: Router, listener: L) -> Running
where
    L: Listener<Addr = SocketAddr>,
    SocketAddr: for<'a> Connected<IncomingStream<'a, L>>,
{
    let (stop, stopped) = oneshot::channel();
    tokio::spawn(async move {
        let until_dropped = async {
            let _closed: Result<(), _> = stopped.await;
        };
        // Serving on loopback ends only by the shutdown that was asked for.
        let router = router.into_make_service_with_connect_info::<SocketAddr>();
        let _ended = axum::serve(listener, router)
            .with_graceful_shutdown(until_dropped)
            .await;
    });
    Running {
        _stops_when_dropped: stop,
    }
}
