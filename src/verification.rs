//! A verification from end to end: plan, look, judge, record.

use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use url::Url;

use crate::browser::{BrowserConfig, BrowserError, Browsers, UserAgents};
use crate::config::{Config, Facts, OrgAccess, Profile, nearest_of};
use crate::exchange::{ApiCall, Holder, KeyClass, OwnRequests, Place, ServerCall};
use crate::judgement::{accept, judge};
use crate::model::{OrgModel, TestUser};
use crate::observation::{Agents, FoundOrg, Observer, Picture, Plan, Seeing, pace};
use crate::openid::Http;
use crate::progress::Progress;
use crate::report::{Ids, Record, RecordedResult, Recorder, ReportError, Run, STARTED};
use crate::requirements::{Context, Remembered, Trial};
use crate::secrets::Secrets;
use crate::selection::{Selection, Work};
use crate::transport::limits;

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
            org: self.access.org_url.origin().ascii_serialization(),
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
            resource_server: self.config.resource_server.clone(),
            services: self
                .access
                .services
                .iter()
                .map(|(name, service)| (name.clone(), service.client_id.clone()))
                .collect(),
            logins: logins
                .map(|(name, user)| (name.clone(), user.username.clone()))
                .collect(),
        }
    }

    /// What will be done, in lines, before anything is done.
    #[must_use]
    pub fn announcement(&self, selection: &Selection<'_>) -> Vec<String> {
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
        let partition = selection.partition;
        let partition = partition.map_or_else(String::new, |part| format!(" in partition {part}"));
        let mut lines = vec![
            format!("target: {}", self.target),
            format!(
                "model: {} ({} trials selected{partition})",
                self.model.title,
                selection.count(self.model)
            ),
            format!("API: {}", self.resource_server_words),
        ];
        if !users.is_empty() {
            lines.push(format!(
                "browser: {requests} requests by {} users ({}), a sign-in each, {} at a time",
                users.len(),
                users.join(", "),
                self.config.browsers.min(users.len())
            ));
        }
        lines.extend(self.protocol_words(&plan));
        lines.extend(self.hostile_words(&plan));
        lines.extend(pacing_words(self.calls(&plan)));
        lines
    }

    /// How many requests go to the authorization server beside the sign-ins, and how long they
    /// take.
    fn protocol_words(&self, plan: &Plan) -> Option<String> {
        let mut calls = plan.server_calls();
        // Those in browsers are counted there.
        calls.retain(|call| call.row.to() != Place::Session);
        let is_paced =
            |call: &&&ServerCall| matches!(call.row.to(), Place::Authorization | Place::Page);
        let paced = calls.iter().filter(is_paced).count();
        let pause = pace(&self.access.issuer).unwrap_or_default();
        let seconds = pause.as_secs_f64() * u32::try_from(paced).map_or(0.0, f64::from);
        let time = if seconds > 0.0 {
            format!(", {seconds:.0} s beside the sign-ins, at its rate limit")
        } else {
            String::new()
        };
        (!calls.is_empty()).then(|| {
            format!(
                "protocol: {} requests to the authorization server that sign nobody in{time} \
                 (OKTA_E2E_PROFILE=document sends none)",
                calls.len()
            )
        })
    }

    /// How many hostile requests will be sent, what is left out and why, and what they leave
    /// behind.
    fn hostile_words(&self, plan: &Plan) -> Vec<String> {
        let profile = self.config.profile;
        if profile == Profile::Document {
            return vec!["hostile requests: none (OKTA_E2E_PROFILE=document)".to_owned()];
        }
        let hostile = plan.hostile();
        if hostile.is_empty() {
            return Vec::new();
        }
        let needs_key = |exchange: &&&ApiCall| exchange.case.key_class == KeyClass::K2;
        let without_key = if self.access.trusted_key.is_some() {
            0
        } else {
            hostile.iter().filter(needs_key).count()
        };
        let what = match profile {
            Profile::Full => "other methods and large ones among them: they may change data",
            Profile::Document | Profile::Standard => {
                "GET, HEAD and OPTIONS alone, and what the model says may be repeated; \
                 OKTA_E2E_PROFILE=full sends the rest, `document` none"
            }
        };
        let mut lines = vec![
            format!(
                "hostile requests: {} to the API, one at a time, a good token after each ({what})",
                hostile.len() - without_key
            ),
            "  a firewall may take notice, and tokens will be in the API's log".to_owned(),
        ];
        let is_probe = |call: &&&ApiCall| call.case.holder.is_probe();
        let probes = hostile.iter().filter(is_probe).count();
        lines.extend((probes > 0).then(|| {
            format!(
                "  {probes} of them with tokens that the org signs for the probes of the model, in \
                 the session that is there"
            )
        }));
        let waits = |call: &&ApiCall| call.case.holder == Holder::ShortLived;
        lines.extend(hostile.iter().any(waits).then(|| {
            "  the last wait for tokens of 5 minutes to end: about 11 minutes from the sign-in on"
                .to_owned()
        }));
        lines.extend((without_key > 0).then(|| {
            format!(
                "  not sent: {without_key} that take the key the issuer signs with \
                 (OKTA_E2E_TRUSTED_KEY): what the API makes of another issuer, another audience \
                 and an expired token is not configured to be looked at"
            )
        }));
        lines
    }

    /// How many calls to the Management API the plan takes, as far as that is known before.
    fn calls(&self, plan: &Plan) -> usize {
        if self.access.api_token.is_none() {
            return 0;
        }
        plan.management_calls(self.model, &|user| self.access.users.contains_key(user))
    }

    /// What is worth knowing of the configuration: names that no run reads, test users that the
    /// model does not have, a typing error, perhaps, and endpoints that none of its users may read.
    #[must_use]
    pub fn notes(&self) -> Vec<String> {
        let names = self.access.users.keys();
        let unknown = names.filter(|name| self.model.user(name).is_none());
        let unknown = unknown.map(|name| {
            let known = self.model.users.iter().map(TestUser::name);
            let nearest = nearest_of(name, known).unwrap_or_default();
            format!(
                "the org model has no user {name}: TEST_USER_{name}_… is not used; the nearest \
                 user of the model is {nearest}"
            )
        });
        let services = self.access.services.keys();
        let services = services.filter(|name| self.model.service(name).is_none());
        let services = services.map(|name| {
            format!("the org model has no service {name}: SERVICE_{name}_… is not used")
        });
        let unread = self.model.endpoints_without_reader();
        let unread = unread.map(|endpoint| {
            format!(
                "no test user of the org model may read {}: what is refused there proves nothing, \
                 and is not checked; add a user to the model who may",
                endpoint.id()
            )
        });
        let notes = self.config.notes.iter().cloned();
        notes.chain(unknown).chain(services).chain(unread).collect()
    }

    /// How many requests in browsers the selected trials need.
    #[must_use]
    pub fn requests(&self, selection: &Selection<'_>) -> usize {
        self.plan(selection).authorizations().count()
    }

    /// What the selected trials need to be looked at.
    #[must_use]
    pub fn plan(&self, selection: &Selection<'_>) -> Plan {
        self.work(selection).plan
    }

    fn work(&self, selection: &Selection<'_>) -> Work {
        selection.work(self.model, &|user| self.access.users.contains_key(user))
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
            profile: self.config.profile,
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
        let work = self.work(selection);
        let say = progress.clone();
        let http = Http::trusting(&self.config.certificates).map_err(RunError::Http)?;
        let http = http.naming(self.access.named(&self.resource_server));
        let http = http.waiting(self.config.most_waiting, move |line| say.say(line));
        http.shared_retries().announce_calls(self.calls(&work.plan));
        let secrets = progress.secrets();
        secrets.protect(words(self.model, work.trials(selection)));
        let own = OwnRequests::of(self.model, &self.config.environment);
        let observer = Observer {
            model: self.model,
            access: self.access,
            facts: &facts,
            resource_server: &self.resource_server,
            own: &own,
            http: &http,
            clock: &self.config.clock,
            progress,
            secrets,
        };
        let seeing = observer.observe(&work.plan, agents).await?;
        let context = Context {
            model: self.model,
            facts: &facts,
            seen: &seeing.observations,
            remembered: &Remembered::default(),
        };
        let ids = Ids::new(&facts, &seeing.observations.org);
        let mut recorder = Recorder::new(secrets).with_ids(ids);
        let mut judged = judge(work.trials(selection), &context);
        accept(&mut judged, self.model, day_of(started));
        let results = judged
            .iter()
            .filter(|judged| selection.has(self.model, judged.trial))
            .map(|judged| RecordedResult::new(judged, &seeing.observations, &mut recorder))
            .collect();
        let run = Run {
            retries: retries(&seeing, &mut recorder),
            waited_seconds: http.shared_retries().waited().as_secs_f64(),
            partition: selection.partition.map(|partition| partition.to_string()),
            ..self.record(&seeing, started, clock.elapsed().as_secs_f64())
        };
        Ok(Verified {
            record: Record::new(run, results),
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
            model_title: self.model.title.clone(),
            model_sha256: self.model.sha256.clone(),
            profile: self.config.profile.to_string(),
            filter: self.filter.clone(),
            strict: self.config.strict,
            started: started.strftime(STARTED).to_string(),
            seconds,
            sign_ins: seeing.observations.sign_ins,
            requests: seeing.observations.requests,
            browser: seeing.browser.clone(),
            signing_key_rotated: rotated(&seeing.observations.org),
            ..Run::default()
        }
    }
}

