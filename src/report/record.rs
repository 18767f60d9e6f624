//! The record of a run, `report.json`: written once, rendered many times.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::judgement::{Judged, Outcome};
use crate::observation::Cause;
use crate::requirements::{Note, Severity};

/// The whole record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// What was verified, and how.
    pub run: Run,
    /// What became of every trial, in the document's order.
    pub results: Vec<RecordedResult>,
}

/// What was verified, and how.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Run {
    /// The version of the suite.
    pub version: String,
    /// The org, in words.
    pub target: String,
    /// The issuer.
    pub issuer: String,
    /// The API, in words.
    pub resource_server: String,
    /// The SHA-256 of the org model.
    pub model_sha256: String,
    /// The filter of the run, if it was not a full one.
    pub filter: Option<String>,
    /// Which part of a split run it is, as `2/5`; none: the run was not split.
    #[serde(default)]
    pub partition: Option<String>,
    /// Whether a required requirement that is not checked counts as failure.
    pub strict: bool,
    /// When the run began, RFC 3339.
    pub started: String,
    /// How long it took.
    pub seconds: f64,
    /// How often a test user's password was submitted, whatever came of it.
    pub sign_ins: usize,
    /// Why a test user was left without a browser in mid-run: what is not checked is no choice then.
    #[serde(default)]
    pub lost_browser: Option<String>,
    /// Every request that was made again, and why; nothing when there was none.
    #[serde(default)]
    pub retries: Option<Vec<String>>,
}

/// What became of a trial.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordedResult {
    /// The name of the trial without its subject.
    pub id: String,
    /// `0`, `1`, `2`, `3a` … `5`, `access`.
    pub step: String,
    /// What it is about, if it is tried more than once.
    pub subject: Option<String>,
    /// The sentence that it claims.
    pub title: String,
    /// `required`, `advised` or `informative`.
    pub severity: String,
    /// `met`, `not_met` or `not_checked`.
    pub outcome: String,
    /// Why it was not checked, `error: …` when something broke while looking; or what is unusual
    /// about a requirement that is met.
    pub reason: Option<String>,
    /// The broken step that explains it.
    pub blocked_by: Option<String>,
    /// What the model or the norm wants.
    pub expected: Option<String>,
    /// What was seen.
    pub actual: Option<String>,
    /// How to mend it.
    pub fix: Option<String>,
    /// Where to read.
    pub see: Option<String>,
    /// How long it took to look at what it needs.
    pub seconds: f64,
}

/// What the reason of a result begins with when something broke while looking.
const BROKE: &str = "error: ";

impl RecordedResult {
    /// Records a judged trial; `redact` removes every secret of the run from a text.
    #[must_use]
    pub fn new(judged: &Judged<'_>, seconds: f64, redact: &dyn Fn(&str) -> String) -> Self {
        let trial = judged.trial;
        let mut result = Self {
            id: trial.id.clone(),
            step: trial.step.number().to_owned(),
            subject: trial.subject.clone(),
            title: trial.title(),
            severity: severity(trial.severity).to_owned(),
            outcome: "met".to_owned(),
            reason: None,
            blocked_by: None,
            expected: None,
            actual: None,
            fix: None,
            see: Some(trial.see.to_owned()),
            seconds,
        };
        match &judged.outcome {
            Outcome::Met(None) => {}
            Outcome::Met(Some(Note::Seen(seen))) => result.actual = Some(redact(seen)),
            Outcome::Met(Some(Note::Unusual(seen))) => result.reason = Some(redact(seen)),
            Outcome::NotMet(finding) => {
                "not_met".clone_into(&mut result.outcome);
                result.expected = Some(redact(&finding.expected));
                result.actual = Some(redact(&finding.actual));
                let fix = &finding.fix;
                result.fix = Some(format!("{}; or {}", fix.admin_console, fix.api));
            }
            Outcome::NotChecked {
                cause,
                reason,
                blocked_by,
            } => {
                "not_checked".clone_into(&mut result.outcome);
                let broke = if *cause == Cause::Failed { BROKE } else { "" };
                result.reason = Some(format!("{broke}{}", redact(reason)));
                result.blocked_by = blocked_by.map(|step| step.number().to_owned());
            }
        }
        result
    }

    /// The name of the trial.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.subject {
            Some(subject) => format!("{}[{subject}]", self.id),
            None => self.id.clone(),
        }
    }

    /// Whether it holds.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.outcome == "met"
    }

    /// Whether it does not hold.
    #[must_use]
    pub fn is_not_met(&self) -> bool {
        self.outcome == "not_met"
    }

    /// Whether it was not checked because something broke while looking.
    #[must_use]
    pub fn broke(&self) -> bool {
        self.reason
            .as_deref()
            .is_some_and(|reason| reason.starts_with(BROKE))
    }

    /// Whether the document's outcome needs it.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.severity == "required"
    }
}

impl Record {
    /// The exit status of the run: 0 all required met, 1 one not met, 2 nothing could be judged,
    /// or a test user was left without a browser.
    ///
    /// A full run whose every sign-in broke was no run either, whatever an audit may have read.
    #[must_use]
    pub fn exit_status(&self) -> u8 {
        let required = || self.results.iter().filter(|result| result.is_required());
        let failed =
            |result: &RecordedResult| result.is_not_met() || (self.run.strict && !result.is_met());
        let live = || required().filter(|result| ["5", "access"].contains(&result.step.as_str()));
        let broken = live().any(RecordedResult::broke) && !live().any(RecordedResult::is_met);
        if required().any(failed) {
            1
        } else if self.run.lost_browser.is_some() {
            2
        } else if self.run.filter.is_none() && (broken || !required().any(RecordedResult::is_met)) {
            2
        } else {
            0
        }
    }

    /// The name of the record's file: neither a filtered run nor a part overwrites a full one.
    #[must_use]
    pub fn file_name(&self) -> String {
        format!("report{}.json", self.suffix())
    }

    /// What the names of the report's files end with, before their extension.
    pub(super) fn suffix(&self) -> String {
        let partial = if self.run.filter.is_some() {
            "-partial"
        } else {
            ""
        };
        format!("{partial}{}", self.partition_suffix())
    }

    /// The part of a split run, as it stands in names of files.
    pub(super) fn partition_suffix(&self) -> String {
        let partition = self.run.partition.as_deref();
        partition.map_or_else(String::new, |part| {
            format!("-partition-{}", part.replace('/', "-of-"))
        })
    }

    /// Reads a record.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the file.
    pub fn read(file: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        serde_json::from_str(&text)
            .map_err(|error| format!("{} is not a record of a run: {error}", file.display()))
    }
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Required => "required",
        Severity::Advised => "advised",
        Severity::Informative => "informative",
    }
}
