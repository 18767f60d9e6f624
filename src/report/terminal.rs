//! What a run prints: the checklist by step, the access matrix, findings in full, and counts.
//!
//! All of it is lines, for the console to print: none of them holds a line break.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};

use super::record::{Record, RecordedOutcome, RecordedResult};
use crate::escape;
use crate::openid::Flow;
use crate::requirements::{Step, Subject};

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
/// How the second flow's tokens are told, where there are two flows.
const CODE_FLOW_GIVES_TOKENS: &str = "step_5_authorize::the_code_flow_gives_tokens";
/// So many trials that were not checked for one reason are named; the rest is counted.
const NAMED: usize = 3;
/// Of a longer field, a terminal shows beginning and end; the report has the rest.
const MOST_IN_FIELD: usize = 2 * escape::MOST_IN_TERMINAL;

/// The document's steps, each with how it stands and what is not as it should be.
#[must_use]
pub fn checklist(record: &Record) -> Vec<String> {
    let mut lines = Vec::new();
    for step in STEPS {
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
        for result in results.iter().filter(|result| result.is_not_met()) {
            let weight = if result.is_required() {
                "NOT MET"
            } else {
                result.severity.word()
            };
            lines.push(format!("      {weight}: {}", result.title));
        }
        for result in results.iter().filter(|result| result.is_met()) {
            if let Some(reason) = &result.reason {
                lines.push(format!("      note: {}: {}", result.title, short(reason)));
            }
        }
        lines.extend(not_checked(&results));
    }
    lines
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
#[must_use]
pub fn matrix(record: &Record) -> Vec<String> {
    let rows = rows(record);
    let mut known = BTreeSet::new();
    let cells = rows.iter().flat_map(|row| &row.cells);
    let mut endpoints: Vec<&str> = cells.map(|(endpoint, _)| *endpoint).collect();
    endpoints.retain(|endpoint| known.insert(*endpoint));
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
        let cells = row.cells.iter();
        let texts: BTreeMap<&str, &str> =
            cells.map(|(path, text)| (*path, text.as_str())).collect();
        let cell = |endpoint: &&str| (*texts.get(*endpoint).unwrap_or(&"-")).to_owned();
        let cells = [
            escape::terminal(row.user),
            escape::terminal(&row.request),
            row.tokens.clone(),
        ];
        table.add_row(cells.into_iter().chain(endpoints.iter().map(cell)));
    }
    table.lines().collect()
}

pub(super) struct Row<'a> {
    pub(super) user: &'a str,
    /// With the flow after it where there are two.
    pub(super) request: String,
    pub(super) tokens: String,
    pub(super) cells: Vec<(&'a str, String)>,
}

/// The rows of the matrix: who asks for what, by which flow.
pub(super) fn rows(record: &Record) -> Vec<Row<'_>> {
    let outcomes = [
        ("step_5_authorize::the_user_gets_tokens", "yes"),
        (CODE_FLOW_GIVES_TOKENS, "yes"),
        ("step_5_authorize::the_user_is_denied_the_scopes", "denied"),
        (
            "step_5_authorize::the_user_is_refused_as_not_assigned",
            "not assigned",
        ),
    ];
    let cells = access_cells(record);
    let of_matrix = record.results.iter().filter_map(|result| {
        let (_, wanted) = outcomes.iter().find(|(id, _)| *id == result.id)?;
        Some((result, *wanted, result.subject.as_ref()?))
    });
    let of_matrix: Vec<(&RecordedResult, &str, &Subject)> = of_matrix.collect();
    let main_flow = of_matrix
        .first()
        .and_then(|(_, _, subject)| subject.flow.as_deref());
    let mut rows = Vec::new();
    for (result, wanted, subject) in of_matrix {
        if let (Some(user), Some(request)) = (&subject.user, request(subject, main_flow)) {
            rows.push(Row {
                user,
                request,
                tokens: cell(result, wanted),
                cells: cells.get(&row_key(subject)).cloned().unwrap_or_default(),
            });
        }
    }
    rows
}

/// What is asked for, with the flow after it where that is not the main one.
fn request(subject: &Subject, main_flow: Option<&str>) -> Option<String> {
    let (request, flow) = (subject.request.as_deref()?, subject.flow.as_deref());
    let mut flows = Flow::ALL.into_iter();
    let second = flows.find(|known| flow != main_flow && Some(known.grant_type()) == flow);
    Some(second.map_or_else(
        || request.to_owned(),
        |flow| format!("{request} {}", flow.way()),
    ))
}

/// Who asks for what, by which flow.
type RowKey<'a> = [Option<&'a str>; 3];

fn row_key(subject: &Subject) -> RowKey<'_> {
    [&subject.user, &subject.request, &subject.flow].map(Option::as_deref)
}

/// What the API gives to the tokens of each row: the path of an endpoint, and how it answers.
fn access_cells(record: &Record) -> BTreeMap<RowKey<'_>, Vec<(&str, String)>> {
    let mut cells: BTreeMap<RowKey<'_>, Vec<(&str, String)>> = BTreeMap::new();
    let of_access = record
        .results
        .iter()
        .filter(|result| result.step == Step::Access);
    for result in of_access {
        let Some(subject) = &result.subject else {
            continue;
        };
        let wanted = if result.id.contains("_reads_") {
            "reads"
        } else {
            "refused"
        };
        if let Some(endpoint) = subject.endpoint.as_deref() {
            let cell = (endpoint, cell(result, wanted));
            cells.entry(row_key(subject)).or_default().push(cell);
        }
    }
    cells
}

fn cell(result: &RecordedResult, wanted: &str) -> String {
    match result.outcome {
        RecordedOutcome::Met => wanted.to_owned(),
        RecordedOutcome::NotMet => format!("NOT {wanted}"),
        RecordedOutcome::NotChecked => format!("{wanted}? not checked"),
    }
}

/// Every finding in full, required ones first.
#[must_use]
pub fn findings(record: &Record) -> Vec<String> {
    let mut unmet: Vec<&RecordedResult> = record
        .results
        .iter()
        .filter(|result| result.is_not_met())
        .collect();
    unmet.sort_by_key(|result| !result.is_required());
    let mut lines = Vec::new();
    for result in unmet {
        let weight = if result.is_required() {
            "NOT MET"
        } else {
            result.severity.word()
        };
        lines.push(format!("{weight}, {}: {}", result.step, result.title));
        let fix = result.fix.as_ref();
        let fields = [
            ("expected", result.expected.as_deref()),
            ("actual", result.actual.as_deref()),
            ("fix", fix.map(|fix| fix.admin_console.as_str())),
            ("or", fix.map(|fix| fix.api.as_str())),
            ("see", result.see.as_deref()),
        ];
        for (label, field) in fields {
            lines.push(format!("  {label:<9} {}", short(field.unwrap_or("-"))));
        }
        lines.push(format!("  {:<9} {}", "trial", result.name));
    }
    lines
}

/// Every request that was made again, a line each.
#[must_use]
pub fn retries(record: &Record) -> Vec<String> {
    let lines = record.run.retries.iter();
    lines
        .map(|line| format!("tried again: {}", short(line)))
        .collect()
}

/// The counts, the target and where the report is: the last lines of a run.
#[must_use]
pub fn closing(record: &Record, report: &str) -> Vec<String> {
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
