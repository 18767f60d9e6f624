//! What an answer must take care of, whatever else it says.

use serde::Deserialize;

/// The origin of a page that has no business with the org: what it may read is looked at.
pub const ANOTHER_ORIGIN: &str = "https://elsewhere.example";

/// What an answer takes care of beside what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Care {
    /// `iss`, where a redirect has it, is the issuer (RFC 9207 section 2.4).
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
}

impl Care {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::OwnIssuer,
        Self::NoRepeat,
        Self::NoStore,
        Self::MaxAge,
        Self::NoReferrer,
        Self::NoPages,
        Self::NoPagesWithCookies,
        Self::NoMarkup,
        Self::NoFrames,
    ];

    /// What is wanted, behind what the answer is.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::OwnIssuer => "without `iss`, or with the issuer in it",
            Self::NoRepeat => "by a status that has no form sent again, 302 or 303",
            Self::NoStore => "with `Cache-Control: no-store`",
            Self::MaxAge => "with `max-age` in `Cache-Control`",
            Self::NoReferrer => "with `Referrer-Policy: no-referrer`",
            Self::NoPages => "that no page of another origin may read",
            Self::NoPagesWithCookies => "that no page of another origin may read with cookies",
            Self::NoMarkup => "with what was sent as text and not as HTML",
            Self::NoFrames => "that no page of another origin may show in a frame",
        }
    }

    /// What is there instead, behind what the answer is.
    #[must_use]
    pub const fn lacking(self) -> &'static str {
        match self {
            Self::OwnIssuer => "`iss` is another issuer",
            Self::NoRepeat => "the browser sends what it posted to the next address too",
            Self::NoStore => "`Cache-Control` has no `no-store`",
            Self::MaxAge => "`Cache-Control` has no `max-age`",
            Self::NoReferrer => "`Referrer-Policy` is not `no-referrer`",
            Self::NoPages => "CORS lets a page of https://elsewhere.example read it",
            Self::NoPagesWithCookies => {
                "CORS lets a page of https://elsewhere.example read it with cookies"
            }
            Self::NoMarkup => "what was sent is in the page as HTML, scripts included",
            Self::NoFrames => {
                "neither `frame-ancestors` nor `X-Frame-Options` keeps it from frames"
            }
        }
    }
}
