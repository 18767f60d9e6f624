//! How fast hostile requests are sent: as fast as they are answered, until the API has too many;
//! and until it shows that it is no matter of pace.

use std::time::Duration;

use tokio::time::{Instant, Interval, MissedTickBehavior, interval, interval_at};

use super::Observer;
use super::hostile::Lane;
use super::recovery::AGAIN;
use crate::exchange::{ApiCall, Case};
use crate::observation::{HostileAnswer, Seen};

/// The gap after the first answer that says so.
const FIRST_GAP: Duration = Duration::from_millis(100);
/// No gap is longer: whoever takes fewer requests is not asked them all.
const LONGEST_GAP: Duration = Duration::from_millis(800);

/// Many limits count by the second, and begin anew after it.
const WINDOW: Duration = Duration::from_secs(1);

/// So often is a request sent again in vain, each time slowly and several times, before it is
/// believed that time does not help.
const MOST_IN_VAIN: usize = 5;
/// So often is a request sent again that a rate limit has answered.
const MOST_TIMES: usize = 5;
/// So many requests are sent once more after a failure that came again: then it is no chance.
const MOST_FAILURES: usize = 3;

/// What takes longer is said beforehand, and how much is left about as often.
const LONG: Duration = Duration::from_secs(60);
/// So many requests say how long the others take.
const FIRST: u32 = 30;

/// The gap between requests.
pub(super) struct Pace {
    began: Instant,
    /// When it was said last how many are left.
    said: Option<Instant>,
    sent: u32,
    gap: Option<Interval>,
    in_vain: usize,
    /// How often a failure came again.
    failures: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            began: Instant::now(),
            said: None,
            sent: 0,
            gap: None,
            in_vain: 0,
            failures: 0,
        }
    }
}

/// Why a request is sent again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    /// A rate limit has answered.
    TooMuch,
    /// The API failed, and that may have to do with something else.
    Chance,
}

impl Again {
    fn after(answer: &Seen<HostileAnswer>, case: &Case) -> Option<Self> {
        let answer = answer.as_ref().ok()?;
        // Many at once are too many for some limits, however often they are sent.
        if case.is_many() && answer.is_busy() {
            return None;
        }
        if answer.is_too_much() {
            Some(Self::TooMuch)
        } else {
            answer.may_be_chance().then_some(Self::Chance)
        }
    }
}

impl Observer<'_> {
    /// What a rate limit answers is no answer to the request: it is sent again, and all others
    /// slower. A failure is the request's own where it comes again.
    pub(super) async fn send_in_pace(
        &self,
        exchange: &ApiCall,
        lane: &mut Lane<'_>,
        pace: &mut Pace,
    ) -> Seen<HostileAnswer> {
        pace.wait().await;
        let mut answer = self.send_one(exchange, lane).await;
        if Again::after(&answer, exchange.case) == Some(Again::Chance)
            && pace.failures < MOST_FAILURES
        {
            self.progress.say(&format!(
                "the API failed, or was away for a moment, at hostile::{}: that is sent once more",
                exchange.case.id
            ));
            interval_at(Instant::now() + AGAIN, AGAIN).tick().await;
            answer = self.send_one(exchange, lane).await;
            let came_again = Again::after(&answer, exchange.case) == Some(Again::Chance);
            pace.failures += usize::from(came_again);
        }
        if !pace.may_help() {
            return answer;
        }
        for time in 0..MOST_TIMES {
            if Again::after(&answer, exchange.case) != Some(Again::TooMuch) {
                return answer;
            }
            let is_limited = (answer.as_ref()).is_ok_and(HostileAnswer::is_limited);
            if let Some(gap) = pace.slower(time, is_limited) {
                self.progress.say(&format!(
                    "the API has a rate limit: hostile requests are {} ms apart from here",
                    gap.as_millis()
                ));
            }
            if time == 1 && is_limited {
                interval_at(Instant::now() + WINDOW, WINDOW).tick().await;
            }
            pace.wait().await;
            answer = self.send_one(exchange, lane).await;
        }
        if Again::after(&answer, exchange.case) == Some(Again::TooMuch) && pace.was_in_vain() {
            self.progress.say(
                "the API answers some hostile requests as too many however slowly they are sent: \
                 they are not sent again from here",
            );
        }
        answer
    }
}

impl Pace {
    /// Waits until the next request may be sent.
    pub(super) async fn wait(&mut self) {
        if let Some(gap) = &mut self.gap {
            gap.tick().await;
        }
    }

