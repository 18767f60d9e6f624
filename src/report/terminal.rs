//! What a run prints: the checklist by step, the access matrix, findings in full, and counts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};

use super::record::{Record, RecordedResult};
use crate::requirements::Step;

const STEPS: [Step; 11] = [
    Step::Prerequisites,
    Step::Groups,
    Step::Users,
    Step::AuthorizationServer,
    Step::Scope,
    Step::AccessPolicy,
    Step::Client,
    Step::RedirectUri,
    Step::Assignment,
    Step::Authorize,
    Step::Access,
];
/// So many trials that were not checked for one reason are named; the rest is counted.
const NAMED: usize = 3;

/// The document's steps, each with how it stands and what is not as it should be.
#[must_use]
pub fn checklist(record: &Record) -> String {
    let mut text = String::new();
    for step in STEPS {
        let results: Vec<&RecordedResult> = record
            .results
            .iter()
            .filter(|result| result.step == step.number())
            .collect();
        if results.is_empty() {
            continue;
        }
        let (mark, counts) = standing(&results);
        let number = step.to_string();
        let _ = writeln!(text, "{mark} {number:<8} {:<42} {counts}", step.title());
        for result in results.iter().filter(|result| result.is_not_met()) {
            let weight = if result.is_required() {
                "NOT MET"
            } else {
                &result.severity
            };
            let _ = writeln!(text, "      {weight}: {}", result.title);
        }
        for result in results.iter().filter(|result| result.is_met()) {
            if let Some(reason) = &result.reason {
                let _ = writeln!(text, "      note: {}: {reason}", result.title);
            }
        }
        text.push_str(&not_checked(&results));
    }
    text
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

fn not_checked(results: &[&RecordedResult]) -> String {
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
    let mut text = String::new();
    for (reason, titles) in by_reason {
        let _ = writeln!(text, "      not checked ({}): {}", titles.len(), reason);
        for title in titles.iter().take(NAMED) {
            let _ = writeln!(text, "         {title}");
        }
        if titles.len() > NAMED {
            let _ = writeln!(text, "         and {} more", titles.len() - NAMED);
        }
    }
    text
}

/// Who gets what: a row for every user and requested scopes, a column for every endpoint.
#[must_use]
pub fn matrix(record: &Record) -> Option<String> {
    let rows = rows(record);
    let mut known = BTreeSet::new();
    let cells = rows.iter().flat_map(|row| &row.cells);
    let mut endpoints: Vec<&str> = cells.map(|(endpoint, _)| *endpoint).collect();
    endpoints.retain(|endpoint| known.insert(*endpoint));
    if rows.is_empty() {
        return None;
    }
    let mut table = Table::new();
    table
        .load_style(UTF8_FULL_CONDENSED)
        .set_content_arrangement(ContentArrangement::Dynamic);
    let paths = endpoints.iter().map(|endpoint| format!("/{endpoint}"));
    table.set_header(
        ["user".to_owned(), "asks for".into(), "tokens".into()]
            .into_iter()
            .chain(paths),
    );
    for row in &rows {
        let cells = row.cells.iter();
        let texts: BTreeMap<&str, &str> =
            cells.map(|(path, text)| (*path, text.as_str())).collect();
        let cell = |endpoint: &&str| (*texts.get(*endpoint).unwrap_or(&"-")).to_owned();
        let cells = [
            row.user.to_owned(),
            row.request.to_owned(),
            row.tokens.clone(),
        ];
        table.add_row(cells.into_iter().chain(endpoints.iter().map(cell)));
    }
    Some(table.to_string())
}

pub(super) struct Row<'a> {
    pub(super) user: &'a str,
    pub(super) request: &'a str,
    pub(super) tokens: String,
    pub(super) cells: Vec<(&'a str, String)>,
}

/// The rows of the matrix, read off the names of the trials.
pub(super) fn rows(record: &Record) -> Vec<Row<'_>> {
    let outcomes = [
        ("step_5_authorize::the_user_gets_tokens", "yes"),
        ("step_5_authorize::the_user_is_denied_the_scopes", "denied"),
        (
            "step_5_authorize::the_user_is_refused_as_not_assigned",
            "not assigned",
        ),
    ];
    let row = |result: &'_ RecordedResult| -> Option<String> {
        let (_, wanted) = outcomes.iter().find(|(id, _)| *id == result.id)?;
        Some(cell(result, wanted))
    };
    let named = record.results.iter().filter_map(|result| {
        let tokens = row(result)?;
        let (user, request) = result.subject.as_deref()?.split_once(' ')?;
        Some(Row {
            user,
            request,
            tokens,
            cells: access_cells(record, user, request),
        })
    });
    named.collect()
}

