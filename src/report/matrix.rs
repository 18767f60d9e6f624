//! Who gets what: a row for every user and request, a cell for the tokens and for each endpoint.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::record::{Record, RecordedOutcome, RecordedResult};
use crate::openid::Flow;
use crate::requirements::{Step, Subject};

/// How the second flow's tokens are named, where there are two flows.
const CODE_FLOW_GIVES_TOKENS: &str = "step_5_authorize::the_code_flow_gives_tokens";
/// The trials of the matrix, and what each wants.
const OF_TOKENS: [(&str, &str); 4] = [
    ("step_5_authorize::the_user_gets_tokens", GIVEN),
    (CODE_FLOW_GIVES_TOKENS, GIVEN),
    ("step_5_authorize::the_user_is_denied_the_scopes", "denied"),
    (
        "step_5_authorize::the_user_is_refused_as_not_assigned",
        "not assigned",
    ),
];
const GIVEN: &str = "yes";
const READS: &str = "reads";

/// One user's request.
pub(super) struct Row<'a> {
    pub(super) user: &'a str,
    /// With the flow after it where there are two.
    pub(super) request: String,
    /// Whether there are tokens for it.
    pub(super) tokens: Cell<'a>,
    /// What the endpoints answer to those tokens: the path, and how.
    pub(super) cells: Vec<(&'a str, Cell<'a>)>,
}

/// What was wanted, and what was seen.
#[derive(Clone)]
pub(super) struct Cell<'a> {
    /// What the model wants, in a word.
    pub(super) wanted: &'static str,
    /// What became of it.
    pub(super) seen: Sight,
    /// The trial.
    pub(super) trial: &'a str,
}

/// What a cell shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Sight {
    /// Given, as it must be.
    Given,
    /// Kept from the user, as it must be.
    Kept,
    /// Kept from a user who must have it.
    Lost,
    /// Given to a user who must not have it.
    Breach,
    /// Not checked.
    Unseen,
}

impl<'a> Cell<'a> {
    fn new(result: &'a RecordedResult, wanted: &'static str) -> Self {
        let gives = wanted == GIVEN || wanted == READS;
        let seen = match (result.outcome, gives) {
            (RecordedOutcome::Met, true) => Sight::Given,
            (RecordedOutcome::Met, false) => Sight::Kept,
            (RecordedOutcome::NotMet, true) => Sight::Lost,
            (RecordedOutcome::NotMet, false) => Sight::Breach,
            (RecordedOutcome::NotChecked, _) => Sight::Unseen,
        };
        Self {
            wanted,
            seen,
            trial: &result.name,
        }
    }

    /// In words, for where there is no colour.
    pub(super) fn words(&self) -> String {
        match self.seen {
            Sight::Given | Sight::Kept => self.wanted.to_owned(),
            Sight::Lost => format!("NOT GIVEN, wanted: {}", self.wanted),
            Sight::Breach => format!("GIVEN, wanted: {}", self.wanted),
            Sight::Unseen => format!("not checked, wanted: {}", self.wanted),
        }
    }
}

/// The rows of the matrix: who asks for what, by which flow.
pub(super) fn rows(record: &Record) -> Vec<Row<'_>> {
    let cells = access_cells(record);
    let of_tokens = record.results.iter().filter_map(|result| {
        let (_, wanted) = OF_TOKENS.iter().find(|(id, _)| *id == result.id)?;
        Some((result, *wanted, result.subject.as_ref()?))
    });
    let of_tokens: Vec<(&RecordedResult, &'static str, &Subject)> = of_tokens.collect();
    let main_flow = of_tokens
        .first()
        .and_then(|(_, _, subject)| subject.flow.as_deref());
    let rows = of_tokens.iter().filter_map(|&(result, wanted, subject)| {
        let tokens = Cell::new(result, wanted);
        // What is asked for in other words, for nothing, adds nothing.
        let is_other = subject.case.is_some();
        if is_other && tokens.seen == Sight::Kept {
            return None;
        }
        let of_access = cells.get(&row_key(subject)).filter(|_| !is_other);
        Some(Row {
            user: subject.user.as_deref()?,
            request: request(subject, main_flow)?,
            tokens,
            cells: of_access.cloned().unwrap_or_default(),
        })
    });
    rows.collect()
}

/// So many users have rows of their own; of more, those who fare alike share theirs.
const FEW_USERS: usize = 12;

