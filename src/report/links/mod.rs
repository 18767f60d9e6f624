//! Which findings explain which others: what is seen at step 5 or at the API often follows from
//! what the audit found, and then it is no cause of its own.
//!
//! A link says what the two must share, beside their codes: a rule, a user, a value. A finding that
//! shares it with none is a cause; so is one that follows from nothing that was found. It follows
//! only where *all* of what it rests on is explained by findings of one link.

mod shares;
mod table;

use std::collections::HashMap;

use super::record::{FINDING, RecordedResult};
use crate::code::Code;

/// What a finding shares with another, as texts to compare; none: it takes no part in the link.
type Shares = fn(&RecordedResult) -> Vec<String>;

/// Findings of these codes explain those of the others that share something with them.
struct Link {
    causes: &'static [Code],
    of_cause: Shares,
    followers: &'static [Code],
    of_follower: Shares,
}

const fn link(
    causes: &'static [Code],
    of_cause: Shares,
    followers: &'static [Code],
    of_follower: Shares,
) -> Link {
    Link {
        causes,
        of_cause,
        followers,
        of_follower,
    }
}

/// The place of the finding that explains each of these, where one does.
pub(super) fn explained(findings: &[&RecordedResult]) -> Vec<Option<usize>> {
    explained_by(table::LINKS, findings)
}

/// The same by these links alone.
fn explained_by<'l>(
    links: impl IntoIterator<Item = &'l Link>,
    findings: &[&RecordedResult],
) -> Vec<Option<usize>> {
    let codes: Vec<Vec<Code>> = findings.iter().map(|finding| codes(finding)).collect();
    let mut explained = vec![None; findings.len()];
    for link in links {
        let causes = link.causes_among(findings, &codes);
        if causes.is_empty() {
            continue;
        }
        for (place, finding) in findings.iter().enumerate() {
            if explained[place].is_none() && link.is_follower(&codes[place]) {
                let cause = link.cause_of(finding, place, &causes);
                explained[place] = cause.filter(|cause| !leads_to(&explained, *cause, place));
            }
        }
    }
    explained
}

/// The finding at the end of what explains the one at this place.
pub(super) fn root(explained: &[Option<usize>], place: usize) -> usize {
    let next = |place: &usize| explained.get(*place).copied().flatten();
    std::iter::successors(Some(place), next)
        .last()
        .unwrap_or(place)
}

fn leads_to(explained: &[Option<usize>], from: usize, to: usize) -> bool {
    root(explained, from) == to
}

impl Link {
    /// Where the first cause is that has each of what is shared.
    fn causes_among(
        &self,
        findings: &[&RecordedResult],
        codes: &[Vec<Code>],
    ) -> HashMap<String, usize> {
        let mut causes = HashMap::new();
        for (place, finding) in findings.iter().enumerate() {
            let explains = codes[place].iter().any(|code| self.causes.contains(code));
            // What the model accepts is meant: whatever follows from it is accepted for itself.
            if explains && !finding.is_accepted() {
                for shared in (self.of_cause)(finding) {
                    causes.entry(shared).or_insert(place);
                }
            }
        }
        causes
    }

    /// Whether all that the finding is of follows by this link.
    fn is_follower(&self, codes: &[Code]) -> bool {
        !codes.is_empty() && codes.iter().all(|code| self.followers.contains(code))
    }

    /// The first finding that explains this one, where all of what it rests on is explained.
    fn cause_of(
        &self,
        finding: &RecordedResult,
        place: usize,
        causes: &HashMap<String, usize>,
    ) -> Option<usize> {
        let shared = (self.of_follower)(finding);
        let found: Option<Vec<usize>> = shared
            .iter()
            .map(|shared| causes.get(shared).copied())
            .collect();
        let first = found?.into_iter().min()?;
        (first != place).then_some(first)
    }
}

/// The codes of a finding; a word that is none is of another version of the suite, and explains and
/// follows nothing.
fn codes(finding: &RecordedResult) -> Vec<Code> {
    let words = finding.observed.list(FINDING);
    let words: Vec<&str> = words.flat_map(str::split_whitespace).collect();
    let codes: Option<Vec<Code>> = words.iter().map(|word| Code::of(word)).collect();
    codes.unwrap_or_default()
}

#[cfg(test)]
mod tests;
