//! An empty page of our own in the place of whatever is at the redirect URI.
//!
//! An address that cannot be reached would do as well, and has to for https, but Chromium shows
//! every error in a process of its own, which takes longer than all the rest of a redirect.

use std::io;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::openid::POSTED;

/// Asks for nothing more, not even an icon.
const EMPTY_PAGE: &str = "<!DOCTYPE html><link rel=\"icon\" href=\"data:,\">";

/// The content type of a form that is posted.
const FORM: &[u8] = b"application/x-www-form-urlencoded";
/// No form is longer that brings tokens.
const LONGEST_FORM: usize = 256 * 1024;

/// A server on loopback that knows one page; dropping it ends it.
#[derive(Debug)]
pub(super) struct StandIn {
    port: u16,
    server: AbortHandle,
}

/// An answer that comes in a form (OAuth 2.0 Form Post Response Mode) is shown in the fragment of
/// the address, the one thing of a page that a driver reads: it is sent to nobody.
async fn answer(method: Method, headers: HeaderMap, request: Request) -> Response {
    let is_form = headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(FORM));
    if method != Method::POST || !is_form {
        return Html(EMPTY_PAGE).into_response();
    }
    let address = request.uri().to_string();
    match axum::body::to_bytes(request.into_body(), LONGEST_FORM).await {
        Ok(form) => {
            let form = String::from_utf8_lossy(&form);
            Redirect::to(&format!("{address}#{POSTED}&{form}")).into_response()
        }
        Err(_) => Html(EMPTY_PAGE).into_response(),
    }
}

impl StandIn {
    pub(super) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let app = Router::new().fallback(answer);
        let server = async move { axum::serve(listener, app).await };
        Ok(Self {
            port,
            server: tokio::spawn(server).abort_handle(),
        })
    }

    /// Where it is, as Chromium's rules for host names have it.
    pub(super) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }
}

impl Drop for StandIn {
    fn drop(&mut self) {
        self.server.abort();
    }
}

#[cfg(test)]
mod tests {
    use reqwest::Method;
    use rstest::rstest;

    use super::*;

    /// What is no form is nothing that a page can be given.
    #[tokio::test]
    async fn a_form_is_shown_in_the_fragment() {
        let stand_in = StandIn::start().await.unwrap();
        let url = format!("http://{}/any/callback?tenant=1", stand_in.address());
        let http = reqwest::Client::builder().no_proxy();
        let http = http.redirect(reqwest::redirect::Policy::none());
        let http = http.build().unwrap();
        let form = [("code", "a&b"), ("state", "s")];
        let answer = http.post(&url).form(&form).send().await.unwrap();
        assert_eq!(answer.status(), 303);
        let shown = "/any/callback?tenant=1#okta-e2e-posted&code=a%26b&state=s";
        assert_eq!(answer.headers()["location"], shown);
        let answer = http.post(&url).body("code=x").send().await.unwrap();
        assert_eq!(answer.status(), 200);
    }

    #[rstest]
    #[case::a_redirect(Method::GET)]
    #[case::a_form_post(Method::POST)]
    #[tokio::test]
    async fn whatever_comes_gets_a_page_with_nothing_in_it(#[case] method: Method) {
        let stand_in = StandIn::start().await.unwrap();
        let url = format!("http://{}/any/callback?code=of-a-test", stand_in.address());
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        let answer = http.request(method, url).send().await.unwrap();
        assert_eq!(answer.status(), 200);
        let page = answer.text().await.unwrap();
        assert!(page.starts_with("<!DOCTYPE html>"), "{page}");
        assert!(!page.contains("script"), "{page}");
    }
}
