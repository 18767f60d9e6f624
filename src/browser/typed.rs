//! What was typed on a visit, to be known again in whatever form a page shows or sends it.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use serde_json::Value;
use url::Url;

use crate::origin::TrustedOrigins;
use crate::secrets::Secrets;

/// So many bytes of a text are read at a time.
const STEP: usize = 64 * 1024;
/// No form of what was typed is longer.
const OVERLAP: usize = 8 * 1024;

/// The secrets that were typed.
#[derive(Debug, Default)]
pub(super) struct Typed {
    secrets: Secrets,
}

impl Typed {
    pub(super) fn add(&mut self, secret: &SecretString) {
        self.secrets.add(secret);
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

    /// The origins that are not trusted to which one of these messages of the performance log sends
    /// something that was typed: by an address, in a body, or over a `WebSocket`.
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
        let elsewhere = sendings.filter(|sending| !trusted.has(&sending.to));
        let holding = elsewhere.filter(|sending| self.is_in(&sending.content));
        holding
            .map(|sending| sending.to.origin().ascii_serialization())
            .collect()
    }
}

/// Whether a message of the performance log may tell what a page sent.
pub(super) fn may_send(message: &str) -> bool {
    message.contains("\"Network.requestWillBeSent\"") || message.contains("\"Network.webSocket")
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
                Some(Self {
                    to: web_address(url)?,
                    content: [url, fragment, body, &pieces].join("\n"),
                })
            }
            "Network.webSocketCreated" => {
                let url = part("/params/url")?;
                Some(Self {
                    to: web_address(url)?,
                    content: url.to_owned(),
                })
            }
            "Network.webSocketFrameSent" => Some(Self {
                to: socket(part("/params/requestId")?, all)?,
                content: part("/params/response/payloadData")?.to_owned(),
            }),
            _ => None,
        }
    }
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
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    const PASSWORD: &str = "Correct horse 7!";

    #[rstest]
    #[case::in_the_first_part(10)]
    #[case::across_the_end_of_a_part(STEP - 5)]
    #[case::across_the_end_of_the_overlap(STEP + OVERLAP - 5)]
    #[case::in_the_last_part(3 * STEP)]
    fn a_secret_is_found_anywhere_in_a_long_text(#[case] place: usize) {
        let mut typed = Typed::default();
        typed.add(&SecretString::from(PASSWORD));
        let around = "ž".repeat(place / 2 + 1);
        let text = format!("{around}{PASSWORD}{}", "x".repeat(STEP));
        assert!(typed.is_in(&text));
        assert!(!typed.is_in(&text.replace(PASSWORD, "")));
        let longest = windows(&text).map(str::len).max();
        assert!(longest <= Some(STEP + OVERLAP + 3), "{longest:?}");
    }

    fn typed() -> Typed {
        let mut typed = Typed::default();
        typed.add(&SecretString::from(PASSWORD));
        typed
    }

    fn trusted() -> TrustedOrigins {
        let url = Url::parse("https://example.okta.com").expect("a URL");
        [&url].into_iter().collect()
    }

    fn message(method: &str, params: &Value) -> String {
        json!({"message": {"method": method, "params": params}, "webview": "x"}).to_string()
    }

    fn request(request: &Value) -> Vec<String> {
        vec![message(
            "Network.requestWillBeSent",
            &json!({ "request": request }),
        )]
    }

    #[rstest]
    #[case::to_the_org(json!({"url": "https://example.okta.com/x", "postData": PASSWORD}), false)]
    #[case::to_another(json!({"url": "https://evil.example/x", "postData": PASSWORD}), true)]
    #[case::in_clear(json!({"url": "http://example.okta.com/x", "postData": PASSWORD}), true)]
    #[case::as_a_form(
        json!({"url": "https://evil.example/", "postData": "u=a&p=Correct+horse+7%21"}),
        true
    )]
    #[case::in_an_address(json!({"url": "https://evil.example/?p=Correct+horse+7%21"}), true)]
    #[case::in_the_fragment_of_a_frame(
        json!({"url": "https://evil.example/", "urlFragment": "#Correct%20horse%207!"}),
        true
    )]
    #[case::in_pieces(
        json!({"url": "https://evil.example/", "postDataEntries": [
            {"bytes": STANDARD.encode("Correct hor")}, {"bytes": STANDARD.encode("se 7!")},
        ]}),
        true
    )]
    #[case::something_else(json!({"url": "https://evil.example/", "postData": "hello"}), false)]
    #[case::nowhere(json!({"url": "data:text/html,Correct+horse+7%21"}), false)]
    fn what_was_typed_is_seen_going_elsewhere(#[case] sent: Value, #[case] elsewhere: bool) {
        let found = typed().sent_elsewhere(&request(&sent), &trusted());
        assert_eq!(!found.is_empty(), elsewhere, "{found:?}");
    }

    #[test]
    fn what_a_socket_sends_is_told_by_where_it_leads() {
        let made = json!({"requestId": "7", "url": "wss://evil.example/socket"});
        let frame = json!({"requestId": "7", "response": {"payloadData": PASSWORD}});
        let messages = [
            message("Network.webSocketCreated", &made),
            message("Network.webSocketFrameSent", &frame),
        ];
        let found = typed().sent_elsewhere(&messages, &trusted());
        assert_eq!(Vec::from_iter(found), ["https://evil.example"]);
    }

    #[test]
    fn texts_that_hold_a_secret_are_replaced_by_number() {
        let texts = ["Hello", "it is Correct horse 7!", ""].map(str::to_owned);
        let masks = typed().masks(&texts).expect("nothing is left");
        assert_eq!(masks.len(), 1);
        assert_eq!(masks[0].0, 1);
        assert!(!masks[0].1.contains("horse"), "{masks:?}");
    }

    #[test]
    fn a_secret_spread_over_texts_cannot_be_masked() {
        let texts = ["Correct ho", "rse 7!"].map(str::to_owned);
        assert_eq!(typed().masks(&texts), None);
    }
}
