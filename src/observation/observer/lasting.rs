//! A token that ends while hostile requests are sent: it was let in before, and is sent again once
//! it has ended.

use std::collections::VecDeque;
use std::time::Duration;

use jiff::Timestamp;
use secrecy::SecretString;
use tokio::time::interval;

use super::Observer;
use super::api::credential;
use crate::exchange::{ApiCall, Material};
use crate::observation::{NotSeen, Observations, Seen};

/// So many seconds the API takes it yet when it is made.
const GOOD_FOR: i64 = 2;
/// So many seconds later an API that counts in whole ones takes it no more.
const AFTER: i64 = 2;
/// The clock is looked at this often.
const PAUSE: Duration = Duration::from_millis(50);

/// A token that was let in, and when it is let in no more.
pub(super) struct Lasting {
    token: SecretString,
    /// In seconds since 1970.
    ended: i64,
}

impl Lasting {
    /// Whether it is let in no more.
    pub(super) fn has_ended(&self) -> bool {
        Timestamp::now().as_second() >= self.ended
    }
}

/// What is sent next: what has just ended before all others, since a decision may be kept for
/// shorter than a run takes.
pub(super) fn next<T>(waiting: &mut VecDeque<T>, has_ended: impl Fn(&T) -> bool) -> Option<T> {
    let ended = waiting.iter().position(has_ended);
    waiting.remove(ended.unwrap_or(0))
}

impl Observer<'_> {
    /// Presents a token that the API takes for a moment yet: to its expiry, and the leeway that it
    /// was seen to allow.
    ///
    /// # Errors
    /// [`NotSeen`] where no leeway can be measured, or the token is not let in.
    pub(super) async fn while_it_lasts(
        &self,
        exchange: &ApiCall,
        seen: &Observations,
        good: &SecretString,
        material: &Material<'_>,
    ) -> Seen<Lasting> {
        let none = |why: &str| NotSeen::not_applicable(format!("not sent: {why}"));
        let leeway = self.leeway(good, exchange, material).await;
        let leeway = leeway.and_then(|seconds| i64::try_from(seconds).ok());
        let leeway = leeway.ok_or_else(|| {
            none("no token of the suite's own was seen to end within five minutes of its expiry")
        })?;
        let now = Timestamp::now().as_second();
        let soon = Material {
            now: now - leeway + GOOD_FOR,
            ..*material
        };
        let token = credential(exchange, seen, &soon)?.ok_or_else(|| none("it has no token"))?;
        self.secrets.add(&token);
        let let_in = self.ask_with(&token, exchange, material).await;
        let let_in = let_in.map(|_| Lasting {
            token,
            ended: now + GOOD_FOR + AFTER,
        });
        let_in.map_err(|_| none("its token was not let in while it was good"))
    }

    /// The token, once it has ended.
    pub(super) async fn once_ended(&self, lasting: &Lasting) -> SecretString {
        let mut often = interval(PAUSE);
        while !lasting.has_ended() {
            often.tick().await;
        }
        lasting.token.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_ended_waits_for_nothing_else() {
        let mut waiting = VecDeque::from(["first", "second", "ends", "last"]);
        let mut has_ended = false;
        let mut sent = Vec::new();
        while let Some(next) = next(&mut waiting, |it| has_ended && *it == "ends") {
            sent.push(next);
            has_ended = true;
        }
        assert_eq!(sent, ["first", "ends", "second", "last"]);
    }
}
