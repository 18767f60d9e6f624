//! The page of a report as a browser shows it: what fits a screen, in light and dark, and what
//! axe-core finds to keep people from using it. Where that is not installed it is passed over,
//! which is said.

use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use fantoccini::{ClientBuilder, Locator};
use okta_e2e::observation::Cause;
use okta_e2e::report::{self, Record, RecordedOutcome, RecordedResult};
use okta_e2e::requirements::Fix;
use rstest::rstest;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Builder;

use crate::browser::remote::Driver;
use crate::renderings::record;
use crate::support::world::file;

/// Where `scripts/install-axe` puts it.
const AXE: &str = "target/axe/node_modules/axe-core/axe.min.js";

/// axe-core takes seconds on a busy machine. A browser that is asked for a page's text by its command
/// line has no such limit, and may not end at all.
const ANSWERS_WITHIN: Duration = Duration::from_secs(120);

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
    let runtime = Builder::new_current_thread().enable_all().build();
    let answer = runtime.expect("a runtime").block_on(answer(&page, look));
    let answer = STANDARD.decode(answer).expect("Base64");
    serde_json::from_slice(&answer).expect("JSON")
}

/// What the page has as its answer in the end, in a browser of its own.
async fn answer(page: &Path, look: Look) -> String {
    let driver = Driver::start().await;
    let scheme = u8::from(!look.is_dark);
    let options = json!({
        "binary": browser(),
        "args": [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--disable-quic",
            format!("--window-size={},800", look.width),
            format!("--blink-settings=preferredColorScheme={scheme}"),
        ],
    });
    let capabilities = [("goog:chromeOptions".to_owned(), options)];
    let client = ClientBuilder::rustls()
        .expect("TLS")
        .capabilities(capabilities.into_iter().collect())
        .connect(driver.url.as_str())
        .await
        .expect("the browser runs");
    let address = format!("file://{}", page.display());
    client.goto(&address).await.expect("the page is shown");
    let answer = client.wait().at_most(ANSWERS_WITHIN);
    let answer = answer.for_element(Locator::Css("#answer")).await;
    let answer = answer.expect("an answer on the page");
    let text = answer.prop("textContent").await.expect("it is read");
    client.close().await.expect("the browser ends");
    text.expect("a text")
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
            assert_eq!(found, json!([]), "{how:?}");
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
        let expected = json!([how.width, how.width, how.is_dark]);
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

/// Where several causes are folded, the first shows what to do all the same, on the first screen.
#[rstest]
#[case::several(7, true)]
#[case::many(11, false)]
fn the_first_of_several_causes_stands_open(#[case] causes: usize, #[case] is_open: bool) {
    let script = "const fix = document.querySelector('#findings .finding'); \
                  window.answer = [fix.checkVisibility(), \
                  fix.getBoundingClientRect().bottom <= innerHeight, \
                  document.querySelectorAll('#findings > details[open]').length];";
    let seen = look(&with_findings(48, causes), LOOKS[0], script);
    let open = usize::from(is_open);
    assert_eq!(seen, json!([is_open, true, open]));
}

/// A run that could not look says why before anything else, and the keys by which a page is known
/// are for those who look into it.
#[test]
fn what_kept_a_run_from_looking_is_its_first_card() {
    let mut record = record("stopped");
    for result in &mut record.results {
        let reason = result.reason.as_deref();
        result.reason = reason
            .map(|reason| reason.replace("; check", " (known by message:a, http:403); check"));
    }
    let script = "const first = document.querySelector('main > section'); \
                  const card = first.querySelector('.finding'); \
                  const keys = card.querySelector('p'); \
                  window.answer = [first.id, card.querySelector('h3').textContent, \
                  keys.textContent, keys.checkVisibility(), \
                  document.querySelector('h1').textContent.includes('known by')];";
    let record = Record::new(record.run, record.results);
    let seen = look(&record, LOOKS[0], script);
    assert_eq!(seen[0], "not-checked");
    let says = seen[1].as_str().expect("a text");
    assert!(says.contains("SILVER could not sign in"), "{says}");
    assert!(!says.contains("known by"), "{says}");
    assert_eq!(seen[2], "known by message:a, http:403");
    assert_eq!([&seen[3], &seen[4]], [&json!(false); 2]);
}

/// What was left out and costs nothing is no headline: the verdict's first words are.
#[test]
fn what_was_left_out_is_below_the_headline() {
    let mut record = record("good");
    let left_out = record.results.last_mut().expect("a result");
    left_out.outcome = RecordedOutcome::NotChecked;
    left_out.cause = Some(Cause::NotConfigured);
    let record = Record::new(record.run, record.results);
    assert!(record.run.verdict.ends_with("; 1 not configured"));
    let script = "window.answer = [document.querySelector('h1 bdi').textContent, \
                  document.querySelector('h1 + p').textContent, document.title];";
    let seen = look(&record, LOOKS[0], script);
    let verdict = record.run.verdict.trim_end_matches("; 1 not configured");
    assert_eq!(
        [&seen[0], &seen[1]],
        [&json!(verdict), &json!("1 not configured")]
    );
    let title = seen[2].as_str().expect("a title");
    assert!(title.contains(&record.run.verdict), "{title}");
}

/// On a phone, whether a user gets tokens is seen without scrolling to the side, however long what
/// is asked for is.
#[test]
fn the_matrix_shows_tokens_on_a_phone() {
    let mut record = record("stopped");
    for result in &mut record.results {
        let subject = result.subject.as_mut();
        if let Some(request) = subject.and_then(|own| own.request.as_mut()) {
            request.push_str(" without openid by code");
        }
    }
    let script = "const cells = [...document.querySelectorAll('.matrix tbody td:nth-of-type(2)')]; \
                  const ends = cells.map(cell => cell.getBoundingClientRect().right); \
                  window.answer = [cells.length > 0, Math.max(...ends) <= innerWidth];";
    assert_eq!(look(&record, LOOKS[2], script), json!([true, true]));
}

#[test]
fn the_fields_of_the_filter_are_in_line() {
    let script = "const fields = [...document.querySelectorAll('#filter input, #filter select')]; \
                  const tops = fields.map(field => field.getBoundingClientRect().top); \
                  window.answer = [fields.length, Math.max(...tops) - Math.min(...tops) < 1];";
    assert_eq!(look(&record("good"), LOOKS[0], script), json!([4, true]));
}
