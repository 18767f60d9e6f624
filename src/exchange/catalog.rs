//! The rows of `fixtures/hostile-requests/`, which every binary carries along.

use std::sync::LazyLock;

use serde::Deserialize;

use super::Case;

/// The cases that the suite names itself.
const THE_ACCESS_TOKEN: &str = "the_access_token";
const TAMPERED: &str = "a_tampered_token_is_refused";
const GARBAGE: &str = "garbage_for_a_token_is_refused";
const NOTHING: &str = "a_request_without_token_is_refused";
const LONG_WORD: &str = "long_word";
/// The family that every endpoint is asked with the access matrix; the others have a lane of their
/// own behind it.
pub const ACCESS: &str = "access";

macro_rules! files {
    ($($family:literal),* $(,)?) => {
        [$((
            $family,
            include_str!(concat!("../../fixtures/hostile-requests/", $family, ".toml")),
        )),*]
    };
}

/// The files, by family, in the order in which they are sent: what fills caches comes last.
const FILES: [(&str, &str); 8] = files![
    "access",
    "presentation",
    "algorithms",
    "tokens",
    "claims",
    "requests",
    "caches",
    "probes",
];

/// A file of `fixtures/hostile-requests/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    about: String,
    #[serde(rename = "case")]
    cases: Vec<Case>,
}

/// Cases that are alike.
#[derive(Debug)]
pub struct Family {
    /// The name of its file.
    pub name: &'static str,
    /// What it is about, in a sentence.
    pub about: String,
    /// Its cases, in the order of the file.
    pub cases: Vec<Case>,
}

static CATALOG: LazyLock<Vec<Family>> = LazyLock::new(|| {
    let mut place = 0..;
    let mut read = |(name, text): (&'static str, &str)| {
        let file: Result<File, _> = toml::from_str(text);
        let mut file = file.unwrap_or_else(|error| panic!("{name}.toml: {error}"));
        for (case, place) in file.cases.iter_mut().zip(&mut place) {
            case.place = place;
        }
        Family {
            name,
            about: file.about,
            cases: file.cases,
        }
    };
    FILES.into_iter().map(&mut read).collect()
});

/// Every family, in the order in which they are sent.
#[must_use]
pub fn families() -> &'static [Family] {
    &CATALOG
}

/// The cases of a family, in the order of its file; none of a family that there is not.
#[must_use]
pub fn family(name: &str) -> &'static [Case] {
    let mut families = CATALOG.iter();
    let family = families.find(|family| family.name == name);
    family.map_or(&[], |family| &family.cases)
}

/// The cases that are sent behind the access matrix, in their order.
pub fn hostile() -> impl Iterator<Item = &'static Case> {
    let families = CATALOG.iter().filter(|family| family.name != ACCESS);
    families.flat_map(|family| &family.cases)
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

/// The access token of somebody who may have it, with another claim than it was signed with.
///
/// # Panics
/// Never, as [`the_access_token`].
#[must_use]
pub fn tampered() -> &'static Case {
    case(TAMPERED)
}

/// A text in place of a token.
///
/// # Panics
/// Never, as [`the_access_token`].
#[must_use]
pub fn garbage() -> &'static Case {
    case(GARBAGE)
}

/// A text in place of a token, which is larger than many checks take.
///
/// # Panics
/// Never, as [`the_access_token`].
#[must_use]
pub fn long_word() -> &'static Case {
    case(LONG_WORD)
}

