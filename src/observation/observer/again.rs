//! When a visit to the authorization endpoint is made again: the org failed, and refused nothing.
//!
//! Every visit is a request of its own, with a fresh state and nonce. A page that refuses the
//! user, or asks for patience in words, is never tried again: nothing is typed twice after it.

use std::time::Duration;

use crate::browser::{BrowserError, Landing, Refusal, StopPage};
use crate::openid::Response;
use crate::transport::limits;

/// What the browser code says of a page that came with status 429 and without a form.
const TOO_FAST: &str = "HTTP 429";
/// A browser does not tell when the count starts anew, so the pauses begin longer.
const TOO_FAST_PAUSES: u32 = 2;

/// After what time to make the visit again, and why; nothing when it came to an end.
pub(super) fn in_passing(
    landing: &Result<Landing, BrowserError>,
    redirect_uri: &url::Url,
    attempt: u32,
) -> Option<(Duration, String)> {
    let pause = limits::pause(attempt);
    match landing {
        Ok(Landing::Stopped {
            kind: StopPage::HttpError(status @ 500..),
            ..
        }) => Some((pause, format!("the org answers {status}"))),
        Ok(Landing::Refused {
            kind: Refusal::RateLimited,
            text,
            ..
        }) if text == TOO_FAST => {
            let wait = limits::pause(attempt + TOO_FAST_PAUSES);
            Some((wait, "429, the rate limit is exhausted".to_owned()))
        }
        Ok(Landing::Redirected { url, .. }) => {
            let response = Response::parse(redirect_uri, url.expose());
            let (error, _) = response.error()?;
            is_overload(error).then(|| (pause, format!("the org answers {error}")))
        }
        Err(BrowserError::Unreachable { reason, .. }) => Some((pause, reason.clone())),
        _ => None,
    }
}

/// RFC 6749 section 4.1.2.1: the server cannot handle the request at the moment.
pub(super) fn is_overload(error: &str) -> bool {
    error == "temporarily_unavailable"
}
