//! The record of a run, and its renderings: terminal, JUnit and one HTML page.

mod html;
mod junit;
mod matrix;
mod merge;
mod pictures;
mod record;
mod terminal;
mod verdict;
mod write;

pub use merge::{EMBEDDED, merge, partitions_in};
pub use pictures::pictures;
pub use record::{Record, RecordedOutcome, RecordedResult, Recorder, Run, STARTED};
pub use terminal::{checklist, closing, findings, matrix, retries};
pub use write::{ReportError, Written, prepare, render, write};

#[cfg(test)]
mod tests;
