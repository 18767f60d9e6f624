//! The page of a report as a browser shows it: what fits a screen, in light and dark, and what
//! axe-core finds to keep people from using it. Where that is not installed it is passed over,
//! which is said.

use std::path::{Path, PathBuf};
use std::process::Command;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use okta_e2e::report::{self, Record, RecordedOutcome, RecordedResult};
use okta_e2e::requirements::Fix;
use rstest::rstest;
use serde_json::Value;
use tempfile::TempDir;

use crate::renderings::record;
use crate::support::world::file;

/// Where `scripts/install-axe` puts it.
const AXE: &str = "target/axe/node_modules/axe-core/axe.min.js";

/// The record of a broken run with so many findings by so many causes.
fn with_findings(findings: usize, causes: usize) -> Record {
    let record = record("broken");
    let is_finding = |result: &&RecordedResult| result.is_not_met() && result.is_required();
    let first = record.results.iter().find(is_finding).expect("a finding");
    let finding = |number: usize| RecordedResult {
        name: format!("{}-{number}", first.name),
        fix: Some(Fix::new(format!("change {}", number % causes), "none")),
        ..first.clone()
    };
    let met = record
        .results
        .iter()
        .filter(|result| result.is_met())
        .cloned();
    let results = (0..findings).map(finding).chain(met).collect();
    Record::new(record.run.clone(), results)
}

/// The record of a broken run in which nothing that others wrote can be broken into lines.
fn with_long_words() -> Record {
    let mut record = record("broken");
    let long = "x".repeat(400);
    for result in &mut record.results {
        result.title.push_str(&long);
        result.actual = result.actual.take().map(|text| text + &long);
        result.reason = result.reason.take().map(|text| text + &long);
        if let Some(fix) = &mut result.fix {
            fix.api.push_str(&long);
        }
    }
    record.run.target.push_str(&long);
    Record::new(record.run, record.results)
}

/// The record of a good run for so many users.
fn with_users(users: usize) -> Record {
    let record = record("good");
    let of_user = |number: usize| {
        let own = record.results.iter().filter_map(move |result| {
            let mut result = result.clone();
            let subject = result.subject.as_mut()?;
            subject.user.as_mut()?.push_str(&number.to_string());
            result.name = format!("{}-{number}", result.name);
            let is_odd_one = number == 150 && result.id.starts_with("access::");
            if is_odd_one {
                result.outcome = RecordedOutcome::NotMet;
            }
            Some(result)
        });
        own.collect::<Vec<_>>()
    };
    let results = (0..users).flat_map(of_user).collect();
    Record::new(record.run.clone(), results)
}

/// A browser of the search path.
fn browser() -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    let names = ["chromium-headless-shell", "chromium", "google-chrome"];
    let mut places = names
        .iter()
        .flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    places
        .find(|place| place.exists())
        .expect("scripts/install-browser")
}

/// How a page is looked at.
#[derive(Debug, Clone, Copy)]
struct Look {
    width: u32,
    is_dark: bool,
}

/// What a script of ours finds on the page of a record: it leaves its answer in `window.answer`, or
/// a promise of it. The page is in a frame, since a headless browser's window is at least 500 px
/// wide.
fn look(record: &Record, look: Look, script: &str) -> Value {
    let folder = TempDir::new().expect("a folder");
    let page = report::render(record, folder.path(), None).expect("it renders");
    let page = in_a_frame(&with_script(&page, script), look.width);
    let scheme = u8::from(!look.is_dark);
    let output = Command::new(browser())
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
        ])
        .arg(format!(
            "--user-data-dir={}",
            folder.path().join("profile").display()
        ))
        .arg(format!("--window-size={},800", look.width))
        .arg(format!("--blink-settings=preferredColorScheme={scheme}"))
        .args(["--virtual-time-budget=60000", "--dump-dom"])
        .arg(format!("file://{}", page.display()))
        .output()
        .expect("the browser runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let answer = text
        .split_once("<pre id=\"answer\">")
        .and_then(|(_, rest)| rest.split_once("</pre>"));
    let (answer, _) = answer.unwrap_or_else(|| panic!("no answer on the page: {text}"));
    let answer = STANDARD.decode(answer).expect("Base64");
    serde_json::from_slice(&answer).expect("JSON")
}

/// A copy of the page that runs a script beside its own, which its policy forbids.
fn with_script(page: &Path, script: &str) -> PathBuf {
    let text = std::fs::read_to_string(page).expect("the page");
    let text = text.replace(
        "<meta http-equiv=\"Content-Security-Policy\"",
        "<meta name=\"x\"",
    );
    let answer = "Promise.resolve(window.answer).then(answer => { \
                  const bytes = new TextEncoder().encode(JSON.stringify(answer)); \
                  const text = btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join('')); \
                  parent.postMessage(text, '*'); });";
    let script = format!("<script>{script}</script><script>{answer}</script></body>");
    let copy = page.with_file_name("copy.html");
    std::fs::write(&copy, text.replace("</body>", &script)).expect("it is written");
    copy
}

