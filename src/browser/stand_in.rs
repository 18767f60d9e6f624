//! An empty page of our own in the place of whatever is at the redirect URI.
//!
//! An address that cannot be reached would do as well, and has to for https, but Chromium shows
//! every error in a process of its own, which takes longer than all the rest of a redirect.

use std::io;

use axum::Router;
use axum::response::Html;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

/// Asks for nothing more, not even an icon.
const EMPTY_PAGE: &str = "<!DOCTYPE html><link rel=\"icon\" href=\"data:,\">";

/// A server on loopback that knows one page; dropping it ends it.
#[derive(Debug)]
pub(super) struct StandIn {
    port: u16,
    server: AbortHandle,
}

impl StandIn {
    pub(super) async fn start() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let app = Router::new().fallback(|| async { Html(EMPTY_PAGE) });
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
