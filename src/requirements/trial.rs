//! A trial: one requirement, one subject, what it needs to see, and how it is judged.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::context::Context;
use super::found::Found;
use super::step::Step;
use super::subject::Subject;
use super::topic::Topic;
use crate::model::{Accepted, Flow, OrgModel};
use crate::observation::{AuthorizationKey, Need, NotSeen, Seen, Symptom};
pub use crate::severity::Severity;

/// What is wrong, and how to mend it. The type leaves nothing out.
#[derive(Debug, Clone)]
pub struct Finding {
    /// In which ways it is wrong.
    pub found: Found,
    /// What the model or the norm wants.
    pub expected: String,
    /// What was seen.
    pub actual: String,
    /// How to mend it.
    pub fix: Fix,
}

/// How to fix a finding, both ways.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fix {
    /// Where to click in the Admin Console.
    pub admin_console: String,
    /// The Management API call that does the same.
    pub api: String,
}

/// The judgement of one trial.
#[derive(Debug, Clone)]
pub struct Judgement {
    /// Met, or not met with a finding.
    pub verdict: Verdict,
    /// What was seen, where it is worth telling although all is well.
    pub note: Option<Note>,
    /// What is missing, where a broken step of the set-up may explain it.
    pub symptom: Option<Box<Symptom>>,
    /// The values that it was judged by.
    pub observed: Observed,
    /// How much it weighs, where that follows from what was seen; none: as the trial does.
    pub severity: Option<Severity>,
    /// The requests whose answers are wrong, where those are others than the trial's own.
    pub answers: Vec<AuthorizationKey>,
}

/// The observed value that says how many seconds a token lives.
pub(crate) const LIFETIME: &str = "lifetime in seconds";
/// The one that says for how many seconds past its expiry the API lets a token in.
pub(crate) const LEEWAY: &str = "leeway_seconds";
/// Marks a value that is another in every run.
const CHANGES: &str = "changes";

/// Values that a trial was judged by, by name. They are kept also of what is met, so that two runs
/// can be compared.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Observed(BTreeMap<String, Value>);

impl Observed {
    /// Keeps a value that is the same in the next run, as long as nothing changed.
    pub fn keep(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Keeps a value that is another in every run: the record has it as `{"changes": value}`.
    pub fn keep_changing(&mut self, name: &str, value: impl Into<Value>) {
        self.keep(name, json!({ CHANGES: value.into() }));
    }

    /// Those that are the same in the next run, as long as nothing changed.
    #[must_use]
    pub fn lasting(&self) -> Self {
        let fields = self.0.iter().filter(|(_, value)| !is_changing(value));
        let fields = fields.map(|(name, value)| (name.clone(), value.clone()));
        Self(fields.collect())
    }

    /// Each value as a text, by its name.
    #[must_use]
    pub fn texts(&self) -> BTreeMap<String, String> {
        let text = |value: &Value| {
            value
                .as_str()
                .map_or_else(|| value.to_string(), str::to_owned)
        };
        let fields = self.0.iter();
        fields
            .map(|(name, value)| (name.clone(), text(value)))
            .collect()
    }

    /// All but those of such names.
    #[must_use]
    pub fn without(&self, is_left_out: fn(&str) -> bool) -> Self {
        let fields = self.0.iter().filter(|(name, _)| !is_left_out(name));
        let fields = fields.map(|(name, value)| (name.clone(), value.clone()));
        Self(fields.collect())
    }

    /// The texts kept by this name: one, or a list of them.
    pub fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        let value = self.0.get(name);
        let one = value.and_then(Value::as_str);
        let many = value.and_then(Value::as_array).into_iter().flatten();
        one.into_iter().chain(many.filter_map(Value::as_str))
    }

    /// Whether there is a value of this name.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Whether nothing was kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The same, each text as the function makes it.
    #[must_use]
    pub fn map_texts(self, change: &mut dyn FnMut(&str) -> String) -> Self {
        let changed = |(name, value)| (name, map_texts(value, change));
        Self(self.0.into_iter().map(changed).collect())
    }
}

fn is_changing(value: &Value) -> bool {
    let fields = value.as_object();
    fields.is_some_and(|fields| fields.len() == 1 && fields.contains_key(CHANGES))
}

/// A value, each of its texts as the function makes it.
pub(crate) fn map_texts(value: Value, change: &mut dyn FnMut(&str) -> String) -> Value {
    match value {
        Value::String(text) => change(&text).into(),
        Value::Array(items) => {
            let items = items.into_iter().map(|item| map_texts(item, change));
            items.collect()
        }
        Value::Object(fields) => {
            let fields = fields.into_iter();
            let fields = fields.map(|(name, value)| (change(&name), map_texts(value, change)));
            Value::Object(fields.collect())
        }
        other => other,
    }
}

