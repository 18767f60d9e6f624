//! The rules of the house, as tests: boundaries, waits, sizes.

use std::path::PathBuf;

use rstest::rstest;

use crate::support::world::file;

/// Every Rust file below a folder, with its text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut open = vec![file(folder)];
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a folder");
            open.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("a source file");
            found.push((path, text));
        }
    }
    assert!(!found.is_empty(), "no source below {folder}");
    found
}

fn table<'a>(manifest: &'a toml::Table, name: &str) -> Vec<&'a str> {
    let table = manifest.get(name).and_then(toml::Value::as_table);
    table
        .into_iter()
        .flatten()
        .map(|(name, _)| name.as_str())
        .collect()
}

fn manifest(path: &str) -> toml::Table {
    let text = std::fs::read_to_string(file(path)).expect("a manifest");
    text.parse().expect("TOML")
}

/// The command line has a sandbox within, for `verify`; what judges is built without it, by
/// `cargo check --lib --no-default-features` of `.ci/run`.
#[test]
fn judge_and_judged_share_no_code() {
    let (suite, sandbox) = (manifest("Cargo.toml"), manifest("sandbox/Cargo.toml"));
    let needed = &suite["dependencies"]["okta-sandbox"];
    assert_eq!(needed.get("optional"), Some(&true.into()));
    assert_eq!(
        suite["bin"][0]["required-features"],
        vec!["command-line"].into()
    );
    let checks = std::fs::read_to_string(file(".ci/run")).expect("the script");
    assert!(checks.contains("--lib --no-default-features"));
    for kind in ["dependencies", "dev-dependencies", "build-dependencies"] {
        assert!(
            !table(&sandbox, kind).contains(&"okta-e2e"),
            "{kind} of the sandbox"
        );
    }
    for (path, text) in sources("src") {
        let may = path.starts_with(file("src/command_line/verify"));
        assert!(
            may || !text.contains("okta_sandbox"),
            "{} names the sandbox",
            path.display()
        );
    }
}

/// What a container is built of: all that cargo needs, and nothing else.
#[test]
fn the_container_is_built_of_what_cargo_needs_and_of_no_secret() {
    let text = std::fs::read_to_string(file(".dockerignore")).expect("a file");
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert_eq!(lines.first(), Some(&"*"), "nothing else goes in by itself");
    let kept: Vec<&str> = lines[1..].iter().map(|line| &line[1..]).collect();
    let suite = manifest("Cargo.toml");
    let targets = ["bin", "test"].map(|kind| suite[kind].as_array().expect("targets"));
    let paths = targets.into_iter().flatten().map(|target| {
        let path = target["path"].as_str().expect("a path");
        path.split('/').next().expect("a folder")
    });
    let others = [
        "Cargo.toml",
        "Cargo.lock",
        "benches",
        "examples",
        "fixtures",
        "sandbox",
    ];
    for path in paths.chain(others) {
        assert!(
            kept.contains(&path),
            "{path} is not in the container's context"
        );
    }
    for secret in [".env", ".okta-e2e", "target", ".git"] {
        assert!(
            !kept.contains(&secret),
            "{secret} is in the container's context"
        );
    }
}

/// The floors of the suite, from the roof to the ground: a module uses only what stands after it.
const FLOORS: [&str; 28] = [
    "verification",
    "report",
    "judgement",
    "blame",
    "selection",
    "requirements",
    "observation",
    "provisioning",
    "from_org",
    "exchange",
    "browser",
    "openid",
    "management",
    "config",
    "model",
    "severity",
    "code",
    "clock",
    "totp",
    "passkey",
    "transport",
    "progress",
    "console",
    "secrets",
    "escape",
    "origin",
    "text_file",
    "temporary",
];

/// The floor that a file of `src/` stands on: its folder, or itself.
fn floor_of(path: &std::path::Path) -> String {
    let below = path.strip_prefix(file("src")).expect("a file of src");
    let first = below.components().next().expect("a name");
    let name = first.as_os_str().to_string_lossy();
    name.trim_end_matches(".rs").to_owned()
}

/// The modules that a file uses, by `crate::NAME`, without its comments.
fn uses(text: &str) -> Vec<&str> {
    let lines = text.lines().map(str::trim_start);
    let code = lines.filter(|line| !line.starts_with("//"));
    let names = code.flat_map(|line| line.split("crate::").skip(1));
    names
        .map(|rest| rest.split(|c: char| c != '_' && !c.is_ascii_lowercase()))
        .filter_map(|mut words| words.next())
        .filter(|name| !name.is_empty())
        .collect()
}

#[test]
fn every_arrow_points_down() {
    let place = |name: &str| FLOORS.iter().position(|floor| *floor == name);
    for (path, text) in sources("src") {
        let floor = floor_of(&path);
        if ["lib", "main", "command_line"].contains(&floor.as_str()) {
            continue;
        }
        let here = place(&floor);
        assert!(here.is_some(), "{floor} stands on no floor: give it one");
        for used in uses(&text).into_iter().filter(|used| *used != floor) {
            assert!(
                place(used) > here,
                "{}: an arrow from {floor} up to {used}",
                path.display()
            );
        }
    }
}