/// The case of an id that another case or the suite names.
pub(super) fn case(id: &str) -> &'static Case {
    let mut cases = CATALOG.iter().flat_map(|family| &family.cases);
    let case = cases.find(|case| case.id == id);
    case.unwrap_or_else(|| panic!("no hostile request is called {id}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rstest::rstest;

    use super::*;
    use crate::config::Profile;
    use crate::exchange::KeyClass;
    use crate::exchange::case::Request;

    /// Nothing that the standard profile sends is larger.
    const MOST_BYTES: usize = 32 * 1024;

    #[test]
    fn the_files_can_be_read_and_no_two_cases_have_one_name() {
        let mut seen = BTreeSet::new();
        for family in families() {
            assert!(!family.cases.is_empty(), "{} is empty", family.name);
            for case in &family.cases {
                assert!(seen.insert(&case.id), "{} is there twice", case.id);
                case.after();
            }
        }
        assert!(the_access_token().is_rightful());
        assert!(nothing().credential.is_none());
    }

    fn request(text: &str) -> Request {
        toml::from_str(text).expect("a request")
    }

    /// Each of them alone makes a success one of something else.
    #[rstest]
    #[case::plain("", false)]
    #[case::header("headers = [[\"Accept\", \"text/html\"]]", false)]
    #[case::of_its_head("method = \"HEAD\"", false)]
    #[case::method("method = \"POST\"", true)]
    #[case::target("target = \"{base}{path}/\"", true)]
    #[case::query("target = \"{base}{path}?debug=true\"", false)]
    #[case::query_of_another_path("target = \"{base}{path}?path=/&url=/\"", true)]
    #[case::query_of_an_endpoint("target = \"{base}{path}?path={other}\"", true)]
    #[case::head("head = \"GET / HTTP/1.1\"", true)]
    #[case::head_of_the_endpoint(
        "head = \"GET {base}{path} HTTP/1.0\\r\\nHost: {host}\\r\\n\"",
        false
    )]
    #[case::no_host("head = \"GET {base}{path} HTTP/1.1\\r\\n\"", true)]
    #[case::host("headers = [[\"HOST\", \"another.example\"]]", true)]
    fn a_success_may_be_of_something_else(#[case] text: &str, #[case] is: bool) {
        assert_eq!(request(text).may_be_elsewhere(), is);
    }

    /// The genuine token beside one that was made of it, wherever in the request each is.
    #[test]
    fn two_tokens_are_presented_where_both_are_named() {
        let two: BTreeSet<&str> = families()
            .iter()
            .flat_map(|family| &family.cases)
            .filter(|case| case.presents_two())
            .map(|case| case.id.as_str())
            .collect();
        let named = |text: &str| FILES.iter().any(|(_, file)| file.contains(text));
        assert!(named("{genuine}") && named("{token}"));
        assert!(!two.is_empty());
        for case in families().iter().flat_map(|family| &family.cases) {
            let texts: String = case.request.templates().collect();
            let both = texts.contains("{token}") && texts.contains("{genuine}");
            assert_eq!(two.contains(case.id.as_str()), both, "{}", case.id);
        }
    }

    #[test]
    fn a_field_that_nobody_reads_is_refused() {
        let text = format!("{}\nmethd = \"HEAD\"\n", FILES[0].1);
        let error = toml::from_str::<File>(&text).unwrap_err().to_string();
        assert!(error.contains("methd"), "{error}");
    }

    #[test]
    fn the_standard_profile_sends_nothing_that_could_change_something() {
        for case in hostile().filter(|case| case.profile == Profile::Standard) {
            let method = case.request.method.as_deref();
            let harmless = [None, Some("HEAD"), Some("OPTIONS")];
            assert!(harmless.contains(&method), "{}", case.id);
            assert!(case.request.body.is_none(), "{} has a body", case.id);
            for (name, value) in &case.request.headers {
                let text = format!("{name}: {value}").to_ascii_lowercase();
                assert!(!text.contains("override"), "{}: {text}", case.id);
                assert!(value.len() < MOST_BYTES, "{} is too large", case.id);
            }
        }
    }

    #[test]
    fn a_key_class_says_what_it_takes() {
        for case in hostile() {
            let credential = case.credential.as_ref();
            let trusted = credential.is_some_and(super::super::Credential::is_signed_by_the_issuer);
            assert_eq!(trusted, case.key_class == KeyClass::K2, "{}", case.id);
            let is_probe = case.holder.is_probe();
            assert!(
                case.probe.is_none() || trusted || is_probe,
                "{} takes no key",
                case.id
            );
            assert!(
                !is_probe || case.probe.is_some(),
                "{} probes nothing",
                case.id
            );
        }
    }

    #[test]
    fn about_twenty_cases_go_to_every_endpoint() {
        let core = hostile().filter(|case| case.core).count();
        assert!((15..=25).contains(&core), "{core}");
    }
}
