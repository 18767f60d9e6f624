//! What the page shows, in the order in which it shows it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::observation::Cause;
use crate::report::causes::causes;
use crate::report::counts::Counts;
use crate::report::matrix::{self, Cell, Row, Sight};
use crate::report::record::{Record, RecordedResult, Run};
use crate::report::unseen::{Unseen, by_reason};
use crate::requirements::{Observed, Step, rests_on};

/// So many causes are shown at once, each with its first finding in full; more are folded.
const FEW_CAUSES: usize = 5;
/// A longer verdict is in smaller letters, so that what to fix is on the first screen.
const MOST_IN_HEADLINE: usize = 160;
/// So many of a step's requirements that are met are listed; of more, the record has the rest.
const MOST_MET: usize = 200;

/// Everything on the page.
#[derive(Serialize)]
pub(super) struct Page<'a> {
    run: &'a Run,
    /// The mark of the verdict, which does not need a colour.
    mark: &'static str,
    /// Whether the verdict is too long for a headline.
    long: bool,
    counts: Counts,
    matrix: Option<Matrix<'a>>,
    findings: Vec<Group<'a>>,
    /// Whether the causes are few enough to be read without unfolding.
    few: bool,
    unchecked: Vec<Unchecked<'a>>,
    steps: Vec<Checklist<'a>>,
    users: Vec<&'a str>,
}

#[derive(Serialize)]
struct Matrix<'a> {
    endpoints: Vec<&'a str>,
    blocks: Vec<Block<'a>>,
    breaches: usize,
}

/// Users who fare alike.
#[derive(Serialize)]
struct Block<'a> {
    users: Vec<&'a str>,
    rows: Vec<Line>,
}

#[derive(Serialize)]
struct Line {
    request: String,
    tokens: Shown,
    cells: Vec<Option<Shown>>,
}

#[derive(Serialize)]
struct Shown {
    sight: Sight,
    symbol: &'static str,
    words: String,
    anchor: String,
}

/// The findings of a cause, and what was not checked because of them.
#[derive(Serialize)]
struct Group<'a> {
    step: Step,
    title: &'static str,
    /// How much its first finding weighs, in a word.
    weight: &'static str,
    findings: Vec<Entry<'a>>,
    follows: Vec<Entry<'a>>,
}

/// What was not checked for one reason.
#[derive(Serialize)]
struct Unchecked<'a> {
    cause: &'static str,
    reason: &'a str,
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
}

#[derive(Serialize)]
struct Entry<'a> {
    anchor: String,
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
        Self {
            run: &record.run,
            mark: match record.run.exit_status {
                0 => "✔",
                1 => "✖",
                _ => "?",
            },
            long: record.run.verdict.chars().count() > MOST_IN_HEADLINE,
            few: findings.len() <= FEW_CAUSES,
            counts: Counts::of(results),
            matrix: (!rows.is_empty()).then(|| Matrix::new(&rows)),
            unchecked: unchecked(results, &findings),
            findings,
            steps: checklist(results),
            users,
        }
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
        let blocks = blocks.collect();
        let sights = rows.iter().flat_map(Row::sights);
        Self {
            breaches: sights.filter(|sight| *sight == Sight::Breach).count(),
            blocks,
            endpoints,
        }
    }
}

impl Line {
    fn new(row: &Row<'_>, endpoints: &[&str]) -> Self {
        let cells: BTreeMap<&str, &Cell<'_>> =
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

impl Shown {
    fn new(cell: &Cell<'_>) -> Self {
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
        groups.push(Group {
            step,
            title: step.title(),
            weight: cause[0].weight_word(),
            follows: follows.map(Entry::new).collect(),
            findings: cause.into_iter().map(Entry::new).collect(),
        });
    }
    groups
}

/// By what to do about it, without what a finding explains.
fn unchecked<'a>(results: &'a [RecordedResult], findings: &[Group<'_>]) -> Vec<Unchecked<'a>> {
    let is_explained = |result: &RecordedResult| {
        let step = result.blocked_by;
        step.is_some_and(|step| findings.iter().any(|group| group.step == step))
    };
    let others = results.iter().filter(|result| !is_explained(result));
    let group = |unseen: Unseen<'a>| Unchecked {
        cause: words(unseen.cause),
        reason: unseen.reason,
        entries: unseen.results.into_iter().map(Entry::new).collect(),
    };
    by_reason(others).into_iter().map(group).collect()
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
            entries: listed(own).into_iter().map(Entry::new).collect(),
        })
    };
    Step::ALL.into_iter().filter_map(of_step).collect()
}

/// What is not met or not checked, and as much of the rest as a page can carry.
fn listed(own: Vec<&RecordedResult>) -> Vec<&RecordedResult> {
    let mut met = 0;
    let is_listed = |result: &&RecordedResult| {
        met += usize::from(result.is_met());
        !result.is_met() || met <= MOST_MET
    };
    own.into_iter().filter(is_listed).collect()
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
