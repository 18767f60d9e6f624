//! The files of `fixtures/protocol/`, which every binary carries along: one for each endpoint.

use std::sync::LazyLock;

use serde::Deserialize;

use super::row::{Row, Turn};
use crate::model::Flow;

/// An endpoint that the metadata names.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Where a browser is sent.
    #[default]
    Authorization,
    /// Where a code is redeemed.
    Token,
    /// Where the claims of a user are.
    UserInfo,
    /// Where it is told whether a token is alive.
    Introspection,
    /// Where a token is ended.
    Revocation,
    /// The metadata itself.
    Metadata,
    /// Where the keys are.
    Keys,
    /// Where a browser is sent to sign out.
    Logout,
    /// Where a browser is sent that has a session of the run.
    Session,
    /// The page that asks a browser to sign in.
    Page,
}

/// A file of `fixtures/protocol/`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProtocolFile {
    /// What it is about, in a sentence.
    pub about: String,
    /// The endpoint.
    pub endpoint: Place,
    /// The method of its requests.
    pub method: String,
    /// The flow that they belong to, where it is one alone: a client without it is asked none.
    #[serde(default)]
    pub flow: Option<Flow>,
    /// What every request says.
    pub parameters: Vec<(String, String)>,
    /// What a request of the code flow says as well.
    #[serde(default)]
    pub code_parameters: Vec<(String, String)>,
    /// Its rows, in the order in which they are sent.
    #[serde(rename = "row")]
    pub rows: Vec<Row>,
    /// What it is called.
    #[serde(skip)]
    pub name: &'static str,
}

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        [$((
            $name,
            include_str!(concat!("../../../fixtures/protocol/", $name, ".toml")),
        )),*]
    };
}

const FILES: [(&str, &str); 12] = files![
    "authorize",
    "page",
    "session",
    "pairs",
    "token",
    "userinfo",
    "introspect",
    "revoke",
    "metadata",
    "keys",
    "logout",
    "last",
];

static CATALOG: LazyLock<Vec<ProtocolFile>> = LazyLock::new(|| {
    let mut place = 0..;
    let mut read = |(name, text): (&'static str, &str)| {
        let file: Result<ProtocolFile, _> = toml::from_str(text);
        let mut file = file.unwrap_or_else(|error| panic!("{name}.toml: {error}"));
        for (row, place) in file.rows.iter_mut().zip(&mut place) {
            row.place = place;
            row.to = row.at.unwrap_or(file.endpoint);
            if let Some(asks) = &mut row.asks {
                asks.name = row.id.replace('_', " ");
                asks.keeps_code = true;
                asks.is_late = row.to == Place::Session && row.turn == Turn::Last;
            }
        }
        file.name = name;
        file
    };
    FILES.into_iter().map(&mut read).collect()
});

impl Place {
    /// What trials call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Authorization => "authorize",
            Self::Token => "token",
            Self::UserInfo => "userinfo",
            Self::Introspection => "introspect",
            Self::Revocation => "revoke",
            Self::Metadata => "metadata",
            Self::Keys => "keys",
            Self::Logout => "logout",
            Self::Session => "session",
            Self::Page => "page",
        }
    }
}

/// Every file, in the order in which they are sent.
#[must_use]
pub fn protocol_files() -> &'static [ProtocolFile] {
    &CATALOG
}

/// Every row, in the order in which they are sent.
pub fn protocol() -> impl Iterator<Item = &'static Row> {
    CATALOG.iter().flat_map(|file| &file.rows)
}

/// The file of an endpoint.
pub(super) fn file(place: Place) -> &'static ProtocolFile {
    let mut files = CATALOG.iter();
    let file = files.find(|file| file.endpoint == place);
    file.unwrap_or_else(|| panic!("no file of fixtures/protocol is about {place:?}"))
}

/// The row of an id that another row names.
pub(super) fn row(id: &str) -> &'static Row {
    protocol()
        .find(|row| row.id == id)
        .unwrap_or_else(|| panic!("no row of fixtures/protocol is called {id}"))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::exchange::At;
    use crate::openid::AskedPrompt;

    #[test]
    fn the_files_can_be_read_and_no_two_rows_have_one_name() {
        let mut seen = BTreeSet::new();
        for row in protocol() {
            assert!(seen.insert(&row.id), "{} is there twice", row.id);
            assert!(!row.method().is_empty(), "{}", row.id);
            if let Some(control) = row.control() {
                assert!(control < row, "{} stands before its control", row.id);
                assert_eq!(control.to(), row.to(), "{}", row.id);
                // That a page comes at all shows that client and redirect URI are right.
                let is_page = row.to() == Place::Page && control.flow.is_none();
                assert!(is_page || control.flow == row.flow, "{}", row.id);
                assert!(control.control().is_none(), "{}", control.id);
            }
        }
    }

    #[test]
    fn a_field_that_nobody_reads_is_refused() {
        let text = format!("{}\nmethd = \"HEAD\"\n", FILES[0].1);
        let error = toml::from_str::<ProtocolFile>(&text)
            .unwrap_err()
            .to_string();
        assert!(error.contains("methd"), "{error}");
    }

    /// A refusal proves nothing without its control, and no request may open a sign-in.
    #[test]
    fn every_wrong_authorization_request_is_silent_and_has_its_control() {
        let rows = protocol().filter(|row| row.to() == Place::Authorization);
        for row in rows {
            let is_control = row.answer.errors == ["login_required", "interaction_required"];
            assert!(is_control || row.control().is_some(), "{}", row.id);
            let prompts = row.set.iter().chain(&row.add);
            let mut prompts = prompts.filter(|(name, _)| name == "prompt");
            assert!(
                !row.remove.iter().any(|name| name == "prompt"),
                "{}",
                row.id
            );
            assert!(prompts.all(|(_, value)| value != "login"), "{}", row.id);
        }
    }

    /// What goes through a browser with a session must open no page in it.
    #[test]
    fn every_request_in_a_session_is_silent() {
        let asked = protocol().filter_map(|row| Some((row, row.asks()?)));
        for (row, asks) in asked {
            let none = AskedPrompt::Text("none".to_owned());
            assert_eq!(asks.prompt, none, "{}", row.id);
            assert!(asks.more.iter().all(|(name, _)| name != "prompt"));
        }
        let mut in_session = protocol().filter(|row| row.to() == Place::Session);
        assert!(in_session.all(|row| row.asks().is_some()));
    }

    #[test]
    fn what_may_be_answered_says_where() {
        for row in protocol() {
            let answers = std::iter::once(&row.answer).chain(&row.also);
            for answer in answers {
                let is_redirect = matches!(answer.at, At::RedirectUri | At::Granted);
                let has_parts = answer.part.is_some() || answer.echoes_state;
                assert!(is_redirect || !has_parts, "{}", row.id);
            }
        }
    }
}