fn access_cells<'a>(record: &'a Record, user: &str, request: &str) -> Vec<(&'a str, String)> {
    let lower = user.to_ascii_lowercase();
    let of_row = record
        .results
        .iter()
        .filter(|result| result.step == "access" && result.subject.as_deref() == Some(request));
    let cells = of_row.filter_map(|result| {
        let verb = result.id.strip_prefix("access::")?.strip_prefix(&lower)?;
        if let Some(endpoint) = verb.strip_prefix("_reads_") {
            let direct = !endpoint.ends_with("_by_the_code_flow");
            direct.then(|| (endpoint, cell(result, "reads")))
        } else {
            let endpoint = verb.strip_prefix("_is_refused_")?;
            Some((endpoint, cell(result, "refused")))
        }
    });
    cells.collect()
}

fn cell(result: &RecordedResult, wanted: &str) -> String {
    match result.outcome.as_str() {
        "met" => wanted.to_owned(),
        "not_met" => format!("NOT {wanted}"),
        _ => format!("{wanted}? not checked"),
    }
}

/// Every finding in full, required ones first.
#[must_use]
pub fn findings(record: &Record) -> String {
    let mut unmet: Vec<&RecordedResult> = record
        .results
        .iter()
        .filter(|result| result.is_not_met())
        .collect();
    unmet.sort_by_key(|result| !result.is_required());
    let mut text = String::new();
    for result in unmet {
        let step = if result.step == "access" {
            "access".into()
        } else {
            format!("step {}", result.step)
        };
        let weight = if result.is_required() {
            "NOT MET"
        } else {
            &result.severity
        };
        let _ = writeln!(text, "{weight}, {step}: {}", result.title);
        let lines = [
            ("expected", &result.expected),
            ("actual", &result.actual),
            ("fix", &result.fix),
            ("see", &result.see),
        ];
        for (label, line) in lines {
            let _ = writeln!(text, "  {label:<9} {}", line.as_deref().unwrap_or("-"));
        }
        let _ = writeln!(text, "  {:<9} {}", "trial", result.name());
    }
    text
}

/// Every request that was made again, a line each.
#[must_use]
pub fn retries(record: &Record) -> String {
    let lines = record.run.retries.iter().flatten();
    let mut text = String::new();
    for line in lines {
        let _ = writeln!(text, "tried again: {line}");
    }
    text
}

/// The counts, the target and where the report is: the last lines of a run.
#[must_use]
pub fn closing(record: &Record, report: &str) -> String {
    let count = |test: fn(&RecordedResult) -> bool| {
        record.results.iter().filter(|result| test(result)).count()
    };
    let met = count(RecordedResult::is_met);
    let failed = count(|result| result.is_not_met() && result.is_required());
    let advised = count(|result| result.is_not_met() && !result.is_required());
    let unchecked = record.results.len() - met - failed - advised;
    format!(
        "{met} met, {failed} not met, {advised} advised, {unchecked} not checked; {} sign-ins in \
         {:.1} s; report: {report}\ntarget: {}",
        record.run.sign_ins, record.run.seconds, record.run.target
    )
}
