//! The main job: one trial per requirement × subject, against the org in `.env` or the sandbox.
//!
//! A harness of its own, so that `cargo test` can show *not checked* with its reason, print in the
//! document's order, close the browsers, write the report and choose the exit status.

#[path = "../../examples/sandbox/served.rs"]
mod served;
mod show;
mod target;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use libtest_mimic::{Arguments, Trial as Shown};
use okta_e2e::config::{Config, Environment};
use okta_e2e::console::Console;
use okta_e2e::model::OrgModel;
use okta_e2e::observation::Agents;
use okta_e2e::progress::Progress;
use okta_e2e::report::{self, Record, Run};
use okta_e2e::requirements::{self, Trial};
use okta_e2e::selection::{Partition, Selection};
use okta_e2e::verification::{self, Verification};

/// The run could not be made.
const NO_RUN: u8 = 2;

/// libtest's arguments, and ours.
#[derive(Parser)]
#[command(
    name = "scripts/verify",
    bin_name = "scripts/verify",
    about = "Verifies the org in .env, or the embedded sandbox org",
    disable_version_flag = true
)]
struct CommandLine {
    #[command(flatten)]
    libtest: Arguments,
    /// Judges the trials of a part of the test users: docs/many-machines.md
    #[arg(long, value_name = "K/N")]
    partition: Option<Partition>,
    /// Reads the variables from this file instead of .env
    #[arg(long, value_name = "FILE")]
    env_file: Option<PathBuf>,
}

fn main() -> ExitCode {
    let console = Console::default();
    console.report_panics();
    let mut told = match CommandLine::try_parse() {
        Ok(told) => told,
        Err(usage) => return show_usage(&console, &usage),
    };
    told.libtest.test_threads = Some(1);
    // What panicked was reported; its run was none.
    let made = std::panic::catch_unwind(|| run(&console, &told));
    let defect = || Err(vec!["it stopped at a defect of the suite".to_owned()]);
    match made.unwrap_or_else(|_| defect()) {
        Ok(status) => ExitCode::from(status),
        Err(reason) => {
            if !told.libtest.list {
                told.leave_note(&console, &reason.join(" "));
            }
            no_run(&console, &reason)
        }
    }
}

fn no_run(console: &Console, reason: &[String]) -> ExitCode {
    console.tell("the run could not be made:");
    for line in reason {
        console.tell(line);
    }
    ExitCode::from(NO_RUN)
}

fn show_usage(console: &Console, usage: &clap::Error) -> ExitCode {
    let text = usage.to_string();
    if usage.use_stderr() {
        let mut lines = text.lines();
        console.complain(lines.next().unwrap_or_default(), lines);
        return ExitCode::from(NO_RUN);
    }
    console.say_all(text.lines());
    ExitCode::SUCCESS
}

impl CommandLine {
    /// Puts a record that says why there is none in the place of an earlier one: nobody must take
    /// last night's report for that of a run that never looked.
    fn leave_note(&self, console: &Console, reason: &str) {
        let environment = Environment::of_run(self.env_file.as_deref());
        // A file that cannot be read still leaves the variables of the process.
        let environment = environment.unwrap_or_else(|_| std::env::vars().collect());
        let target = environment.get("OKTA_OAUTH2_ISSUER").unwrap_or("not known");
        let record = self.not_made(console, reason, target);
        // Where nothing can be written, that is the reason itself, or is said beside it.
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

fn run(console: &Console, told: &CommandLine) -> Result<u8, Vec<String>> {
    let (arguments, partition) = (&told.libtest, told.partition);
    let environment = Environment::of_run(told.env_file.as_deref()).map_err(line)?;
    if environment.get("NEXTEST").is_some() && !arguments.list {
        return Err(vec![
            "nextest runs every trial in a process of its own and shows the ones that were not \
             checked as passed; use `cargo test --test org`"
                .to_owned(),
        ]);
    }
    let config = Config::read(&environment).map_err(|error| error.problems)?;
    let model = OrgModel::load(&config.org_model).map_err(|error| error.lines())?;
    // One part of a run pays for its own users.
    let trials = match partition {
        None => requirements::trials_of(&model, config.profile),
        Some(partition) => requirements::trials_of(&partition.of(&model), config.profile),
    };
    if arguments.list {
        let of_part = |trial: &&Trial| partition.is_none_or(|part| part.has(&model, trial));
        list(console, trials.iter().filter(of_part));
        return Ok(0);
    }
    know_secrets(console, &environment, &model, &trials);
    report::prepare(&config.report_dir).map_err(line)?;
    if config.webdriver_url.is_none() {
        okta_e2e::temporary::folder().map_err(line)?;
    }
    let runtime = tokio::runtime::Runtime::new().map_err(line)?;
    let is_selected =
        |trial: &Trial| !arguments.is_filtered_out(&Shown::test(trial.name(), || Ok(())));
    let selection = Selection {
        trials: &trials,
        is_selected: &is_selected,
        partition,
        profile: config.profile,
    };
    runtime.block_on(verify(console, told, &config, &model, &selection))
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
    told: &CommandLine,
    config: &Config,
    model: &OrgModel,
    selection: &Selection<'_>,
) -> Result<u8, Vec<String>> {
    if selection.count(model) == 0 {
        return Err(vec![nothing_selected(model, selection)]);
    }
    let filter = told.filter_of(model, selection);
    // Whose credentials are known is not known yet: at most so many sign in.
    let users = selection.work(model, &|_| true).plan.by_user().len();
    let unfinished = "it did not come to its end: it is under way, or was stopped";
    let unfinished = told.not_made(console, unfinished, "not known yet");
    report::write(&unfinished, &[], &config.report_dir).map_err(line)?;
    let target = target::prepare(config, model, users).await;
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
    for note in verification.notes() {
        console.say(&format!("note: {note}"));
    }
    let progress = Progress::new(verification.requests(selection), console.clone());
    let started = target.browsers.take().map(Agents::Browsers);
    let agents = started.unwrap_or_else(|| verification.start_browsers(selection));
    let verified = verification
        .run_selection(selection, agents, &progress)
        .await;
    progress.finish();
    let no_run = |error: &dyn std::fmt::Display| {
        // Below what is wrong, it says what to do, a line each.
        let text = error.to_string();
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default().to_owned();
        let below = lines.map(|line| format!("  {}", line.trim_start()));
        let mut reason: Vec<String> = std::iter::once(first).chain(below).collect();
        reason.push(format!("target: {}", target.words));
        reason
    };
    let verified = verified.map_err(|error| no_run(&error))?;
    let written = verification::write_report(&verified, &config.report_dir);
    let page = written
        .as_ref()
        .map(|written| written.page.display().to_string());
    let page = page.as_deref().unwrap_or("not written");
    show::show(console, &told.libtest, &verified.record, page);
    written.map_err(|error| no_run(&error))?;
    if let Some(file) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|file| !file.is_empty()) {
        let markdown = console
            .secrets()
            .redact(&report::markdown(&verified.record, None));
        report::summarize(file.as_ref(), &markdown).map_err(|error| no_run(&error))?;
    }
    Ok(verified.record.run.exit_status)
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
            "no trial matches the filter; `cargo test --test org -- --list` names the {} trials",
            selection.trials.len()
        ),
    }
}
