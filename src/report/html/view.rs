//! What the page shows, in the order in which it shows it.

mod room;

use std::collections::BTreeMap;

use serde::Serialize;

pub(super) use self::room::ROOMS;
use super::figures::{Figure, figures};
use crate::observation::Cause;
use crate::report::causes::causes;
use crate::report::counts::Counts;
use crate::report::matrix::{self, Cell, Row, Sight};
use crate::report::record::{Record, RecordedResult, Run};
use crate::report::unseen::{Unseen, by_reason, without_keys};
use crate::report::verdict::{Weight, left_out, weight};
use crate::requirements::{Observed, Step, rests_on};

/// So many causes are shown at once, each with its first finding in full; more are folded.
const FEW_CAUSES: usize = 5;
/// Of so many causes, the first stands open although they are folded: all fit the first screen
/// still.
const FEW_ROWS: usize = 8;
/// A longer headline is in smaller letters, so that what to fix is on the first screen.
const MOST_IN_HEADLINE: usize = 160;

/// Everything on the page.
#[derive(Serialize)]
pub(super) struct Page<'a> {
    run: &'a Run,
    /// The mark of the verdict, which does not need a colour.
    mark: &'static str,
    /// The verdict, without what was left out.
    headline: &'a str,
    /// What was left out and costs nothing, below the headline.
    left_out: &'a str,
    /// Whether the headline is long.
    long: bool,
    counts: Counts,
    matrix: Option<Matrix<'a>>,
    findings: Vec<Group<'a>>,
    /// How many causes there are.
    causes: usize,
    /// Whether the causes are few enough to be read without unfolding.
    few: bool,
    /// Whether the first of the folded causes stands open.
    open: bool,
    unchecked: Vec<Unchecked<'a>>,
    /// For how many reasons something was not checked.
    reasons: usize,
    steps: Vec<Checklist<'a>>,
    users: Vec<&'a str>,
    figures: Vec<Figure>,
}

#[derive(Serialize)]
struct Matrix<'a> {
    endpoints: Vec<&'a str>,
    blocks: Vec<Block<'a>>,
    breaches: usize,
    /// How many users there is no room for.
    left_out: usize,
}

/// Users who fare alike.
#[derive(Serialize)]
struct Block<'a> {
    users: Vec<&'a str>,
    rows: Vec<Line<'a>>,
}

#[derive(Serialize)]
struct Line<'a> {
    request: String,
    tokens: Shown<'a>,
    cells: Vec<Option<Shown<'a>>>,
}

#[derive(Serialize)]
struct Shown<'a> {
    sight: Sight,
    symbol: &'static str,
    words: String,
    trial: &'a str,
    /// Where the trial is on the page.
    anchor: String,
}

/// The findings of a cause, and what was not checked because of them.
#[derive(Serialize)]
struct Group<'a> {
    step: Step,
    title: &'static str,
    /// How much its first finding weighs, in a word.
    weight: &'static str,
    /// How many findings it has.
    all: usize,
    /// Those that are shown in full.
    findings: Vec<Entry<'a>>,
    /// Those of which only the title and what was seen is shown.
    in_short: Vec<Entry<'a>>,
    /// How many were not checked because of it.
    following: usize,
    follows: Vec<Entry<'a>>,
}

/// What was not checked for one reason.
#[derive(Serialize)]
struct Unchecked<'a> {
    cause: &'static str,
    reason: String,
    /// The keys by which a page is known, for those who look into it.
    known_by: Option<&'a str>,
    /// Whether it keeps the run from its verdict.
    blinds: bool,
    /// How many were not checked for it.
    all: usize,
    entries: Vec<Entry<'a>>,
}

#[derive(Serialize)]
struct Checklist<'a> {
    step: Step,
    title: &'static str,
    met: usize,
    mark: Sight,
    all: usize,
    entries: Vec<Entry<'a>>,
    /// How many of each outcome there is no room for.
    more: BTreeMap<&'static str, usize>,
}

