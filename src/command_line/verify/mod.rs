//! `verify`: the main job, one trial per requirement × subject, against the org in `.env` or the
//! sandbox.
//!
//! `cargo test` runs this command as well (`tests/org/`). Its lines are those of a test harness, in
//! the document's order; it closes the browsers, writes the report and chooses the exit status.

mod served;
mod show;
mod stop;
mod target;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use libtest_mimic::{Arguments, Trial as Shown};
use okta_e2e::config::{Config, Environment};
use okta_e2e::console::Console;
use okta_e2e::model::{ModelError, OrgModel};
use okta_e2e::observation::Agents;
use okta_e2e::progress::Progress;
use okta_e2e::report::{self, Record, ReportError, Run};
use okta_e2e::requirements::{self, Trial};
use okta_e2e::selection::{Partition, Selection};
use okta_e2e::text_file::TextFileError;
use okta_e2e::verification::{self, RunError, Verification};

use super::summarize;
use stop::Stop;

/// The run could not be made.
const NO_RUN: u8 = 2;

/// Verifies the org in .env, or the embedded sandbox org: what `cargo test` runs.
#[derive(Debug, Args)]
#[command(
    help_template = "{about-with-newline}\n{usage-heading} {usage}\n\n{all-args}\n\n{after-help}",
    after_help = "Exit status: 0 all that is required is met, 1 something required is not met, 2 \
                  the run could not be made, or could not look."
)]
pub(super) struct Verify {
    #[command(flatten)]
    libtest: Arguments,
    /// Judges the trials of a part of the test users: docs/many-machines.md
    #[arg(long, value_name = "K/N")]
    partition: Option<Partition>,
    /// Reads the variables from this file instead of .env
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

/// Why a run ends with no status of its own, in lines.
#[derive(Debug)]
enum NoRun {
    /// It could not be made.
    Run(Vec<String>),
    /// Its report cannot be written, so that nothing can be left there about it either.
    Report(Vec<String>),
}

impl From<Vec<String>> for NoRun {
    fn from(lines: Vec<String>) -> Self {
        Self::Run(lines)
    }
}

impl NoRun {
    fn unwritten(error: &ReportError) -> Self {
        Self::Report(line(error))
    }

    fn tell(&self, console: &Console) {
        let (heading, lines) = match self {
            Self::Run(lines) => ("the run could not be made:", lines),
            Self::Report(lines) => ("the report could not be written:", lines),
        };
        console.tell(heading);
        for line in lines {
            console.tell(line);
        }
    }
}

impl Verify {
    /// Verifies; the exit status is that of the record.
    pub(super) fn run(mut self, console: &Console) -> ExitCode {
        self.libtest.test_threads = Some(1);
        // What panicked was reported; its run was none.
        let made = std::panic::catch_unwind(|| run(console, &self));
        let defect = || Err(line("it stopped at a defect of the suite").into());
        let reason = match made.unwrap_or_else(|_| defect()) {
            Ok(status) => return ExitCode::from(status),
            Err(reason) => reason,
        };
        reason.tell(console);
        if let NoRun::Run(lines) = &reason
            && !self.libtest.list
        {
            self.leave_note(console, &lines.join(" "));
        }
        ExitCode::from(NO_RUN)
    }

    /// Puts a record that says why there is none in the place of an earlier one: nobody must take
    /// last night's report for that of a run that never looked.
    fn leave_note(&self, console: &Console, reason: &str) {
        let environment = Environment::of_run(self.env_file.as_deref());
        // A file that cannot be read still leaves the variables of the process.
        let environment = environment.unwrap_or_else(|_| std::env::vars().collect());
        let target = environment.get("OKTA_OAUTH2_ISSUER").unwrap_or("not known");
        let record = self.not_made(console, reason, target);
        if let Err(error) = report::write(&record, &[], &environment.report_dir()) {
            console.tell(&format!("this is not in the report: {error}"));
        }
    }

