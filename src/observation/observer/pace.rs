//! How fast hostile requests are sent: as fast as they are answered, until the API has too many.

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

/// The gap after the first answer that says so.
const FIRST_GAP: Duration = Duration::from_millis(100);
/// No gap is longer: whoever takes fewer requests is not asked them all.
const LONGEST_GAP: Duration = Duration::from_millis(800);

/// The gap between requests.
#[derive(Default)]
pub(super) struct Pace {
    gap: Option<Interval>,
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
        let mut gap = interval(now);
        gap.set_missed_tick_behavior(MissedTickBehavior::Delay);
        gap.reset();
        self.gap = Some(gap);
        Some(now)
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
