//! Whether the claims of a token are those of an access token for this API, and of now.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::Timestamp;
use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;

use super::behaviour::{ClaimChecks, Comparison, Expiry};
use super::route::of_half_width;
use super::token::{Members, Token};

/// How far clocks may be apart, in seconds.
const LEEWAY_SECONDS: u32 = 60;

/// Whom to trust, and for whom tokens must be.
#[derive(Debug, Clone)]
pub(super) struct Trusted {
    pub(super) issuer: String,
    pub(super) audience: String,
    /// How many seconds the API's clock is ahead, from now to then.
    pub(super) ahead: Arc<AtomicI64>,
}

impl Trusted {
    fn now(&self) -> f64 {
        seconds(Timestamp::now().as_second() + self.ahead.load(Ordering::Relaxed))
    }
}

/// What a token is by its claims.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// An access token for this API.
    Access,
    /// An ID token, where those are taken.
    Id,
    /// Nothing that gets in.
    Invalid,
}

impl ClaimChecks {
    /// What the token is.
    pub(super) fn judge(&self, token: &Token<'_>, trusted: &Trusted) -> Kind {
        let claims = &token.claims;
        let is_id_token = is_id_token(token);
        let is_of_issuer = holds_text(self.issuer, claims.get("iss"), &trusted.issuer);
        if !is_of_issuer
            || !self.is_of_now(claims, trusted.now())
            || (is_id_token && !self.id_tokens)
        {
            return Kind::Invalid;
        }
        if is_id_token {
            return Kind::Id;
        }
        if self.is_for(claims.get("aud"), &trusted.audience) {
            Kind::Access
        } else {
            Kind::Invalid
        }
    }

    /// RFC 7519 section 4.1.3: one of the audiences.
    fn is_for(&self, found: Option<&Value>, wanted: &str) -> bool {
        let rule = self.audience;
        match found {
            Some(Value::Array(_)) if rule == Comparison::AnyArray => true,
            Some(Value::Array(audiences)) if rule == Comparison::ArrayPart => {
                let mut texts = audiences.iter().filter_map(Value::as_str);
                texts.any(|text| text.contains(wanted))
            }
            Some(Value::Array(audiences)) => {
                let mut texts = audiences.iter().filter_map(Value::as_str);
                texts.any(|text| holds(rule, text, wanted)) || rule == Comparison::Unchecked
            }
            found => holds_text(rule, found, wanted),
        }
    }

    fn is_of_now(&self, claims: &Members, now: f64) -> bool {
        let leeway = f64::from(self.leeway.unwrap_or(LEEWAY_SECONDS));
        let is_past = |time: f64| now >= time + leeway;
        let is_ahead = |time: f64| time > now + leeway;
        let is_alive = match (claims.get("exp"), self.expiry) {
            (_, Expiry::Unchecked) | (None, Expiry::Optional) => true,
            (Some(Value::String(text)), Expiry::Text) => text.as_str() > now.to_string().as_str(),
            (exp, _) => exp.and_then(Value::as_f64).is_some_and(|exp| !is_past(exp)),
        };
        let has_begun = |name: &str| match claims.get(name) {
            None => true,
            Some(time) => time.as_f64().is_some_and(|time| !is_ahead(time)),
        };
        is_alive
            && (self.not_before_unchecked || has_begun("nbf"))
            && (!self.issued_at_checked || has_begun("iat"))
    }
}

#[expect(
    clippy::cast_precision_loss,
    reason = "seconds of our time are far below 2^53"
)]
fn seconds(time: i64) -> f64 {
    time as f64
}

/// An ID token names no client that it was given to beside its audience, or has what only ID tokens
/// have (OpenID Connect Core 1.0 section 2); an access token says that it is one, or names its
/// client
/// (`cid` by Okta, `client_id` by RFC 9068 section 2.2).
fn is_id_token(token: &Token<'_>) -> bool {
    let kind = token.named("typ").unwrap_or_default().to_ascii_lowercase();
    let is_named = ["cid", "client_id"]
        .iter()
        .any(|name| token.claims.contains_key(*name));
    let marks = ["nonce", "at_hash", "c_hash"];
    let is_marked = marks.iter().any(|mark| token.claims.contains_key(*mark));
    is_marked || !(is_named || kind.ends_with("at+jwt"))
}