/// The day, in UTC.
fn day_of(time: Timestamp) -> Date {
    time.to_zoned(TimeZone::UTC).date()
}

/// When the org last changed the key that the issuer signs with, where it shows that.
fn rotated(org: &FoundOrg) -> Option<String> {
    let server = org.server.as_ref().ok()?.as_ref()?;
    let signing = server.other.get("credentials")?.get("signing")?;
    let time = signing.get("lastRotated")?.as_str()?;
    let time = time.parse::<Timestamp>().ok()?;
    Some(time.strftime(STARTED).to_string())
}

/// How long an org of the free plan keeps so many calls waiting; nothing where it does not.
fn pacing_words(calls: usize) -> Option<String> {
    let minutes = limits::pacing(calls).as_secs() / 60;
    (minutes > 0).then(|| {
        format!(
            "pacing: about {calls} calls to the Management API; an org that allows 50 a minute, as \
             free ones do, takes {minutes} minutes longer for them"
        )
    })
}

/// More lines about what was asked again are counted.
const MOST_RETRIES_NAMED: usize = 500;

/// What was asked again, without secrets.
fn retries(seeing: &Seeing, recorder: &mut Recorder<'_>) -> Vec<String> {
    let lines = &seeing.observations.retries;
    let named = lines.iter().take(MOST_RETRIES_NAMED);
    let mut named: Vec<String> = named.map(|line| recorder.field(line)).collect();
    if lines.len() > named.len() {
        named.push(format!("and {} more", lines.len() - named.len()));
    }
    named
}

