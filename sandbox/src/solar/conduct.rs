//! How the API answers otherwise than right, and what goes wrong with it in passing: the second
//! half of
//! what `behaviour.rs` says.

#![expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing that a row of the table sets by itself"
)]

use serde::Deserialize;

/// How answers look.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Answers {
    /// Parameters of the query that have the answers of other endpoints come along, which nothing
    /// checks.
    pub(super) includes: Vec<String>,
    pub(super) challenge: Challenge,
    /// Instead of 401 where there is no token.
    pub(super) no_token: Option<u16>,
    /// Instead of 401 for what is no good token.
    pub(super) invalid: Option<u16>,
    /// Instead of 403 for a good token that is not enough.
    pub(super) insufficient: Option<u16>,
    /// Instead of 200.
    pub(super) good: Option<u16>,
    /// Another list.
    pub(super) wrong_body: bool,
    /// A refusal brings the list.
    pub(super) leaks: bool,
    /// A refusal says which token it was.
    pub(super) echoes: bool,
    /// What is no credential is refused with where in the program that was found.
    pub(super) shows_inside: bool,
    pub(super) cors: Cors,
    /// Refusals are pages.
    pub(super) html: bool,
    /// A slash behind the path is redirected to the path without it, and anyone who has no token
    /// too.
    pub(super) redirects: bool,
    /// Another `Host` is another site, with nothing on it: 200 without a body.
    pub(super) other_site: bool,
    /// `HEAD` is answered with 204 before anything is looked at.
    pub(super) empty_head: bool,
    /// Answers are compressed where the client takes that.
    pub(super) compressed: bool,
    /// Answers bring headers that nobody knows.
    pub(super) extra_headers: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Challenge {
    #[default]
    Normal,
    None,
    LowerCase,
    /// Beside another scheme, in one header.
    Several,
    /// Beside another scheme, in a header of its own.
    TwoHeaders,
    /// With a realm.
    Realm,
    /// An error although nothing was presented.
    AlwaysError,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Cors {
    #[default]
    Off,
    /// Any origin, with credentials.
    Reflected,
    /// Every origin, with credentials.
    Star,
    /// Any origin that begins like one of this machine, with credentials.
    Beginning,
    /// Any origin that has `localhost` in it, with credentials.
    Holding,
    /// One origin, as it should be.
    Listed,
    /// A preflight wants a token.
    PreflightRefused,
}

/// What goes wrong in passing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Trouble {
    pub(super) always: Option<Instead>,
    /// What tokens make it happen.
    pub(super) on: Vec<Kind>,
    pub(super) does: Option<Instead>,
    /// How long it stays dead, in milliseconds; for good where it is not said.
    pub(super) dead_for: Option<u64>,
    /// After what makes it happen nobody is answered for so long, in milliseconds: its machine has
    /// something else to do.
    pub(super) busy_for: Option<u64>,
    /// Every answer takes so much longer, in milliseconds.
    pub(super) latency: u64,
    /// One request in five takes longer, or fails.
    pub(super) one_in_five: Option<Flaky>,
    pub(super) first_is_too_much: bool,
    /// Each request of so many is one too many.
    pub(super) too_much_every: Option<u32>,
    pub(super) opens_when_asked_again: bool,
    pub(super) first_failure_leaks: bool,
    /// After so many refusals, an address is refused whatever it brings.
    pub(super) blocks_after: Option<u32>,
    /// It is refused by an error in the body then, beside the status of success.
    pub(super) blocks_by_error: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Instead {
    /// 500.
    Fails,
    /// 502, of what stands before the API.
    BadGateway,
    /// No answer ever comes.
    Hangs,
    /// The connection is closed, and nobody listens any more.
    Dies,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Flaky {
    Slow,
    Fails,
}

/// A way to be no token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Kind {
    /// `Bearer` and nothing that is one word.
    Header,
    /// No dot at all.
    NoJwt,
    TwoSegments,
    MoreSegments,
    /// The signature is missing or no base64url.
    SignatureText,
    /// The header is no JSON object.
    HeaderText,
    /// The payload is no JSON object.
    PayloadText,
    /// The payload is no UTF-8.
    PayloadBytes,
    Deep,
    Long,
    /// `kid` is no text.
    KeyIdType,
    /// `alg` is no text.
    AlgorithmType,
}

/// What is remembered from one request to the next.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Caching {
    /// What was answered to one is answered to everybody.
    pub(super) answers: bool,
    /// The same, of what looks like a file alone.
    pub(super) files: bool,
    /// What was refused to one is refused to the next with a token.
    pub(super) refusals: bool,
    pub(super) verdicts: Verdicts,
    /// What a user was let in to once is open to every good token of theirs.
    pub(super) users: bool,
    pub(super) sessions: Sessions,
    /// Anyone who was let in once is let in on the same connection.
    pub(super) connections: bool,
    /// A verdict is kept in one place for all requests, and read after a while.
    pub(super) shared_verdict: bool,
    /// The answer says that anyone may keep it.
    pub(super) public: bool,
    /// Shared caches may keep good answers.
    pub(super) shared: bool,
}

/// What a good verdict is found again by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Verdicts {
    #[default]
    NotKept,
    /// The whole token: what has expired since is taken too.
    ByToken,
    /// Its first hundred characters.
    ByBeginning,
    /// Header and payload, without the signature.
    ByPayload,
    /// The signature alone.
    BySignature,
    /// The claim `jti`.
    ById,
    /// The claim `sub`.
    BySubject,
}

/// What the cookie of a session opens, which begins where a token is let in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Sessions {
    /// There are none.
    #[default]
    None,
    /// The path where it began.
    WhereTheyBegan,
    /// Every path.
    Everywhere,
}

/// How the issuer's keys are fetched.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct KeyRules {
    /// Those that were there first are the only ones.
    pub(super) never_again: bool,
    /// Every unknown id is a fetch.
    pub(super) unbounded: bool,
    /// What was published once stays good.
    pub(super) removed_kept: bool,
    /// Without keys, everybody gets in.
    pub(super) open_without: bool,
}
