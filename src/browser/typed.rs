//! What was typed on a visit, to be known again in whatever form a page shows or sends it.

use std::collections::{BTreeMap, BTreeSet};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use url::Url;

use super::address::same_place;
use crate::origin::TrustedOrigins;
use crate::secrets::{SHORTEST, Secrets};

/// So many bytes of a text are read at a time.
const STEP: usize = 64 * 1024;
/// No form of what was typed is longer.
const OVERLAP: usize = 8 * 1024;
/// Of a text as long as this, no more is read in ways in which chance would find something.
const MOST_DOUBTFUL: usize = 8 * 1024;
/// A shorter piece of a secret says nothing.
const SHORTEST_PIECE: usize = 4;
/// A secret that is sent in more pieces is not known again.
const MOST_PIECES: usize = 3;

/// The secrets that were typed.
#[derive(Debug, Default)]
pub(super) struct Typed {
    secrets: Secrets,
    /// Those that are too long to stand in a text by chance.
    long: Vec<SecretString>,
}

impl Typed {
    pub(super) fn add(&mut self, secret: &SecretString) {
        self.secrets.add(secret);
        if secret.expose_secret().len() >= SHORTEST {
            self.long.push(secret.clone());
        }
    }

    /// The text without what was typed.
    pub(super) fn hide(&self, text: &str) -> String {
        self.secrets.redact(text)
    }

    pub(super) fn is_in(&self, text: &str) -> bool {
        windows(text).any(|part| self.hide(part) != part)
    }

    /// What is to be put in the place of texts of a page, by their numbers; nothing where a secret
    /// would be left, because it is spread over several of them.
    pub(super) fn masks(&self, texts: &[String]) -> Option<Vec<(usize, String)>> {
        let hidden: Vec<String> = texts.iter().map(|text| self.hide(text)).collect();
        if self.is_in(&hidden.concat()) {
            return None;
        }
        let pairs = hidden.into_iter().zip(texts).enumerate();
        let changed = pairs.filter(|(_, (hidden, text))| hidden != *text);
        Some(
            changed
                .map(|(number, (hidden, _))| (number, hidden))
                .collect(),
        )
    }

    /// Whether one of these messages of the performance log sends something that was typed.
    pub(super) fn is_sent(&self, messages: &[String]) -> bool {
        let messages = messages.iter().filter(|message| may_send(message));
        let messages = messages.filter_map(|message| serde_json::from_str::<Value>(message).ok());
        let messages: Vec<Value> = messages.filter_map(inner).collect();
        let mut sendings = messages
            .iter()
            .filter_map(|one| Sending::read(one, &messages));
        sendings.any(|sending| self.is_in(&sending.content))
    }

    /// Whether one of these messages tells of more than that something was asked for.
    pub(super) fn posts(messages: &[String]) -> bool {
        let is_more = |message: &Value| match message.pointer("/message/params/request/method") {
            Some(method) => method != "GET",
            None => message
                .pointer("/message/params/response/payloadData")
                .is_some(),
        };
        let messages = messages.iter().map(|message| serde_json::from_str(message));
        messages
            .into_iter()
            .flatten()
            .any(|message| is_more(&message))
    }

    /// Where these messages of the performance log send something that was typed, and it must not
    /// go: an origin that is not trusted, whichever way, or an address of one that is.
    pub(super) fn sent_elsewhere(
        &self,
        messages: &[String],
        trusted: &TrustedOrigins,
    ) -> BTreeSet<String> {
        let messages = messages.iter().filter(|message| may_send(message));
        let messages = messages.filter_map(|message| serde_json::from_str::<Value>(message).ok());
        let messages: Vec<Value> = messages.filter_map(inner).collect();
        let sendings = messages
            .iter()
            .filter_map(|one| Sending::read(one, &messages));
        let (at_home, abroad): (Vec<_>, Vec<_>) =
            sendings.partition(|sending| trusted.has(&sending.to));
        let mut found = BTreeSet::new();
        let mut all_to: BTreeMap<String, String> = BTreeMap::new();
        for sending in abroad {
            let to = sending.to.origin().ascii_serialization();
            if self.is_in(&sending.content) || self.is_backwards_in(&sending.content) {
                found.insert(to);
            } else if sending.content.len() <= MOST_DOUBTFUL {
                all_to.entry(to).or_default().push_str(&sending.content);
            }
        }
        let in_pieces = all_to
            .iter()
            .filter(|(_, content)| self.is_in_pieces(content));
        found.extend(in_pieces.map(|(to, _)| to.clone()));
        let in_address = at_home
            .iter()
            .filter(|sending| self.is_in_address(&sending.to));
        found.extend(in_address.map(|sending| {
            let to = sending.to.origin().ascii_serialization();
            format!("an address of {to}, which ends in logs")
        }));
        found
    }