    fn not_made(&self, console: &Console, reason: &str, target: &str) -> Record {
        let run = Run {
            filter: self.filter(),
            partition: self.partition.map(|partition| partition.to_string()),
            ..Run::default()
        };
        Record::not_made(&console.secrets().redact(reason), target, run)
    }

    /// The filter of a run, as it was given.
    fn filter(&self) -> Option<String> {
        let filter = self.libtest.filter.iter().cloned();
        let skipped = self.libtest.skip.iter();
        let skipped = skipped.map(|skip| format!("--skip {skip}"));
        let filter: Vec<String> = filter.chain(skipped).collect();
        (!filter.is_empty()).then(|| filter.join(" "))
    }

    /// The filter of a run; none, where it lets every trial of the model through.
    fn filter_of(&self, model: &OrgModel, selection: &Selection<'_>) -> Option<String> {
        let filter = self.filter()?;
        let profile = selection.profile;
        let others = selection
            .partition
            .map(|_| requirements::trials_of(model, profile));
        let mut all = others.as_deref().unwrap_or(selection.trials).iter();
        let is_full = all.all(|trial| (selection.is_selected)(trial));
        (!is_full).then_some(filter)
    }
}

/// One line, whatever is in it.
fn line(error: impl std::fmt::Display) -> Vec<String> {
    vec![error.to_string()]
}

fn run(console: &Console, told: &Verify) -> Result<u8, NoRun> {
    let (arguments, partition) = (&told.libtest, told.partition);
    let environment = Environment::of_run(told.env_file.as_deref());
    let environment = environment.map_err(|error| error.problems())?;
    if environment.get("NEXTEST").is_some() && !arguments.list {
        return Err(line(
            "nextest runs every trial in a process of its own and shows the ones that were not \
             checked as passed; use `cargo test --test org`",
        )
        .into());
    }
    let config = Config::read(&environment).map_err(|error| error.problems)?;
    let model = model(&config).map_err(|error| error.lines())?;
    // One part of a run pays for its own users.
    let trials = match partition {
        None => requirements::trials_of(&model, config.profile),
        Some(partition) => requirements::trials_of(&partition.of(&model), config.profile),
    };
    let is_selected =
        |trial: &Trial| !arguments.is_filtered_out(&Shown::test(trial.name(), || Ok(())));
    if arguments.list {
        let of_part = |trial: &&Trial| partition.is_none_or(|part| part.has(&model, trial));
        let listed = trials.iter().filter(of_part);
        list(console, listed.filter(|trial| is_selected(trial)));
        return Ok(0);
    }
    know_secrets(console, &environment, &model, &trials);
    report::prepare(&config.report_dir).map_err(|error| NoRun::unwritten(&error))?;
    if config.webdriver_url.is_none() {
        okta_e2e::temporary::folder().map_err(line)?;
    }
    let runtime = tokio::runtime::Runtime::new().map_err(line)?;
    let selection = Selection {
        trials: &trials,
        is_selected: &is_selected,
        partition,
        profile: config.profile,
    };
    let stop = Stop::listen(runtime.handle()).map_err(line)?;
    let status = runtime.block_on(verify(console, told, &config, &model, &selection, &stop));
    // What a run that was stopped left under way is waited for by nobody.
    runtime.shutdown_background();
    status
}

/// The org model; the document's own where there is no file and none is named.
fn model(config: &Config) -> Result<OrgModel, ModelError> {
    match OrgModel::load(&config.org_model) {
        Err(ModelError::Unreadable(TextFileError::Missing(_))) if !is_named(config) => {
            OrgModel::of_the_document()
        }
        read => read,
    }
}

/// Whether the configuration names a file for the org model.
fn is_named(config: &Config) -> bool {
    config.environment.get("OKTA_E2E_ORG_MODEL").is_some()
}

/// Which model is built in, where it stands for a file that is not there.
fn note_on_the_model(config: &Config) -> Option<String> {
    let is_built_in = !is_named(config) && !config.org_model.exists();
    is_built_in.then(|| {
        format!(
            "there is no {} in this folder: the org of Okta's document is wanted, by the model \
             that is built in; OKTA_E2E_ORG_MODEL names another",
            config.org_model.display()
        )
    })
}

/// From now on no secret of the configuration is told; one that cannot be kept out is named.
fn know_secrets(console: &Console, environment: &Environment, model: &OrgModel, trials: &[Trial]) {
    let secrets = console.secrets();
    secrets.protect(verification::words(model, trials));
    secrets.add_variables(environment.pairs());
    for doubt in secrets.doubts(environment.pairs()) {
        console.tell(&format!("warning: {doubt}"));
    }
}

/// The names of all trials, as libtest lists them.
fn list<'a>(console: &Console, trials: impl Iterator<Item = &'a Trial>) {
    console.say_all(trials.map(|trial| format!("{}: test", trial.name())));
}

