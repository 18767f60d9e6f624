//! What the page shows, in the order in which it shows it.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::observation::Cause;
use crate::report::causes::causes;
use crate::report::matrix::{self, Cell, Row, Sight};
use crate::report::record::{Record, RecordedResult, Run};
use crate::requirements::{Severity, Step};

/// So many causes are shown at once, each with its first finding in full; more are folded.
const FEW_CAUSES: usize = 5;
/// So many of a step's requirements that are met are listed; of more, the record has the rest.
const MOST_MET: usize = 200;
/// So many users have rows of their own; of more, those who fare alike share theirs.
const FEW_USERS: usize = 12;

/// Everything on the page.
#[derive(Serialize)]
pub(super) struct Page<'a> {
    run: &'a Run,
    /// The mark of the verdict, which does not need a colour.
    mark: &'static str,
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
struct Counts {
    met: usize,
    not_met: usize,
    advised: usize,
    not_checked: usize,
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
    severity: Severity,
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
            result,
        }
    }
}

impl<'a> Page<'a> {
    /// What is shown of a record.
    pub(super) fn new(record: &'a Record) -> Self {
        let results = &record.results;
        let count = |test: fn(&RecordedResult) -> bool| results.iter().filter(|r| test(r)).count();
        let counts = Counts {
            met: count(RecordedResult::is_met),
            not_met: count(|result| result.is_not_met() && result.is_required()),
            advised: count(|result| result.is_not_met() && !result.is_required()),
            not_checked: count(|result| !result.is_met() && !result.is_not_met()),
        };
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
            few: findings.len() <= FEW_CAUSES,
            counts,
            matrix: (!rows.is_empty()).then(|| Matrix::new(&rows, users.len())),
            unchecked: unchecked(results, &findings),
            findings,
            steps: checklist(results),
            users,
        }
    }
}

impl<'a> Matrix<'a> {
    fn new(rows: &[Row<'a>], users: usize) -> Self {
        let endpoints = matrix::endpoints(rows);
        let mut of_user: Vec<(&str, Vec<&Row<'a>>)> = Vec::new();
        for row in rows {
            match of_user.iter_mut().find(|(user, _)| *user == row.user) {
                Some((_, own)) => own.push(row),
                None => of_user.push((row.user, vec![row])),
            }
        }
        let mut blocks: Vec<Block<'a>> = Vec::new();
        let mut alike: BTreeMap<String, usize> = BTreeMap::new();
        for (user, own) in of_user {
            let fares = (users > FEW_USERS).then(|| fares(&own));
            let known = fares.as_ref().and_then(|fares| alike.get(fares));
            if let Some(place) = known {
                blocks[*place].users.push(user);
                continue;
            }
            alike.extend(fares.map(|fares| (fares, blocks.len())));
            blocks.push(Block {
                users: vec![user],
                rows: own.iter().map(|row| Line::new(row, &endpoints)).collect(),
            });
        }
        let sights = rows.iter().flat_map(sights);
        Self {
            endpoints,
            blocks,
            breaches: sights.filter(|sight| *sight == Sight::Breach).count(),
        }
    }
}

/// Tokens first, then the endpoints.
fn sights<'b>(row: &'b Row<'_>) -> impl Iterator<Item = Sight> + use<'b> {
    let cells = row.cells.iter().map(|(_, cell)| cell.seen);
    std::iter::once(row.tokens.seen).chain(cells)
}

/// What a user asks for and how it ends, by which users are alike.
fn fares(rows: &[&Row<'_>]) -> String {
    let row = |row: &&Row<'_>| {
        let paths: Vec<&str> = row.cells.iter().map(|(path, _)| *path).collect();
        let seen: Vec<Sight> = sights(row).collect();
        format!("{} {} {paths:?} {seen:?}", row.request, row.tokens.wanted)
    };
    rows.iter().map(row).collect::<Vec<_>>().join("\n")
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
        let (symbol, words) = match cell.seen {
            Sight::Given => ("✔", cell.wanted.to_owned()),
            Sight::Kept => ("–", cell.wanted.to_owned()),
            Sight::Lost => ("✖", "refused, must be given".to_owned()),
            Sight::Breach => ("⚠", "GIVEN, must be refused".to_owned()),
            Sight::Unseen => ("?", format!("not checked, must be: {}", cell.wanted)),
        };
        Self {
            sight: cell.seen,
            symbol,
            words,
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
            severity: cause[0].severity,
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
    let mut by_reason: BTreeMap<(Cause, &str), Vec<Entry<'_>>> = BTreeMap::new();
    for result in results.iter().filter(|result| !is_explained(result)) {
        if let Some(cause) = result.cause {
            let reason = result.reason.as_deref().unwrap_or("no reason was recorded");
            let entries = by_reason.entry((cause, reason)).or_default();
            entries.push(Entry::new(result));
        }
    }
    let group = |((cause, reason), entries)| Unchecked {
        cause: words(cause),
        reason,
        entries,
    };
    by_reason.into_iter().map(group).collect()
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