    /// One more was sent: how many are left, and how long that may take, where it is long and was
    /// not said lately.
    pub(super) fn words(&mut self, left: usize) -> Option<String> {
        self.sent += 1;
        let is_due = match self.said {
            Some(said) => said.elapsed() >= LONG,
            None => self.sent >= FIRST,
        };
        let words = rest(self.began.elapsed(), self.sent, left).filter(|_| is_due)?;
        self.said = Some(Instant::now());
        Some(words)
    }

    /// The gap from now on, where it is a longer one, before a request is sent again that a rate
    /// limit has answered: so often before. Once may be chance, and where requests have a gap, one
    /// that asks for many at once may have used up the second: that is waited for, where the limit
    /// answers as one.
    fn slower(&mut self, before: usize, is_limited: bool) -> Option<Duration> {
        let is_due = match before {
            0 => false,
            1 => self.gap.is_none() || !is_limited,
            _ => true,
        };
        is_due.then(|| self.slow_down()).flatten()
    }

    /// The API has had too many requests (429); the gap from now on, where it is a longer one.
    fn slow_down(&mut self) -> Option<Duration> {
        let before = self.gap.as_ref().map(Interval::period);
        let now = before.map_or(FIRST_GAP, |gap| (gap * 2).min(LONGEST_GAP));
        if before == Some(now) {
            return None;
        }
        self.set(now);
        Some(now)
    }

    /// However slowly a request was sent, the API has had too many; whether it is the last one that
    /// is sent again. An API may answer so to whatever it refuses, and time is no cure for that.
    pub(super) fn was_in_vain(&mut self) -> bool {
        self.in_vain += 1;
        let is_last = self.in_vain == MOST_IN_VAIN;
        if is_last {
            self.set(FIRST_GAP);
        }
        is_last
    }

    /// Whether a request may be sent again after a while.
    pub(super) const fn may_help(&self) -> bool {
        self.in_vain < MOST_IN_VAIN
    }

    fn set(&mut self, period: Duration) {
        let mut gap = interval(period);
        gap.set_missed_tick_behavior(MissedTickBehavior::Delay);
        gap.reset();
        self.gap = Some(gap);
    }
}

/// How many requests are left and how long they may take, where that is long.
fn rest(elapsed: Duration, sent: u32, left: usize) -> Option<String> {
    let each = elapsed / sent.max(1);
    let rest = each.saturating_mul(u32::try_from(left).unwrap_or(u32::MAX));
    let minutes = rest.as_secs().div_ceil(60);
    (rest >= LONG).then(|| {
        format!(
            "{left} hostile requests are left, about {minutes} minutes at {} ms each",
            each.as_millis()
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_takes_long_is_said_in_minutes() {
        let of_slow = rest(Duration::from_millis(7_500), 30, 970);
        let said = "970 hostile requests are left, about 5 minutes at 250 ms each";
        assert_eq!(of_slow.as_deref(), Some(said));
        assert_eq!(rest(Duration::from_millis(300), 30, 970), None);
    }

    #[tokio::test]
    async fn nothing_is_said_before_the_first_requests_have_shown_it() {
        let mut pace = Pace {
            began: Instant::now() - LONG,
            ..Pace::default()
        };
        let said: Vec<u32> = (1..100).filter(|_| pace.words(900).is_some()).collect();
        assert_eq!(said, [FIRST]);
    }

    /// By a limit of each second, what asks for many at once makes no other request slower.
    #[tokio::test]
    async fn a_second_that_is_used_up_makes_no_gap_longer() {
        let mut pace = Pace::default();
        let mut gaps = |times: &[usize]| -> Vec<u128> {
            let gaps = times.iter().filter_map(|time| pace.slower(*time, true));
            gaps.map(|gap| gap.as_millis()).collect()
        };
        assert_eq!(gaps(&[0, 1]), [100]);
        assert!(gaps(&[0, 1]).is_empty());
        assert_eq!(gaps(&[0, 1, 2, 3]), [200, 400]);
    }

    #[tokio::test]
    async fn the_gap_doubles_up_to_the_longest() {
        let mut pace = Pace::default();
        pace.wait().await;
        let gaps: Vec<u128> = std::iter::from_fn(|| pace.slow_down())
            .map(|gap| gap.as_millis())
            .collect();
        assert_eq!(gaps, [100, 200, 400, 800]);
    }
}
