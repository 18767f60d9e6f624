//! When a visit to the authorization endpoint is made again: the org failed, and refused nothing.
//!
//! Every visit is a request of its own, with a fresh state and nonce. A page that refuses the
//! user, or asks for patience in words, is never tried again: nothing is typed twice after it.

use std::time::Duration;

use crate::browser::{BrowserError, Landing, Refusal, StopPage};
use crate::observation::AuthorizationKey;
use crate::openid::Response;
use crate::transport::limits::{self, MOST_RETRIES};

/// What the browser code says of a page that came with status 429 and without a form.
const TOO_FAST: &str = "HTTP 429";
/// The pauses after it: the first for requests side by side, of which Okta takes five; all together
/// they outlast the minute after which the count starts anew, which a browser does not tell.
const TOO_FAST_PAUSES: [Duration; MOST_RETRIES as usize] = [
    Duration::from_secs(1),
    Duration::from_secs(15),
    Duration::from_secs(48),
];

/// How old a session is surely older than `max_age=0`, also where whole seconds are compared: it
/// asks again once "the elapsed time is greater" (OpenID Connect Core 1.0 section 3.1.2.1).
const OLDER_THAN_NONE: Duration = Duration::from_millis(1_100);

/// After what time to make the visit again, and why; nothing when it came to an end.
pub(super) fn in_passing(
    key: &AuthorizationKey,
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
            let wait = usize::try_from(attempt).ok();
            let wait = wait.and_then(|attempt| TOO_FAST_PAUSES.get(attempt))?;
            Some((*wait, "429, the rate limit is exhausted".to_owned()))
        }
        Ok(Landing::Redirected { url, .. }) => {
            let response = Response::parse(redirect_uri, url.expose());
            if attempt == 0 && key.asks_anew_by_age() && response.handed_out().is_some() {
                let why = "the session may have been too young for `max_age=0`";
                return Some((OLDER_THAN_NONE, why.to_owned()));
            }
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

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::browser::{Evidence, Known, SecretUrl};
    use crate::model::{Flow, ScopeRequest};
    use crate::observation::Anew;

    use super::*;

    fn key() -> AuthorizationKey {
        let request = ScopeRequest::of(["silver"]);
        AuthorizationKey::new("SILVER", &request, Flow::Implicit)
    }

    /// Within the second of the sign-in an age of none is no more than 0.
    #[rstest]
    #[case::by_age(Anew::MaxAgeZero, "access_token=x", Some(OLDER_THAN_NONE))]
    #[case::by_age_and_asked(Anew::MaxAgeZero, "error=login_required", None)]
    #[case::by_prompt(Anew::PromptLogin, "access_token=x", None)]
    fn a_session_is_left_to_grow_a_second_old_once(
        #[case] by: Anew,
        #[case] fragment: &str,
        #[case] wait: Option<Duration>,
    ) {
        let redirect_uri: url::Url = "https://app.example/".parse().expect("a URL");
        let url = format!("{redirect_uri}#{fragment}");
        let url = SecretUrl::new(url.parse().expect("a URL"));
        let landing = Ok(Landing::Redirected {
            url,
            signed_in: false,
        });
        let key = key().asking_anew(by);
        let waits = |attempt| in_passing(&key, &landing, &redirect_uri, attempt).map(|it| it.0);
        assert_eq!([waits(0), waits(1)], [wait, None]);
    }

    /// Okta counts the requests to the authorization endpoint by the minute.
    #[test]
    fn a_visit_that_came_too_fast_is_made_again_until_the_count_starts_anew() {
        let redirect_uri = "https://app.example/".parse().expect("a URL");
        let landing = Ok(Landing::Refused {
            kind: Refusal::RateLimited,
            text: TOO_FAST.to_owned(),
            known: Known::default(),
            evidence: Evidence::default(),
        });
        let key = key();
        let waits = (0..).map_while(|attempt| in_passing(&key, &landing, &redirect_uri, attempt));
        let waits: Vec<Duration> = waits.map(|(wait, _)| wait).collect();
        assert_eq!(waits.len(), 3, "{waits:?}");
        assert!(
            waits.iter().sum::<Duration>() > Duration::from_secs(60),
            "{waits:?}"
        );
    }
}