/// What is worth telling although all is well.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// What was seen.
    Seen(String),
    /// What was seen is allowed, and not what Okta is known to do.
    Unusual(String),
}

/// The two outcomes of a trial that could be looked at.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// It holds.
    Met,
    /// It does not.
    NotMet(Finding),
}

impl Judgement {
    /// It holds.
    #[must_use]
    pub fn met() -> Self {
        Self {
            verdict: Verdict::Met,
            note: None,
            symptom: None,
            observed: Observed::default(),
            severity: None,
            answers: Vec::new(),
        }
    }

    /// It holds, and this was seen.
    pub fn met_with(note: impl Into<String>) -> Self {
        Self {
            note: Some(Note::Seen(note.into())),
            ..Self::met()
        }
    }

    /// It holds, but in a way that a user should know of.
    pub fn met_unusually(note: impl Into<String>) -> Self {
        Self {
            note: Some(Note::Unusual(note.into())),
            ..Self::met()
        }
    }

    /// It does not hold.
    #[must_use]
    pub fn not_met(
        found: impl Into<Found>,
        expected: impl Into<String>,
        actual: impl Into<String>,
        fix: Fix,
    ) -> Self {
        let finding = Finding {
            found: found.into(),
            expected: expected.into(),
            actual: actual.into(),
            fix,
        };
        Self {
            verdict: Verdict::NotMet(finding),
            ..Self::met()
        }
    }

    /// Met when the condition holds; else not met, as told.
    pub fn when(holds: bool, finding: impl FnOnce() -> Finding) -> Self {
        let verdict = if holds {
            Verdict::Met
        } else {
            Verdict::NotMet(finding())
        };
        Self {
            verdict,
            ..Self::met()
        }
    }

    /// With what is missing, so that a broken step may be blamed.
    #[must_use]
    pub fn with(mut self, symptom: Symptom) -> Self {
        self.symptom = Some(Box::new(symptom));
        self
    }

    /// About the answers to these requests, and not the trial's own.
    #[must_use]
    pub(super) fn about_answers(self, answers: Vec<AuthorizationKey>) -> Self {
        Self { answers, ..self }
    }

    /// Of this weight, whatever the trial's is.
    #[must_use]
    pub fn weighing(mut self, severity: Severity) -> Self {
        self.severity = Some(severity);
        self
    }

    /// With a value that it was judged by.
    #[must_use]
    pub fn seeing(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.observed.keep(name, value);
        self
    }

    /// Where it does not hold: with what it rests on, by which other findings are known to have
    /// the same cause. Nothing is kept of an empty list.
    #[must_use]
    pub fn resting_on<T: Into<String>>(
        mut self,
        name: &str,
        what: impl IntoIterator<Item = T>,
    ) -> Self {
        let what: Vec<String> = what.into_iter().map(Into::into).collect();
        if !self.is_met() && !what.is_empty() {
            self.observed.keep(name, what);
        }
        self
    }

    /// Whether it holds.
    #[must_use]
    pub fn is_met(&self) -> bool {
        matches!(self.verdict, Verdict::Met)
    }
}

impl Fix {
    /// A fix by Admin Console and by API.
    pub fn new(admin_console: impl Into<String>, api: impl Into<String>) -> Self {
        Self {
            admin_console: admin_console.into(),
            api: api.into(),
        }
    }
}