async fn verify(
    console: &Console,
    told: &Verify,
    config: &Config,
    model: &OrgModel,
    selection: &Selection<'_>,
    stop: &Stop,
) -> Result<u8, NoRun> {
    if selection.count(model) == 0 {
        return Err(line(nothing_selected(model, selection)).into());
    }
    let filter = told.filter_of(model, selection);
    // Whose credentials are known is not known yet: at most so many sign in.
    let users = selection.work(model, &|_| true).plan.by_user().len();
    let unfinished = "it did not come to its end: it is under way, or was stopped";
    let unfinished = told.not_made(console, unfinished, "not known yet");
    report::write(&unfinished, &[], &config.report_dir)
        .map_err(|error| NoRun::unwritten(&error))?;
    let target = stop.or(target::prepare(config, model, users)).await?;
    let mut target = target.map_err(|reason| vec![reason])?;
    let verification = Verification {
        model,
        config,
        access: &target.access,
        target: target.words.clone(),
        resource_server: target.resource_server.clone(),
        resource_server_words: target.resource_server_words.clone(),
        filter,
    };
    console.say_all(verification.announcement(selection));
    for note in note_on_the_model(config)
        .into_iter()
        .chain(verification.notes())
    {
        console.say(&format!("note: {note}"));
    }
    let progress = Progress::new(verification.requests(selection), console.clone());
    let started = target.browsers.take().map(Agents::Browsers);
    let agents = started.unwrap_or_else(|| verification.start_browsers(selection));
    let run = Box::pin(verification.run_selection(selection, agents, &progress));
    let verified = stop.or(run).await;
    progress.finish();
    let mut verified = verified?.map_err(|error| no_run(&error, &target.words))?;
    let written = verification::write_report(&verified, &config.report_dir);
    if let Err(error) = &written {
        NoRun::unwritten(error).tell(console);
        verified.record.without_report();
    }
    let page = written.as_ref().map(|written| report::link(&written.page));
    let page = page.as_deref().unwrap_or("not written");
    show::show(console, &told.libtest, &verified.record, page);
    summarize(console, || report::markdown(&verified.record, None));
    Ok(verified.record.run.exit_status)
}

/// Why a run could not be made: below what is wrong, it says what to do, a line each.
fn no_run(error: &RunError, target: &str) -> Vec<String> {
    let text = error.to_string();
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default().to_owned();
    let below = lines.map(|line| format!("  {}", line.trim_start()));
    let target = format!("target: {target}");
    std::iter::once(first)
        .chain(below)
        .chain([target])
        .collect()
}

/// Why there is nothing to do, and what to do about it.
fn nothing_selected(model: &OrgModel, selection: &Selection<'_>) -> String {
    match selection.partition {
        Some(partition) => format!(
            "no selected trial is in partition {partition}: the model has {} test users, and more \
             partitions than that stay empty",
            model.users.len()
        ),
        None => format!(
            "no trial matches the filter; `--list` names the {} trials",
            selection.trials.len()
        ),
    }
}