#[derive(Serialize)]
struct Entry<'a> {
    anchor: String,
    /// Whether it is a finding that the page shows in full.
    is_in_full: bool,
    /// The anchor of the row that says the same reason before.
    like: Option<String>,
    link: Option<&'a str>,
    user: &'a str,
    /// How much it weighs, in a word.
    weight: &'static str,
    /// The values that it was judged by; what a finding rests on, it says in words.
    values: Observed,
    result: &'a RecordedResult,
}

impl<'a> Entry<'a> {
    fn new(result: &'a RecordedResult) -> Self {
        let subject = result.subject.as_ref();
        let user = subject.and_then(|subject| subject.user.as_deref());
        Self {
            anchor: anchor(&result.name),
            is_in_full: false,
            like: None,
            link: result.see.as_deref().filter(|see| is_link(see)),
            user: user.unwrap_or_default(),
            weight: result.weight_word(),
            values: result.observed.without(rests_on::is_one),
            result,
        }
    }
}

impl<'a> Page<'a> {
    /// What is shown of a record.
    pub(super) fn new(record: &'a Record) -> Self {
        let results = &record.results;
        let rows = matrix::rows(record);
        let mut users: Vec<&str> = Vec::new();
        for row in &rows {
            if !users.contains(&row.user) {
                users.push(row.user);
            }
        }
        let findings = findings(results);
        let unchecked = unchecked(record, &findings);
        let (headline, left_out) = headline(&record.run.verdict, results);
        Self {
            run: &record.run,
            mark: match record.run.exit_status {
                0 => "✔",
                1 => "✖",
                _ => "?",
            },
            headline,
            left_out,
            long: headline.chars().count() > MOST_IN_HEADLINE,
            few: findings.len() <= FEW_CAUSES,
            open: findings.len() <= FEW_ROWS,
            counts: Counts::of(results),
            matrix: (!rows.is_empty()).then(|| Matrix::new(&rows)),
            reasons: unchecked.len(),
            unchecked,
            causes: findings.len(),
            findings,
            steps: checklist(results),
            users,
            figures: figures(record),
        }
    }
}

/// A verdict in two: what the run came to, and what it left out, which is no headline.
fn headline<'v>(verdict: &'v str, results: &[RecordedResult]) -> (&'v str, &'v str) {
    let left_out = left_out(results);
    match verdict.strip_suffix(&*left_out) {
        Some(headline) => (headline, verdict[headline.len()..].trim_start_matches("; ")),
        None => (verdict, ""),
    }
}

impl<'a> Matrix<'a> {
    fn new(rows: &[Row<'a>]) -> Self {
        let endpoints = matrix::endpoints(rows);
        let lines = |rows: &[&Row<'a>]| {
            let lines = rows.iter().map(|row| Line::new(row, &endpoints));
            lines.collect()
        };
        let blocks = matrix::blocks(rows).into_iter().map(|block| Block {
            rows: lines(&block.rows),
            users: block.users,
        });
        let mut blocks: Vec<Block<'a>> = blocks.collect();
        if blocks.iter().any(|block| block.users.len() > 1) {
            // Of many users, those come first for whom something is wrong.
            blocks.sort_by_key(|block| !block.is_wrong());
        }
        let sights = rows.iter().flat_map(Row::sights);
        Self {
            breaches: sights.filter(|sight| *sight == Sight::Breach).count(),
            blocks,
            endpoints,
            left_out: 0,
        }
    }
}

impl Block<'_> {
    /// Whether something is not as it must be, or nobody knows.
    fn is_wrong(&self) -> bool {
        let mut cells = self.rows.iter().flat_map(|line| {
            let cells = line.cells.iter().flatten();
            std::iter::once(&line.tokens).chain(cells)
        });
        cells.any(|cell| !matches!(cell.sight, Sight::Given | Sight::Kept))
    }
}

impl<'a> Line<'a> {
    fn new(row: &Row<'a>, endpoints: &[&str]) -> Self {
        let cells: BTreeMap<&str, &Cell<'a>> =
            row.cells.iter().map(|(path, cell)| (*path, cell)).collect();
        Self {
            request: row.request.clone(),
            tokens: Shown::new(&row.tokens),
            cells: endpoints
                .iter()
                .map(|path| cells.get(path).map(|cell| Shown::new(cell)))
                .collect(),
        }
    }
}

