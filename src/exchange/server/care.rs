//! What an answer must take care of, whatever else it says.

use serde::Deserialize;

/// The host of anyone who has no business with the org: what it is given is looked at.
pub const ANOTHER_HOST: &str = "elsewhere.example";

/// What an answer takes care of beside what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Care {
    /// `iss`, where a redirect has it or the metadata promises it, is the issuer (RFC 9207 section
    /// 2.4).
    OwnIssuer,
    /// A redirect has no browser send again what it posted: it is no 307 and no 308 (RFC 9700
    /// section 4.12).
    NoRepeat,
    /// No cache keeps it: `Cache-Control: no-store` (RFC 6749 section 5.1).
    NoStore,
    /// How long it may be kept: `Cache-Control: max-age`.
    MaxAge,
    /// The page that follows hears nothing of this one: `Referrer-Policy: no-referrer`.
    NoReferrer,
    /// No page of another origin reads it (RFC 9700 section 2.6).
    NoPages,
    /// No page of another origin reads it with the cookies of its visitor.
    NoPagesWithCookies,
    /// What was sent stands in no page as markup.
    NoMarkup,
    /// No page of another origin shows it in a frame (RFC 9700 section 4.16).
    NoFrames,
    /// It is JSON, or a token, and says so (RFC 6749 section 5.1, RFC 8414 section 3.2).
    Json,
    /// It names no host that the request alone named in its headers.
    OwnHost,
    /// No script of a page reads its cookies, and they come by https alone where it does.
    KeptCookies,
    /// Its code is long, and unlike every other one of the run (RFC 6749 section 10.10).
    OwnCode,
    /// No cache gives it to anybody else (RFC 9111 sections 3 and 3.5).
    NoSharing,
    /// What was sent makes no header of it.
    OwnHeaders,
    /// How long a token lives is a number (RFC 6749 section 5.1).
    Numbers,
    /// What it says of a token by texts comes as texts (RFC 6749 section 5.1, RFC 7662 section
    /// 2.2).
    Texts,
    /// No refresh token, where none of the scopes asks for one.
    NothingUnasked,
    /// No member of it is called as what holds a secret.
    NoSecrets,
    /// A message is for pages of the redirect URI's origin alone (RFC 9700 section 4.17).
    OwnPage,
}

/// A header that no server knows: where it comes, what was sent made it.
pub const ANOTHER_HEADER: &str = "x-okta-e2e";

impl Care {
    /// Every one.
    pub const ALL: [Self; 20] = [
        Self::OwnIssuer,
        Self::NoRepeat,
        Self::NoStore,
        Self::MaxAge,
        Self::NoReferrer,
        Self::NoPages,
        Self::NoPagesWithCookies,
        Self::NoMarkup,
        Self::NoFrames,
        Self::Json,
        Self::OwnHost,
        Self::KeptCookies,
        Self::OwnCode,
        Self::NoSharing,
        Self::OwnHeaders,
        Self::Numbers,
        Self::Texts,
        Self::NothingUnasked,
        Self::NoSecrets,
        Self::OwnPage,
    ];

    /// Whether the address alone, which is what a browser shows, has what it is about.
    #[must_use]
    pub const fn is_of_the_address(self) -> bool {
        matches!(self, Self::OwnIssuer | Self::OwnCode | Self::OwnPage)
    }

    /// What is wanted, behind what the answer is.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::OwnIssuer => "with the issuer in `iss`, or without where none is promised",
            Self::NoRepeat => "by a status that has no form sent again, 302 or 303",
            Self::NoStore => "with `Cache-Control: no-store`",
            Self::MaxAge => "with `max-age` in `Cache-Control`",
            Self::NoReferrer => "with `Referrer-Policy: no-referrer`",
            Self::NoPages => "that no page of another origin may read",
            Self::NoPagesWithCookies => "that no page of another origin may read with cookies",
            Self::NoMarkup => "with what was sent as text and not as HTML",
            Self::NoFrames => "that no page of another origin may show in a frame",
            Self::Json => "as JSON, which its content type says",
            Self::OwnHost => "without the host that the headers of the request name",
            Self::KeptCookies => "without cookies, or with cookies for the server alone",
            Self::OwnCode => "with a long code that is unlike every other one of the run",
            Self::NoSharing => "that no cache gives to anybody else",
            Self::OwnHeaders => "without a header that the request made up",
            Self::Numbers => "with a whole number for `expires_in`, where it has that",
            Self::Texts => {
                "with texts for `scope`, `token_type` and whatever else is said by texts"
            }
            Self::NothingUnasked => {
                "without a refresh token, unless its scope has `offline_access`"
            }
            Self::NoSecrets => "without a member that is called as a secret",
            Self::OwnPage => "that pages of the redirect URI's origin alone can read",
        }
    }

    /// What is there instead, behind what the answer is.
    #[must_use]
    pub const fn lacking(self) -> &'static str {
        match self {
            Self::OwnIssuer => {
                "`iss` is another issuer, or is missing although the metadata promises it"
            }
            Self::NoRepeat => "the browser sends what it posted to the next address too",
            Self::NoStore => "`Cache-Control` has no `no-store`",
            Self::MaxAge => {
                "`Cache-Control` has no `max-age`, or one longer than from one rotation to the next"
            }
            Self::NoReferrer => "`Referrer-Policy` is not `no-referrer`",
            Self::NoPages => "CORS lets a page of another origin read it",
            Self::NoPagesWithCookies => "CORS lets a page of another origin read it with cookies",
            Self::NoMarkup => "what was sent is in the page as HTML, scripts included",
            Self::NoFrames => {
                "neither `frame-ancestors` nor `X-Frame-Options` keeps it from frames"
            }
            Self::Json => "it is no JSON, or its content type says that it is something else",
            Self::OwnHost => "it names the host that the headers of the request named",
            Self::KeptCookies => {
                "a cookie lacks `HttpOnly`, or `Secure` where the address is https, or is for a \
                 whole domain"
            }
            Self::OwnCode => {
                "its code is short, or like another one of the run, which can be guessed"
            }
            Self::NoSharing => "caches may give it to anybody else",
            Self::OwnHeaders => "a line break in what was sent made a header of it",
            Self::Numbers => "`expires_in` is no whole number, by which some clients never end it",
            Self::Texts => "a member is no text that must be one, such as `scope` as a list",
            Self::NothingUnasked => "it brings a refresh token that no scope asked for",
            Self::NoSecrets => "a member of it is called as a secret",
            Self::OwnPage => {
                "any page can read it that opened the window: `postMessage` has another target \
                 than the redirect URI's origin"
            }
        }
    }
}
