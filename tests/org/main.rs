//! The main job: one trial per requirement × subject, against the org in `.env` or the sandbox.
//!
//! A harness of its own, so that `cargo test` can show *not checked* with its reason, print in the
//! document's order, close the browsers, write the report and choose the exit status.

mod target;

use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;

use libtest_mimic::{Arguments, Completion, Failed, Trial as Shown};
use okta_e2e::config::{Config, Environment};
use okta_e2e::model::OrgModel;
use okta_e2e::observation::{Agents, Plan};
use okta_e2e::partition::Partition;
use okta_e2e::progress::Progress;
use okta_e2e::report::{self, Record, RecordedResult};
use okta_e2e::requirements::{self, Trial};
use okta_e2e::verification::{self, Selection, Verification, Verified};

/// The run could not be made.
const NO_RUN: u8 = 2;

fn main() -> ExitCode {
    match told(std::env::args()).and_then(|(arguments, partition)| run(&arguments, partition)) {
        Ok(status) => ExitCode::from(status),
        Err(reason) => {
            eprintln!("the run could not be made:\n{reason}");
            ExitCode::from(NO_RUN)
        }
    }
}

/// What the command line says: libtest's arguments, and `--partition k/n`, which is ours.
fn told(words: impl Iterator<Item = String>) -> Result<(Arguments, Option<Partition>), String> {
    let (mut others, mut partition) = (Vec::new(), None);
    let mut words = words;
    while let Some(word) = words.next() {
        let value = match word.strip_prefix("--partition") {
            Some("") => words.next().unwrap_or_default(),
            Some(value) if value.starts_with('=') => value.trim_start_matches('=').to_owned(),
            _ => {
                others.push(word);
                continue;
            }
        };
        partition = Some(value.parse()?);
    }
    let mut arguments = Arguments::from_iter(others);
    arguments.test_threads = Some(1);
    Ok((arguments, partition))
}

fn run(arguments: &Arguments, partition: Option<Partition>) -> Result<u8, String> {
    let environment = Environment::read(Path::new(".env")).map_err(|error| error.to_string())?;
    if environment.get("NEXTEST").is_some() && !arguments.list {
        return Err(
            "nextest runs every trial in a process of its own and shows the ones that were \
                    not checked as passed; use `cargo test --test org`"
                .to_owned(),
        );
    }
    let config = Config::read(&environment).map_err(|error| error.to_string())?;
    let model = OrgModel::load(&config.org_model).map_err(|error| error.to_string())?;
    let trials = requirements::trials(&model);
    if arguments.list {
        list(
            trials
                .iter()
                .filter(|trial| partition.is_none_or(|part| part.has(&model, trial))),
        );
        return Ok(0);
    }
    report::prepare(&config.report_dir).map_err(|error| error.to_string())?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let is_selected =
        |trial: &Trial| !arguments.is_filtered_out(&Shown::test(trial.name(), || Ok(())));
    let selection = Selection {
        trials: &trials,
        is_selected: &is_selected,
        partition,
    };
    runtime.block_on(verify(arguments, &config, &model, &selection))
}

/// The names of all trials, as libtest lists them; a reader who has seen enough may hang up.
fn list<'a>(trials: impl Iterator<Item = &'a Trial>) {
    let mut out = std::io::stdout().lock();
    for trial in trials {
        if writeln!(out, "{}: test", trial.name()).is_err() {
            return;
        }
    }
}

async fn verify(
    arguments: &Arguments,
    config: &Config,
    model: &OrgModel,
    selection: &Selection<'_>,
) -> Result<u8, String> {
    if selection.count(model) == 0 {
        return Err(nothing_selected(model, selection));
    }
    let filtered = selection
        .trials
        .iter()
        .filter(|trial| (selection.is_selected)(trial));
    let is_full = filtered.clone().count() == selection.trials.len();
    let users = Plan::of(filtered).by_user().len();
    let mut target = target::prepare(config, model, users).await?;
    let verification = Verification {
        model,
        config,
        access: &target.access,
        target: target.words.clone(),
        resource_server: target.resource_server.clone(),
        resource_server_words: target.resource_server_words.clone(),
        filter: (!is_full).then(|| filter(arguments)),
    };
    println!("{}", verification.announcement(selection));
    for user in verification.unknown_users() {
        println!("note: the org model has no user {user}: TEST_USER_{user}_… is not used");
    }
    let progress = Progress::new(verification.requests(selection));
    let started = target.browsers.take().map(Agents::Browsers);
    let agents = started.unwrap_or_else(|| verification.start_browsers(selection));
    let verified = verification
        .run_selection(selection, agents, &progress)
        .await;
    progress.finish();
    let no_run = |error: &dyn std::fmt::Display| format!("{error}\ntarget: {}", target.words);
    let verified = verified.map_err(|error| no_run(&error))?;
    let written = verification::write_report(&verified, &config.report_dir);
    let page = written
        .as_ref()
        .map(|written| written.page.display().to_string());
    show(
        arguments,
        &verified,
        page.as_deref().unwrap_or("not written"),
    );
    written.map_err(|error| no_run(&error))?;
    Ok(verified.record.exit_status())
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

/// The filter of a run, as it was given.
fn filter(arguments: &Arguments) -> String {
    let filter = arguments.filter.iter().cloned();
    let skipped = arguments.skip.iter().map(|skip| format!("--skip {skip}"));
    filter.chain(skipped).collect::<Vec<_>>().join(" ")
}

/// Shows the record: a line for every trial, the checklist, the matrix, the findings, the counts.
fn show(arguments: &Arguments, verified: &Verified, page: &str) {
    let record = &verified.record;
    let lines = record.results.iter().cloned().map(line).collect();
    // The exit status comes of the record, which tells more than passed and failed.
    let _ = libtest_mimic::run(arguments, lines);
    println!("{}", report::checklist(record));
    if let Some(matrix) = report::matrix(record) {
        println!("{matrix}\n");
    }
    print!("{}", report::findings(record));
    print!("{}", report::retries(record));
    if let Some(hint) = hint(record) {
        println!("{hint}");
    }
    println!("{}", report::closing(record, page));
}

/// A line of libtest's: passed, failed, or ignored with the reason.
fn line(result: RecordedResult) -> Shown {
    Shown::ignorable_test(result.name(), move || {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        if result.is_met() {
            Ok(Completion::Completed)
        } else if result.is_not_met() && result.is_required() {
            // The finding follows in full, after the checklist.
            Err(Failed::without_message())
        } else if result.is_not_met() {
            let actual = text(&result.actual);
            Ok(Completion::ignored_with(format!(
                "{}: {actual}",
                result.severity
            )))
        } else {
            Ok(Completion::ignored_with(format!(
                "not checked: {}",
                text(&result.reason)
            )))
        }
    })
}

/// What the exit status means, where it may surprise.
fn hint(record: &Record) -> Option<&'static str> {
    match record.exit_status() {
        NO_RUN if record.run.lost_browser.is_some() => {
            Some("the run lost its browsers: see the reasons above")
        }
        NO_RUN => Some(
            "no sign-in came to an end, or nothing required could be judged: see the reasons above",
        ),
        1 if record.run.strict => {
            Some("strict: a required requirement that was not checked counts as failure")
        }
        _ => None,
    }
}
