//! The session that a user has in a browser, carried to plain HTTP: there status, headers and forms
//! can be seen, which a browser shows to no driver.

use reqwest::header::{
    ACCEPT, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue, InvalidHeaderValue, USER_AGENT,
};
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret as _, SecretString};
use url::{Origin, Url};

use super::http::{Answer, Http, HttpError, headers, question};
use super::request::RequestDetails;
use crate::transport::{self, Patience};

/// What browsers say of a page that they are sent to.
const PAGES: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

/// How the parameters of a form stand in a body.
const FORM: &str = "application/x-www-form-urlencoded";

/// A cookie of a browser.
#[derive(Debug)]
pub struct CarriedCookie {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: SecretString,
    /// Whether no script reads it, it comes by https alone where the org does, and for the host of
    /// the org alone.
    pub is_kept: bool,
}

/// The cookies that a browser sends to one origin, and what it says that it is.
#[derive(Debug)]
pub struct CarriedSession {
    origin: Origin,
    cookies: Vec<CarriedCookie>,
    user_agent: String,
}

impl CarriedSession {
    /// The cookies that a browser would send to an address.
    #[must_use]
    pub fn new(at: &Url, cookies: Vec<CarriedCookie>, user_agent: String) -> Self {
        Self {
            origin: at.origin(),
            cookies,
            user_agent,
        }
    }

    /// The cookies; none of their values may be said.
    #[must_use]
    pub fn cookies(&self) -> &[CarriedCookie] {
        &self.cookies
    }

    /// The headers with them.
    fn headers(&self) -> Result<HeaderMap, InvalidHeaderValue> {
        let pairs = self.cookies.iter();
        let pairs = pairs.map(|cookie| format!("{}={}", cookie.name, cookie.value.expose_secret()));
        let mut cookies = HeaderValue::from_str(&pairs.collect::<Vec<_>>().join("; "))?;
        cookies.set_sensitive(true);
        Ok(HeaderMap::from_iter([
            (COOKIE, cookies),
            (USER_AGENT, HeaderValue::from_str(&self.user_agent)?),
            (ACCEPT, HeaderValue::from_static(PAGES)),
        ]))
    }
}

impl Http {
    /// An authorization request as the browser would make it whose session this is, with the
    /// headers and the method of its details; no redirect is followed.
    ///
    /// # Errors
    /// [`HttpError`] when no complete answer came, or when the address is of another origin than
    /// the cookies: they are sent nowhere else.
    pub async fn open_in_session(
        &self,
        url: &Url,
        session: &CarriedSession,
        details: &RequestDetails,
    ) -> Result<Answer, HttpError> {
        let impossible = |reason: &str| HttpError::Impossible {
            url: transport::address(url),
            reason: reason.to_owned(),
        };
        if url.origin() != session.origin {
            return Err(impossible("the session is of another origin"));
        }
        let own = session.headers();
        // What is wrong with a cookie is said without it.
        let mut own = own.map_err(|_| impossible("a cookie is no text of a header"))?;
        own.extend(headers(&details.headers).map_err(|error| impossible(&error))?);
        let mut bare = url.clone();
        bare.set_query(None);
        let form = details.posted.then(|| url.query().unwrap_or_default());
        let (method, url) = match form {
            Some(_) => (Method::POST, &bare),
            None => (Method::GET, url),
        };
        let question = question(method, url, Patience::Idempotent);
        let completed = |asked: RequestBuilder| {
            let asked = asked.headers(own.clone());
            match form {
                Some(form) => asked.header(CONTENT_TYPE, FORM).body(form.to_owned()),
                None => asked,
            }
        };
        self.ask(&question, completed).await.last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const COOKIE_VALUE: &str = "a-cookie-of-nobody";

    fn session(at: &str) -> CarriedSession {
        let at = Url::parse(at).expect("a URL");
        let cookies = [("sid", COOKIE_VALUE), ("DT", "d")];
        let cookies = cookies.map(|(name, value)| CarriedCookie {
            name: name.to_owned(),
            value: SecretString::from(value),
            is_kept: true,
        });
        CarriedSession::new(&at, cookies.into(), "Browser/1".to_owned())
    }

    #[test]
    fn it_is_sent_as_a_browser_does_and_is_not_said() {
        let session = session("https://example.okta.com/oauth2/aus1/v1/authorize");
        let headers = session.headers().expect("headers");
        assert_eq!(headers[COOKIE], "sid=a-cookie-of-nobody; DT=d");
        assert_eq!(headers[USER_AGENT], "Browser/1");
        let said = format!("{session:?} {headers:?}");
        assert!(!said.contains(COOKIE_VALUE), "{said}");
    }

    /// Nobody listens there: what is refused before anything is sent is refused for its origin.
    #[tokio::test]
    async fn it_goes_to_no_other_origin() {
        let http = Http::new().expect("a client");
        let details = RequestDetails::default();
        let session = session("http://127.0.0.1:1/authorize");
        for other in [
            "http://127.0.0.1:2/authorize",
            "http://localhost:1/authorize",
        ] {
            let url = Url::parse(other).expect("a URL");
            let refused = http
                .open_in_session(&url, &session, &details)
                .await
                .unwrap_err();
            let said = refused.to_string();
            assert!(said.contains("of another origin"), "{said}");
            assert!(!said.contains(COOKIE_VALUE), "{said}");
        }
    }
}
