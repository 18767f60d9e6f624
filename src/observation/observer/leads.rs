//! Where an answer sends a browser: by a redirect, by a page that posts, or by one that leads on.

use reqwest::header::{HeaderMap, LOCATION};
use url::Url;

use super::answered::Said;
use crate::openid::{
    Answer, Metadata, PostedForm, Response, loaded_by_page, refreshed, refreshed_by_page,
};

/// Where an answer sends a browser, and with what.
pub(super) struct Sent {
    /// The address as it was named.
    pub(super) named: String,
    pub(super) url: Option<Url>,
    /// The address as it may be said.
    pub(super) address: String,
    pub(super) response: Response,
    pub(super) goes: Goes,
}

/// Whether a browser goes to an address by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Goes {
    /// It does: there the answer stands, wherever that is.
    There,
    /// Pages lead on to other pages: it counts where it is a redirect URI.
    ToClients,
    /// It is in the page, which may have to do with its client: it counts where others are.
    ToOthers,
}

/// Every address that an answer names for a browser to go to by itself.
pub(super) fn named(answer: &Answer, said: &Said<'_>, metadata: &Metadata) -> Vec<Sent> {
    let base = Url::parse(&metadata.issuer).ok();
    let sent = |named: String, goes: Goes| {
        let url = base.as_ref().and_then(|base| base.join(&named).ok());
        let address = url.as_ref().map(crate::transport::address);
        let response = url
            .as_ref()
            .map(|url| Response::parse(said.registered, url));
        Sent {
            address: address.unwrap_or_default(),
            response: response.unwrap_or_default(),
            named,
            url,
            goes,
        }
    };
    if answer.status.is_redirection() {
        let locations = texts(&answer.headers, LOCATION.as_str());
        return locations
            .map(|location| sent(location, Goes::There))
            .collect();
    }
    let page = is_page(answer).then_some(answer.body.as_str());
    let by_header = texts(&answer.headers, "refresh").filter_map(|value| refreshed(&value));
    let by_page = page.and_then(refreshed_by_page);
    let led_on = by_header.chain(by_page);
    let led_on = led_on.map(|named| sent(named, Goes::ToClients));
    let loaded = page.map(loaded_by_page).unwrap_or_default().into_iter();
    let loaded = loaded.map(|named| sent(named, Goes::ToOthers));
    let is_asked_for = said.sent("response_mode") == Some("form_post");
    let mut forms = page.map(PostedForm::each).unwrap_or_default();
    // The first that is posted is the one that a page posts by itself.
    let first = forms.iter().position(|form| form.is_posted);
    let first = first.map(|place| forms.remove(place)).map(|form| {
        let goes = if is_asked_for {
            Goes::There
        } else {
            Goes::ToClients
        };
        (form, goes)
    });
    let others = forms.into_iter().map(|form| (form, Goes::ToOthers));
    let posted = first.into_iter().chain(others).map(|(form, goes)| {
        let sent = sent(form.action, goes);
        let fields = if form.is_readable {
            form.fields
        } else {
            Vec::new()
        };
        Sent {
            response: sent.response.posted(fields),
            ..sent
        }
    });
    led_on.chain(loaded).chain(posted).collect()
}

/// The values of a header, whatever bytes are in them.
fn texts<'a>(headers: &'a HeaderMap, name: &str) -> impl Iterator<Item = String> + use<'a> {
    let values = headers.get_all(name).into_iter();
    values.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

/// Whether a browser shows it as a page: of what has no content type it looks at the text.
fn is_page(answer: &Answer) -> bool {
    let kind = answer.header("content-type");
    kind.is_none_or(|kind| kind.to_ascii_lowercase().contains("html"))
}
