//! What a request says, as it came: nothing is normalised on the way here.

use std::net::SocketAddr;

use axum::extract::ConnectInfo;
use axum::http::request::Parts;
use url::form_urlencoded;

use super::behaviour::{Presented, RequestRules, Scheme, Several, Split, Unverified};
use super::token;

/// The parameter and the cookie that may hold a token (RFC 6750 section 2.3).
const PARAMETER: &str = "access_token";

/// A request.
pub(super) struct Asked {
    parts: Parts,
    /// The body, where it is looked into.
    form: Vec<u8>,
}

/// What a request brings to get in.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Credential {
    None,
    /// Something that is no credential (RFC 6750 section 3.1, `invalid_request`).
    Malformed,
    /// Tokens, of which one good one will do.
    Tokens(Vec<String>),
    /// Tokens whose claims are believed, and nothing is verified.
    Read(Vec<String>),
    /// One that is verified, and another whose claims are believed.
    Split {
        verified: String,
        read: String,
    },
}

impl Asked {
    pub(super) fn new(parts: Parts, form: Vec<u8>) -> Self {
        Self { parts, form }
    }

    pub(super) fn method(&self) -> &str {
        self.parts.method.as_str()
    }

    /// The other end of the connection that it came on.
    pub(super) fn peer(&self) -> Option<&SocketAddr> {
        let peer = self.parts.extensions.get::<ConnectInfo<SocketAddr>>();
        peer.map(|ConnectInfo(peer)| peer)
    }

    /// The query, without `?`.
    pub(super) fn query(&self) -> &str {
        self.parts.uri.query().unwrap_or_default()
    }

    /// The path, byte for byte.
    pub(super) fn path(&self) -> &str {
        self.parts.uri.path()
    }

    /// The values of a header, as texts; what is none is an empty one.
    pub(super) fn headers(&self, name: &str) -> Vec<&str> {
        let values = self.parts.headers.get_all(name).iter();
        values
            .map(|value| value.to_str().unwrap_or_default())
            .collect()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers(name).first().copied()
    }

    /// The values of a header, however it is spelled: `X_Name` and `X.Name` for `x-name` too.
    pub(super) fn spelled(&self, name: &str, rules: &RequestRules) -> Vec<&str> {
        if !rules.loose_spelling {
            return self.headers(name);
        }
        let is_it = |found: &str| found.replace(['_', '.'], "-") == name;
        let found = self.parts.headers.iter();
        found
            .filter(|(found, _)| is_it(found.as_str()))
            .map(|(_, value)| value.to_str().unwrap_or_default())
            .collect()
    }

