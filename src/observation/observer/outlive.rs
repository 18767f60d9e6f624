//! Waits until the token of a probe has expired, by whatever clock the API has.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::time::interval;

use super::Observer;
use super::api::tokens;
use crate::exchange::{ApiCall, Holder};
use crate::observation::{AuthorizationKey, NotSeen, Observations, Seen};

/// Some APIs allow clocks to be five minutes apart.
const AFTER: SignedDuration = SignedDuration::from_secs(6 * 60);
/// The token of a probe lives five minutes: one that lives longer is another.
const LONGEST: SignedDuration = SignedDuration::from_secs(12 * 60);
/// The clock is looked at this often.
const PAUSE: Duration = Duration::from_millis(250);

impl Observer<'_> {
    /// Waits until the token of an exchange has been expired for some minutes, where it is one that
    /// is sent then.
    ///
    /// # Errors
    /// [`NotSeen`] where there is no such token, or it lives too long to be waited for.
    pub(super) async fn outlive(&self, exchange: &ApiCall, seen: &Observations) -> Seen<()> {
        let basis = exchange.basis();
        let Some(basis) = basis.filter(|_| exchange.case.holder == Holder::ShortLived) else {
            return Ok(());
        };
        let until = expiry(basis, seen)? + AFTER;
        let left = until.duration_since(self.clock.now());
        if left > LONGEST {
            return Err(NotSeen::inconclusive(format!(
                "the token that the org signed for it lives for {} more minutes, and not 5 from \
                 when it was issued: another rule gave it",
                (left - AFTER).as_mins()
            )));
        }
        if left.is_positive() {
            self.progress.say(&format!(
                "waiting {} s: the token of 5 minutes is sent when it has been expired for 6",
                left.as_secs()
            ));
        }
        let mut often = interval(PAUSE);
        while self.clock.now() < until {
            often.tick().await;
        }
        Ok(())
    }
}

/// When the access token of an authorization expires.
fn expiry(basis: &AuthorizationKey, seen: &Observations) -> Seen<Timestamp> {
    let none = || NotSeen::inconclusive("the token that the org signed for it tells no expiry");
    let token = tokens(basis, seen)?.access_token.as_ref();
    let seconds = token.ok().and_then(|token| token.number("exp"));
    let expiry = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    expiry.ok_or_else(none)
}
