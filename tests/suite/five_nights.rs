//! An org that drifts for five nights: what each night's run says of the one before, in the
//! terminal, on the page, as Markdown and as annotations of a job, and how `--fail-on new` ends.

use std::path::Path;
use std::process::{Command, Output};

use okta_e2e::model::OrgModel;
use okta_e2e::report;
use serde::Deserialize;
use tempfile::TempDir;

use crate::support::change::{Change, Told, apply};
use crate::support::world::{World, file};

/// What became of the org before a night, and what that night's job must say and end with.
struct Night {
    what: &'static str,
    /// What was changed in the org since; blank: nothing.
    changed: &'static str,
    /// How many minutes tokens live by the org model.
    minutes: u32,
    /// How the run itself ends, and how its job does where only what is new counts.
    ends: [i32; 2],
    /// What the lines of changes begin with.
    says: &'static [&'static str],
    /// The kinds of changes on the page.
    kinds: &'static [&'static str],
    /// How many errors and warnings are noted at the job.
    notes: [usize; 2],
}

const SHORTER: &str = r#"
[[change]]
merge_into = "/api/v1/authorizationServers/{server}/policies/{policy}/rules/{rule:silver}"
body = { actions = { token = { accessTokenLifetimeMinutes = 30 } } }

[[change]]
merge_into = "/api/v1/authorizationServers/{server}/policies/{policy}/rules/{rule:gold}"
body = { actions = { token = { accessTokenLifetimeMinutes = 30 } } }
"#;
const OPENED: &str = r#"
[[change]]
merge_into = "/api/v1/authorizationServers/{server}/policies/{policy}/rules/{rule:silver}"
body = { conditions = { people = { groups = { include = ["EVERYONE"] } } } }
"#;
const PUT_BACK: &str = r#"
[[change]]
merge_into = "/api/v1/authorizationServers/{server}/policies/{policy}/rules/{rule:silver}"
body = { conditions = { people = { groups = { include = ["{group:silverSubscribers}"] } } } }
"#;

const NIGHTS: [Night; 5] = [
    Night {
        what: "nothing changed",
        changed: "",
        minutes: 60,
        ends: [0, 0],
        says: &["nothing changed since the run of "],
        kinds: &[],
        notes: [0, 0],
    },
    Night {
        what: "org and model were both changed to tokens of half an hour",
        changed: SHORTER,
        minutes: 30,
        ends: [0, 0],
        says: &[
            "another org model: ",
            "lifetime in seconds is 1800, was 3600 (",
        ],
        kinds: &["1 value is another"],
        notes: [0, 0],
    },
    Night {
        what: "the silver rule was opened to everyone",
        changed: OPENED,
        minutes: 30,
        ends: [1, 1],
        says: &["newly not met: step 3c: no rule gives the scope to anybody else: openid: "],
        kinds: &["1 newly not met"],
        notes: [1, 0],
    },
    Night {
        what: "it is open still",
        changed: "",
        minutes: 30,
        ends: [1, 0],
        says: &["nothing changed since the run of "],
        kinds: &[],
        notes: [0, 0],
    },
    Night {
        what: "it was put back",
        changed: PUT_BACK,
        minutes: 30,
        ends: [0, 0],
        says: &["fixed: step 3c: no rule gives the scope to anybody else: openid"],
        kinds: &["5 fixed"],
        notes: [0, 0],
    },
];

#[derive(Deserialize)]
struct Changes {
    #[serde(rename = "change", default)]
    changes: Vec<Change>,
}

/// The org of a night, verified by the model of that night: its report is in the folder.
async fn verified(world: &mut World, night: &Night, folder: &Path) {
    let of_night: Changes = toml::from_str(night.changed).expect("changes");
    apply(world, &of_night.changes, &Told::default()).await;
    let path = file("fixtures/org.toml");
    let model = std::fs::read_to_string(&path).expect("a model");
    let minutes = format!("access_token_lifetime_minutes = {}", night.minutes);
    let model = model.replace("access_token_lifetime_minutes = 60", &minutes);
    world.model = OrgModel::parse(&path, &model).expect("the model is right");
    let record = world.verify().await.record;
    report::write(&record, &[], folder).expect("written");
}

/// The command of the night's job.
fn job(folder: &Path, before: &Path, more: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_okta-e2e"));
    command.arg("report").arg(folder).arg("--baseline");
    command.arg(before.join("report.json")).args(more);
    command.env("GITHUB_ACTIONS", "true");
    command.env("GITHUB_STEP_SUMMARY", folder.join("summary.md"));
    command.output().expect("it runs")
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// The kinds of changes that the page shows.
fn kinds(page: &str) -> Vec<String> {
    let (_, section) = page
        .split_once("<section id=\"changes\"")
        .expect("a section");
    let (section, _) = section.split_once("</section>").expect("its end");
    let kind = regex::Regex::new(r#"<summary><span class="tag[^"]*">([^<]*)</span>"#);
    let kind = kind.expect("a pattern");
    let kinds = kind.captures_iter(section).map(|found| found[1].to_owned());
    kinds.collect()
}

fn assert_shown(night: &Night, folder: &Path, before: &Path) {
    let what = night.what;
    let by_itself = job(folder, before, &[]);
    let if_new = job(folder, before, &["--fail-on", "new"]);
    let ends = [&by_itself, &if_new].map(|job| job.status.code());
    let shown = text(&if_new);
    assert_eq!(ends, night.ends.map(Some), "{what}: {shown}");
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).expect("it is written");
    let forms = [
        ("the terminal", shown.clone()),
        ("Markdown", text(&job(folder, before, &["--markdown"]))),
        ("the summary of the job", read("summary.md")),
    ];
    for (form, text) in forms {
        for says in night.says {
            assert!(
                text.contains(says),
                "{what}: {form} has no `{says}`: {text}"
            );
        }
    }
    let page = read("report.html");
    assert_eq!(kinds(&page), night.kinds, "{what}");
    let is_same = page.contains("Nothing changed since");
    assert_eq!(is_same, night.says[0].starts_with("nothing"), "{what}");
    let notes = ["::error ", "::warning "].map(|note| {
        let lines = shown.lines();
        lines.filter(|line| line.starts_with(note)).count()
    });
    assert_eq!(notes, night.notes, "{what}: {shown}");
}

#[tokio::test]
async fn each_night_says_what_changed_since_the_one_before() {
    let mut world = World::new().await;
    let folders = [(); 6].map(|()| TempDir::new().expect("a folder"));
    verified(&mut world, &NIGHTS[0], folders[0].path()).await;
    for (night, folders) in NIGHTS.iter().zip(folders.windows(2)) {
        let [before, folder] = [&folders[0], &folders[1]].map(TempDir::path);
        verified(&mut world, night, folder).await;
        assert_shown(night, folder, before);
    }
}
