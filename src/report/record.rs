//! The record of a run, `report.json`: written once, rendered many times.
//!
//! Two runs that saw the same differ in nothing but what is known to change: `started`, `seconds`,
//! `waited_seconds`, and observed values of the form `{"changes": value}`.

use std::collections::BTreeSet;
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::evidence::{self, Evidence};
use super::ids::Ids;
use super::verdict::{self, Weight};
use crate::escape;
use crate::judgement::{ACCEPTED, Judged, Outcome};
use crate::observation::{Cause, Observations};
use crate::requirements::{Fix, Note, Observed, Severity, Step, Subject, name_letters};
use crate::secrets::Secrets;

/// The version of the record's form.
const SCHEMA: u32 = 2;
/// The exit status of a run that could not be made, or could not look.
const NO_RUN: u8 = 2;

/// The whole record.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Record {
    /// The version of its form.
    schema: u32,
    /// What was verified, and how.
    pub run: Run,
    /// What became of every trial, in the document's order.
    pub results: Vec<RecordedResult>,
}

/// What was verified, and how; what does not apply is absent.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Run {
    /// The version of the suite.
    pub version: String,
    /// The org, in words.
    pub target: String,
    /// The issuer.
    pub issuer: String,
    /// The API, in words.
    pub resource_server: String,
    /// The title of the org model.
    pub model_title: String,
    /// The SHA-256 of the org model.
    pub model_sha256: String,
    /// How much the run asked of the API: `document`, `standard` or `full`.
    #[serde(default)]
    pub profile: String,
    /// The filter of the run, if it was not a full one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Which part of a split run it is, as `2/5`; none: the run was not split.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partition: Option<String>,
    /// Whether a required requirement that was not configured counts as failure.
    pub strict: bool,
    /// When the run began, RFC 3339.
    pub started: String,
    /// How long it took.
    pub seconds: f64,
    /// How often a test user's password was submitted, whatever came of it.
    pub sign_ins: usize,
    /// How many authorization requests were made in browsers, or in their sessions.
    pub requests: usize,
    /// Which browsers were used, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub browser: Option<String>,
    /// Every request that was made again, and why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub retries: Vec<String>,
    /// How long the run waited for rate limits, and before what it asked again.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub waited_seconds: f64,
    /// When the org last changed the key that signs tokens, RFC 3339, where it shows that
    /// (`credentials.signing.lastRotated` of an authorization server).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signing_key_rotated: Option<String>,
    /// 0: good; 1: a required requirement is not met; 2: the run could not look.
    pub exit_status: u8,
    /// Why, in a sentence.
    pub verdict: String,
    /// The folder of the run's pictures, below the report's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pictures: Option<String>,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands a field over by reference"
)]
fn is_zero(seconds: &f64) -> bool {
    *seconds == 0.0
}

/// Makes what was seen fit to be recorded: no secret, nothing hidden, of a limited length. What was
/// seen once may be cited by hundreds of results: past so many characters, each gets less.
#[derive(Debug)]
pub struct Recorder<'a> {
    secrets: &'a Secrets,
    ids: Ids,
    recorded: usize,
}

/// When a run began: RFC 3339, in whole seconds.
pub const STARTED: &str = "%Y-%m-%dT%H:%M:%SZ";

/// The observed value that names the codes of a finding.
pub(super) const FINDING: &str = "finding";
/// The one that says what each of them is about.
pub(super) const ABOUT: &str = "finding_about";

/// Past so many characters, a field is as short as in a terminal.
const AMPLE: usize = 1_000_000;
/// Past so many characters, findings come without evidence: the first ones show what is wrong.
const ROOM_FOR_EVIDENCE: usize = 300_000;

impl<'a> Recorder<'a> {
    /// Records without these secrets.
    #[must_use]
    pub fn new(secrets: &'a Secrets) -> Self {
        Self {
            secrets,
            ids: Ids::default(),
            recorded: 0,
        }
    }

    /// Writes these ids in place of the placeholders of a fix.
    #[must_use]
    pub fn with_ids(mut self, ids: Ids) -> Self {
        self.ids = ids;
        self
    }

    fn fix(&mut self, fix: &Fix, subject: Option<&Subject>, observed: &Observed) -> Fix {
        let texts = [&fix.admin_console, &fix.api];
        let [place, api] = texts.map(|text| self.ids.fill(text, subject, observed));
        let place = self.ids.name(&place, subject, observed);
        let [admin_console, api] = [place, api].map(|text| self.field(&text));
        Fix::new(admin_console, api)
    }

