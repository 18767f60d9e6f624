//! The codes of findings: each distinct way in which a requirement is not met has one, which stays
//! the same from version to version, so that a record, a search and the org model can name it.
//!
//! What is wrong in the same way shares a code; which trial found it, and about what, the record
//! says beside it. `fixtures/finding-proofs.toml` names the case that produces each. They are in
//! the document's order.

/// Declares the codes, each with what it means, how the org model may accept it and how it is
/// written: a new one is accepted in no way that its row does not say.
macro_rules! codes {
    ($(#[doc = $meaning:literal] $name:ident: $acceptance:ident = $text:literal,)+) => {
        /// A way in which a requirement is not met.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $name,)+
        }

        impl Code {
            /// Every code, in the document's order.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// How it is written.
            #[must_use]
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }

            /// What it means, in a sentence.
            #[must_use]
            pub fn meaning(self) -> &'static str {
                match self {
                    $(Self::$name => $meaning.trim_ascii(),)+
                }
            }

            /// How the org model may accept it.
            #[must_use]
            pub fn acceptance(self) -> Acceptance {
                match self {
                    $(Self::$name => Acceptance::$acceptance,)+
                }
            }
        }
    };
}

mod table;

pub use table::Code;

/// How the org model may accept what a code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// By what it is about.
    BySubject,
    /// Somebody gets more than the model gives: by the scope, and by who gets it.
    ByScopeAndWhom,
    /// In no way: somebody gets more, and no scope says what, or nobody knows who.
    Never,
}

/// The last code of each module of trials, in the document's order, and what the ids of its trials
/// begin with.
const LAST_OF_MODULES: [(Code, &str); 14] = [
    (Code::ClocksApart, "step_0_prerequisites::"),
    (Code::GroupMissing, "step_1_groups::"),
    (Code::UserInAnotherGroup, "step_2_users::"),
    (Code::ClaimOther, "step_3a_authorization_server::"),
    (Code::ScopeDrift, "step_3b_scope::"),
    (Code::PolicyDrift, "step_3c_access_policy::"),
    (Code::ServiceClientOther, "step_4a_client::"),
    (Code::OriginEmbeds, "step_4b_redirect_uri::"),
    (Code::AssignmentDrift, "step_4c_assignment::"),
    (Code::ServiceImpostor, "step_5_"),
    (Code::RefusalUnclear, "access::"),
    (Code::HostileShowsToken, "hostile::"),
    (Code::ProtocolDisagrees, "protocol::"),
    (Code::AcceptedGone, "accepted::"),
];

impl Code {
    /// The code that is written so.
    #[must_use]
    pub fn of(text: &str) -> Option<Self> {
        let mut all = Self::ALL.iter().copied();
        all.find(|code| code.text() == text)
    }

    /// What the ids of the trials begin with that look for it.
    #[must_use]
    pub fn module(self) -> &'static str {
        let own = LAST_OF_MODULES.iter().find(|(last, _)| self <= *last);
        // A test holds that none stands behind the last one.
        let [.., (_, behind)] = LAST_OF_MODULES;
        own.map_or(behind, |(_, module)| module)
    }
}

/// What a breach is about: the scope, and who gets it.
#[must_use]
pub(crate) fn given(scope: &str, whom: &str) -> String {
    format!("{scope} to {whom}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A new code behind them would belong to the trials of another one.
    #[test]
    fn every_code_has_a_module_of_its_own() {
        let last = LAST_OF_MODULES.map(|(code, _)| code);
        assert!(last.is_sorted(), "{last:?}");
        assert_eq!(last.last(), Code::ALL.last());
    }
}
