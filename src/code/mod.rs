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
        let last = [
            (Self::ClocksApart, "step_0_prerequisites::"),
            (Self::GroupMissing, "step_1_groups::"),
            (Self::UserInAnotherGroup, "step_2_users::"),
            (Self::ClaimOther, "step_3a_authorization_server::"),
            (Self::ScopeDrift, "step_3b_scope::"),
            (Self::PolicyDrift, "step_3c_access_policy::"),
            (Self::ServiceClientOther, "step_4a_client::"),
            (Self::OriginEmbeds, "step_4b_redirect_uri::"),
            (Self::AssignmentDrift, "step_4c_assignment::"),
            (Self::ServiceImpostor, "step_5_"),
            (Self::RefusalUnclear, "access::"),
            (Self::HostileShowsToken, "hostile::"),
            (Self::ProtocolDisagrees, "protocol::"),
        ];
        let own = last.into_iter().find(|(last, _)| self <= *last);
        own.map_or("accepted::", |(_, module)| module)
    }
}

/// What a breach is about: the scope, and who gets it.
#[must_use]
pub(crate) fn given(scope: &str, whom: &str) -> String {
    format!("{scope} to {whom}")
}
