//! What a run prints: the verdict, findings by cause, the checklist by step, the access matrix, and
//! counts.
//!
//! All of it is lines, for the console to print: none of them holds a line break.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};

use super::causes::causes;
use super::changes::Changes;
use super::matrix::{Cell, endpoints, rows};
use super::record::{Record, RecordedResult};
use crate::escape;
use crate::requirements::Step;

/// So many trials that were not checked for one reason are named; the rest is counted.
const NAMED: usize = 3;
/// Of a longer field, a terminal shows beginning and end; the report has the rest.
const MOST_IN_FIELD: usize = 2 * escape::MOST_IN_TERMINAL;

/// All that is told of a record: what it comes to and why first, the counts last.
#[must_use]
pub fn lines(record: &Record, report: &str, changes: Option<&Changes>) -> Vec<String> {
    let mut lines = Vec::new();
    let mut part = |part: Vec<String>| {
        if !part.is_empty() {
            lines.extend(part);
            lines.push(String::new());
        }
    };
    part(findings(record));
    part(checklist(record));
    part(matrix(record));
    part(retries(record));
    part(changes.map(Changes::lines).unwrap_or_default());
    lines.extend(closing(record, report));
    lines
}

/// The document's steps, each with how it stands and what is not as it should be.
#[must_use]
pub fn checklist(record: &Record) -> Vec<String> {
    let mut lines = Vec::new();
    for step in Step::ALL {
        let results: Vec<&RecordedResult> = record
            .results
            .iter()
            .filter(|result| result.step == step)
            .collect();
        if results.is_empty() {
            continue;
        }
        let (mark, counts) = standing(&results);
        let number = step.to_string();
        lines.push(format!("{mark} {number:<8} {:<42} {counts}", step.title()));
        lines.extend(not_met(&results));
        for result in results.iter().filter(|result| result.is_met()) {
            if let Some(reason) = &result.reason {
                lines.push(format!("      note: {}: {}", result.title, short(reason)));
            }
        }
        lines.extend(not_checked(&results));
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
        result.severity.word()
    }
}

fn short(text: &str) -> String {
    escape::ends(text, MOST_IN_FIELD)
}

fn standing(results: &[&RecordedResult]) -> (&'static str, String) {
    let count =
        |test: fn(&RecordedResult) -> bool| results.iter().filter(|result| test(result)).count();
    let met = count(RecordedResult::is_met);
    let failed = count(|result| result.is_not_met() && result.is_required());
    let advised = count(|result| result.is_not_met() && !result.is_required());
    let unchecked = results.len() - met - failed - advised;
    let mut counts = format!("{met} of {} met", results.len());
    for (number, word) in [
        (failed, "NOT MET"),
        (advised, "advised"),
        (unchecked, "not checked"),
    ] {
        if number > 0 {
            let _ = write!(counts, ", {number} {word}");
        }
    }
    let mark = match (failed, unchecked) {
        (0, 0) => "[ok]",
        (0, _) => "[ ?]",
        _ => "[!!]",
    };
    (mark, counts)
}

fn not_checked(results: &[&RecordedResult]) -> Vec<String> {
    let mut by_reason: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for result in results.iter().filter(|result| !result.is_met()) {
        if let Some(reason) = result.reason.as_deref() {
            let general = reason
                .split_once("\": ")
                .map(|(general, _)| format!("{general}\""));
            let general = general.unwrap_or_else(|| reason.to_owned());
            by_reason.entry(general).or_default().push(&result.title);
        }
    }
    let mut lines = Vec::new();
    for (reason, titles) in by_reason {
        let reason = short(&reason);
        lines.push(format!("      not checked ({}): {reason}", titles.len()));
        let named = titles.iter().take(NAMED);
        lines.extend(named.map(|title| format!("         {title}")));
        if titles.len() > NAMED {
            lines.push(format!("         and {} more", titles.len() - NAMED));
        }
    }
    lines
}

/// Who gets what: a row for every user and requested scopes, a column for every endpoint.
fn matrix(record: &Record) -> Vec<String> {
    let rows = rows(record);
    let endpoints = endpoints(&rows);
    if rows.is_empty() {
        return Vec::new();
    }
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
    for row in &rows {
        let cells: BTreeMap<&str, &Cell> =
            row.cells.iter().map(|(path, cell)| (*path, cell)).collect();
        let cell = |endpoint: &&str| {
            cells
                .get(endpoint)
                .map_or("-".to_owned(), |cell| cell.words())
        };
        let first = [
            escape::terminal(row.user),
            escape::terminal(&row.request),
            row.tokens.words(),
        ];
        table.add_row(first.into_iter().chain(endpoints.iter().map(cell)));
    }
    table.lines().collect()
}

/// The verdict, then each cause with its plainest finding in full and the rest of them by name;
/// nothing where all is met.
#[must_use]
pub fn findings(record: &Record) -> Vec<String> {
    let mut lines = Vec::new();
    for cause in causes(&record.results) {
        if lines.is_empty() {
            lines.push(short(&record.run.verdict));
        }
        lines.extend(finding(cause[0]));
        let more = &cause[1..];
        if !more.is_empty() {
            let named: Vec<&str> = more.iter().take(NAMED).map(|more| &*more.title).collect();
            let rest = if more.len() > NAMED { "; …" } else { "" };
            lines.push(format!(
                "  {:<9} {} more, which the same change fixes: {}{rest}",
                "and",
                more.len(),
                named.join("; ")
            ));
        }
    }
    lines
}

fn finding(result: &RecordedResult) -> Vec<String> {
    let fix = result.fix.as_ref();
    let fields = [
        ("expected", result.expected.as_deref()),
        ("actual", result.actual.as_deref()),
        ("fix", fix.map(|fix| fix.admin_console.as_str())),
        ("or", fix.map(|fix| fix.api.as_str())),
        ("see", result.see.as_deref()),
        ("trial", Some(result.name.as_str())),
    ];
    let heading = format!("{}, {}: {}", weight(result), result.step, result.title);
    let fields = fields
        .into_iter()
        .map(|(label, field)| format!("  {label:<9} {}", short(field.unwrap_or("-"))));
    std::iter::once(heading).chain(fields).collect()
}

/// Every request that was made again, a line each.
fn retries(record: &Record) -> Vec<String> {
    let lines = record.run.retries.iter();
    lines
        .map(|line| format!("tried again: {}", short(line)))
        .collect()
}

/// The counts, the target and where the report is: the last lines of a run.
fn closing(record: &Record, report: &str) -> Vec<String> {
    let count = |test: fn(&RecordedResult) -> bool| {
        record.results.iter().filter(|result| test(result)).count()
    };
    let met = count(RecordedResult::is_met);
    let failed = count(|result| result.is_not_met() && result.is_required());
    let advised = count(|result| result.is_not_met() && !result.is_required());
    let unchecked = record.results.len() - met - failed - advised;
    vec![
        format!(
            "{met} met, {failed} not met, {advised} advised, {unchecked} not checked; {} sign-ins \
             in {:.1} s; report: {report}",
            record.run.sign_ins, record.run.seconds
        ),
        short(&record.run.verdict),
        format!("target: {}", record.run.target),
    ]
}
