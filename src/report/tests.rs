mod changes;
mod room;
mod shown;

use std::path::Path;

use tempfile::TempDir;

use super::*;
use crate::observation::{Cause, Picture};
use crate::requirements::{Fix, Observed, Severity, Step, Subject};

/// What no terminal, page or XML may get as it is.
const HOSTILE: &str = "</script></dd>]]>--><img src=x onerror='a()'>\"&amp;\u{1b}[2J\u{9b}31m\r\n\
                       ::error::x\u{2028}##vso[x]\u{202e}gnp\u{200b}\u{0}\u{ffff}\u{e0041}";

fn hostile_evidence() -> Vec<Evidence> {
    let text = || HOSTILE.to_owned();
    let claims = [(text(), text().into()), ("aud".to_owned(), text().into())];
    vec![
        Evidence::Request {
            line: text(),
            headers: vec![text()],
            credential: Some(text()),
        },
        Evidence::Response {
            status: Some(200),
            fields: [(text(), text())].into(),
            body: Some(text()),
        },
        Evidence::Claims {
            token: text(),
            claims: claims.into_iter().collect(),
            named: vec![text()],
        },
        Evidence::Rule {
            policy: text(),
            rule: text(),
            conditions: vec![RuleCondition {
                name: text(),
                is: text(),
                decides: true,
            }],
        },
        Evidence::Screenshot { picture: text() },
    ]
}

fn record() -> Record {
    let result = RecordedResult {
        name: format!("step_5_authorize::the_user_gets_tokens[SILVER {HOSTILE}]"),
        id: "step_5_authorize::the_user_gets_tokens".to_owned(),
        step: Step::Authorize,
        subject: Some(Subject::user(HOSTILE)),
        title: HOSTILE.to_owned(),
        severity: Severity::Required,
        outcome: RecordedOutcome::NotMet,
        cause: None,
        reason: Some(HOSTILE.to_owned()),
        blocked_by: None,
        expected: Some(HOSTILE.to_owned()),
        actual: Some(HOSTILE.to_owned()),
        fix: Some(Fix::new(HOSTILE, HOSTILE)),
        see: Some(format!("javascript:{HOSTILE}")),
        observed: Observed::default(),
        evidence: hostile_evidence(),
        seconds: 0.1,
    };
    let met = RecordedResult {
        outcome: RecordedOutcome::Met,
        ..result.clone()
    };
    let unchecked = RecordedResult {
        outcome: RecordedOutcome::NotChecked,
        cause: Some(Cause::Failed),
        ..result.clone()
    };
    let run = Run {
        target: HOSTILE.to_owned(),
        issuer: HOSTILE.to_owned(),
        resource_server: HOSTILE.to_owned(),
        started: "2026-01-02T03:04:05Z".to_owned(),
        retries: vec![HOSTILE.to_owned()],
        ..Run::default()
    };
    let results = vec![result, met, unchecked];
    Record::new(run, results)
}

fn hidden(text: &str) -> Option<char> {
    let hidden =
        |c: &char| c.is_control() || "\u{2028}\u{202e}\u{200b}\u{ffff}\u{e0041}".contains(*c);
    text.chars().filter(|c| *c != '\n').find(hidden)
}

#[test]
fn a_hostile_record_stays_text_in_every_rendering() {
    let folder = TempDir::new().expect("a folder");
    let page = render(&record(), folder.path(), None).expect("it renders");
    let html = std::fs::read_to_string(page).expect("the page");
    let junit = std::fs::read_to_string(folder.path().join("junit.xml")).expect("the file");
    for (name, text, scripts) in [("html", &html, 1), ("junit", &junit, 0)] {
        assert_eq!(hidden(text), None, "{name}");
        assert!(!text.contains("<img src=x"), "{name}");
        assert_eq!(text.matches("</script>").count(), scripts, "{name}");
        assert!(
            text.contains("\\u{1b}[2J\\u{9b}31m\\u{d}\\u{a}"),
            "{name}: {text}"
        );
    }
    for target in html.split("href=\"").skip(1) {
        assert!(target.starts_with('#'), "{target}");
    }
    assert!(html.contains("default-src 'none'"), "{html}");
    assert!(html.contains("<bdi>&lt;/script&gt;"), "{html}");
    assert!(!junit.contains("]]>"), "{junit}");
    let console = crate::console::Console::default();
    let of_matrix = [of_matrix(HOSTILE, Some(HOSTILE), RecordedOutcome::NotMet)];
    let table = Record::new(Run::default(), of_matrix.to_vec());
    let all = lines(&record(), "x", None, None).into_iter();
    for line in all
        .chain(lines(&table, "x", None, None))
        .map(|line| console.line(&line))
    {
        assert_eq!(hidden(&line), None, "{line}");
        assert!(
            !line.contains('\n') && !line.trim_start().starts_with("::"),
            "{line}"
        );
        assert!(!line.contains("##vso["), "{line}");
    }
}