#[test]
fn plain_http_sign_in_is_out_of_reach_of_the_main_job() {
    for (path, text) in sources("tests/org").into_iter().chain(sources("src")) {
        assert!(
            !text.contains("/idp/idx"),
            "{} signs in without a browser",
            path.display()
        );
        assert!(
            !text.contains("HttpAgent"),
            "{} signs in without a browser",
            path.display()
        );
    }
}

#[rstest]
#[case::suite("src")]
#[case::main_job("tests/org")]
#[case::proof("tests/suite")]
#[case::sandbox("sandbox")]
fn nothing_sleeps_or_stands_in(#[case] folder: &str) {
    let forbidden = [
        "thread::sleep(",
        "time::sleep(",
        "todo!(",
        "unimplemented!(",
        "#[allow(",
    ];
    for (path, text) in sources(folder) {
        if path.ends_with("house_rules.rs") {
            continue;
        }
        for call in forbidden {
            assert!(!text.contains(call), "{} has `{call}`", path.display());
        }
    }
}

/// A client that is not told otherwise goes through the proxy of anyone who runs it.
#[rstest]
#[case::suite("src")]
#[case::tests("tests")]
#[case::sandbox("sandbox")]
fn a_client_is_told_what_stands_before_it(#[case] folder: &str) {
    for (path, text) in sources(folder) {
        if path.ends_with("house_rules.rs") {
            continue;
        }
        for call in ["reqwest::get(", " Client::new()", "reqwest::Client::new()"] {
            assert!(!text.contains(call), "{} has `{call}`", path.display());
        }
    }
}

#[rstest]
#[case::readme("README.md", 120)]
#[case::architecture("ARCHITECTURE.md", 150)]
fn a_page_stays_short(#[case] page: &str, #[case] most_lines: usize) {
    let text = std::fs::read_to_string(file(page)).expect("a page");
    let lines = text.lines().count();
    assert!(lines <= most_lines, "{page} has {lines} lines");
}

#[rstest]
#[case::suite("src")]
#[case::sandbox("sandbox/src")]
fn a_file_is_one_room(#[case] folder: &str) {
    for (path, text) in sources(folder) {
        let lines = text.lines().count();
        assert!(lines <= 500, "{} has {lines} lines", path.display());
    }
}

#[test]
fn every_variable_that_is_read_stands_in_the_example() {
    let example = std::fs::read_to_string(file(".env.example")).expect("the example");
    let text: String = sources("src/config")
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    let quoted = text.split('"').skip(1).step_by(2);
    let is_name = |word: &str| {
        let prefix = ["OKTA_", "RESOURCE_", "WEBDRIVER_"];
        prefix.iter().any(|prefix| word.starts_with(prefix))
            && word
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_')
    };
    let later = [
        "OKTA_CLIENT_CLIENTID",
        "OKTA_CLIENT_PRIVATEKEY",
        "OKTA_CLIENT_PRIVATEKEY_ID",
    ];
    for name in quoted
        .filter(|word| is_name(word))
        .filter(|word| !later.contains(word))
    {
        assert!(
            example.contains(&format!("\n{name}=''")),
            "{name} is not in .env.example"
        );
    }
}

/// What prints, or gets hold of a stream to print to.
const PRINTS: [&str; 7] = [
    "println!",
    "print!",
    "eprintln!",
    "eprint!",
    "dbg!",
    "io::stdout",
    "io::stderr",
];

#[test]
fn all_that_is_printed_goes_through_the_console() {
    for (path, text) in sources("src").into_iter().chain(sources("tests/org")) {
        if path.ends_with("src/console.rs") {
            continue;
        }
        // Where to draw, or whether a person looks, prints nothing itself.
        let text = text.replace("std::io::stdout().is_terminal()", "");
        for prints in PRINTS {
            assert!(!text.contains(prints), "{} has `{prints}`", path.display());
        }
    }
}

/// A kill leaves a temporary file that has a name: one is made only to be put in its place.
#[test]
fn a_temporary_file_with_a_name_is_on_its_way_to_its_place() {
    for (path, text) in sources("src") {
        assert!(
            !text.contains("NamedTempFile") || text.contains(".persist"),
            "{}: `tempfile::tempfile()` leaves nothing behind",
            path.display()
        );
    }
}

/// A text that goes on in another line ends in `\`, or all that the next line begins with is in it.
#[test]
fn no_text_holds_an_indentation() {
    const INDENT: &str = "        ";
    for (path, text) in sources("src") {
        for (number, line) in text.lines().enumerate() {
            let is_text = line.contains('"') && !line.trim().starts_with("//");
            let place = format!("{}:{}", path.display(), number + 1);
            let mut parts = line.split('"').map(str::trim);
            let is_indented = parts.any(|part| part.contains(INDENT));
            assert!(!(is_text && is_indented), "{place}");
        }
    }
}
