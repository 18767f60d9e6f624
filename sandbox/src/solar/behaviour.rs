//! Everything that the API can do otherwise than right. The default is right; a fault changes some
//! of
//! it, as its row in `faults.toml` says.

#![expect(
    clippy::struct_excessive_bools,
    reason = "each is a thing that a row of the table sets by itself"
)]

use serde::Deserialize;

pub(super) use super::conduct::{
    Answers, Caching, Challenge, Cors, Flaky, Instead, KeyRules, Kind, Sessions, Trouble, Verdicts,
};

/// How the API behaves.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Behaviour {
    pub(super) presented: Presented,
    pub(super) signed: Signed,
    pub(super) claims: ClaimChecks,
    pub(super) scopes: ScopeChecks,
    pub(super) path: PathRules,
    pub(super) request: RequestRules,
    pub(super) cache: Caching,
    pub(super) keys: KeyRules,
    pub(super) answer: Answers,
    pub(super) trouble: Trouble,
}

/// How a text is compared with the one that is wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Comparison {
    /// It is the same, byte for byte.
    #[default]
    Exact,
    /// It begins like the wanted one.
    Prefix,
    /// The wanted one is somewhere in it.
    Contains,
    /// It is somewhere in the wanted one.
    Part,
    /// It is the same but for capital letters.
    CaseInsensitive,
    /// It is a URL of the same host.
    Host,
    /// It is the same but for a slash at its end.
    TrailingSlash,
    /// It is the same address, however it is written.
    Address,
    /// It is the same but for `http` or `https`.
    Scheme,
    /// It fits when the wanted one is taken for a pattern whose dots stand for anything.
    Dots,
    /// It ends like the wanted one.
    Suffix,
    /// It is the same when its percent-encoding is undone.
    Decoded,
    /// It is the same when letters in full width are taken for those that they look like.
    FullWidth,
    /// It is the same behind a mark that says that it is not meant.
    Negated,
    /// It is the same up to a `?` or `#`.
    BeforeMark,
    /// It is the same, or a word below it.
    Below,
    /// It is the same, or what stands before its last words.
    Above,
    /// It is the same address, at a host below the wanted one's too.
    Subdomain,
    /// It is the same address, at whatever port.
    AnyPort,
    /// It is the same, or an array of which one holds the wanted one.
    ArrayPart,
    /// A star at its end stands for anything without a slash.
    Star,
    /// It is an array, whatever is in it, or right.
    AnyArray,
    /// It is right, or missing.
    Optional,
    /// Nobody looks.
    Unchecked,
}

/// How a token is taken from a request (RFC 6750 section 2).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Presented {
    pub(super) scheme: Scheme,
    pub(super) several: Several,
    /// `access_token` in the query.
    pub(super) query: bool,
    /// `access_token` in a form.
    pub(super) form: bool,
    /// A cookie `access_token`.
    pub(super) cookie: bool,
    /// Cookies of other names.
    pub(super) cookies: Vec<String>,
    /// Parameters of the query by other names.
    pub(super) parameters: Vec<String>,
    /// Other headers, in small letters.
    pub(super) headers: Vec<String>,
    /// A second token in the query is passed over.
    pub(super) two_methods: bool,
    /// Of several tokens, wherever they are, one is verified and another believed.
    pub(super) split: Option<Split>,
    /// A token may be in JSON (RFC 7515 section 7.2.2): that is verified, and the text is read.
    pub(super) in_json: bool,
    /// A token may have more than three parts: of the first three, and the first with the last two,
    /// one is verified and the other is read.
    pub(super) in_more_parts: Option<Split>,
    /// Which tokens are read and not verified.
    pub(super) unverified: Option<Unverified>,
}

/// What is left to be verified by somebody else, who does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Unverified {
    /// What is not `Bearer`, one blank and a token.
    OtherSpellings,
    /// What is elsewhere than in `Authorization`.
    Elsewhere,
}

/// Which of several tokens is verified; the claims are read from the one at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Split {
    FirstIsVerified,
    LastIsVerified,
}

/// Which schemes bring a token.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Scheme {
    /// `Bearer`, in any case (RFC 9110 section 11.1).
    #[default]
    Bearer,
    /// `Bearer` as it is written here.
    CaseSensitive,
    /// Anything that ends with `bearer`.
    Unanchored,
    /// Any word.
    Any,
}

