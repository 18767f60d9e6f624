//! The record of a run, and its renderings: terminal, JUnit and one HTML page.

mod causes;
mod changes;
mod console_page;
mod counts;
mod error;
mod evidence;
mod html;
mod ids;
mod junit;
mod links;
mod markdown;
mod matrix;
mod merge;
mod pictures;
mod place;
mod record;
mod renamed;
mod rules;
mod terminal;
mod unseen;
mod verdict;
mod write;

pub use causes::{Findings, causes, place_of};
pub use changes::{Change, Changes, Drift};
pub use error::ReportError;
pub use evidence::Evidence;
pub use ids::Ids;
pub use markdown::{markdown, markdown_of_changes};
pub use merge::{EMBEDDED, merge, partitions_in};
pub use pictures::pictures;
pub use record::{Record, RecordedOutcome, RecordedResult, Recorder, Run, STARTED};
pub use rules::RuleCondition;
pub use terminal::{checklist, findings, lines, link};
pub use write::{Written, prepare, render, summarize, write};

#[cfg(test)]
mod tests;