fn holds_text(rule: Comparison, found: Option<&Value>, wanted: &str) -> bool {
    match (rule, found) {
        (Comparison::Unchecked, _) | (Comparison::Optional, None) => true,
        (rule, Some(Value::String(found))) => holds(rule, found, wanted),
        _ => false,
    }
}

fn same_address(found: &str, wanted: &str) -> Option<bool> {
    Some(Url::parse(found).ok()? == Url::parse(wanted).ok()?)
}

fn without_scheme(text: &str) -> &str {
    text.split_once("://").map_or(text, |(_, rest)| rest)
}

/// Whether words are behind the other text, each behind a mark.
fn is_below(text: &str, other: &str) -> bool {
    let rest = text.strip_prefix(other);
    rest.is_some_and(|rest| !other.is_empty() && rest.starts_with(['/', ':', '.']))
}

fn is_at_subdomain(found: &str, wanted: &str) -> bool {
    let (found, wanted) = (found.split_once("://"), wanted.split_once("://"));
    found.zip(wanted).is_some_and(|(found, wanted)| {
        found.0 == wanted.0 && found.1.ends_with(&format!(".{}", wanted.1))
    })
}

/// Host and path of an address.
fn without_port(address: &str) -> Option<(String, String)> {
    let url = Url::parse(address).ok()?;
    Some((url.host_str()?.to_owned(), url.path().to_owned()))
}

fn fits_star(pattern: &str, wanted: &str) -> bool {
    let beginning = pattern.strip_suffix('*');
    let rest = beginning.and_then(|beginning| wanted.strip_prefix(beginning));
    rest.is_some_and(|rest| !rest.contains('/'))
}

/// Whether a text is the wanted one, by such a comparison.
pub(super) fn holds(rule: Comparison, found: &str, wanted: &str) -> bool {
    let host = |text: &str| Url::parse(text).ok()?.host_str().map(str::to_owned);
    match rule {
        Comparison::Exact | Comparison::AnyArray | Comparison::ArrayPart | Comparison::Optional => {
            found == wanted
        }
        Comparison::Prefix => found.starts_with(wanted),
        Comparison::Suffix => found.ends_with(wanted),
        Comparison::Star => found == wanted || fits_star(found, wanted),
        Comparison::Decoded => percent_decode_str(found).decode_utf8_lossy() == wanted,
        Comparison::FullWidth => found.chars().map(of_half_width).eq(wanted.chars()),
        Comparison::Negated => found.trim_start_matches(['-', '!']) == wanted,
        Comparison::BeforeMark => found.split(['?', '#']).next() == Some(wanted),
        Comparison::Below => found == wanted || is_below(found, wanted),
        Comparison::Above => found == wanted || is_below(wanted, found),
        Comparison::Subdomain => found == wanted || is_at_subdomain(found, wanted),
        Comparison::AnyPort => without_port(found) == without_port(wanted),
        Comparison::Contains => found.contains(wanted),
        Comparison::Part => !found.is_empty() && wanted.contains(found),
        Comparison::CaseInsensitive => found.to_lowercase() == wanted.to_lowercase(),
        Comparison::TrailingSlash => found.trim_end_matches('/') == wanted.trim_end_matches('/'),
        Comparison::Address => found == wanted || same_address(found, wanted).unwrap_or(false),
        Comparison::Scheme => without_scheme(found) == without_scheme(wanted),
        Comparison::Host => host(found).is_some_and(|found| host(wanted) == Some(found)),
        Comparison::Dots => {
            found.chars().count() == wanted.chars().count()
                && found
                    .chars()
                    .zip(wanted.chars())
                    .all(|(f, w)| w == '.' || f == w)
        }
        Comparison::Unchecked => true,
    }
}
