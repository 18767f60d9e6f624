//! A verification from end to end: plan, look, judge, record.

use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;
use url::Url;

use crate::browser::{BrowserConfig, BrowserError, Browsers, UserAgents};
use crate::config::{Config, OrgAccess};
use crate::judgement::judge;
use crate::model::OrgModel;
use crate::observation::{Agents, Observer, Picture, Plan, Seeing};
use crate::openid::Http;
use crate::partition::Partition;
use crate::progress::Progress;
use crate::report::{Record, RecordedResult, ReportError, Run, Secrets};
use crate::requirements::{Context, Facts, Trial};

/// What is verified.
#[derive(Debug)]
pub struct Verification<'a> {
    /// The wanted org.
    pub model: &'a OrgModel,
    /// The configuration of the run.
    pub config: &'a Config,
    /// How the org is reached.
    pub access: &'a OrgAccess,
    /// What the run calls the org.
    pub target: String,
    /// The base of the API's endpoints.
    pub resource_server: Url,
    /// What the run calls the API.
    pub resource_server_words: String,
    /// The filter of the run, if it is not a full one.
    pub filter: Option<String>,
}

/// Which trials of a model are judged.
#[derive(Clone, Copy)]
pub struct Selection<'a> {
    /// Every trial of the model.
    pub trials: &'a [Trial],
    /// The filter of the run.
    pub is_selected: &'a (dyn Fn(&Trial) -> bool + Sync),
    /// The part of the run that is made here, if it is split.
    pub partition: Option<Partition>,
}

impl<'a> Selection<'a> {
    /// The trials that the filter lets through, in all partitions.
    fn filtered(&self) -> Vec<&'a Trial> {
        let trials = self.trials.iter();
        trials.filter(|trial| (self.is_selected)(trial)).collect()
    }

    /// Whether a trial is judged here.
    #[must_use]
    pub fn has(&self, model: &OrgModel, trial: &Trial) -> bool {
        let here = self
            .partition
            .is_none_or(|partition| partition.has(model, trial));
        here && (self.is_selected)(trial)
    }

    /// How many trials are judged here.
    #[must_use]
    pub fn count(&self, model: &OrgModel) -> usize {
        let trials = self.trials.iter();
        trials.filter(|trial| self.has(model, trial)).count()
    }
}

/// What came of a verification.
#[derive(Debug)]
pub struct Verified {
    /// The record, without any secret.
    pub record: Record,
    /// Pictures of pages on which a sign-in ended.
    pub pictures: Vec<Picture>,
    /// Every secret of the run, for whatever else is written about it.
    pub secrets: Secrets,
}

