//! The pages that Okta is known to show, by the keys of its server's answers (`known.toml`).

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::landing::{Known, Refusal, StopPage};

/// What is known of a page.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct KnownPage {
    #[serde(default)]
    all: Vec<String>,
    #[serde(default)]
    any: Vec<String>,
    #[serde(default)]
    none: Vec<String>,
    /// Whether it is this page even where the answer tells of errors that it does not name.
    #[serde(default)]
    despite_errors: bool,
    /// What the page does, after "it".
    pub(super) is: String,
    pub(super) then: Option<Then>,
    pub(super) refused: Option<Refusal>,
    pub(super) stop: Option<StopPage>,
    policy: Option<String>,
    change: Option<String>,
}

/// What there is to do on a page.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Then {
    /// Fill in what it asks for: username, password.
    Form,
    /// Fill in a code of Google Authenticator.
    Code,
    /// Fill in another code, since this one was used before.
    NextCode,
    /// Let the browser answer by the passkey that it holds, which the page asks it for by itself.
    Passkey,
    /// Choose a method that the user has the means for.
    Choose,
    /// Nothing: it goes on by itself.
    Wait,
    /// Allow the client what it wants, where the model says so.
    Consent,
    /// Click this control of the script.
    Pass(String),
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Advice {
    policy: Option<String>,
    change: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    sign_in_apis: Vec<String>,
    advice: BTreeMap<StopPage, Advice>,
    page: Vec<KnownPage>,
}

impl KnownPage {
    /// The first page of the table that these keys fit.
    pub(super) fn of(keys: &[String]) -> Option<&'static Self> {
        TABLE.page.iter().find(|page| page.fits(keys))
    }

    fn fits(&self, keys: &[String]) -> bool {
        let has = |wanted: &String| keys.iter().any(|key| matches(wanted, key));
        let names_errors = || {
            self.all
                .iter()
                .chain(&self.any)
                .any(|wanted| is_error(wanted))
        };
        let may_be = self.despite_errors || names_errors() || !keys.iter().any(|key| is_error(key));
        may_be
            && self.all.iter().all(has)
            && (self.any.is_empty() || self.any.iter().any(has))
            && !self.none.iter().any(has)
    }

    /// What is known of it, where it is to be stopped at as a page of this kind.
    pub(super) fn known(&'static self, kind: StopPage) -> Known {
        let of_kind = known_of(kind);
        Known {
            is: Some(&self.is),
            policy: self.policy.as_deref().or(of_kind.policy),
            change: self.change.as_deref().or(of_kind.change),
            ..of_kind
        }
    }
}

/// What is known of every page of a kind.
pub(super) fn known_of(kind: StopPage) -> Known {
    let advice = TABLE.advice.get(&kind);
    Known {
        policy: advice.and_then(|advice| advice.policy.as_deref()),
        change: advice.map(|advice| advice.change.as_str()),
        ..Known::default()
    }
}

/// Parts of the addresses at which sign-in pages ask what comes next.
pub(super) fn sign_in_apis() -> impl Iterator<Item = &'static str> {
    TABLE.sign_in_apis.iter().map(String::as_str)
}

/// A table that cannot be read knows no page; a test reads it.
static TABLE: LazyLock<Table> =
    LazyLock::new(|| toml::from_str(include_str!("known.toml")).unwrap_or_default());

fn matches(wanted: &str, key: &str) -> bool {
    match wanted.strip_suffix('*') {
        Some(beginning) => key.starts_with(beginning),
        None => key == wanted,
    }
}

/// Whether a key says that something is wrong.
pub(super) fn is_error(key: &str) -> bool {
    key.starts_with("message:") || key.starts_with("error:")
}

/// For each page that is to be stopped at or that refuses, keys that fit it.
#[cfg(test)]
pub(super) fn samples() -> impl Iterator<Item = Vec<String>> {
    let ends = |page: &&KnownPage| page.then != Some(Then::Wait);
    TABLE.page.iter().filter(ends).map(|page| {
        let keys = page.all.iter().chain(page.any.first());
        keys.map(|key| key.replace('*', "1")).collect()
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn page(keys: &[&str]) -> Option<&'static KnownPage> {
        let keys: Vec<String> = keys.iter().map(|&key| key.to_owned()).collect();
        KnownPage::of(&keys)
    }

    #[test]
    fn the_table_is_read() {
        let table: Table = toml::from_str(include_str!("known.toml")).expect("a table");
        assert!(table.page.len() > 80);
        for page in &table.page {
            assert!(!page.all.is_empty() || !page.any.is_empty(), "{page:?}");
            assert!(page.stop.is_some() || page.refused.is_some() || page.then.is_some());
        }
    }

    /// Not the first page that has one of the keys, but the first that has all of them.
    #[rstest]
    #[case::password(
        &["remediation:challenge-authenticator", "authenticator:okta_password"],
        "asks for the password"
    )]
    #[case::google(
        &["remediation:challenge-authenticator", "authenticator:google_otp", "method:otp"],
        "asks for a code of Google Authenticator"
    )]
    #[case::another_vendor(
        &["remediation:challenge-authenticator", "authenticator:symantec_vip", "method:otp"],
        "asks for a code of Symantec VIP"
    )]
    #[case::push(
        &["remediation:challenge-poll", "authenticator:okta_verify", "method:push"],
        "asks for a push notification to be accepted in Okta Verify"
    )]
    #[case::number(
        &["remediation:challenge-poll", "authenticator:okta_verify", "method:push", "asks:number"],
        "shows a number to be tapped in Okta Verify"
    )]
    fn a_page_is_known_by_all_of_its_keys(#[case] keys: &[&str], #[case] is: &str) {
        assert_eq!(page(keys).map(|page| page.is.as_str()), Some(is));
    }

    #[rstest]
    #[case::a_remediation(&["remediation:of-next-year"])]
    #[case::an_error_beside_a_known_form(&["remediation:identify", "message:of.next.year"])]
    #[case::an_authenticator(&["remediation:challenge-authenticator", "authenticator:of_next_year"])]
    #[case::a_status(&["status:OF_NEXT_YEAR"])]
    #[case::an_error_beside_a_known_status(&["status:MFA_REQUIRED", "error:E9999999"])]
    #[case::nothing(&["http:200"])]
    fn what_is_not_in_the_table_is_unknown(#[case] keys: &[&str]) {
        assert!(page(keys).is_none());
    }

    /// Okta says it of a wrong password, an unknown user and a lockout that it hides.
    #[rstest]
    #[case::identity_engine("message:E0000004")]
    #[case::classic_engine("error:E0000004")]
    fn a_refusal_that_may_be_a_lockout_is_never_called_a_wrong_password(#[case] key: &str) {
        let page = page(&["remediation:identify", key]).expect("a page");
        assert_eq!(page.refused, Some(Refusal::Credentials));
    }
}