    /// What a result rests on that is not met, or that broke off.
    fn evidence(&mut self, judged: &Judged<'_>, seen: &Observations) -> Vec<Evidence> {
        match &judged.outcome {
            _ if self.recorded > ROOM_FOR_EVIDENCE => return Vec::new(),
            Outcome::NotMet(_)
            | Outcome::NotChecked {
                cause: Cause::Failed | Cause::Inconclusive,
                blocked_by: None,
                ..
            } => {}
            Outcome::Met(_) | Outcome::NotChecked { .. } => return Vec::new(),
        }
        let evidence = evidence::of(&judged.trial.needs, &judged.observed, seen);
        let mut field = |text: &str| self.field(text);
        let evidence = evidence.into_iter();
        evidence.map(|one| one.map_texts(&mut field)).collect()
    }

    /// A sentence as it is recorded: with the letters named in which two names may differ that
    /// print alike.
    fn sentence(&mut self, text: &str) -> String {
        // First what is secret: no letter within it is named.
        name_letters(&self.field(text))
    }

    /// A text as it is recorded.
    pub fn field(&mut self, text: &str) -> String {
        let most = if self.recorded < AMPLE {
            escape::MOST_IN_RECORD
        } else {
            escape::MOST_IN_TERMINAL
        };
        let field = self.secrets.field(text, most);
        self.recorded += field.len();
        field
    }
}

/// The three outcomes, which never mix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecordedOutcome {
    /// It holds.
    Met,
    /// It does not hold.
    NotMet,
    /// It could not be looked at, or proves nothing.
    NotChecked,
}

impl RecordedOutcome {
    /// How the record calls it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Met => "met",
            Self::NotMet => "not_met",
            Self::NotChecked => "not_checked",
        }
    }
}

/// What became of a trial; what does not apply is absent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RecordedResult {
    /// The name of the trial: its id, and the subject in brackets.
    pub name: String,
    /// The name of the trial without its subject.
    pub id: String,
    /// The step of the document.
    pub step: Step,
    /// What it is about, if it is tried more than once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<Subject>,
    /// The sentence that it claims.
    pub title: String,
    /// How much it weighs.
    pub severity: Severity,
    /// What became of it.
    pub outcome: RecordedOutcome,
    /// Why it was not checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cause: Option<Cause>,
    /// The same in a sentence; or what is unusual about a requirement that is met.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The broken step that explains it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocked_by: Option<Step>,
    /// What the model or the norm wants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// What was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// How to fix it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fix: Option<Fix>,
    /// Where to read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub see: Option<String>,
    /// The values that it was judged by.
    #[serde(default, skip_serializing_if = "Observed::is_empty")]
    pub observed: Observed,
    /// What was sent and what came back, where it is not met or proves nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<Evidence>,
    /// How long it took to look at what it needs.
    pub seconds: f64,
}

impl RecordedResult {
    /// Records a judged trial, and what the run saw of what it is about.
    #[must_use]
    pub fn new(judged: &Judged<'_>, seen: &Observations, recorder: &mut Recorder<'_>) -> Self {
        let trial = judged.trial;
        let mut result = Self {
            name: trial.name(),
            id: trial.id.clone(),
            step: trial.step,
            subject: trial.subject.as_deref().cloned(),
            title: trial.title(),
            severity: judged.severity,
            outcome: RecordedOutcome::Met,
            cause: None,
            reason: None,
            blocked_by: None,
            expected: None,
            actual: None,
            fix: None,
            see: Some(trial.see.to_owned()),
            observed: judged
                .observed
                .clone()
                .map_texts(&mut |text| recorder.field(text)),
            evidence: recorder.evidence(judged, seen),
            seconds: seen.seconds(&trial.needs),
        };
        match &judged.outcome {
            Outcome::Met(None) => {}
            Outcome::Met(Some(Note::Seen(seen))) => result.actual = Some(recorder.sentence(seen)),
            Outcome::Met(Some(Note::Unusual(seen))) => {
                result.reason = Some(recorder.sentence(seen));
            }
            Outcome::NotMet(finding) => {
                result.outcome = RecordedOutcome::NotMet;
                result.observed.keep(FINDING, finding.found.codes());
                let about = finding.found.about(result.subject.as_ref());
                let about = about.map(|text| recorder.field(&text));
                let about: BTreeSet<String> = about.collect();
                if !about.is_empty() {
                    result.observed.keep(ABOUT, Vec::from_iter(about));
                }
                result.expected = Some(recorder.sentence(&finding.expected));
                result.actual = Some(recorder.sentence(&finding.actual));
                let subject = result.subject.as_ref();
                result.fix = Some(recorder.fix(&finding.fix, subject, &judged.observed));
            }
            Outcome::NotChecked {
                cause,
                reason,
                blocked_by,
            } => {
                result.outcome = RecordedOutcome::NotChecked;
                result.cause = Some(*cause);
                result.reason = Some(recorder.sentence(reason));
                result.blocked_by = *blocked_by;
            }
        }
        result
    }