/// Why a run could not be made.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// No browser can be started.
    #[error(transparent)]
    Browser(#[from] BrowserError),
    /// HTTPS cannot be set up.
    #[error("{0}")]
    Http(String),
    /// The report cannot be written.
    #[error(transparent)]
    Report(#[from] ReportError),
}

impl Verification<'_> {
    /// What the run is told, the model's defaults filled in.
    #[must_use]
    pub fn facts(&self) -> Facts {
        let model = self.model;
        let logins = self.access.users.iter();
        Facts {
            issuer: self.access.issuer.clone(),
            client_id: self.access.client_id.clone(),
            redirect_uri: self
                .access
                .redirect_uri
                .clone()
                .unwrap_or_else(|| model.client.redirect_uri.clone()),
            audience: self
                .access
                .audience
                .clone()
                .unwrap_or_else(|| model.authorization_server.audience.clone()),
            logins: logins
                .map(|(name, user)| (name.clone(), user.username.clone()))
                .collect(),
        }
    }

    /// What will be done, in lines, before anything is done.
    #[must_use]
    pub fn announcement(&self, selection: &Selection<'_>) -> String {
        let plan = self.plan(selection);
        let users: Vec<&str> = plan
            .by_user()
            .into_keys()
            .filter(|user| self.access.users.contains_key(*user))
            .collect();
        let requests = plan
            .authorizations()
            .filter(|key| users.contains(&key.user.as_str()))
            .count();
        let browsers = if users.is_empty() {
            String::new()
        } else {
            format!(
                "\nbrowser: {requests} requests by {} users ({}), a sign-in each, {} at a time",
                users.len(),
                users.join(", "),
                self.config.browsers.min(users.len())
            )
        };
        let partition = selection.partition;
        let partition = partition.map_or_else(String::new, |part| format!(" in partition {part}"));
        format!(
            "target: {}\nmodel: {} ({} trials selected{partition})\nAPI: {}{browsers}",
            self.target,
            self.model.title,
            selection.count(self.model),
            self.resource_server_words
        )
    }

    /// The NAMEs of configured users that the model does not have: a typing error, perhaps.
    #[must_use]
    pub fn unknown_users(&self) -> Vec<&str> {
        let names = self.access.users.keys().map(String::as_str);
        names
            .filter(|name| self.model.user(name).is_none())
            .collect()
    }

    /// How many requests in browsers the selected trials need.
    #[must_use]
    pub fn requests(&self, selection: &Selection<'_>) -> usize {
        self.plan(selection).authorizations().count()
    }

    /// What the selected trials need to be looked at.
    #[must_use]
    pub fn plan(&self, selection: &Selection<'_>) -> Plan {
        let filtered = selection.filtered();
        match selection.partition {
            None => Plan::of(filtered),
            Some(partition) => Plan::of_partition(&filtered, partition, self.model, &|user| {
                self.access.users.contains_key(user)
            }),
        }
    }

    /// Looks at what the selected trials need, judges, and records.
    ///
    /// Browsers are started for the run, unless other user agents are given.
    ///
    /// # Errors
    /// [`RunError`] when the run cannot be made.
    pub async fn run(
        &self,
        trials: &[Trial],
        is_selected: &(dyn Fn(&Trial) -> bool + Sync),
        agents: Option<&dyn UserAgents>,
        progress: &Progress,
    ) -> Result<Verified, RunError> {
        let selection = Selection {
            trials,
            is_selected,
            partition: None,
        };
        let agents = agents.map_or_else(|| self.start_browsers(&selection), Agents::Given);
        self.run_selection(&selection, agents, progress).await
    }

    /// Browsers for the run, to be started when it begins.
    #[must_use]
    pub fn start_browsers(&self, selection: &Selection<'_>) -> Agents<'static> {
        let users = self.plan(selection).by_user().len();
        let facts = self.facts();
        let org = Url::parse(&facts.issuer).unwrap_or_else(|_| self.access.org_url.clone());
        let redirect_uri = Url::clone(&facts.redirect_uri);
        let browsers = browsers(self.config, self.model, redirect_uri, org, users);
        Agents::Browsers(Box::pin(Browsers::start(browsers)))
    }

    /// Looks at what the trials of the selection need, judges those, and records.
    ///
    /// # Errors
    /// [`RunError`] when the run cannot be made.
    pub async fn run_selection(
        &self,
        selection: &Selection<'_>,
        agents: Agents<'_>,
        progress: &Progress,
    ) -> Result<Verified, RunError> {
        let (started, clock) = (Timestamp::now(), Instant::now());
        let facts = self.facts();
        let plan = self.plan(selection);
        let say = progress.clone();
        let http = Http::new().map_err(RunError::Http)?;
        let http = http.on_retry(move |line| say.say(line));
        let observer = Observer {
            model: self.model,
            access: self.access,
            facts: &facts,
            resource_server: &self.resource_server,
            http: &http,
            progress,
        };
        let seeing = observer.observe(&plan, agents).await?;
        let context = Context {
            model: self.model,
            facts: &facts,
            seen: &seeing.observations,
        };
        let redact = |text: &str| seeing.secrets.redact(text);
        let results = judge(selection.trials, &context)
            .iter()
            .filter(|judged| selection.has(self.model, judged.trial))
            .map(|judged| {
                let seconds = seeing.observations.seconds(&judged.trial.needs);
                RecordedResult::new(judged, seconds, &redact)
            })
            .collect();
        let mut run = self.record(&seeing, started, clock.elapsed().as_secs_f64());
        run.partition = selection.partition.map(|partition| partition.to_string());
        Ok(Verified {
            record: Record { run, results },
            pictures: seeing.pictures,
            secrets: seeing.secrets,
        })
    }

    fn record(&self, seeing: &Seeing, started: Timestamp, seconds: f64) -> Run {
        Run {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            target: self.target.clone(),
            issuer: self.access.issuer.clone(),
            resource_server: self.resource_server_words.clone(),
            model_sha256: self.model.sha256.clone(),
            filter: self.filter.clone(),
            partition: None,
            strict: self.config.strict,
            started: started.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            seconds,
            sign_ins: seeing.observations.sign_ins,
            lost_browser: lost_browser(seeing),
            retries: retries(seeing),
        }
    }
}

fn lost_browser(seeing: &Seeing) -> Option<String> {
    let lost = seeing.observations.lost_browser.as_ref();
    lost.map(|reason| seeing.secrets.redact(reason))
}

/// What was asked again, without secrets; nothing when all went well at once.
fn retries(seeing: &Seeing) -> Option<Vec<String>> {
    let lines = seeing.observations.retries.iter();
    let lines: Vec<String> = lines.map(|line| seeing.secrets.redact(line)).collect();
    (!lines.is_empty()).then_some(lines)
}

/// How the browsers of a run are started; no more of them than there are users.
#[must_use]
pub fn browsers(
    config: &Config,
    model: &OrgModel,
    redirect_uri: Url,
    org: Url,
    users: usize,
) -> BrowserConfig {
    BrowserConfig {
        webdriver_url: config.webdriver_url.clone(),
        sessions: config.browsers.min(users).max(1),
        chromedriver: config.chromedriver.clone(),
        allows_consent: model.client.asks_for_consent,
        ..BrowserConfig::new(redirect_uri, org)
    }
}

/// Writes the report of a run, its pictures first.
///
/// # Errors
/// [`ReportError`] when a file cannot be written.
pub fn write_report(
    verified: &Verified,
    directory: &Path,
) -> Result<crate::report::Written, ReportError> {
    crate::report::write_pictures(&verified.record, &verified.pictures, directory)?;
    crate::report::write(&verified.record, directory)
}