/// What the page shows of a record.
fn page(record: &Record) -> String {
    let folder = TempDir::new().expect("a folder");
    let page = render(record, folder.path(), None).expect("it renders");
    std::fs::read_to_string(page).expect("the page")
}

/// A result of the matrix, named by its subject.
fn of_matrix(user: &str, endpoint: Option<&str>, outcome: RecordedOutcome) -> RecordedResult {
    let mut subject = Subject::user(user);
    subject.request = Some("silver".to_owned());
    subject.flow = Some("implicit".to_owned());
    subject.endpoint = endpoint.map(str::to_owned);
    let (id, step) = match endpoint {
        None => ("step_5_authorize::the_user_gets_tokens", Step::Authorize),
        Some(_) => ("access::silver_is_refused_moons", Step::Access),
    };
    RecordedResult {
        name: format!("{id}[{user} {endpoint:?}]"),
        id: id.to_owned(),
        step,
        subject: Some(subject),
        title: format!("{id} {user}"),
        outcome,
        see: Some("https://developer.okta.com/docs/".to_owned()),
        ..record().results[0].clone()
    }
}

#[test]
fn the_page_runs_its_own_script_and_no_other() {
    use base64::Engine as _;
    use sha2::Digest as _;

    let html = page(&record());
    let (_, script) = html.split_once("<script>").expect("a script");
    let (script, rest) = script.split_once("</script>").expect("its end");
    assert!(!rest.contains("<script"), "{rest}");
    let digest = sha2::Sha256::digest(script);
    let hash = base64::engine::general_purpose::STANDARD.encode(digest);
    // The policy is an attribute, which escapes what Base64 may hold.
    let hash = crate::escape::html(&hash);
    assert!(
        html.contains(&format!("script-src 'sha256-{hash}'")),
        "{html}"
    );
}

#[test]
fn a_breach_cannot_be_missed() {
    let given = of_matrix("SILVER", None, RecordedOutcome::Met);
    let kept = of_matrix("SILVER", Some("/moons"), RecordedOutcome::Met);
    let breach = of_matrix("SILVER", Some("/moons"), RecordedOutcome::NotMet);
    let of = |results: Vec<RecordedResult>| page(&Record::new(Run::default(), results));
    let good = of(vec![given.clone(), kept]);
    assert!(!good.contains("class=\"breach\"><strong>"), "{good}");
    assert!(good.contains("<td class=\"kept\">"), "{good}");
    let bad = of(vec![given, breach]);
    assert!(
        bad.contains("1 given to users who must not have it"),
        "{bad}"
    );
    assert!(bad.contains("<td class=\"breach\">"), "{bad}");
    assert!(
        bad.contains("href=\"https://developer.okta.com/docs/\""),
        "{bad}"
    );
}

/// A request in other words that is for nothing adds no row; one that is not is a breach.
#[test]
fn other_words_are_a_row_only_where_they_bring_something() {
    let words = |outcome| {
        let mut result = of_matrix("SILVER", None, outcome);
        "step_5_authorize::the_user_is_denied_the_scopes".clone_into(&mut result.id);
        let subject = result.subject.as_mut().expect("a subject");
        subject.case = Some("without openid".to_owned());
        result
    };
    let reads = of_matrix("SILVER", Some("/planets"), RecordedOutcome::Met);
    for (outcome, rows) in [
        (RecordedOutcome::Met, vec![]),
        (
            RecordedOutcome::NotMet,
            vec!["silver without openid".to_owned()],
        ),
    ] {
        let record = Record::new(Run::default(), vec![words(outcome), reads.clone()]);
        let found = matrix::rows(&record);
        let found: Vec<_> = found.iter().map(|row| row.request.clone()).collect();
        assert_eq!(found, rows);
    }
}

