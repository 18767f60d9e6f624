//! HTTP on loopback: binding, serving, stopping.

use std::future::pending;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use axum::Router;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::error::okta_error;

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
    /// The sign-in page is to be Okta's own widget, which is not there.
    #[error("the sign-in page needs `{}` of the npm package `@okta/okta-signin-widget`", missing.display())]
    Widget {
        /// The file that is missing.
        missing: PathBuf,
    },
    /// The client that fetches the issuer's keys could not be made.
    #[error("failed to make an HTTP client: check the system's certificates")]
    Client(#[from] reqwest::Error),
}

/// A port that is bound and not served yet, so that what it serves can know its address.
pub(crate) struct Bound {
    listener: TcpListener,
    /// `http://127.0.0.1:PORT`
    pub(crate) url: String,
}

/// A server under way; dropping it stops it.
pub(crate) struct Running {
    _stops_when_dropped: oneshot::Sender<()>,
}

/// Binds a port of the loopback interface; 0 is any free one.
pub(crate) async fn bind(port: u16) -> Result<Bound, StartError> {
    let failed = |source| StartError::Listen { port, source };
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)))
        .await
        .map_err(failed)?;
    let address = listener.local_addr().map_err(failed)?;
    let url = format!("http://{address}");
    Ok(Bound { listener, url })
}

/// Waits for nothing: the deadline is the point.
pub(crate) async fn elapse(duration: Duration) {
    let _elapsed = tokio::time::timeout(duration, pending::<()>()).await;
}

/// 429, with the headers that say that the next request may come in a second.
pub(crate) fn too_fast(now: i64) -> Response {
    let headers = [
        ("x-rate-limit-limit", "60".to_owned()),
        ("x-rate-limit-remaining", "0".to_owned()),
        ("x-rate-limit-reset", (now + 1).to_string()),
    ];
    let body = okta_error(
        StatusCode::TOO_MANY_REQUESTS,
        "E0000047",
        "API call exceeded rate limit due to too many requests.",
    );
    (headers, body).into_response()
}

impl Bound {
    /// Serves until the result is dropped, on the runtime of the caller.
    pub(crate) fn serve(self, router: Router) -> Running {
        let (stop, stopped) = oneshot::channel();
        // Answers are small: waiting to fill a packet would cost 40 ms each.
        let listener = self.listener.tap_io(|stream| {
            let _ignored = stream.set_nodelay(true);
        });
        tokio::spawn(async move {
            let until_dropped = async {
                let _closed: Result<(), _> = stopped.await;
            };
            // Serving on loopback ends only by the shutdown that was asked for.
            let _ended = axum::serve(listener, router)
                .with_graceful_shutdown(until_dropped)
                .await;
        });
        Running {
            _stops_when_dropped: stop,
        }
    }
}