/// Users who fare alike, and the rows of the first of them.
pub(super) struct Block<'r, 'a> {
    pub(super) users: Vec<&'a str>,
    pub(super) rows: Vec<&'r Row<'a>>,
}

/// The rows by user, in their order: users who fare alike together where there are many.
pub(super) fn blocks<'r, 'a>(rows: &'r [Row<'a>]) -> Vec<Block<'r, 'a>> {
    let of_users = by_user(rows);
    if of_users.len() <= FEW_USERS {
        return of_users;
    }
    let mut blocks: Vec<Block<'r, 'a>> = Vec::new();
    let mut alike: BTreeMap<String, usize> = BTreeMap::new();
    for block in of_users {
        match alike.entry(fares(&block.rows)) {
            Entry::Occupied(place) => blocks[*place.get()].users.extend(block.users),
            Entry::Vacant(place) => {
                place.insert(blocks.len());
                blocks.push(block);
            }
        }
    }
    blocks
}

fn by_user<'r, 'a>(rows: &'r [Row<'a>]) -> Vec<Block<'r, 'a>> {
    let mut blocks: Vec<Block<'r, 'a>> = Vec::new();
    let mut places: BTreeMap<&str, usize> = BTreeMap::new();
    for row in rows {
        let place = *places.entry(row.user).or_insert(blocks.len());
        match blocks.get_mut(place) {
            Some(block) => block.rows.push(row),
            None => blocks.push(Block {
                users: vec![row.user],
                rows: vec![row],
            }),
        }
    }
    blocks
}

/// What a user asks for and how it ends, by which users are alike.
fn fares(rows: &[&Row<'_>]) -> String {
    let row = |row: &&Row<'_>| {
        let paths: Vec<&str> = row.cells.iter().map(|(path, _)| *path).collect();
        let seen: Vec<Sight> = row.sights().collect();
        format!("{} {} {paths:?} {seen:?}", row.request, row.tokens.wanted)
    };
    rows.iter().map(row).collect::<Vec<_>>().join("\n")
}

impl Row<'_> {
    /// What is seen: tokens first, then the endpoints.
    pub(super) fn sights(&self) -> impl Iterator<Item = Sight> {
        let cells = self.cells.iter().map(|(_, cell)| cell.seen);
        std::iter::once(self.tokens.seen).chain(cells)
    }
}

/// The paths of the endpoints, in the order of the model.
pub(super) fn endpoints<'a>(rows: &[Row<'a>]) -> Vec<&'a str> {
    let mut known = std::collections::BTreeSet::new();
    let paths = rows.iter().flat_map(|row| &row.cells);
    let paths = paths.map(|(path, _)| *path);
    paths.filter(|path| known.insert(*path)).collect()
}

/// What is asked for and in which words, with the flow after it where that is not the main one.
fn request(subject: &Subject, main_flow: Option<&str>) -> Option<String> {
    let (request, flow) = (subject.request.as_deref()?, subject.flow.as_deref());
    let mut flows = Flow::ALL.into_iter();
    let second = flows.find(|known| flow != main_flow && Some(known.grant_type()) == flow);
    let case = subject.case.as_deref();
    let parts = [Some(request), case, second.map(Flow::way)];
    let parts: Vec<&str> = parts.into_iter().flatten().collect();
    Some(parts.join(" "))
}

/// Who asks for what, by which flow.
type RowKey<'a> = [Option<&'a str>; 3];

fn row_key(subject: &Subject) -> RowKey<'_> {
    [&subject.user, &subject.request, &subject.flow].map(Option::as_deref)
}

/// What the API gives to the tokens of each row.
fn access_cells(record: &Record) -> BTreeMap<RowKey<'_>, Vec<(&str, Cell<'_>)>> {
    let mut cells: BTreeMap<RowKey<'_>, Vec<(&str, Cell<'_>)>> = BTreeMap::new();
    let results = record.results.iter();
    for result in results.filter(|result| result.step == Step::Access) {
        let wanted = if result.id.contains("_is_refused_") {
            "refused"
        } else {
            READS
        };
        let subject = result.subject.as_ref();
        if let Some((subject, path)) = subject.and_then(|of| Some((of, of.endpoint.as_deref()?))) {
            let cell = (path, Cell::new(result, wanted));
            cells.entry(row_key(subject)).or_default().push(cell);
        }
    }
    cells
}
