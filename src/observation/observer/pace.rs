//! How fast hostile requests are sent: as fast as they are answered, until the API has too many;
//! and until it shows that it is no matter of pace.

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

/// The gap after the first answer that says so.
const FIRST_GAP: Duration = Duration::from_millis(100);
/// No gap is longer: whoever takes fewer requests is not asked them all.
const LONGEST_GAP: Duration = Duration::from_millis(800);

/// So often is a request sent again in vain, each time slowly and several times, before it is
/// believed that time does not help.
const MOST_IN_VAIN: usize = 5;

/// The gap between requests.
#[derive(Default)]
pub(super) struct Pace {
    gap: Option<Interval>,
    in_vain: usize,
}

impl Pace {
    /// Waits until the next request may be sent.
    pub(super) async fn wait(&mut self) {
        if let Some(gap) = &mut self.gap {
            gap.tick().await;
        }
    }

    /// The API has had too many requests (429); the gap from now on, where it is a longer one.
    pub(super) fn slow_down(&mut self) -> Option<Duration> {
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

#[cfg(test)]
mod tests {
    use super::*;

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
