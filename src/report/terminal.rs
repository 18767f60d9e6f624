//! What a run prints: the verdict, findings by cause, the checklist by step, the access matrix, and
//! counts.
//!
//! All of it is lines, for the console to print: none of them holds a line break.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};

use url::Url;

use super::causes::{causes, place_of};
use super::changes::Changes;
use super::counts::Counts;
use super::matrix::{Block, Cell, blocks, endpoints, rows};
use super::record::{Record, RecordedResult};
use super::unseen::{Unseen, by_reason, readable};
use crate::console::{Line, Tone};
use crate::escape;
use crate::observation::Cause;
use crate::requirements::{Severity, Step};

/// So many trials that were not checked for one reason are named; the rest is counted.
const NAMED: usize = 3;
/// Of a longer field, a terminal shows beginning and end; the report has the rest.
const MOST_IN_FIELD: usize = 2 * escape::MOST_IN_TERMINAL;

/// All that a run says of a record: what it comes to and why first, the counts last; no table is
/// wider than so many columns.
#[must_use]
pub fn lines(
    record: &Record,
    report: &str,
    changes: Option<&Changes>,
    columns: Option<usize>,
) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut part = |part: Vec<Line>| {
        if !part.is_empty() {
            lines.extend(part);
            lines.push(Line::default());
        }
    };
    part(vec![verdict(record)]);
    part(findings(record));
    part(unseen(record));
    part(checklist(record));
    part(plain(matrix(record, columns)));
    part(plain(retries(record)));
    part(plain(changes.map(Changes::lines).unwrap_or_default()));
    lines.extend(closing(record, report));
    lines
}

/// The address of a report's page, which many terminals open at a click.
#[must_use]
pub fn link(page: &Path) -> String {
    let whole = std::path::absolute(page).ok();
    let address = whole.and_then(|whole| Url::from_file_path(whole).ok());
    address.map_or_else(|| page.display().to_string(), Url::into)
}

fn plain(lines: Vec<String>) -> Vec<Line> {
    lines.into_iter().map(Line::from).collect()
}

/// What the run comes to, in the colour of its exit status.
fn verdict(record: &Record) -> Line {
    let tone = match record.run.exit_status {
        0 => Tone::Good,
        1 => Tone::Bad,
        _ => Tone::Doubtful,
    };
    Line::new(tone, short(&record.run.verdict))
}

/// Why the run could not look, where that is for more than the reason that the verdict gives.
fn unseen(record: &Record) -> Vec<Line> {
    let results = record.results.iter();
    let failed =
        results.filter(|result| result.is_required() && result.cause == Some(Cause::Failed));
    let reasons = by_reason(failed);
    let fails = record.results.iter().any(RecordedResult::is_not_met);
    if reasons.len() < 2 && !fails {
        return Vec::new();
    }
    let line = |unseen: Unseen<'_>| {
        let (number, reason) = (unseen.results.len(), short(&readable(unseen.reason)));
        Line::new(
            Tone::Doubtful,
            format!("could not look ({number}): {reason}"),
        )
    };
    reasons.into_iter().map(line).collect()
}

/// The document's steps, each with how it stands and what is not as it should be.
#[must_use]
pub fn checklist(record: &Record) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut said = BTreeMap::new();
    for step in Step::ALL {
        let results = record.results.iter();
        let results: Vec<&RecordedResult> = results.filter(|result| result.step == step).collect();
        if results.is_empty() {
            continue;
        }
        lines.push(standing(step, &results));
        lines.extend(plain(not_met(&results)));
        for result in results.iter().filter(|result| result.is_met()) {
            if let Some(reason) = &result.reason {
                let note = format!("      note: {}: {}", result.title, short(&readable(reason)));
                lines.push(note.into());
            }
        }
        lines.extend(plain(not_checked(step, &results, &mut said)));
    }
    lines
}

/// What is not met, by name; the findings tell it all.
fn not_met(results: &[&RecordedResult]) -> Vec<String> {
    let unmet: Vec<_> = results
        .iter()
        .filter(|result| result.is_not_met())
        .collect();
    let named = unmet.iter().take(NAMED);
    let mut lines: Vec<String> = named
        .map(|result| format!("      {}: {}", weight(result), result.title))
        .collect();
    if unmet.len() > NAMED {
        lines.push(format!("      and {} more", unmet.len() - NAMED));
    }
    lines
}