pub(super) type Judge = dyn Fn(&Context<'_>) -> Seen<Judgement> + Send + Sync;
type Explains = dyn Fn(&Context<'_>, &Symptom) -> bool + Send + Sync;

/// One requirement, about one subject.
pub struct Trial {
    /// The name without the subject: `step_3b_scope::the_scope_is_on_the_authorization_server`.
    pub id: String,
    /// The step of the document.
    pub step: Step,
    /// What it is about, if it is tried more than once; boxed, since there are many trials.
    pub subject: Option<Box<Subject>>,
    /// How much it weighs.
    pub severity: Severity,
    /// Where to read about it.
    pub see: &'static str,
    /// What must be looked at.
    pub needs: Vec<Need>,
    /// What the model accepts, if the trial is whether it does so rightly.
    pub accepts: Option<Box<Accepted>>,
    pub(super) judge: Arc<Judge>,
    pub(super) explains: Option<(Topic, Box<Explains>)>,
}

impl std::fmt::Debug for Trial {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Trial")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}

impl Trial {
    /// A required trial; its name is the sentence that it claims, with `_` for spaces.
    pub fn new(
        step: Step,
        name: impl AsRef<str>,
        see: &'static str,
        needs: impl IntoIterator<Item = Need>,
        judge: impl Fn(&Context<'_>) -> Seen<Judgement> + Send + Sync + 'static,
    ) -> Self {
        Self {
            id: format!("{}::{}", step.module(), name.as_ref()),
            step,
            subject: None,
            severity: Severity::Required,
            see,
            needs: needs.into_iter().collect(),
            accepts: None,
            judge: Arc::new(judge),
            explains: None,
        }
    }

    /// Of what the model accepts.
    #[must_use]
    pub(super) fn accepting(mut self, entry: &Accepted) -> Self {
        self.accepts = Some(Box::new(entry.clone()));
        self
    }

    /// By another name than its step gives it.
    #[must_use]
    pub(super) fn named(mut self, module: &str, name: &str) -> Self {
        self.id = format!("{module}::{name}");
        self
    }

    /// About this subject, of several.
    #[must_use]
    pub fn about(mut self, subject: Subject) -> Self {
        self.subject = Some(Box::new(subject));
        self
    }

    /// Of the same subject by a flow, which is named where it is not the main one.
    #[must_use]
    pub fn by_flow(mut self, model: &OrgModel, flow: Flow) -> Self {
        if let Some(way) = model.way(flow) {
            self.subject = self.subject.map(|subject| Box::new(subject.by(way)));
        }
        self
    }

    /// Of this weight.
    #[must_use]
    pub fn weighing(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }

    /// Recommended, not required.
    #[must_use]
    pub fn advised(mut self) -> Self {
        self.severity = Severity::Advised;
        self
    }

    /// Worth knowing, no more.
    #[must_use]
    pub fn informative(mut self) -> Self {
        self.severity = Severity::Informative;
        self
    }

    /// The same trial, its finding changed so.
    #[must_use]
    pub(super) fn finding_otherwise(mut self, change: fn(Finding) -> Finding) -> Self {
        let judge = self.judge;
        self.judge = Arc::new(move |context| {
            judge(context).map(|mut judgement| {
                if let Verdict::NotMet(finding) = judgement.verdict {
                    judgement.verdict = Verdict::NotMet(change(finding));
                }
                judgement
            })
        });
        self
    }

    /// The same trial, judged only where nothing stands against it.
    #[must_use]
    pub(super) fn unless(
        mut self,
        stands_against: impl Fn(&Context<'_>) -> Seen<()> + Send + Sync + 'static,
    ) -> Self {
        let judge = self.judge;
        self.judge = Arc::new(move |context| {
            stands_against(context)?;
            judge(context)
        });
        self
    }

    /// What it explains when it is not met.
    #[must_use]
    pub fn explains(
        self,
        explains: impl Fn(&Context<'_>, &Symptom) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.explains_of(Topic::Anything, explains)
    }

    /// What it explains when it is not met, of symptoms on this topic and no others.
    #[must_use]
    pub fn explains_of(
        mut self,
        topic: Topic,
        explains: impl Fn(&Context<'_>, &Symptom) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.explains = Some((topic, Box::new(explains)));
        self
    }

    /// What the symptoms are about that it explains; none, where it explains nothing.
    #[must_use]
    pub fn topic(&self) -> Option<&Topic> {
        self.explains.as_ref().map(|(topic, _)| topic)
    }

    /// The name of the trial: the id, and the subject in brackets.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.subject {
            Some(subject) => format!("{}[{}]", self.id, subject.label()),
            None => self.id.clone(),
        }
    }

    /// The sentence that the trial claims.
    #[must_use]
    pub fn title(&self) -> String {
        let sentence = self
            .id
            .rsplit("::")
            .next()
            .unwrap_or(&self.id)
            .replace('_', " ");
        match &self.subject {
            Some(subject) => format!("{sentence}: {}", subject.label()),
            None => sentence,
        }
    }

    /// Judges what was seen.
    ///
    /// # Errors
    /// [`NotSeen`] when it could not be looked at.
    pub fn judge(&self, context: &Context<'_>) -> Result<Judgement, NotSeen> {
        (self.judge)(context)
    }

    /// Whether this trial, being not met, explains what is missing elsewhere.
    #[must_use]
    pub fn is_cause_of(&self, context: &Context<'_>, symptom: &Symptom) -> bool {
        let explains = self.explains.as_ref();
        explains.is_some_and(|(_, explains)| explains(context, symptom))
    }
}