    /// The first parameter of the query of a name.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        named(self.query().as_bytes(), name).into_iter().next()
    }

    /// The body as a text, where it is looked into.
    pub(super) fn body(&self) -> String {
        String::from_utf8_lossy(&self.form).into_owned()
    }

    /// The credential, where these rules look for it.
    pub(super) fn credential(&self, rules: &Presented) -> Credential {
        if let Some(split) = rules.split {
            return self.split(split, rules);
        }
        if let (true, Some((verified, read))) = (rules.in_json, self.in_json()) {
            return Credential::Split { verified, read };
        }
        if let Some((verified, read)) = rules.in_more_parts.and_then(|rule| self.in_parts(rule)) {
            return Credential::Split { verified, read };
        }
        let is_by_spelling = rules.unverified == Some(Unverified::OtherSpellings);
        if let (true, Some(token)) = (is_by_spelling, self.spelled_otherwise()) {
            return Credential::Read(vec![token]);
        }
        let in_query = parameters(self.parts.uri.query().unwrap_or_default().as_bytes());
        let in_header = self.in_header(rules);
        if !in_query.is_empty() && in_header != Credential::None && !rules.two_methods {
            return Credential::Malformed;
        }
        if in_header != Credential::None {
            return in_header;
        }
        let mut elsewhere = Vec::new();
        if rules.query {
            elsewhere.extend(in_query);
        }
        if rules.form {
            elsewhere.extend(parameters(&self.form));
        }
        if rules.cookie {
            elsewhere.extend(self.cookies(PARAMETER));
        }
        for name in &rules.cookies {
            elsewhere.extend(self.cookies(name));
        }
        for name in &rules.parameters {
            elsewhere.extend(named(self.query().as_bytes(), name));
        }
        for name in &rules.headers {
            elsewhere.extend(self.headers(name).into_iter().map(without_scheme));
        }
        if elsewhere.is_empty() {
            Credential::None
        } else if rules.unverified == Some(Unverified::Elsewhere) {
            Credential::Read(elsewhere)
        } else {
            Credential::Tokens(elsewhere)
        }
    }

    /// The last word of what is not `Bearer`, one blank and a token.
    fn spelled_otherwise(&self) -> Option<String> {
        let presented = self.header("authorization")?;
        let known = presented.strip_prefix("Bearer ");
        let word = presented.split_whitespace().next_back()?;
        (!known.is_some_and(is_one_token)).then(|| word.to_owned())
    }

    /// A token in JSON: what is verified of it, and what is read.
    fn in_json(&self) -> Option<(String, String)> {
        let (_, presented) = self.header("authorization")?.split_once(' ')?;
        token::of_json(presented)
    }

    /// A token of more than three parts: what is verified of it, and what is read.
    fn in_parts(&self, rule: Split) -> Option<(String, String)> {
        let (_, presented) = self.header("authorization")?.split_once(' ')?;
        let parts: Vec<&str> = presented.split('.').collect();
        let [header, .., payload, signature] = parts[..] else {
            return None;
        };
        if parts.len() == 3 {
            return None;
        }
        let first = parts[..3].join(".");
        let last = format!("{header}.{payload}.{signature}");
        Some(match rule {
            Split::FirstIsVerified => (first, last),
            Split::LastIsVerified => (last, first),
        })
    }

    /// The first and the last of all tokens: in `Authorization`, in other headers, in the query and
    /// in cookies.
    fn split(&self, rule: Split, rules: &Presented) -> Credential {
        let headers = self.headers("authorization").into_iter();
        let mut tokens: Vec<String> = headers.map(without_scheme).collect();
        for name in &rules.headers {
            tokens.extend(self.headers(name).into_iter().map(without_scheme));
        }
        tokens.extend(parameters(self.query().as_bytes()));
        tokens.extend(self.cookies(PARAMETER));
        let (Some(first), Some(last)) = (tokens.first().cloned(), tokens.pop()) else {
            return Credential::None;
        };
        let (verified, read) = match rule {
            Split::FirstIsVerified => (first, last),
            Split::LastIsVerified => (last, first),
        };
        Credential::Split { verified, read }
    }

    fn in_header(&self, rules: &Presented) -> Credential {
        let values = self.headers("authorization");
        let chosen = match (values.as_slice(), rules.several) {
            ([], _) => return Credential::None,
            ([one], _) | ([one, ..], Several::First) | ([.., one], Several::Last) => vec![*one],
            (_, Several::Any) => values,
            (_, Several::Refuse) => return Credential::Malformed,
        };
        let presented = chosen.into_iter().map(|value| bearer(value, rules.scheme));
        let presented: Vec<Credential> = presented.collect();
        let tokens = presented.iter().filter_map(|one| match one {
            Credential::Tokens(tokens) => Some(tokens.iter().cloned()),
            _ => None,
        });
        let tokens: Vec<String> = tokens.flatten().collect();
        if !tokens.is_empty() {
            Credential::Tokens(tokens)
        } else if presented.contains(&Credential::Malformed) {
            Credential::Malformed
        } else {
            Credential::None
        }
    }

    pub(super) fn cookies(&self, wanted: &str) -> Vec<String> {
        let pairs = self.headers("cookie").into_iter();
        pairs
            .flat_map(|cookie| cookie.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(name, _)| *name == wanted)
            .map(|(_, value)| value.to_owned())
            .collect()
    }
}

fn parameters(text: &[u8]) -> Vec<String> {
    named(text, PARAMETER)
}

fn named(text: &[u8], wanted: &str) -> Vec<String> {
    form_urlencoded::parse(text)
        .filter(|(name, _)| name == wanted)
        .map(|(_, value)| value.into_owned())
        .collect()
}

fn without_scheme(value: &str) -> String {
    value.rsplit(' ').next().unwrap_or_default().to_owned()
}

/// The credential in the value of `Authorization`.
fn bearer(value: &str, rule: Scheme) -> Credential {
    let (scheme, rest) = match value.split_once(' ') {
        Some((scheme, rest)) => (scheme, rest.trim()),
        None => (value, ""),
    };
    let is_bearer = match rule {
        Scheme::Bearer => scheme.eq_ignore_ascii_case("bearer"),
        Scheme::CaseSensitive => scheme == "Bearer",
        Scheme::Any => true,
        Scheme::Unanchored => return unanchored(value),
    };
    if !is_bearer {
        Credential::None
    } else if is_one_token(rest) {
        Credential::Tokens(vec![rest.to_owned()])
    } else {
        Credential::Malformed
    }
}

/// `b64token` (RFC 6750 section 2.1).
fn is_one_token(text: &str) -> bool {
    let without_padding = text.trim_end_matches('=');
    let is_fit = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
    !without_padding.is_empty() && without_padding.chars().all(is_fit)
}

/// Whatever comes behind the last `bearer`.
fn unanchored(value: &str) -> Credential {
    let token = value
        .to_ascii_lowercase()
        .rfind("bearer ")
        .and_then(|at| value.get(at + "bearer ".len()..));
    match token.map(str::trim) {
        Some(token) if !token.is_empty() => Credential::Tokens(vec![token.to_owned()]),
        _ => Credential::None,
    }
}