/// A page that shows another one so wide, and keeps what that one answers.
fn in_a_frame(page: &Path, width: u32) -> PathBuf {
    let name = page.file_name().expect("a name").to_string_lossy();
    let text = format!(
        "<!doctype html><meta name=\"color-scheme\" content=\"light dark\"><body><script>\
         addEventListener('message', message => {{ const place = document.createElement('pre'); \
         place.id = 'answer'; place.textContent = message.data; document.body.append(place); }});\
         </script><iframe src=\"{name}\" width=\"{width}\" height=\"800\" \
         style=\"border: 0\"></iframe></body>"
    );
    let frame = page.with_file_name("frame.html");
    std::fs::write(&frame, text).expect("it is written");
    frame
}

/// Every width and scheme that somebody may have.
const LOOKS: [Look; 3] = [
    Look {
        width: 1280,
        is_dark: false,
    },
    Look {
        width: 768,
        is_dark: true,
    },
    Look {
        width: 390,
        is_dark: true,
    },
];

/// What axe-core finds on the page, with everything unfolded; none where it is not installed.
fn found_by_axe(record: &Record, how: Look, before: &str) -> Option<Value> {
    let Ok(axe) = std::fs::read_to_string(file(AXE)) else {
        eprintln!("NOT PROVEN: axe-core is not installed: scripts/install-axe");
        return None;
    };
    // A script that is inlined must not hold its own end tag.
    let axe = axe.replace("</script", "<\\/script");
    let run = "for (const part of document.querySelectorAll('details')) part.open = true; \
               window.answer = axe.run().then(found => found.violations.map(one => \
               [one.id, one.nodes.slice(0, 3).map(node => node.html + ' ' + node.failureSummary)]));";
    Some(look(record, how, &format!("{axe}\n;{before};{run}")))
}

#[rstest]
#[case::good(record("good"))]
#[case::broken(record("broken"))]
#[case::accepted(record("accepted"))]
#[case::stopped(record("stopped"))]
#[case::no_run(record("no-run"))]
#[case::many_findings(with_findings(48, 11))]
#[case::many_users(with_users(200))]
fn axe_finds_nothing(#[case] record: Record) {
    for how in LOOKS {
        if let Some(found) = found_by_axe(&record, how, "") {
            assert_eq!(found, serde_json::json!([]), "{how:?}");
        }
    }
}

#[rstest]
#[case::light(LOOKS[0], "#eeeeee")]
#[case::dark(LOOKS[1], "#333333")]
fn axe_sees_what_cannot_be_read(#[case] how: Look, #[case] colour: &str) {
    let soft = format!("document.querySelector('h1').style.color = '{colour}'");
    if let Some(found) = found_by_axe(&record("good"), how, &soft) {
        assert_eq!(found[0][0], "color-contrast", "{found}");
    }
}

#[rstest]
#[case::good(record("good"))]
#[case::broken(record("broken"))]
#[case::accepted(record("accepted"))]
#[case::stopped(record("stopped"))]
#[case::no_run(record("no-run"))]
#[case::many_findings(with_findings(48, 11))]
#[case::many_users(with_users(200))]
#[case::long_words(with_long_words())]
fn nothing_is_wider_than_the_screen(#[case] record: Record) {
    let script = "for (const part of document.querySelectorAll('details')) part.open = true; \
                  const own = matchMedia('(prefers-color-scheme: dark)').matches; \
                  window.answer = [innerWidth, document.documentElement.scrollWidth, own];";
    for how in LOOKS {
        let expected = serde_json::json!([how.width, how.width, how.is_dark]);
        assert_eq!(look(&record, how, script), expected, "{how:?}");
    }
}

/// From the top of the page alone: what is wrong, and each of its causes.
#[test]
fn forty_eight_findings_are_eleven_rows_of_the_first_screen() {
    let script = "const rows = Array.from(document.querySelectorAll( \
                  '#findings > details > summary, #findings .finding')); \
                  const shown = rows.filter(row => row.checkVisibility()); \
                  window.answer = shown.map(row => row.getBoundingClientRect().bottom);";
    let wide = Look {
        width: 1280,
        is_dark: false,
    };
    let bottoms = look(&with_findings(48, 11), wide, script);
    let bottoms = bottoms.as_array().expect("places");
    assert_eq!(bottoms.len(), 11);
    let lowest = bottoms.iter().filter_map(Value::as_f64).fold(0.0, f64::max);
    assert!(lowest <= 800.0, "the last cause is {lowest} px down");
}
