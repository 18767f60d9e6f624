//! How the org model may accept what a code says.

use super::Code;

/// How the org model may accept what a code says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Acceptance {
    /// By what it is about.
    BySubject,
    /// Somebody gets more than the model gives: by the scope, and by whoever gets it.
    ByScopeAndWhom,
    /// In no way: somebody gets more, and no scope says what, or nobody knows who.
    Never,
}

impl Code {
    /// How the org model may accept it.
    #[must_use]
    pub fn acceptance(self) -> Acceptance {
        match self {
            Self::ScopeGivenToOthers
            | Self::TokensGiven
            | Self::CodeGiven
            | Self::RefreshWidens
            | Self::AccessGiven
            | Self::SlashOpen
            | Self::HostileLetIn
            | Self::HostileOpen => Acceptance::ByScopeAndWhom,
            Self::UserInAnotherGroup
            | Self::UserAssigned
            | Self::UserTakenForAnother
            | Self::PasswordSentElsewhere
            | Self::PromptLoginIgnored
            | Self::MaxAgeIgnored
            | Self::AccessTokenUser
            | Self::AccessTokenOfAnother
            | Self::AccessTokenScopes
            | Self::IdTokenSubject
            | Self::RefreshedAccessOther
            | Self::RefreshOutlivesRevocation
            | Self::RefreshReused
            | Self::RefreshOutlivesReuse
            | Self::ServiceScopesGiven
            | Self::ServiceTokenScopes
            | Self::ServiceTokenOfAnother
            | Self::ServiceTokenGiven
            | Self::ServiceTokenOfUsers
            | Self::ServiceImpostor
            | Self::ProtocolHandsOut
            | Self::ProtocolRedirectsElsewhere
            | Self::ProtocolRedirectsUnregistered
            | Self::ProtocolUnchecked
            | Self::ProtocolTaken
            | Self::ProbesGiveMore
            | Self::AcceptedExpired
            | Self::AcceptedGone => Acceptance::Never,
            _ => Acceptance::BySubject,
        }
    }
}
