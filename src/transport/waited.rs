//! How long somebody of a run was waiting: waits side by side count once, since it is the run that
//! takes longer.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// What tells the time.
type Clock = fn() -> Instant;

/// How long somebody was waiting so far.
#[derive(Debug, Default)]
pub(super) struct Waited(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// How many are waiting now.
    now: usize,
    /// Since when somebody is.
    since: Option<Instant>,
    /// How long somebody was before that.
    before: Duration,
}

/// A wait that goes on until it is dropped, whatever becomes of what waits.
pub(super) struct Waiting<'a, C: Fn() -> Instant = Clock> {
    waited: &'a Waited,
    clock: C,
}

impl Waited {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Somebody waits from now on.
    pub(super) fn begin<C: Fn() -> Instant>(&self, clock: C) -> Waiting<'_, C> {
        let mut state = self.state();
        state.now += 1;
        state.since.get_or_insert_with(&clock);
        drop(state);
        Waiting {
            waited: self,
            clock,
        }
    }

    /// How long somebody was waiting altogether, those apart who still are.
    pub(super) fn total(&self) -> Duration {
        self.state().before
    }
}

impl<C: Fn() -> Instant> Drop for Waiting<'_, C> {
    fn drop(&mut self) {
        let mut state = self.waited.state();
        state.now -= 1;
        if state.now == 0 {
            let now = (self.clock)();
            let since = state.since.take().unwrap_or(now);
            state.before += now.saturating_duration_since(since);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn waits_side_by_side_are_counted_once() {
        let (waited, start) = (Waited::default(), Instant::now());
        let passed = Cell::new(0);
        let clock = || start + Duration::from_secs(passed.get());
        let first = waited.begin(clock);
        passed.set(2);
        let second = waited.begin(clock);
        passed.set(3);
        drop(first);
        passed.set(5);
        drop(second);
        assert_eq!(waited.total(), Duration::from_secs(5));
        // What passes while nobody waits is no wait.
        passed.set(9);
        let third = waited.begin(clock);
        passed.set(11);
        drop(third);
        assert_eq!(waited.total(), Duration::from_secs(7));
    }
}