fn weight(result: &RecordedResult) -> &'static str {
    if result.is_required() {
        "NOT MET"
    } else {
        result.weight_word()
    }
}

fn short(text: &str) -> String {
    escape::ends(text, MOST_IN_FIELD)
}

/// How a step stands, and how many of its requirements do how.
fn standing(step: Step, results: &[&RecordedResult]) -> Line {
    let counts = Counts::of(results.iter().copied());
    let (mark, tone) = match (counts.not_met, counts.not_checked) {
        (0, 0) => ("[ok]", Tone::Plain),
        (0, _) => ("[ ?]", Tone::Doubtful),
        _ => ("[!!]", Tone::Bad),
    };
    let mut words = format!("{} of {} met", counts.met, counts.all());
    for (number, word) in [
        (counts.not_met, "NOT MET"),
        (counts.advised, "advised"),
        (counts.accepted, "accepted"),
        (counts.not_checked, "not checked"),
    ] {
        if number > 0 {
            let _ = write!(words, ", {number} {word}");
        }
    }
    let number = step.to_string();
    Line::new(
        tone,
        format!("{mark} {number:<8} {:<42} {words}", step.title()),
    )
}

/// What was not checked, by its reason; one that an earlier step has is not said again.
fn not_checked<'a>(
    step: Step,
    results: &[&'a RecordedResult],
    said: &mut BTreeMap<&'a str, Step>,
) -> Vec<String> {
    let mut lines = Vec::new();
    for unseen in by_reason(results.iter().copied()) {
        let number = unseen.results.len();
        if let Some(earlier) = said.get(unseen.reason) {
            lines.push(format!("      not checked ({number}): as at {earlier}"));
            continue;
        }
        said.insert(unseen.reason, step);
        lines.push(format!(
            "      not checked ({number}): {}",
            short(&readable(unseen.reason))
        ));
        let named = unseen.results.iter().take(NAMED);
        lines.extend(named.map(|result| format!("         {}", result.title)));
        if number > NAMED {
            lines.push(format!("         and {} more", number - NAMED));
        }
    }
    lines
}

/// Who gets what: a row for every user and requested scopes, a column for every endpoint; a list,
/// where the terminal is too narrow for the table.
fn matrix(record: &Record, columns: Option<usize>) -> Vec<String> {
    let rows = rows(record);
    if rows.is_empty() {
        return Vec::new();
    }
    let blocks = blocks(&rows);
    let endpoints = endpoints(&rows);
    let table: Vec<String> = table(&blocks, &endpoints).lines().collect();
    let width = |line: &String| line.chars().count();
    let widest = table.iter().map(width).max().unwrap_or_default();
    if columns.is_some_and(|columns| columns < widest) {
        return blocks.iter().flat_map(listed).collect();
    }
    table
}

fn table(blocks: &[Block<'_, '_>], endpoints: &[&str]) -> Table {
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic);
    let paths = endpoints.iter().map(|path| escape::terminal(path));
    table.set_header(
        ["user".to_owned(), "asks for".into(), "tokens".into()]
            .into_iter()
            .chain(paths),
    );
    for block in blocks {
        add_rows(&mut table, block, endpoints);
    }
    table
}

/// The name of the first of the users who fare alike, and how many others there are.
fn users_of(block: &Block<'_, '_>) -> String {
    let first = escape::terminal(block.users.first().copied().unwrap_or_default());
    match block.users.len() {
        0 | 1 => first,
        users => format!("{first} and {} alike", users - 1),
    }
}

fn add_rows(table: &mut Table, block: &Block<'_, '_>, endpoints: &[&str]) {
    let user = users_of(block);
    for row in &block.rows {
        let cells: BTreeMap<&str, &Cell<'_>> =
            row.cells.iter().map(|(path, cell)| (*path, cell)).collect();
        let cell = |path: &&str| cells.get(path).map_or("-".to_owned(), |cell| cell.words());
        let tokens = [
            user.clone(),
            escape::terminal(&row.request),
            row.tokens.words(),
        ];
        table.add_row(tokens.into_iter().chain(endpoints.iter().map(cell)));
    }
}