/// What is made of a header that comes twice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Several {
    #[default]
    Refuse,
    First,
    Last,
    /// Whichever is good.
    Any,
}

/// How a signature is checked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Signed {
    pub(super) signature: Signature,
    pub(super) none: NoneAlgorithm,
    /// Algorithms that nobody knows are not checked.
    pub(super) skips_unknown: bool,
    /// The issuer's key is good for every algorithm of its kind.
    pub(super) unpinned: bool,
    /// What HMAC keys are taken from.
    pub(super) secrets: Vec<Secret>,
    /// Algorithms that are refused before anything is looked at.
    pub(super) refused: Vec<String>,
    /// A member of the header may be there twice: the first is checked, the last is obeyed.
    pub(super) twice: bool,
    /// What fails while a signature is looked at is no refusal.
    pub(super) open_on_failure: bool,
    pub(super) kid: KeyId,
    /// Where else keys are taken from, by what the token says.
    pub(super) key_from: Vec<KeySource>,
    pub(super) crit_ignored: bool,
    /// A payload that is said to be signed as it is, is taken as any other.
    pub(super) b64_ignored: bool,
    /// It is taken as it is said to be signed (RFC 7797).
    pub(super) b64_obeyed: bool,
    pub(super) typ_unchecked: bool,
    /// What is no JWT at all gets in.
    pub(super) garbage_accepted: bool,
    /// What is no base64url in a signature is passed over.
    pub(super) lax_base64: bool,
    /// A signature of zeros is right for every key of ES256.
    pub(super) zeros: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Signature {
    #[default]
    Checked,
    Unchecked,
    /// None need be there; what is there is checked.
    Optional,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum NoneAlgorithm {
    #[default]
    Refused,
    /// `none`.
    Exact,
    /// `None`, `nOnE`, …
    AnyCase,
    /// A token that names no algorithm.
    Missing,
    /// The signature of an algorithm that nobody knows is an empty one.
    Unknown,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Secret {
    /// The public key, in each of the forms that it has.
    PublicKey,
    /// The key set as it is served, and each key as it stands in it.
    PublishedText,
    Blank,
    /// Words that are guessed first.
    Weak,
    /// What everybody knows of the tokens: issuer, audience, client.
    Names,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum KeyId {
    /// A text that names a published key.
    #[default]
    Text,
    /// Whatever it is: every published key is tried.
    Ignored,
    /// Where there is none, every published key is tried.
    Optional,
    /// A number finds the key at that place.
    Number,
    /// A path of a file with a secret.
    Path,
    /// A part of a query that answers with a secret.
    Query,
    /// A part of a command.
    Command,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum KeySource {
    /// The key in the header itself, be it a public one or a secret.
    Jwk,
    /// The certificate in the header itself, no matter who has signed it.
    X5c,
    Jku,
    X5u,
    /// The metadata of anyone who the token says it is from.
    Issuer,
}

/// How claims are checked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ClaimChecks {
    pub(super) issuer: Comparison,
    pub(super) audience: Comparison,
    pub(super) expiry: Expiry,
    /// How far clocks may be apart, in seconds; a minute where it is not said.
    pub(super) leeway: Option<u32>,
    pub(super) not_before_unchecked: bool,
    /// Tokens from the future are refused (harmless).
    pub(super) issued_at_checked: bool,
    /// ID tokens are as good as access tokens.
    pub(super) id_tokens: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Expiry {
    #[default]
    Checked,
    Unchecked,
    /// It may be missing.
    Optional,
    /// A text is compared as a text.
    Text,
}

/// How scopes are checked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ScopeChecks {
    pub(super) compare: Comparison,
    pub(super) read: ScopeSource,
    pub(super) wanted: Wanted,
    /// One endpoint alone where nobody looks.
    pub(super) unchecked_at: Option<Place>,
    /// No other scope may be beside the wanted one.
    pub(super) alone: bool,
    /// Whoever is an admin, by a scope, a role or a claim, may do anything.
    pub(super) admins: bool,
    /// A token that no user is behind may do anything.
    pub(super) machines: bool,
    /// The query may say which scope is wanted.
    pub(super) wanted_in_query: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum ScopeSource {
    /// The list `scp`, or where there is none the text `scope` (RFC 9068 section 2.2.3).
    #[default]
    Standard,
    /// `scope` alone.
    ScopeAlone,
    /// A text `scp`, whatever else is in it.
    Text,
    /// What is between the blanks of every item.
    Blanks,
    /// What is between the commas of every item.
    Commas,
    /// Any text in any claim.
    AnyClaim,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Wanted {
    /// Each endpoint wants its own.
    #[default]
    Own,
    /// Each wants the next one's.
    NextOnes,
    /// The first is opened by the scopes of the others too.
    FirstByAll,
    /// Each is opened by every scope of the API.
    Any,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Place {
    First,
    Last,
}

/// Which path is checked, and which is served.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct PathRules {
    /// The rule of a longer path is that of its beginning.
    pub(super) by_prefix: bool,
    pub(super) unruled: Unruled,
    /// The query is a part of the path.
    pub(super) whole_target: bool,
    /// What happens to a path between the check and the endpoint.
    pub(super) served_after: Vec<Step>,
    /// Headers that name the path that is served, in small letters.
    pub(super) from_headers: Vec<String>,
    /// Headers that name the path that is checked, in small letters.
    pub(super) checked_from_headers: Vec<String>,
    /// Parameters of the query that name the path that is served.
    pub(super) from_parameters: Vec<String>,
    /// Parameters of the query that name the path that is checked.
    pub(super) checked_from_parameters: Vec<String>,
}

/// What is done about a path that no rule is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Unruled {
    #[default]
    NotFound,
    /// Any good token will do.
    Token,
    Open,
}

/// A step of normalisation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Step {
    Percent,
    DotSegments,
    Slashes,
    Semicolons,
    Backslashes,
    Case,
    TrailingSlash,
    TrailingDot,
    Nul,
    Blanks,
    Hash,
    Question,
    Extension,
    /// What is behind the first segment is for the endpoint to read.
    PathInfo,
    LastSegment,
    /// `.` and `/` in more bytes than they have (RFC 3629 section 3), letters in their full width.
    Lookalikes,
    /// `../` is taken out, once.
    DotsOnce,
    /// `/public` and `/static` are another name for `/`.
    Alias,
    /// Of names between commas the last one is served.
    Batch,
}

/// Which requests are not checked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct RequestRules {
    /// Methods that need no token; `*`: all but `GET`.
    pub(super) open_methods: Vec<String>,
    /// Methods that are served as `GET` is, and checked as it is.
    pub(super) served_as_get: Vec<String>,
    /// `get` is a method that nobody checks.
    pub(super) method_case_ignored: bool,
    /// A header that names another method ends the check.
    pub(super) method_override: bool,
    /// Headers that are believed.
    pub(super) trusted: Vec<Trusted>,
    /// `X_Forwarded_For` and `X.Forwarded.For` are `X-Forwarded-For`.
    pub(super) loose_spelling: bool,
    /// Headers, in small letters, that `Connection` takes away where it names them, and the check
    /// with them.
    pub(super) hop_by_hop: Vec<String>,
    /// What has one of these in its path or query is not checked.
    pub(super) open_parts: Vec<String>,
    /// Another `Host` is not checked.
    pub(super) other_host: bool,
    /// No token is needed.
    pub(super) no_token: bool,
    /// Who does not say what kind of client they are is not checked.
    pub(super) unnamed_client: bool,
    /// What is too large for the check is not checked: credentials of more bytes than this.
    pub(super) unchecked_above: Option<usize>,
    /// The scope is looked for in the query too.
    pub(super) scope_in_query: bool,
    /// The scope is looked for in the body too.
    pub(super) scope_in_body: bool,
    /// What is believed, or not checked, spares the scope alone: a good token must be there.
    pub(super) spares_the_scope: bool,
}

/// A header that is believed, and what it must say.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Trusted {
    /// In small letters.
    pub(super) header: String,
    pub(super) says: Says,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Says {
    Anything,
    /// This text, with more or without.
    Holds(String),
    /// An address of this machine.
    Local,
    /// An address of a private network (RFC 1918).
    Private,
    /// The scope that is wanted.
    Scope,
}