    /// What these messages tell was sent since then, in milliseconds since 1970, to origins that
    /// are not trusted, and says something that cannot be read: a secret may be in it in a form
    /// that nobody knows. What a worker of a page sends is not told at all.
    pub(super) fn unread(
        messages: &[String],
        trusted: &TrustedOrigins,
        redirect_uri: &Url,
        since: f64,
    ) -> BTreeSet<String> {
        let messages = messages.iter().filter(|message| may_send(message));
        let messages = messages.filter_map(|message| serde_json::from_str::<Value>(message).ok());
        let messages: Vec<Value> = messages.filter_map(inner).collect();
        let is_later = |one: &&Value| {
            let at = one.pointer("/params/wallTime").and_then(Value::as_f64);
            at.is_none_or(|at| at * 1000.0 >= since)
        };
        let origin = |url: &Url| url.origin().ascii_serialization();
        let read = |one: &Value| Some(Sending::read(one, &messages)?.to);
        let before: BTreeSet<String> = messages
            .iter()
            .filter(|one| !is_later(one))
            .filter_map(|one| Some(origin(&read(one)?)))
            .collect();
        let mut found = BTreeSet::new();
        for one in messages.iter().filter(is_later) {
            let Some(to) = read(one) else { continue };
            let is_answer = same_place(&to, redirect_uri);
            let is_told = says_something(one, &to) || !before.contains(&origin(&to));
            if !trusted.has(&to) && !is_answer && is_told {
                found.insert(origin(&to));
            }
        }
        let workers = messages.iter().filter_map(worker);
        found.extend(workers.map(|url| format!("a worker of {}", origin(&url))));
        found
    }

    /// A short secret, such as a code, may stand in an address by chance.
    fn is_in_address(&self, url: &Url) -> bool {
        !self.long.is_empty() && {
            let long = Secrets::default();
            self.long.iter().for_each(|secret| long.add(secret));
            long.redact(url.as_str()) != url.as_str()
        }
    }

    /// Whether a secret is in a text that is read from its end.
    fn is_backwards_in(&self, text: &str) -> bool {
        text.len() <= MOST_DOUBTFUL && {
            let backwards: String = text.chars().rev().collect();
            self.hide(&backwards) != backwards
        }
    }

    /// Whether all of a secret is in a text, in few pieces, whatever stands between them.
    fn is_in_pieces(&self, text: &str) -> bool {
        let plain = Url::parse(&format!("x:?{}", text.replace(['#', '\n'], "&")));
        let pairs = plain.iter().flat_map(Url::query_pairs);
        let decoded: Vec<_> = pairs.flat_map(|(name, value)| [name, value]).collect();
        let decoded = decoded.join(" ");
        let is_whole = |secret: &SecretString| {
            [text, &decoded]
                .iter()
                .any(|text| is_made_of_pieces(secret.expose_secret(), text))
        };
        self.long.iter().any(is_whole)
    }
}

/// Whether a secret can be put together from so few pieces of a text.
fn is_made_of_pieces(secret: &str, text: &str) -> bool {
    let all: Vec<char> = secret.chars().collect();
    // How many pieces the beginnings of the secret take that can be put together.
    let mut least = vec![usize::MAX; all.len() + 1];
    least[0] = 0;
    for start in 0..all.len() {
        if least[start] >= MOST_PIECES {
            continue;
        }
        for end in start + SHORTEST_PIECE..=all.len() {
            let piece: String = all[start..end].iter().collect();
            if !text.contains(&piece) {
                break;
            }
            least[end] = least[end].min(least[start] + 1);
        }
    }
    least[all.len()] <= MOST_PIECES
}

/// Whether a message of the performance log may tell what a page sent.
pub(super) fn may_send(message: &str) -> bool {
    const EVENTS: [&str; 3] = [
        "\"Network.requestWillBeSent\"",
        "\"Network.webSocket",
        "\"Page.windowOpen\"",
    ];
    EVENTS.iter().any(|event| message.contains(event))
}

