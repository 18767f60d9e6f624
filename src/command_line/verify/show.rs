//! Shows a record: a line for every trial, then what it comes to.

use std::io::{Read as _, Seek as _};
use std::os::fd::AsRawFd as _;
use std::panic::{AssertUnwindSafe, catch_unwind};

use libtest_mimic::{Arguments, ColorSetting, Completion, Failed, Trial as Shown};
use okta_e2e::console::{self, Console};
use okta_e2e::escape;
use okta_e2e::report::{self, Record, RecordedResult};

/// Shows the record of a run; `page` is where its report is.
pub(super) fn show(console: &Console, arguments: &Arguments, record: &Record, page: &str) {
    match lines_of_trials(console, arguments, record) {
        Ok(lines) => console.pass_on(&lines),
        Err(error) => console.tell(&format!("the lines of the trials cannot be shown: {error}")),
    }
    let lines = report::lines(record, page, None, console::columns());
    console.say_lines(&lines, in_colours(arguments));
}

/// What libtest-mimic prints, by way of a file: it cannot go on where nobody reads its output, and
/// a run must come to its end there too. The file has no name, so that a kill leaves none.
fn lines_of_trials(
    console: &Console,
    arguments: &Arguments,
    record: &Record,
) -> std::io::Result<Vec<u8>> {
    let mut file = tempfile::tempfile()?;
    let mut told = arguments.clone();
    if told.logfile.is_none() {
        told.logfile = Some(format!("/dev/fd/{}", file.as_raw_fd()));
        told.color = Some(color(in_colours(arguments)));
    }
    // The trials were selected by their names, which are shown in another form.
    (told.filter, told.skip) = (None, Vec::new());
    let lines = record.results.iter().cloned();
    let lines = lines.map(|result| line(console, result)).collect();
    // The exit status comes of the record, which tells more than passed and failed.
    let ran = catch_unwind(AssertUnwindSafe(|| libtest_mimic::run(&told, lines)));
    ran.map(drop)
        .map_err(|_| std::io::Error::other("the file for them cannot be written"))?;
    let mut text = Vec::new();
    // Where a descriptor is opened once more as the same file, both are at its end.
    file.rewind()?;
    file.read_to_end(&mut text)?;
    Ok(text)
}

/// Colours as they are asked for, else where a person looks.
fn in_colours(arguments: &Arguments) -> bool {
    match arguments.color {
        Some(ColorSetting::Always) => true,
        Some(ColorSetting::Never) => false,
        Some(ColorSetting::Auto) | None => console::has_colours(),
    }
}

const fn color(in_colours: bool) -> ColorSetting {
    if in_colours {
        ColorSetting::Always
    } else {
        ColorSetting::Never
    }
}

/// A line of libtest's: passed, failed, or ignored with the reason.
fn line(console: &Console, result: RecordedResult) -> Shown {
    let console = console.clone();
    Shown::ignorable_test(escape::terminal(&result.name), move || {
        let text = |text: &Option<String>| console.short(text.as_deref().unwrap_or_default());
        if result.is_met() {
            Ok(Completion::Completed)
        } else if result.is_not_met() && result.is_required() {
            // The finding follows in full, after the checklist.
            Err(Failed::without_message())
        } else if result.is_not_met() {
            let actual = text(&result.actual);
            Ok(Completion::ignored_with(format!(
                "{}: {actual}",
                result.severity.word()
            )))
        } else {
            Ok(Completion::ignored_with(format!(
                "not checked: {}",
                text(&result.reason)
            )))
        }
    })
}