    /// Whether it holds.
    #[must_use]
    pub fn is_met(&self) -> bool {
        self.outcome == RecordedOutcome::Met
    }

    /// Whether it does not hold.
    #[must_use]
    pub fn is_not_met(&self) -> bool {
        self.outcome == RecordedOutcome::NotMet
    }

    /// Whether it does not hold, and the org model accepts that.
    #[must_use]
    pub fn is_accepted(&self) -> bool {
        self.is_not_met() && self.observed.has(ACCEPTED)
    }

    /// How much it weighs, in a word.
    pub(super) fn weight_word(&self) -> &'static str {
        if self.is_accepted() {
            "accepted"
        } else {
            self.severity.word()
        }
    }

    /// Whether the document's outcome needs it.
    #[must_use]
    pub fn is_required(&self) -> bool {
        self.severity == Severity::Required
    }
}

impl Record {
    /// The record of a run that looked at nothing, so that nobody takes an earlier one for its.
    #[must_use]
    pub fn not_made(reason: &str, target: &str, run: Run) -> Self {
        let reason = escape::ends(&escape::visible(reason), escape::MOST_IN_RECORD);
        let run = Run {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            target: target.to_owned(),
            started: jiff::Timestamp::now().strftime(STARTED).to_string(),
            exit_status: NO_RUN,
            verdict: format!("the run could not be made: {reason}"),
            ..run
        };
        Self {
            schema: SCHEMA,
            run,
            results: Vec::new(),
        }
    }

    /// From now on it is that of a run whose report could not be written: nobody reads green where
    /// there is none, nor a breach as anything else.
    pub fn without_report(&mut self) {
        if self.run.exit_status == 0 {
            self.run.exit_status = NO_RUN;
        }
        let words = format!("the report could not be written; {}", self.run.verdict);
        self.run.verdict = words;
    }

    /// The record of a run with its verdict.
    #[must_use]
    pub fn new(run: Run, results: Vec<RecordedResult>) -> Self {
        let verdict = verdict::of(&run, &results);
        let run = Run {
            exit_status: verdict.status,
            verdict: verdict.words,
            ..run
        };
        Self {
            schema: SCHEMA,
            run,
            results,
        }
    }

    /// Whether it is that of a run which looked at nothing.
    #[must_use]
    pub fn is_of_no_run(&self) -> bool {
        self.results.is_empty()
    }

    /// What a result does to the run.
    pub(super) fn weight(&self, result: &RecordedResult) -> Weight {
        verdict::weight(result, self.run.strict)
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
        let partition = self.run.partition.as_deref();
        let partition = partition.map_or_else(String::new, |part| {
            format!("-partition-{}", part.replace('/', "-of-"))
        });
        format!("{partial}{partition}")
    }

    /// Reads a record.
    ///
    /// # Errors
    /// A sentence that says what is wrong with the file.
    pub fn read(file: &Path) -> Result<Self, String> {
        let text = std::fs::read_to_string(file)
            .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
        let unreadable = |error| format!("{} is not a record of a run: {error}", file.display());
        let record: Value = serde_json::from_str(&text).map_err(unreadable)?;
        let schema = record.get("schema").and_then(Value::as_u64);
        if schema != Some(SCHEMA.into()) {
            return Err(format!(
                "{} was written by another version of the suite (schema {}, not {SCHEMA}): run \
                 `scripts/verify` again",
                file.display(),
                schema.unwrap_or(1)
            ));
        }
        serde_json::from_value(record).map_err(unreadable)
    }
}

#[cfg(test)]
mod tests;