impl<'a> Shown<'a> {
    fn new(cell: &Cell<'a>) -> Self {
        let symbol = match cell.seen {
            Sight::Given => "✔",
            Sight::Kept => "–",
            Sight::Lost => "✖",
            Sight::Breach => "⚠",
            Sight::Unseen => "?",
        };
        Self {
            sight: cell.seen,
            symbol,
            words: cell.words(),
            trial: cell.trial,
            anchor: anchor(cell.trial),
        }
    }
}

/// By cause, those with something required first; what follows from a step stands with its first.
fn findings(results: &[RecordedResult]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    for cause in causes(results) {
        let step = cause[0].step;
        let is_first = groups.iter().all(|group| group.step != step);
        let follows = results
            .iter()
            .filter(|result| is_first && result.blocked_by == Some(step));
        let follows: Vec<Entry<'_>> = follows.map(Entry::new).collect();
        groups.push(Group {
            step,
            title: step.title(),
            weight: cause[0].weight_word(),
            following: follows.len(),
            follows,
            all: cause.len(),
            in_short: Vec::new(),
            findings: cause.into_iter().map(Entry::new).collect(),
        });
    }
    groups
}

/// By what to do about it, without what a finding explains; what keeps the run from its verdict
/// comes first.
fn unchecked<'a>(record: &'a Record, findings: &[Group<'_>]) -> Vec<Unchecked<'a>> {
    let is_explained = |result: &RecordedResult| {
        let step = result.blocked_by;
        step.is_some_and(|step| findings.iter().any(|group| group.step == step))
    };
    let others = record.results.iter().filter(|result| !is_explained(result));
    let could_not = record.run.exit_status == 2;
    let is_blind = |result: &&RecordedResult| weight(result, record.run.strict) == Weight::Blind;
    let group = |unseen: Unseen<'a>| {
        let (reason, known_by) = without_keys(unseen.reason);
        Unchecked {
            cause: words(unseen.cause),
            reason,
            known_by,
            blinds: could_not && unseen.results.iter().any(is_blind),
            all: unseen.results.len(),
            entries: unseen.results.into_iter().map(Entry::new).collect(),
        }
    };
    let mut groups: Vec<Unchecked<'_>> = by_reason(others).into_iter().map(group).collect();
    // A stable sort: of those that blind the run, what could not be looked at is before what
    // therefore proves nothing.
    groups.sort_by_key(|group| !group.blinds);
    groups
}

fn words(cause: Cause) -> &'static str {
    match cause {
        Cause::NotConfigured => "not configured",
        Cause::NotApplicable => "not applicable to this target",
        Cause::Failed => "could not be looked at",
        Cause::Inconclusive => "proves nothing",
        Cause::Blocked => "follows from something that is not met",
    }
}

fn checklist(results: &[RecordedResult]) -> Vec<Checklist<'_>> {
    let of_step = |step: Step| {
        let own: Vec<&RecordedResult> = results.iter().filter(|r| r.step == step).collect();
        let any = |test: fn(&RecordedResult) -> bool| own.iter().any(|result| test(result));
        let mark = if any(|result| result.is_not_met() && result.is_required()) {
            Sight::Lost
        } else if any(|result| !result.is_met()) {
            Sight::Unseen
        } else {
            Sight::Given
        };
        (!own.is_empty()).then(|| Checklist {
            step,
            title: step.title(),
            met: own.iter().filter(|result| result.is_met()).count(),
            mark,
            all: own.len(),
            entries: own.into_iter().map(Entry::new).collect(),
            more: BTreeMap::new(),
        })
    };
    Step::ALL.into_iter().filter_map(of_step).collect()
}

/// The anchor of a trial, the same in every run, so that it can be sent to somebody.
fn anchor(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c } else { '-' };
    name.chars().map(plain).collect()
}

/// Whether a text is an address that a browser may be sent to, and nothing else.
fn is_link(text: &str) -> bool {
    let address = url::Url::parse(text);
    address.is_ok_and(|address| address.scheme() == "https" && address.as_str() == text)
}
