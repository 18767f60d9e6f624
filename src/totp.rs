//! Authenticator apps: codes by time (RFC 6238), none of them handed out twice.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use secrecy::{ExposeSecret as _, SecretString};
use tokio::time::{MissedTickBehavior, interval};
use totp_rs::{Builder, Secret};

/// How long a code is good, in seconds: what every authenticator app assumes.
const STEP_SECONDS: u64 = 30;
/// How often the clock is looked at while an unused code is waited for.
const POLL_PERIOD: Duration = Duration::from_millis(50);

/// The authenticator app of one user.
///
/// An org takes a code once, so the app remembers the last one it has handed out: it is to be kept
/// for as long as its user signs in.
pub struct Totp {
    app: totp_rs::Totp,
    clock: Clock,
    last_step: Mutex<u64>,
}

type Clock = Box<dyn Fn() -> SystemTime + Send + Sync>;

/// A secret that is no base32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not the base32 secret of an authenticator app: letters and the digits 2 to 7")]
pub struct TotpError;

impl Totp {
    /// The app with this secret, in base32 as Okta shows it under "Can't scan?"; spaces, padding
    /// and the case of letters do not matter.
    ///
    /// # Errors
    /// [`TotpError`] if the secret is none.
    pub fn new(secret: &SecretString) -> Result<Self, TotpError> {
        Self::with_clock(secret, SystemTime::now)
    }

    /// The same by another clock than this machine's.
    ///
    /// # Errors
    /// [`TotpError`] if the secret is none.
    pub fn with_clock(
        secret: &SecretString,
        clock: impl Fn() -> SystemTime + Send + Sync + 'static,
    ) -> Result<Self, TotpError> {
        let meant: String = secret
            .expose_secret()
            .chars()
            .filter(|character| !character.is_whitespace() && *character != '=')
            .map(|character| character.to_ascii_uppercase())
            .collect();
        let secret = Secret::try_from_base32(meant).map_err(|_| TotpError)?;
        if secret.as_ref().is_empty() {
            return Err(TotpError);
        }
        // Okta's secrets have 80 bits, fewer than the standard asks for.
        let app = Builder::new().with_secret(secret).build_noncompliant();
        Ok(Self {
            app,
            clock: Box::new(clock),
            last_step: Mutex::new(0),
        })
    }

    /// A code that was not handed out before; waits for the next one if the present one was.
    ///
    /// Whoever waits sets the deadline: the next code comes within 30 s.
    pub async fn unused_code(&self) -> SecretString {
        let mut ticks = interval(POLL_PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let since_1970 = (self.clock)().duration_since(UNIX_EPOCH);
            if let Some(code) = self.code_at(since_1970.unwrap_or_default().as_secs()) {
                return code;
            }
        }
    }

    /// The code that was handed out last: a secret for as long as it is good.
    #[must_use]
    pub fn last_code(&self) -> Option<SecretString> {
        let last_step = *self
            .last_step
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let code = || self.app.generate(last_step * STEP_SECONDS).to_string();
        (last_step > 0).then(|| SecretString::from(code()))
    }

    /// The code of this time, once.
    fn code_at(&self, seconds: u64) -> Option<SecretString> {
        let step = seconds / STEP_SECONDS;
        let mut last_step = self
            .last_step
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if step <= *last_step {
            return None;
        }
        *last_step = step;
        Some(SecretString::from(self.app.generate(seconds).to_string()))
    }
}

/// Shows nothing of the secret.
impl fmt::Debug for Totp {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Totp")
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use rstest::rstest;

    use super::*;

    /// The secret of RFC 6238, appendix B: `12345678901234567890`.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    fn app(secret: &str) -> Totp {
        Totp::new(&SecretString::from(secret)).expect("a secret")
    }

    fn code(app: &Totp, seconds: u64) -> Option<String> {
        let code = app.code_at(seconds);
        code.map(|code| code.expose_secret().to_owned())
    }

    #[rstest]
    #[case::the_first(59, "287082")]
    #[case::of_2005(1_111_111_109, "081804")]
    #[case::of_2009(1_234_567_890, "005924")]
    #[case::of_2033(2_000_000_000, "279037")]
    fn codes_are_those_of_the_standard(#[case] seconds: u64, #[case] expected: &str) {
        assert_eq!(code(&app(SECRET), seconds).as_deref(), Some(expected));
    }

    #[test]
    fn no_code_is_handed_out_twice() {
        let app = app(SECRET);
        assert!(code(&app, 60).is_some());
        assert_eq!(code(&app, 89), None);
        assert!(code(&app, 90).is_some());
        assert_eq!(code(&app, 60), None);
    }

    #[tokio::test]
    async fn an_unused_code_is_waited_for() {
        let looks = AtomicU64::new(0);
        // At every look ten seconds have passed.
        let clock = move || {
            let seconds = 60 + 10 * looks.fetch_add(1, Ordering::Relaxed);
            UNIX_EPOCH + Duration::from_secs(seconds)
        };
        let secret = SecretString::from(SECRET);
        let app = Totp::with_clock(&secret, clock).expect("a secret");
        let first = app.unused_code().await;
        let last = app.last_code().expect("one was handed out");
        assert_eq!(last.expose_secret(), first.expose_secret());
        let second = app.unused_code().await;
        let at = |seconds| code(&self::app(SECRET), seconds);
        assert_eq!(Some(first.expose_secret().to_owned()), at(60));
        assert_eq!(Some(second.expose_secret().to_owned()), at(90));
    }

    #[rstest]
    #[case::small_with_spaces("gezd gnbv gy3t qojq gezd gnbv gy3t qojq")]
    #[case::padded("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ====")]
    fn a_secret_may_be_written_as_apps_show_it(#[case] secret: &str) {
        assert_eq!(code(&app(secret), 59).as_deref(), Some("287082"));
    }

    #[test]
    fn a_secret_of_80_bits_will_do() {
        assert!(code(&app("GEZDGNBVGY3TQOJQ"), 59).is_some());
    }

    #[rstest]
    #[case::blank("")]
    #[case::no_base32("not a secret!")]
    #[case::digits("0189")]
    fn what_is_no_secret_is_refused(#[case] secret: &str) {
        let refused = Totp::new(&SecretString::from(secret));
        assert_eq!(refused.err(), Some(TotpError));
    }
}
