//! When to ask again: where it can help and cannot harm.

use std::time::Duration;

use super::client::{Failure, Outcome};
use super::limits;

/// When a request may be made once more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Patience {
    /// Twice is the same as once: after whatever may pass.
    Idempotent,
    /// Only if it cannot have had an effect: nobody was there, it came too fast, or what it is
    /// about is locked.
    IfNotTaken,
    /// It is made once, whatever comes.
    Never,
}

/// After what time to ask again, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Again {
    pub(super) wait: Duration,
    pub(super) reason: String,
    /// Whether a rate limit says how long to wait.
    pub(super) is_limited: bool,
}

impl Patience {
    /// Whether to ask again after what came at last, `attempt` being 0 at first; nothing when that
    /// cannot help or may harm.
    pub(super) fn again(self, last: &Outcome, attempt: u32) -> Option<Again> {
        let after_a_pause = |reason: String| {
            Some(Again {
                wait: limits::pause(attempt),
                reason,
                is_limited: false,
            })
        };
        if self == Self::Never {
            return None;
        }
        match last {
            Ok(answer) => match answer.status.as_u16() {
                429 => Some(Again {
                    wait: limits::after_refusal(&answer.headers)?,
                    reason: "429, the rate limit is exhausted".to_owned(),
                    is_limited: true,
                }),
                423 => after_a_pause("it answers 423, still busy with what came before".to_owned()),
                status @ 500.. if self == Self::Idempotent => {
                    let again = after_a_pause(format!("it answers {status}"))?;
                    let wait = limits::asked_to_wait(&answer.headers).unwrap_or(again.wait);
                    Some(Again { wait, ..again })
                }
                _ => None,
            },
            Err(Failure::Unreachable(reason)) => after_a_pause(reason.clone()),
            Err(failure @ (Failure::Broken(_) | Failure::TimedOut { .. })) => {
                let is_harmless = self == Self::Idempotent;
                is_harmless.then(|| after_a_pause(failure.to_string()))?
            }
            Err(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use reqwest::StatusCode;
    use reqwest::header::HeaderMap;
    use rstest::rstest;

    use super::super::client::Received;
    use super::*;

    fn answer(status: u16) -> Received {
        Received {
            status: StatusCode::from_u16(status).unwrap(),
            headers: HeaderMap::new(),
            body: Vec::new(),
            at: Timestamp::UNIX_EPOCH,
        }
    }

    fn broken() -> Outcome {
        Err(Failure::Broken("reset".to_owned()))
    }

    /// What came; whether it is asked again where that is harmless, and where it must not be taken.
    #[rstest]
    #[case::too_fast(Ok(answer(429)), true, true)]
    #[case::locked(Ok(answer(423)), true, true)]
    #[case::internal_error(Ok(answer(500)), true, false)]
    #[case::not_ready(Ok(answer(503)), true, false)]
    #[case::nobody_there(Err(Failure::Unreachable("refused".to_owned())), true, true)]
    #[case::broke_off(broken(), true, false)]
    #[case::silent(Err(Failure::TimedOut { seconds: 10 }), true, false)]
    #[case::given(Ok(answer(200)), false, false)]
    #[case::refused(Ok(answer(401)), false, false)]
    #[case::redirected(Ok(answer(302)), false, false)]
    #[case::endless(Err(Failure::TooLong { limit_bytes: 1 }), false, false)]
    #[case::impossible(Err(Failure::Impossible("too long".to_owned())), false, false)]
    #[case::in_clear(Err(Failure::Insecure), false, false)]
    #[case::paced(Err(Failure::Exhausted), false, false)]
    fn it_is_asked_again_where_that_helps_and_cannot_harm(
        #[case] last: Outcome,
        #[case] if_idempotent: bool,
        #[case] if_not_taken: bool,
    ) {
        let again = |patience: Patience| patience.again(&last, 0).is_some();
        assert_eq!(again(Patience::Idempotent), if_idempotent);
        assert_eq!(again(Patience::IfNotTaken), if_not_taken);
        assert!(!again(Patience::Never));
    }

    /// RFC 9110 section 10.2.3.
    #[test]
    fn who_is_not_ready_says_when_to_ask_again() {
        let mut not_ready = answer(503);
        not_ready
            .headers
            .insert("retry-after", "5".parse().unwrap());
        let again = Patience::Idempotent.again(&Ok(not_ready), 0).unwrap();
        assert_eq!(again.wait, Duration::from_secs(5));
    }

    #[test]
    fn the_pauses_grow() {
        let wait = |attempt| Patience::Idempotent.again(&broken(), attempt).unwrap().wait;
        assert!(wait(0) < wait(1) && wait(1) < wait(2));
    }
}
