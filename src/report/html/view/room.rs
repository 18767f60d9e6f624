//! What a page has room for: every cause with its first finding in full and every reason once; of
//! long lists, as many rows as the page can carry. The record has them all.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::btree_map::Entry as Place;

use super::{Checklist, FEW_CAUSES, Group, Matrix, Page, anchor};

/// So many rows each list has; a page that is too long with them has fewer.
pub(in crate::report::html) const ROOMS: [usize; 8] = [200, 100, 50, 25, 12, 6, 3, 1];

/// Where a link leads whose trial has no row on the page.
const ELSEWHERE: &str = "checklist";

impl Page<'_> {
    /// Leaves so many rows in each list, and leads every link to something that is left.
    pub(in crate::report::html) fn fit(&mut self, room: usize) {
        self.findings.truncate(room.max(FEW_CAUSES));
        let mut in_full = room.saturating_sub(self.findings.len());
        for group in &mut self.findings {
            group.fit(room, &mut in_full);
        }
        self.unchecked.truncate(room.max(FEW_CAUSES));
        for group in &mut self.unchecked {
            group.entries.truncate(room);
        }
        for step in &mut self.steps {
            step.fit(room);
        }
        if let Some(matrix) = &mut self.matrix {
            matrix.fit(room);
        }
        self.lead();
    }

    /// Leads from rows and cells to what is on the page: a finding in full, a row of the checklist,
    /// or the row that says the reason first.
    fn lead(&mut self) {
        let in_full = self.findings.iter().flat_map(|group| &group.findings);
        let in_full: BTreeSet<&str> = in_full.map(|entry| &*entry.result.name).collect();
        let rows = self.steps.iter().flat_map(|step| &step.entries);
        let rows: BTreeSet<&str> = rows.map(|entry| &*entry.result.name).collect();
        let mut said: BTreeMap<&str, String> = BTreeMap::new();
        for entry in self.steps.iter_mut().flat_map(|step| &mut step.entries) {
            entry.is_in_full = in_full.contains(&*entry.result.name);
            let Some(reason) = entry.result.reason.as_deref() else {
                continue;
            };
            entry.like = match said.entry(reason) {
                Place::Occupied(first) => Some(first.get().clone()),
                Place::Vacant(first) => {
                    first.insert(entry.anchor.clone());
                    None
                }
            };
        }
        let blocks = self.matrix.iter_mut().flat_map(|matrix| &mut matrix.blocks);
        for line in blocks.flat_map(|block| &mut block.rows) {
            let cells = line.cells.iter_mut().flatten();
            for cell in std::iter::once(&mut line.tokens).chain(cells) {
                let is_there = in_full.contains(cell.trial) || rows.contains(cell.trial);
                cell.anchor = if is_there {
                    anchor(cell.trial)
                } else {
                    ELSEWHERE.to_owned()
                };
            }
        }
    }
}

impl Group<'_> {
    /// The first finding stays in full, others as long as there is room for some in full.
    fn fit(&mut self, room: usize, in_full: &mut usize) {
        let others = self.findings.len().saturating_sub(1).min(*in_full);
        *in_full -= others;
        let rest = self.findings.split_off(1 + others);
        self.in_short.splice(0..0, rest);
        self.in_short.truncate(room);
        self.follows.truncate(room);
    }
}

impl Checklist<'_> {
    /// So many rows of each outcome.
    fn fit(&mut self, room: usize) {
        let mut rows: BTreeMap<&str, usize> = BTreeMap::new();
        let more = &mut self.more;
        self.entries.retain(|entry| {
            let outcome = entry.result.outcome.word();
            let number = rows.entry(outcome).or_default();
            *number += 1;
            let is_kept = *number <= room;
            if !is_kept {
                *more.entry(outcome).or_default() += 1;
            }
            is_kept
        });
    }
}

impl Matrix<'_> {
    /// So many users, those first for whom something is not as it must be.
    fn fit(&mut self, room: usize) {
        if self.blocks.len() > room {
            self.blocks.sort_by_key(|block| !block.is_wrong());
            let left_out = self.blocks.split_off(room);
            self.left_out += left_out
                .iter()
                .map(|block| block.users.len())
                .sum::<usize>();
        }
    }
}
