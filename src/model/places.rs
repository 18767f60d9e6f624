//! Where in the text of a model a value is, so that whatever is said of it names its line.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A step on the way to a value: into a table, or to an element of a list.
#[derive(Clone, Copy)]
pub(super) enum Step {
    Key(&'static str),
    Item(usize),
}

impl From<&'static str> for Step {
    fn from(key: &'static str) -> Self {
        Self::Key(key)
    }
}

impl From<usize> for Step {
    fn from(item: usize) -> Self {
        Self::Item(item)
    }
}

/// `place!["endpoint", 0, "path"]`: the path of the first endpoint.
macro_rules! place {
    ($($step:expr),+) => { [$($crate::model::places::Step::from($step)),+] };
}
pub(super) use place;

/// The text of a model, taken apart.
pub(super) struct Places<'a> {
    text: &'a str,
    root: Option<DeTable<'a>>,
}

impl<'a> Places<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let root = DeTable::parse(text).ok().map(Spanned::into_inner);
        Self { text, root }
    }

    /// Whether the text is TOML and has nothing under a name.
    pub(super) fn lacks(&self, name: &str) -> bool {
        self.root
            .as_ref()
            .is_some_and(|root| root.get(name).is_none())
    }

    /// The line of a value, or of the nearest thing around it that is in the text.
    pub(super) fn line(&self, steps: &[Step]) -> usize {
        let Some((Step::Key(first), rest)) = steps.split_first() else {
            return 1;
        };
        let Some(first) = self.root.as_ref().and_then(|root| root.get(*first)) else {
            return 1;
        };
        let mut found: &Spanned<DeValue<'_>> = first;
        for step in rest {
            let next = match step {
                Step::Key(key) => found.get_ref().get(*key),
                Step::Item(item) => found.get_ref().get(*item),
            };
            let Some(next) = next else { break };
            found = next;
        }
        line_at(self.text, found.span().start)
    }
}

/// The line of a position, from 1.
pub(super) fn line_at(text: &str, position: usize) -> usize {
    let before = text.get(..position).unwrap_or_default();
    before.matches('\n').count() + 1
}
