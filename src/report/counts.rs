//! How many results there are of each kind: the same numbers in every rendering.

use std::fmt::Write as _;

use serde::Serialize;

use super::record::RecordedResult;

/// How many results there are of each kind.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) struct Counts {
    /// As it must be.
    pub(super) met: usize,
    /// Required, and not as it must be.
    pub(super) not_met: usize,
    /// Not met, and not required.
    pub(super) advised: usize,
    /// Not met, and accepted by the model.
    pub(super) accepted: usize,
    /// Not looked at, or proves nothing.
    pub(super) not_checked: usize,
}

impl Counts {
    /// Counts results.
    pub(super) fn of<'a>(results: impl IntoIterator<Item = &'a RecordedResult>) -> Self {
        let mut counts = Self::default();
        for result in results {
            *counts.of_kind(result) += 1;
        }
        counts
    }

    fn of_kind(&mut self, result: &RecordedResult) -> &mut usize {
        match result {
            result if result.is_met() => &mut self.met,
            result if !result.is_not_met() => &mut self.not_checked,
            result if result.is_accepted() => &mut self.accepted,
            result if result.is_required() => &mut self.not_met,
            _ => &mut self.advised,
        }
    }

    /// How many results there are altogether.
    pub(super) const fn all(self) -> usize {
        self.met + self.not_met + self.advised + self.accepted + self.not_checked
    }

    /// Every number; that of accepted ones only where there are some.
    pub(super) fn words(self) -> String {
        let mut words = format!(
            "{} met, {} not met, {} advised",
            self.met, self.not_met, self.advised
        );
        if self.accepted > 0 {
            let _ = write!(words, ", {} accepted", self.accepted);
        }
        let _ = write!(words, ", {} not checked", self.not_checked);
        words
    }
}