/// The same without a table: a line for what is asked for, and below it one for each endpoint.
fn listed(block: &Block<'_, '_>) -> Vec<String> {
    let mut lines = vec![users_of(block)];
    for row in &block.rows {
        let request = escape::terminal(&row.request);
        lines.push(format!("  {request}: {}", row.tokens.words()));
        let cells = row.cells.iter();
        lines.extend(
            cells.map(|(path, cell)| format!("    {}: {}", escape::terminal(path), cell.words())),
        );
    }
    lines
}

/// Each cause with its plainest finding in full and the rest of them by name; nothing where all is
/// met.
#[must_use]
pub fn findings(record: &Record) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut said = BTreeSet::new();
    for cause in causes(&record.results) {
        lines.extend((!lines.is_empty()).then(Line::default));
        lines.extend(finding(&cause, &mut said));
        let more = &cause[1..];
        if !more.is_empty() {
            let named: Vec<&str> = more.iter().take(NAMED).map(|more| &*more.title).collect();
            let rest = if more.len() > NAMED { "; …" } else { "" };
            let more = format!(
                "  {:<9} {} more, which the same change fixes: {}{rest}",
                "and",
                more.len(),
                named.join("; ")
            );
            lines.push(more.into());
        }
    }
    lines
}

/// A finding in full; an address to read that another finding named already is not said again.
fn finding<'a>(cause: &[&'a RecordedResult], said: &mut BTreeSet<&'a str>) -> Vec<Line> {
    let result = cause[0];
    let (fix, place) = (result.fix.as_ref(), place_of(cause));
    let see = result.see.as_deref().filter(|see| said.insert(see));
    let fields = [
        ("expected", Some(result.expected.as_deref().unwrap_or("-"))),
        ("actual", Some(result.actual.as_deref().unwrap_or("-"))),
        ("fix", place.as_deref()),
        ("or", fix.map(|fix| fix.api.as_str())),
        ("see", see),
        ("trial", Some(result.name.as_str())),
    ];
    let tone = if result.is_required() {
        Tone::Bad
    } else {
        Tone::Doubtful
    };
    let heading = format!("{}, {}: {}", weight(result), result.step, result.title);
    let fields = fields.into_iter().filter_map(|(label, field)| {
        let line = format!("  {label:<9} {}", short(field?));
        Some(line.into())
    });
    let heading = Line::new(tone, heading);
    std::iter::once(heading).chain(fields).collect()
}

/// Every request that was made again, a line each.
fn retries(record: &Record) -> Vec<String> {
    let lines = record.run.retries.iter();
    lines
        .map(|line| format!("tried again: {}", short(line)))
        .collect()
}

/// The counts, what they mean, where the report is, and the target: the last lines of a run.
fn closing(record: &Record, report: &str) -> Vec<Line> {
    let counts = Counts::of(&record.results);
    let mut lines = vec![Line::from(format!(
        "{}; {} sign-ins in {:.1} s",
        counts.words(),
        record.run.sign_ins,
        record.run.seconds
    ))];
    lines.extend(meanings(record, counts).map(Line::from));
    lines.push(format!("report: {report}").into());
    let verdict = verdict(record);
    let status = record.run.exit_status;
    lines.push(Line::new(
        verdict.tone,
        format!("exit status {status}: {}", verdict.text),
    ));
    lines.push(format!("target: {}", record.run.target).into());
    lines
}

/// What the counts of findings that fail nothing mean, where there are some.
fn meanings(record: &Record, counts: Counts) -> impl Iterator<Item = String> {
    let unmet = record.results.iter().filter(|result| result.is_not_met());
    let mut informative = unmet.filter(|result| result.severity == Severity::Informative);
    let words = [
        (
            counts.advised > 0,
            "advised: Okta or its document recommends it; the exit status is the same without it",
        ),
        (
            informative.next().is_some(),
            "informative: worth knowing; counted as advised",
        ),
        (
            counts.accepted > 0,
            "accepted: by an [[accepted]] table of the org model, until the day that it names",
        ),
    ];
    let words = words.into_iter().filter(|(is_there, _)| *is_there);
    words.map(|(_, words)| format!("  {words}"))
}
