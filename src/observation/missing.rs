//! What an org may lack, and what is said of the parts of what is not there.

use super::{NotSeen, Symptom};

/// What makes the tokens of probes.
pub(crate) const MAKE_PROBES: &str =
    "make the probes of the org model: cargo run -- provision --env-file .env --with-probes";

/// An earlier requirement says that the object is not there at all.
pub(crate) fn missing(object: &str) -> NotSeen {
    let symptom = Symptom::Missing {
        object: object.to_owned(),
    };
    let reason = format!("the org has no {object}, or the API token may not see it");
    NotSeen::inconclusive(reason).with(symptom)
}

/// What a missing group is called.
pub(crate) fn group(name: &str) -> String {
    format!("group `{name}`")
}

/// What a missing test user is called.
pub(crate) fn user(name: &str) -> String {
    format!("user of the login of {name}")
}

/// What a missing scope is called.
pub(crate) fn scope(name: &str) -> String {
    format!("scope `{name}`")
}

/// What a missing claim is called; `of` is the name of a test user's token that lacks it.
pub(crate) fn claim(name: &str, tokens: &str, of: &str) -> String {
    format!("claim `{name}` of {tokens} of {of}")
}

/// What a missing authorization server is called.
pub(crate) const SERVER: &str = "authorization server with the issuer";
/// What missing metadata is called.
pub(crate) const METADATA: &str = "metadata at the issuer";
/// What a missing client is called.
pub(crate) const CLIENT: &str = "client of the client id";

/// Nothing can be said about the parts of an authorization server that is not there.
pub(crate) fn no_server() -> NotSeen {
    missing(SERVER)
}

/// Nothing can be said about the parts of a client that is not there.
pub(crate) fn no_client() -> NotSeen {
    missing(CLIENT)
}

/// What missing metadata is called where something other than the org says that it is not there.
pub(crate) const METADATA_OF_OTHERS: &str = "metadata at the issuer, by something before the org";

/// Nothing can be said about an issuer where something else answers, until it is known whether the
/// org has the server.
pub(crate) fn held_back(reason: impl Into<String>) -> NotSeen {
    NotSeen::failed(reason).with(Symptom::Missing {
        object: METADATA_OF_OTHERS.to_owned(),
    })
}

/// Nothing can be said about an issuer that publishes no metadata.
pub(crate) fn no_metadata(reason: impl Into<String>) -> NotSeen {
    NotSeen::failed(reason).with(Symptom::Missing {
        object: METADATA.to_owned(),
    })
}
