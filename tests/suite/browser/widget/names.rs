//! Every form, authenticator and status that Okta's own widget knows is in the table of pages: one
//! that comes with a newer widget is found here.

use rstest::rstest;

use crate::support::world::file;

const WIDGET: &str = "target/okta-signin-widget/node_modules/@okta/okta-signin-widget/dist/esm/src";
/// No server says it: the widget's name of a page that offers nothing.
const COINED: &str = "terminal";

/// What stands between quotes in a text and is written like a name.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    let is_name = |part: &&str| {
        let mut letters = part.chars();
        !part.is_empty() && letters.all(|one| one.is_ascii_alphanumeric() || "-_".contains(one))
    };
    text.split('\'').skip(1).step_by(2).filter(is_name)
}

/// The lines of a file of the widget between these, without the first.
fn part(path: &str, from: &str, to: &str) -> String {
    let text = std::fs::read_to_string(file(WIDGET).join(path)).expect("a file of the widget");
    let (_, rest) = text.split_once(from).expect("its beginning");
    let (part, _) = rest.split_once(to).expect("its end");
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    part.lines().filter(is_code).collect::<Vec<_>>().join("\n")
}

#[rstest]
#[case::forms(
    "remediation",
    "v2/ion/RemediationConstants.js",
    "const FORMS = {",
    "};",
    40
)]
#[case::authenticators(
    "authenticator",
    "v2/ion/RemediationConstants.js",
    "const AUTHENTICATOR_KEY = {",
    "};",
    15
)]
#[ignore = "Okta's own widget: scripts/install-widget brings it, scripts/test runs this"]
fn every_name_is_in_the_table(
    #[case] of: &str,
    #[case] path: &str,
    #[case] from: &str,
    #[case] to: &str,
    #[case] least: usize,
) {
    all_are_known(of, &part(path, from, to), least);
}

/// The statuses that the widget goes by are the cases of one `switch`.
#[rstest]
#[ignore = "Okta's own widget: scripts/install-widget brings it, scripts/test runs this"]
fn every_status_is_in_the_table() {
    let code = part("v1/util/RouterUtil.js", "case 'SUCCESS'", "default:");
    let cases = code
        .lines()
        .filter(|line| line.trim_start().starts_with("case "));
    let cases = cases.collect::<Vec<_>>().join("\n");
    all_are_known("status", &cases, 15);
}

fn all_are_known(of: &str, text: &str, least: usize) {
    let table = std::fs::read_to_string(file("src/browser/known.toml")).expect("the table");
    let table: toml::Table = table.parse().expect("a table");
    let pages = table["page"].as_array().expect("pages");
    let keys = pages
        .iter()
        .flat_map(|page| ["all", "any"].map(|part| page.get(part)));
    let keys = keys
        .flatten()
        .flat_map(|keys| keys.as_array().expect("keys"));
    let keys: Vec<&str> = keys.filter_map(toml::Value::as_str).collect();
    let names: Vec<&str> = quoted(text).filter(|name| *name != COINED).collect();
    assert!(names.len() >= least, "{names:?}");
    let is_known = |name: &&&str| {
        let wanted = format!("{of}:{name}");
        keys.iter().any(|key| match key.strip_suffix('*') {
            Some(beginning) => wanted.starts_with(beginning),
            None => *key == wanted,
        })
    };
    let unknown: Vec<_> = names.iter().filter(|name| !is_known(name)).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}