#[test]
fn a_fix_leads_to_the_page_of_this_org_where_it_is_made() {
    let mut finding = of_matrix("SILVER", None, RecordedOutcome::NotMet);
    finding.fix = Some(Fix::new("Clients > the client", "PUT /api/v1/apps/0oa1"));
    finding
        .observed
        .keep("aud", serde_json::json!(["api", true]));
    let run = Run {
        issuer: "https://dev-1.okta.com/oauth2/aus1".to_owned(),
        ..Run::default()
    };
    let html = page(&Record::new(run, vec![finding]));
    let link = "href=\"https://dev-1-admin.okta.com/admin/app/oidc_client/instance/0oa1\"";
    assert!(html.contains(link), "{html}");
    assert!(html.contains("[&quot;api&quot;,true]"), "{html}");
}

/// One change is one cause, whatever the objects are called that it is made to, and names them all.
#[test]
fn a_cause_names_all_that_its_change_is_made_to() {
    let of = |user: &str, place: &str| RecordedResult {
        fix: Some(Fix::new(place, "-")),
        ..of_matrix(user, None, RecordedOutcome::NotMet)
    };
    let results = [
        of("A", "People > the user `a@example.com` > Unlock"),
        of("B", "People > the user `b@example.com` > Unlock"),
        of("C", "People > the user `c@example.com` > Activate"),
    ];
    let causes = causes(&results);
    let places: Vec<_> = causes.iter().map(|cause| place_of(cause)).collect();
    let both = "People > the user `a@example.com` and `b@example.com` > Unlock";
    let other = "People > the user `c@example.com` > Activate";
    assert_eq!(places, [Some(both.to_owned()), Some(other.to_owned())]);
    let record = Record::new(Run::default(), results.to_vec());
    let told: Vec<String> = findings(&record).iter().map(ToString::to_string).collect();
    assert!(told.join("\n").contains(both), "{told:#?}");
    assert!(markdown(&record, None).contains("b@example.com"));
}

#[test]
fn many_findings_are_folded_by_cause() {
    let of = |findings: usize, causes: usize| {
        let finding = |number: usize| RecordedResult {
            fix: Some(Fix::new(format!("change {}", number % causes), "-")),
            ..of_matrix(&number.to_string(), None, RecordedOutcome::NotMet)
        };
        page(&Record::new(
            Run::default(),
            (0..findings).map(finding).collect(),
        ))
    };
    let folded = "<details class=\"cause\"><summary><span class=\"tag required\">";
    assert_eq!(of(5, 5).matches(folded).count(), 0);
    assert_eq!(of(48, 11).matches(folded).count(), 11);
    assert_eq!(of(48, 1).matches(folded).count(), 0);
    assert!(of(48, 1).contains("47 more, which the same change fixes"));
    // A row says what was seen, before anything is unfolded.
    let seen = "<small class=\"seen\"><bdi>&lt;/script&gt;";
    assert_eq!(of(48, 11).matches(seen).count(), 11);
}

#[test]
fn many_users_who_fare_alike_share_a_row() {
    let given = |number: usize| of_matrix(&format!("U{number}"), None, RecordedOutcome::Met);
    let mut results: Vec<RecordedResult> = (0..200).map(given).collect();
    results[17] = of_matrix("U17", None, RecordedOutcome::NotMet);
    let html = page(&Record::new(Run::default(), results));
    assert_eq!(html.matches("<th scope=\"rowgroup\"").count(), 2, "{html}");
    assert!(html.contains("and 198 alike"), "{html}");
    assert!(html.contains("<bdi>U17</bdi></th>"), "{html}");
}

fn picture(name: &str) -> Picture {
    let (name, png) = (name.to_owned(), name.as_bytes().to_vec());
    Picture { name, png }
}

fn names(record: &Record, folder: &Path) -> Vec<String> {
    pictures(record, folder)
        .into_iter()
        .map(|picture| picture.name)
        .collect()
}

fn folders(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("screenshots")).map_or(0, Iterator::count)
}

