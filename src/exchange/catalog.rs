//! The rows of `fixtures/hostile-requests/`, which every binary carries along.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Case;

/// The cases that the suite names itself.
const THE_ACCESS_TOKEN: &str = "the_access_token";
const NOTHING: &str = "a_request_without_token_is_refused";

/// The files, by family.
const FILES: [(&str, &str); 1] = [(
    "access",
    include_str!("../../fixtures/hostile-requests/access.toml"),
)];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(rename = "case")]
    cases: Vec<Case>,
}

/// The families in the order of the files, each with its cases in theirs.
static CATALOG: LazyLock<Vec<(&str, Vec<Case>)>> = LazyLock::new(|| {
    let read = |(family, text): &(&'static str, &str)| {
        let file: Result<File, _> = toml::from_str(text);
        let file = file.unwrap_or_else(|error| panic!("{family}.toml: {error}"));
        (*family, file.cases)
    };
    FILES.iter().map(read).collect()
});

/// The cases of a family, in the order of its file; none of a family that there is not.
#[must_use]
pub fn family(name: &str) -> &'static [Case] {
    let mut families = CATALOG.iter();
    let family = families.find(|(family, _)| *family == name);
    family.map_or(&[], |(_, cases)| cases)
}

/// An access token presented as it is meant to be.
///
/// # Panics
/// Never: a test reads the files that are built in.
#[must_use]
pub fn the_access_token() -> &'static Case {
    case(THE_ACCESS_TOKEN)
}

/// A request that presents nothing.
///
/// # Panics
/// Never, as [`the_access_token`].
#[must_use]
pub fn nothing() -> &'static Case {
    case(NOTHING)
}

/// The case of an id that another case or the suite names.
pub(super) fn case(id: &str) -> &'static Case {
    let mut cases = CATALOG.iter().flat_map(|(_, cases)| cases);
    let case = cases.find(|case| case.id == id);
    case.unwrap_or_else(|| panic!("no hostile request is called {id}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn the_files_can_be_read_and_no_two_cases_have_one_name() {
        let mut seen = BTreeSet::new();
        for (family, cases) in CATALOG.iter() {
            assert!(!cases.is_empty(), "{family} is empty");
            for case in cases {
                assert!(seen.insert(&case.id), "{} is there twice", case.id);
                case.after();
            }
        }
        assert!(the_access_token().is_rightful());
        assert!(nothing().credential.is_none());
    }

    #[test]
    fn a_field_that_nobody_reads_is_refused() {
        let text = format!("{}\nmethd = \"HEAD\"\n", FILES[0].1);
        let error = toml::from_str::<File>(&text).unwrap_err().to_string();
        assert!(error.contains("methd"), "{error}");
    }
}
