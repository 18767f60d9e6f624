//! Rate limits: so many calls a minute for each kind of object.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// What a caller is told of its limit, and whether the call was within it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Allowance {
    pub(crate) limit: u32,
    pub(crate) remaining: u32,
    /// When counting begins anew, in seconds since 1970.
    pub(crate) reset: i64,
    pub(crate) exceeded: bool,
}

#[derive(Debug, Clone, Copy)]
struct Window {
    reset: i64,
    used: u32,
}

/// The calls counted so far, by the kind of object they were about.
#[derive(Debug, Default)]
pub(crate) struct RateLimits(Mutex<HashMap<String, Window>>);

impl RateLimits {
    /// Counts a call; a window begins with the first call after the one before it has ended.
    pub(crate) fn count(&self, kind: &str, now: i64, limit: u32, window_seconds: u32) -> Allowance {
        let mut windows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let fresh = Window {
            reset: now + i64::from(window_seconds),
            used: 0,
        };
        let window = windows.entry(kind.to_owned()).or_insert(fresh);
        if now >= window.reset {
            *window = fresh;
        }
        let exceeded = window.used >= limit;
        window.used = window.used.saturating_add(1);
        Allowance {
            limit,
            remaining: limit.saturating_sub(window.used),
            reset: window.reset,
            exceeded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_that_ended_gives_way_to_a_full_one() {
        let limits = RateLimits::default();
        let count = |kind: &str, now| limits.count(kind, now, 2, 60);
        assert_eq!(count("users", 100).remaining, 1);
        assert!(!count("users", 130).exceeded);
        assert!(count("users", 159).exceeded);
        assert!(!count("groups", 159).exceeded);
        let next = count("users", 160);
        assert_eq!((next.exceeded, next.reset), (false, 220));
    }
}
