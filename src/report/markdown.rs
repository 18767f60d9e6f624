//! A summary in Markdown, for a pull request or the page of a job.

use super::causes::{causes, place_of};
use super::changes::Changes;
use super::counts::Counts;
use super::record::Record;
use crate::escape;

/// So many causes are told; of more, the report has the rest.
const MOST_CAUSES: usize = 20;

/// Renders a record, and what changed where that is known.
#[must_use]
pub fn markdown(record: &Record, changes: Option<&Changes>) -> String {
    let news = changes.into_iter().flat_map(changed);
    let lines = verdict(record).into_iter();
    let lines: Vec<_> = lines.chain(findings(record)).chain(news).collect();
    lines.join("\n") + "\n"
}

/// What changed alone, below the verdict: for a page that has the findings from the run itself.
#[must_use]
pub fn markdown_of_changes(record: &Record, changes: &Changes) -> String {
    let lines: Vec<_> = verdict(record)
        .into_iter()
        .chain(changed(changes))
        .collect();
    lines.join("\n") + "\n"
}

fn verdict(record: &Record) -> Vec<String> {
    let run = &record.run;
    let mark = match run.exit_status {
        0 => "✅",
        1 => "❌",
        _ => "❔",
    };
    vec![
        format!("## {mark} okta-e2e: {}", escape::markdown(&run.verdict)),
        String::new(),
        format!(
            "{} at {}; exit status {}; {}",
            escape::markdown(&run.model_title),
            escape::markdown(&run.target),
            run.exit_status,
            Counts::of(&record.results).words()
        ),
        String::new(),
    ]
}

fn findings(record: &Record) -> Vec<String> {
    let causes = causes(&record.results);
    if causes.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![
        "| step | weight | what is not met | seen | fix |".to_owned(),
        "|---|---|---|---|---|".to_owned(),
    ];
    for cause in causes.iter().take(MOST_CAUSES) {
        let result = cause[0];
        let place = place_of(cause);
        let cells = [
            Some(result.title.as_str()),
            result.actual.as_deref(),
            place.as_deref(),
        ];
        let [title, actual, fix] = cells.map(|text| escape::markdown(text.unwrap_or("-")));
        let more = match cause.len() {
            1 => String::new(),
            all => format!(" and {} more", all - 1),
        };
        lines.push(format!(
            "| {} | {} | {title}{more} | {actual} | {fix} |",
            result.step,
            result.weight_word()
        ));
    }
    if causes.len() > MOST_CAUSES {
        let more = causes.len() - MOST_CAUSES;
        lines.push(String::new());
        lines.push(format!("and {more} more causes in the report"));
    }
    lines.push(String::new());
    lines
}

fn changed(changes: &Changes) -> Vec<String> {
    let mut texts = changes.lines().into_iter();
    let heading = texts.next().unwrap_or_default();
    let items = texts.map(|text| format!("- {}", escape::markdown(text.trim())));
    let heading = format!("### {}", escape::markdown(heading.trim_end_matches(':')));
    let mut lines = vec![heading, String::new()];
    lines.extend(items);
    lines
}
