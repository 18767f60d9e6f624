//! Authenticator apps: codes by time, RFC 6238, each good for one sign-in.

use rand::RngCore as _;
use totp_rs::{Builder, Secret};

use crate::state::AppState;
use crate::state::sign_in::Totp;

/// The length of a secret in bytes: Okta's mock answers show 16 characters of base32.
const SECRET_BYTES: usize = 10;

/// Okta's lifetime of a code, in seconds.
const STEP_SECONDS: u64 = 30;

/// What a typed code comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Checked {
    Right,
    Wrong,
    /// Right, and used before.
    Used,
}

impl Totp {
    /// An app with this secret, whose codes nobody has used.
    fn new(secret: String) -> Self {
        Self {
            secret,
            last_step: None,
        }
    }

    /// A code of this step or one beside it is right, once; none before it is from then on.
    fn check(&mut self, typed: &str, now: u64) -> Checked {
        let Some(step) = step_of(&self.secret, typed, now) else {
            return Checked::Wrong;
        };
        if self.last_step.is_some_and(|last| step <= last) {
            return Checked::Used;
        }
        self.last_step = Some(step);
        Checked::Right
    }
}

/// A secret nobody has seen before, in base32.
pub(crate) fn new_secret() -> String {
    let mut bytes = [0; SECRET_BYTES];
    rand::rng().fill_bytes(&mut bytes);
    Secret::from(&bytes[..]).to_base32()
}

/// Whether the code is one of this secret, of any time near now.
pub(super) fn fits(secret: &str, typed: &str, now: i64) -> bool {
    step_of(secret, typed, now.unsigned_abs()).is_some()
}

/// Sets the app with this secret up for the user with this login.
pub(crate) fn set_up(state: &AppState, login: &str, secret: String) {
    let mut runtime = state.runtime();
    runtime
        .totps
        .insert(login.to_lowercase(), Totp::new(secret));
}

/// Checks a code of the user with this login.
pub(super) fn check(state: &AppState, login: &str, typed: &str) -> Checked {
    let now = state.now().unsigned_abs();
    let mut runtime = state.runtime();
    match runtime.totps.get_mut(&login.to_lowercase()) {
        Some(totp) => totp.check(typed.trim(), now),
        None => Checked::Wrong,
    }
}

/// Which step a code is of, if it is one of the three nearest.
fn step_of(secret: &str, typed: &str, now: u64) -> Option<u64> {
    let secret = Secret::try_from_base32(secret).ok()?;
    let app = Builder::new().with_secret(secret).build_noncompliant();
    let steps = [now.checked_sub(STEP_SECONDS)?, now, now + STEP_SECONDS];
    let mut steps = steps.into_iter();
    steps
        .find(|time| app.generate(*time).to_string() == typed)
        .map(|time| time / STEP_SECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The secret of RFC 6238, appendix B: `12345678901234567890`.
    const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";

    #[test]
    fn a_code_of_the_standard_is_right_once() {
        let mut totp = Totp::new(SECRET.to_owned());
        assert_eq!(totp.check("287082", 59), Checked::Right);
        assert_eq!(totp.check("287082", 59), Checked::Used);
        assert_eq!(totp.check("287082", 1_111_111_109), Checked::Wrong);
        assert_eq!(totp.check("081804", 1_111_111_109), Checked::Right);
    }

    #[test]
    fn the_code_of_an_earlier_step_is_used_up_by_a_later_one() {
        let mut totp = Totp::new(SECRET.to_owned());
        let (first, second) = ("005924", 1_234_567_890);
        assert_eq!(totp.check(first, second), Checked::Right);
        let earlier = step_of(SECRET, first, second + STEP_SECONDS);
        assert_eq!(earlier, Some(second / STEP_SECONDS));
        assert_eq!(totp.check(first, second + STEP_SECONDS), Checked::Used);
    }
}
