//! What an unmet trial may be to blame for: by it, the few that can explain a symptom are found
//! among thousands that cannot.

use super::context::{self, Context};
use crate::observation::{AuthorizationKey, Symptom};

/// What the symptoms have in common that a trial explains.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Topic {
    /// Nothing: it may explain whatever is missing anywhere.
    Anything,
    /// They are about this test user.
    User(String),
    /// They are about members of this group.
    Group(String),
    /// They are about requests for this scope.
    Scope(String),
    /// They are about this request.
    Authorization(AuthorizationKey),
}

impl Topic {
    /// What is said to be missing where that is what the topic is about.
    #[must_use]
    pub fn object(&self) -> Option<String> {
        match self {
            Self::User(name) => Some(context::user(name)),
            Self::Group(name) => Some(context::group(name)),
            Self::Scope(name) => Some(context::scope(name)),
            Self::Anything | Self::Authorization(_) => None,
        }
    }

    /// The topics of a symptom that is about a request; none, where an object is missing.
    #[must_use]
    pub fn of(context: &Context<'_>, symptom: &Symptom) -> Vec<Self> {
        let Some(key) = symptom.key() else {
            return Vec::new();
        };
        let scopes = key.request.scopes.iter().cloned().map(Self::Scope);
        let user = context.model.user(&key.user);
        let groups = user.into_iter().flat_map(|user| {
            let names = user.group_names();
            names.map(|name| Self::Group(name.to_owned()))
        });
        let own = [
            Self::User(key.user.clone()),
            Self::Authorization(key.clone()),
        ];
        own.into_iter().chain(scopes).chain(groups).collect()
    }
}
