//! The record of a run, and its renderings: terminal, JUnit and one HTML page.

mod html;
mod junit;
mod merge;
mod record;
mod redaction;
mod terminal;
mod verdict;
mod write;

pub use merge::{EMBEDDED, copy_pictures, merge, partitions_in};
pub use record::{Record, RecordedOutcome, RecordedResult, Run};
pub use redaction::Secrets;
pub use terminal::{checklist, closing, findings, matrix, retries};
pub use write::{ReportError, Written, prepare, render, write, write_pictures};