/// A long text in parts that overlap by more than any form of a secret takes: to read megabytes at
/// once takes hundreds of them.
fn windows(text: &str) -> impl Iterator<Item = &str> {
    let starts = (0..=text.len() / STEP).map(|number| number * STEP);
    starts.map(|start| &text[boundary(text, start)..boundary(text, start + STEP + OVERLAP)])
}

/// The last place between two characters up to this one.
fn boundary(text: &str, most: usize) -> usize {
    let places = (0..=most.min(text.len())).rev();
    let mut places = places.filter(|place| text.is_char_boundary(*place));
    places.next().unwrap_or_default()
}

/// Something that a page sent to a server. Never written anywhere.
struct Sending {
    to: Url,
    content: String,
}

impl Sending {
    fn read(message: &Value, all: &[Value]) -> Option<Self> {
        let part = |path| message.pointer(path).and_then(Value::as_str);
        match part("/method")? {
            "Network.requestWillBeSent" => {
                let url = part("/params/request/url")?;
                // A fragment is sent to nobody, and is read by the page that is asked for.
                let fragment = part("/params/request/urlFragment").unwrap_or_default();
                let body = part("/params/request/postData").unwrap_or_default();
                let pieces = message.pointer("/params/request/postDataEntries");
                let pieces: String = pieces
                    .and_then(Value::as_array)
                    .into_iter()
                    .flatten()
                    .filter_map(|piece| STANDARD.decode(piece.get("bytes")?.as_str()?).ok())
                    .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                    .collect();
                // A script may name headers of its own, and the address that it came by.
                let headers = message.pointer("/params/request/headers");
                let headers: Vec<&str> = headers
                    .and_then(Value::as_object)
                    .into_iter()
                    .flatten()
                    .filter_map(|(_, value)| value.as_str())
                    .collect();
                Some(Self {
                    to: web_address(url)?,
                    content: [url, fragment, body, &pieces, &headers.join("\n")].join("\n"),
                })
            }
            "Network.webSocketCreated" => {
                let url = part("/params/url")?;
                Some(Self {
                    to: web_address(url)?,
                    content: url.to_owned(),
                })
            }
            // What another window asks for is told of that window alone; it is given a name, too.
            "Page.windowOpen" => Some(Self {
                to: web_address(part("/params/url")?)?,
                content: [part("/params/url"), part("/params/windowName")]
                    .map(Option::unwrap_or_default)
                    .join("\n"),
            }),
            "Network.webSocketFrameSent" => Some(Self {
                to: socket(part("/params/requestId")?, all)?,
                content: part("/params/response/payloadData")?.to_owned(),
            }),
            _ => None,
        }
    }
}

/// Whether a message tells of more than that a part of a page was asked for.
fn says_something(message: &Value, to: &Url) -> bool {
    let method = message.pointer("/params/request/method");
    let method = method.and_then(Value::as_str);
    method != Some("GET") || to.query().is_some()
}

/// The origin of a worker that a page has begun: its script is asked for by itself, and by no page.
fn worker(message: &Value) -> Option<Url> {
    let part = |path| message.pointer(path).and_then(Value::as_str);
    let url = part("/params/request/url")?;
    let is_its_own = part("/params/documentURL") == Some(url);
    let is_script = part("/params/type") == Some("Script");
    (is_its_own && is_script).then(|| Url::parse(url).ok())?
}

/// The event in an entry of the log.
fn inner(mut message: Value) -> Option<Value> {
    message.get_mut("message").map(Value::take)
}

/// Where a `WebSocket` leads, by what was told when it was made.
fn socket(id: &str, all: &[Value]) -> Option<Url> {
    let is_it = |one: &&Value| {
        let told = one.pointer("/params/requestId").and_then(Value::as_str);
        told == Some(id) && one.pointer("/params/url").is_some()
    };
    let url = all.iter().find(is_it)?.pointer("/params/url")?;
    web_address(url.as_str()?)
}

/// An address that leads to a server; a `WebSocket`'s as that of its page would be.
fn web_address(url: &str) -> Option<Url> {
    let (scheme, rest) = url.split_once(':')?;
    match scheme {
        "http" | "https" => Url::parse(url).ok(),
        "ws" => Url::parse(&format!("http:{rest}")).ok(),
        "wss" => Url::parse(&format!("https:{rest}")).ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