/// The names of a run that are no secrets, whatever a password is: what trials, and the objects of
/// the model, are called.
#[must_use]
pub fn words(model: &OrgModel, trials: &[Trial]) -> Vec<String> {
    let mut words = vec![
        model.title.clone(),
        model.authorization_server.name.clone(),
        model.authorization_server.audience.clone(),
        model.policy.name.clone(),
        model.client.label.clone(),
        model.client.redirect_uri.to_string(),
    ];
    words.extend(
        model
            .endpoints
            .iter()
            .map(|endpoint| endpoint.id().to_owned()),
    );
    words.extend(model.groups.iter().map(|group| group.name.clone()));
    words.extend(model.users.iter().map(|user| user.name().to_owned()));
    words.extend(
        model
            .scopes
            .iter()
            .map(|scope| scope.name.get_ref().clone()),
    );
    words.extend(model.policy.rules.iter().map(|rule| rule.name.clone()));
    words.extend(
        model
            .trusted_origins
            .iter()
            .map(|origin| origin.name.clone()),
    );
    words.extend(
        trials
            .iter()
            .flat_map(|trial| [trial.name(), trial.title()]),
    );
    words
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
        certificates: config.certificates.clone(),
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
    crate::report::write(&verified.record, &verified.pictures, directory)
}