#[test]
fn pictures_belong_to_their_record() {
    let folder = TempDir::new().expect("a folder");
    let folder = folder.path();
    let read = |name: &str| Record::read(&folder.join(name)).expect("a record");
    write(&record(), &[picture("first")], folder).expect("written");
    let mut partial = record();
    partial.run.filter = Some("step_5".to_owned());
    write(&partial, &[picture("../../partial\n")], folder).expect("written");
    assert_eq!(names(&read("report.json"), folder), ["first"]);
    assert_eq!(
        names(&read("report-partial.json"), folder),
        ["      partial "]
    );
    assert_eq!(folders(folder), 2);
    let page = || std::fs::read_to_string(folder.join("report.html")).expect("the page");
    assert!(page().contains(">first<"), "{}", page());
    write(&record(), &[], folder).expect("written");
    assert!(names(&read("report.json"), folder).is_empty());
    assert!(!page().contains(">first<"), "{}", page());
    assert_eq!(
        folders(folder),
        1,
        "the pictures of the first run are gone, no others"
    );
}

#[test]
fn a_record_names_no_folder_of_others() {
    let folder = TempDir::new().expect("a folder");
    std::fs::create_dir_all(folder.path().join("elsewhere")).expect("a folder");
    std::fs::write(folder.path().join("elsewhere/1-x.png"), "x").expect("written");
    for named in [
        "elsewhere",
        "screenshots/../elsewhere",
        "/etc",
        "screenshots",
    ] {
        let mut record = record();
        record.run.pictures = Some(named.to_owned());
        assert!(names(&record, folder.path()).is_empty(), "{named}");
    }
}

#[test]
fn more_pictures_than_a_page_can_carry_are_left_out() {
    let folder = TempDir::new().expect("a folder");
    let large = || Picture {
        name: "large".to_owned(),
        png: vec![0; 400_000],
    };
    let many: Vec<Picture> = std::iter::repeat_with(large).take(20).collect();
    let written = write(&record(), &many, folder.path()).expect("written");
    let record = Record::read(&written.record).expect("a record");
    assert_eq!(names(&record, folder.path()).len(), 3);
}

#[test]
fn a_disk_that_is_full_is_told_and_leaves_no_half_of_a_file() {
    let folder = TempDir::new().expect("a folder");
    // A directory in the place of the file fails as late as a full disk does.
    std::fs::create_dir_all(folder.path().join("report.json/x")).expect("a folder");
    let error = write(&record(), &[], folder.path()).expect_err("it cannot be written");
    assert!(
        error.to_string().contains("set OKTA_E2E_REPORT_DIR"),
        "{error}"
    );
    let left = std::fs::read_dir(folder.path()).expect("a folder").count();
    assert_eq!(left, 1, "a draft is left");
}

#[test]
fn what_is_seen_once_and_cited_often_stays_short() {
    let secrets = crate::secrets::Secrets::default();
    let mut recorder = Recorder::new(&secrets);
    let text = "B ".repeat(1_500);
    let all: usize = (0..1_000).map(|_| recorder.field(&text).len()).sum();
    assert!(all < 1_300_000, "{all}");
    assert_eq!(recorder.field("B"), "B");
    let once = Recorder::new(&secrets).field(&text);
    assert!(once.contains("… (1,000 characters more) …"), "{once}");
}

#[test]
fn markdown_holds_the_texts_of_others_as_code() {
    let changes = changes::changed(&[], &record().results);
    let markdown = markdown(&record(), Some(&changes));
    assert_eq!(hidden(&markdown), None, "{markdown}");
    assert!(
        !markdown.lines().any(|line| line.starts_with("::")),
        "{markdown}"
    );
    // Outside of code spans nothing of theirs is left.
    let outside: String = markdown.split('`').step_by(2).collect();
    assert!(!outside.contains("img"), "{outside}");
}

#[test]
fn the_page_shows_what_changed() {
    let before = Record::new(
        Run::default(),
        vec![of_matrix("A", None, RecordedOutcome::Met)],
    );
    let now = Record::new(
        Run::default(),
        vec![of_matrix("A", None, RecordedOutcome::NotMet)],
    );
    let changes = Changes::between(&before, &now);
    let folder = TempDir::new().expect("a folder");
    let page = render(&now, folder.path(), Some(&changes)).expect("it renders");
    let html = std::fs::read_to_string(page).expect("the page");
    let heading = "<details open><summary><span class=\"tag not_met\">1 newly not met</span>";
    assert!(html.contains(heading), "{html}");
    assert!(!self::page(&now).contains("newly not met"));
}
