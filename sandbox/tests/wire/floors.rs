//! The floors of the sandbox: every arrow between its modules points down, and no files use each
//! other in a circle.
//!
//! An arrow is a path in a file that begins at `crate`, `super` or a module of its own. What a file
//! takes from the `mod.rs` of a folder it is in is none, and unit tests are left out.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// From the ground up: a room may use what is below it, and nothing on its own floor.
const FLOORS: [&[&str]; 9] = [
    &["fault", "keys", "options", "parameters", "tls", "webauthn"],
    &["state"],
    &["error", "session"],
    &["kept"],
    &["decision", "server", "visit"],
    &[
        "cors",
        "flaky",
        "gate",
        "management",
        "oauth",
        "pages",
        "sign_in",
    ],
    &["gateway", "solar", "web"],
    &["lib"],
    &["main"],
];

/// What is there for unit tests alone.
const FOR_TESTS: &str = "testing";

/// The files by their module path, `sign_in::classic` for `sign_in/classic/mod.rs`.
type House = BTreeMap<String, File>;

struct File {
    path: PathBuf,
    text: String,
}

fn house() -> House {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut open = vec![source.clone()];
    let mut house = House::new();
    while let Some(path) = open.pop() {
        if path.is_dir() {
            let entries = fs::read_dir(&path).unwrap();
            open.extend(entries.map(|entry| entry.unwrap().path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let below = path.strip_prefix(&source).unwrap().to_path_buf();
            let text = code(&fs::read_to_string(&path).unwrap());
            house.insert(module(&below), File { path: below, text });
        }
    }
    house.retain(|module, _| room(module) != FOR_TESTS && !module.ends_with("::tests"));
    house
}

fn module(path: &Path) -> String {
    let name = path.with_extension("").to_string_lossy().replace('/', "::");
    name.strip_suffix("::mod").unwrap_or(&name).to_owned()
}

fn room(module: &str) -> &str {
    module.split("::").next().unwrap()
}

/// The text without comments and unit tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    text.split_inclusive('\n').filter(is_code).collect()
}

/// The modules that a file names.
fn arrows<'a>(house: &'a House, from: &str) -> BTreeSet<&'a str> {
    let text = &house[from].text;
    let used = text.split(';').filter_map(|part| {
        let lines: Vec<&str> = part.lines().collect();
        let begins = |line: &&str| line.starts_with("use ") || line.starts_with("pub");
        let at = lines.iter().rposition(begins)?;
        let statement = lines.get(at..)?.concat();
        Some(statement.split_once("use ")?.1.to_owned())
    });
    let used = used.flat_map(|tree| expanded("", &tree));
    let named = text.match_indices("crate::").map(|(at, _)| {
        let path = text[at..].split(|c: char| !(c.is_alphanumeric() || "_:".contains(c)));
        path.take(1).collect()
    });
    let paths = used.chain(named);
    let found = paths.filter_map(|path| target(house, from, &path));
    found.filter(|to| !is_same_room_below(from, to)).collect()
}

/// The paths of a `use`, each brace opened.
fn expanded(before: &str, tree: &str) -> Vec<String> {
    let tree: String = tree.split_whitespace().collect();
    let Some((prefix, list)) = tree.split_once('{') else {
        return vec![format!("{before}{tree}")];
    };
    let list = list.strip_suffix('}').unwrap_or(list);
    let before = format!("{before}{prefix}");
    let (mut depth, mut start, mut paths) = (0, 0, Vec::new());
    for (at, letter) in list.char_indices().chain([(list.len(), ',')]) {
        match letter {
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => {
                paths.extend(expanded(&before, &list[start..at]));
                start = at + 1;
            }
            _ => {}
        }
    }
    paths
}

/// The file that a path leads to, if it is one of the house.
fn target<'a>(house: &'a House, from: &str, path: &str) -> Option<&'a str> {
    let mut at: Vec<&str> = from.split("::").filter(|part| *part != "lib").collect();
    let mut words = path.split("::").peekable();
    let is_whole = ["crate", "self", "super"].contains(words.peek()?);
    while let Some(word) = words.next_if(|word| ["crate", "self", "super"].contains(word)) {
        match word {
            "crate" => at.clear(),
            "super" => drop(at.pop()),
            _ => {}
        }
    }
    let least = if is_whole { 1 } else { at.len() + 1 };
    let words: Vec<&str> = at.into_iter().chain(words).collect();
    let longest = (least..=words.len())
        .rev()
        .map(|length| words[..length].join("::"));
    let known = longest.filter_map(|module| house.get_key_value(&module));
    known.map(|(module, _)| module.as_str()).next()
}

/// Whether the arrow runs from a file to the face of a folder it is in.
fn is_same_room_below(from: &str, to: &str) -> bool {
    from == to || from.starts_with(&format!("{to}::"))
}

#[test]
fn every_arrow_points_down() {
    let house = house();
    let floor = |module: &str| {
        let floor = FLOORS
            .iter()
            .position(|rooms| rooms.contains(&room(module)));
        floor.unwrap_or_else(|| panic!("`{module}` is on no floor: give it one"))
    };
    let mut wrong = Vec::new();
    for (from, file) in &house {
        for to in arrows(&house, from) {
            if room(from) != room(to) && floor(from) <= floor(to) {
                wrong.push(format!("{} -> crate::{to}", file.path.display()));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "these arrows do not point down: {wrong:#?}"
    );
}

#[test]
fn no_files_stand_on_each_other() {
    let house = house();
    let mut circles: BTreeSet<(&str, &str)> = BTreeSet::new();
    for from in house.keys() {
        let to = arrows(&house, from).into_iter();
        circles.extend(to.map(|to| (from.as_str(), to)));
    }
    // Without the arrows that end where none begins, and those that begin where none ends.
    loop {
        let (begins, ends): (BTreeSet<&str>, BTreeSet<&str>) = circles.iter().copied().unzip();
        let before = circles.len();
        circles.retain(|(from, to)| ends.contains(from) && begins.contains(to));
        if circles.len() == before {
            break;
        }
    }
    assert!(
        circles.is_empty(),
        "these files stand on each other: {circles:#?}"
    );
}

#[test]
fn an_arrow_is_found_however_it_is_written() {
    let house = house();
    let is_found = |from: &str, to: &str| assert!(arrows(&house, from).contains(to), "{from} {to}");
    is_found("lib", "state");
    is_found("web", "sign_in::classic");
    is_found("web", "pages");
    is_found("state", "state::app");
    is_found("state::org", "state::org::id");
    is_found("sign_in::steps", "decision::consent");
    is_found("sign_in::classic::steps", "sign_in::classic::call");
    is_found("management::applications::users", "management::kinds");
}
