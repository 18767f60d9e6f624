//! Plain HTTP is asked again only where that is harmless, within limits, and every time is told.

use okta_e2e::openid::{Http, NamedUrl, TrustedEndpoint, Use};
use rstest::rstest;
use url::Url;

use crate::scripted::{Scripted, ScriptedServer};

struct Asking {
    server: ScriptedServer,
    http: Http,
    url: Url,
}

impl Asking {
    async fn of(answers: impl IntoIterator<Item = Scripted>) -> Self {
        let server = ScriptedServer::start(answers).await;
        let url = Url::parse(&format!("{}/v1/thing?secret=value", server.base())).unwrap();
        let http = Http::new().unwrap();
        Self { server, http, url }
    }

    async fn get(&self) -> u16 {
        self.http.get(&self.url).await.unwrap().status.as_u16()
    }

    async fn post(&self) -> u16 {
        let endpoint = self.endpoint();
        let answer = self.http.post_form(&endpoint, &[("code", "value")], None);
        answer.await.unwrap().status.as_u16()
    }

    /// The URL as a token endpoint of a trusted origin.
    fn endpoint(&self) -> TrustedEndpoint {
        let trusted = [&self.url].into_iter().collect();
        let named = NamedUrl::new(self.url.clone());
        named.trusted(Use::Token, &trusted).unwrap()
    }

    fn requests(&self) -> usize {
        self.server.asked().len()
    }
}

fn ok() -> Scripted {
    Scripted::new(200, "{}")
}

#[rstest]
#[case::internal_error(500)]
#[case::not_ready(503)]
#[case::still_working(423)]
#[tokio::test]
async fn a_get_that_fails_is_made_again(#[case] status: u16) {
    let asking = Asking::of([Scripted::new(status, ""), ok()]).await;
    assert_eq!((asking.get().await, asking.requests()), (200, 2));
    let told = asking.http.retries();
    assert_eq!(told.len(), 1);
    assert!(
        told[0].contains(&format!("it answers {status}")),
        "{told:?}"
    );
    assert!(
        told[0].contains("/v1/thing`") && !told[0].contains("secret"),
        "{told:?}"
    );
}

#[rstest]
#[case::unauthorized(401)]
#[case::forbidden(403)]
#[case::not_there(404)]
#[tokio::test]
async fn a_refusal_is_an_answer(#[case] status: u16) {
    let asking = Asking::of([Scripted::new(status, ""), ok()]).await;
    assert_eq!((asking.get().await, asking.requests()), (status, 1));
    assert_eq!(asking.http.retries(), Vec::<String>::new());
}

#[tokio::test]
async fn a_code_is_not_redeemed_again_after_a_failure() {
    let asking = Asking::of([Scripted::new(500, ""), ok()]).await;
    assert_eq!((asking.post().await, asking.requests()), (500, 1));
}

#[tokio::test]
async fn a_code_that_came_too_fast_is_redeemed_when_it_may() {
    let refusal = Scripted::new(429, "").header("retry-after", "0");
    let asking = Asking::of([refusal, ok()]).await;
    assert_eq!((asking.post().await, asking.requests()), (200, 2));
}

#[rstest]
#[case::an_hour("3600")]
#[case::more_than_any_number_holds("99999999999999999999999")]
#[tokio::test]
async fn a_wait_of_more_than_a_minute_is_not_waited(#[case] seconds: &str) {
    let refusal = Scripted::new(429, "").header("retry-after", seconds);
    let asking = Asking::of([refusal, ok()]).await;
    assert_eq!((asking.get().await, asking.requests()), (429, 1));
}

#[tokio::test]
async fn what_fails_at_last_is_not_asked_patiently_again() {
    let asking = Asking::of([Scripted::new(500, "")]).await;
    assert_eq!((asking.get().await, asking.requests()), (500, 4));
    assert_eq!((asking.get().await, asking.requests()), (500, 5));
    assert_eq!(asking.http.retries().len(), 3);
}

#[tokio::test]
async fn nobody_there_is_told_after_every_try() {
    let mut asking = Asking::of([ok()]).await;
    asking.url.set_port(Some(closed_port().await)).unwrap();
    let error = asking.http.post_form(&asking.endpoint(), &[], None).await;
    assert!(error.unwrap_err().to_string().contains("cannot connect to"));
    assert_eq!(asking.http.retries().len(), 3);
}

/// A token of megabytes in the query of a URL, say: no request can be made of it.
#[tokio::test]
async fn what_cannot_be_asked_at_all_is_not_asked_again() {
    let mut asking = Asking::of([ok()]).await;
    asking.url.set_query(Some(&"x".repeat(100_000)));
    let error = asking.http.get(&asking.url).await.unwrap_err();
    assert!(error.to_string().contains("/v1/thing cannot be asked:"));
    assert_eq!((asking.requests(), asking.http.retries().len()), (0, 0));
}

/// A port that was free a moment ago.
async fn closed_port() -> u16 {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().port()
}
