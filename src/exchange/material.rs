//! What of a run stands in the texts of a row.

use serde_json::Value;
use url::{Position, Url};

use super::keys::{self, SigningKey};
use super::own::OwnRequest;
use super::template;
use crate::openid::KeySet;

/// What of a run stands in the texts of a row.
#[derive(Debug, Clone, Copy)]
pub struct Material<'a> {
    /// The issuer.
    pub issuer: &'a str,
    /// The audience of its access tokens.
    pub audience: &'a str,
    /// The client.
    pub client_id: &'a str,
    /// Its redirect URI: its pages are of that origin.
    pub app: &'a Url,
    /// The scope that the endpoint needs.
    pub scope: &'a str,
    /// The request of the endpoint itself.
    pub own: &'a OwnRequest,
    /// Another endpoint, if there is one; one that the token is good for, where it is for any.
    pub other: Option<&'a str>,
    /// The base of the API.
    pub base: &'a Url,
    /// Where the suite itself listens for anyone who fetches what a token names, if it does.
    pub listener: Option<&'a str>,
    /// The published keys.
    pub keys: Option<&'a KeySet>,
    /// The key that the issuer signs with, where the run was given it.
    pub trusted: Option<&'a SigningKey>,
    /// Now, in seconds since 1970.
    pub now: i64,
}

impl Material<'_> {
    /// A text of a row.
    pub(crate) fn text(&self, template: &str) -> String {
        template::fill(template, &|name| self.value(name))
    }

    /// A value of a row: its texts filled in, and some that stand for what is no text.
    pub(super) fn json(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => self
                .no_text(text)
                .unwrap_or_else(|| Value::String(self.text(text))),
            Value::Array(items) => items.iter().map(|item| self.json(item)).collect(),
            Value::Object(fields) => {
                let fields = fields.iter();
                let fields = fields.map(|(name, value)| (self.text(name), self.json(value)));
                Value::Object(fields.collect())
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        }
    }

    /// The public key of the issuer that a token names, or the first there is.
    pub(super) fn published(&self, kid: Option<&str>) -> Option<&crate::openid::Key> {
        let keys = self.keys?;
        kid.and_then(|kid| keys.find(kid)).or(keys.keys.first())
    }

    fn no_text(&self, text: &str) -> Option<Value> {
        let name = text.strip_prefix('{')?.strip_suffix('}')?;
        match name {
            "null" => Some(Value::Null),
            "own-jwk" => keys::own_key(),
            "own-certificate" => keys::own_certificate().map(Value::from),
            _ => self.time(name).map(Value::from),
        }
    }

    /// `now`, `now+3600`, `now-3600`.
    fn time(&self, name: &str) -> Option<i64> {
        let offset = name.strip_prefix("now")?;
        if offset.is_empty() {
            return Some(self.now);
        }
        Some(self.now + offset.parse::<i64>().ok()?)
    }

    /// Whether a form of a value, `scope.dots`, is the value itself.
    pub(super) fn is_unchanged(&self, name: &str) -> bool {
        let whole = name.split('.').next().and_then(|whole| self.value(whole));
        whole.is_some() && whole == self.value(name)
    }

    fn value(&self, name: &str) -> Option<String> {
        if let Some((text, times)) = name.split_once('*') {
            return Some(text.repeat(times.parse().ok()?));
        }
        let (name, form) = match name.split_once('.') {
            Some((name, form)) => (name, Some(form)),
            None => (name, None),
        };
        let value = match name {
            "issuer" => self.issuer,
            "audience" => self.audience,
            "client" => self.client_id,
            "scope" => self.scope,
            "path" => &self.own.path,
            "other" => self.other?,
            "listener" => self.listener?,
            "base" => self.base.path().trim_end_matches('/'),
            "host" => authority(self.base),
            "origin" => return Some(self.base.origin().ascii_serialization()),
            "app-origin" => return Some(self.app.origin().ascii_serialization()),
            "app-host" => authority(self.app),
            _ => return self.time(name).map(|time| time.to_string()),
        };
        form.map_or_else(
            || Some(value.to_owned()),
            |form| template::form(value, form),
        )
    }
}

/// Host, and port where it is not the scheme's own.
fn authority(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterPort]
}
