//! The bytes of a request, as its row has them.

use secrecy::{ExposeSecret as _, SecretString};

use super::Case;
use super::credential::Put;
use super::material::Material;
use super::own::OwnRequest;
use super::template;
use crate::transport::{RawRequest, USER_AGENT};

/// What a request presents.
#[derive(Debug, Clone, Copy)]
pub struct Presented<'a> {
    /// What was made for it.
    pub token: Option<&'a SecretString>,
    /// The genuine token that it was made of.
    pub genuine: Option<&'a SecretString>,
}

/// The request of a case, byte by byte.
#[must_use]
pub fn request(case: &Case, presented: Presented<'_>, material: &Material<'_>) -> RawRequest {
    let text = |template: &str| {
        let of_token = |name: &str| match name {
            "token" => Some(presented.token?.expose_secret().to_owned()),
            "genuine" => Some(presented.genuine?.expose_secret().to_owned()),
            _ => None,
        };
        template::fill(&material.text(template), &of_token)
    };
    if let Some(head) = &case.request.head {
        return RawRequest::whole(with_own(&text(head), material.own));
    }
    let put = case.credential.as_ref().map(|credential| credential.put);
    let token = presented.token.map(SecretString::expose_secret);
    let mut target = text(case.request.target.as_deref().unwrap_or("{base}{path}"));
    let own = material.own;
    // Behind the endpoint's own query stands that of the base: keys of gateways are in it.
    for query in own
        .query
        .as_deref()
        .into_iter()
        .chain(material.base.query())
    {
        add_to_query(&mut target, query);
    }
    if let (Some(Put::Query), Some(token)) = (put, token) {
        add_to_query(&mut target, &format!("access_token={token}"));
    }
    let method = case.request.method.as_deref().unwrap_or(own.method);
    let mut request = RawRequest::new(method, target);
    let of_endpoint = own.headers.iter().map(|(name, _)| name);
    let of_case = case.request.headers.iter().map(|(name, _)| name);
    let without = &case.request.without;
    let names: Vec<&String> = of_endpoint.chain(of_case).chain(without).collect();
    for (name, value) in [("Accept", "*/*"), ("User-Agent", USER_AGENT)] {
        if !names.iter().any(|own| own.eq_ignore_ascii_case(name)) {
            request = request.header(name, value);
        }
    }
    if let (Some(Put::Header), Some(token)) = (put, token) {
        request = request.header("Authorization", format!("Bearer {token}"));
    }
    let is_left = |name: &str| {
        without
            .iter()
            .all(|left_out| !left_out.eq_ignore_ascii_case(name))
    };
    for (name, value) in own.headers.iter().filter(|(name, _)| is_left(name)) {
        request = request.header(name.clone(), value.expose_secret().to_owned());
    }
    for (name, value) in &case.request.headers {
        request = request.header(text(name), text(value));
    }
    let of_the_case = case.request.body.as_ref().map(|body| text(body));
    if let Some(body) = of_the_case.or_else(|| own.body.clone()) {
        let body = body.into_bytes();
        request = request.header("Content-Length", body.len().to_string());
        request.body = body;
    }
    request
}

/// A head that is written out, with the headers that every request to the endpoint has behind its
/// first line.
fn with_own(head: &str, own: &OwnRequest) -> String {
    let Some((first, rest)) = head.split_once('\n') else {
        return head.to_owned();
    };
    let end = if first.ends_with('\r') { "\r\n" } else { "\n" };
    let own = own.headers.iter();
    let own = own.map(|(name, value)| format!("{name}: {}{end}", value.expose_secret()));
    format!(
        "{first}\nUser-Agent: {USER_AGENT}{end}{}{rest}",
        own.collect::<String>()
    )
}

fn add_to_query(target: &mut String, query: &str) {
    target.push(if target.contains('?') { '&' } else { '?' });
    target.push_str(query);
}
