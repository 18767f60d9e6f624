//! An API that answers as no API does ends no run late, and turns nothing into met or not met.

use std::time::Duration;

use okta_e2e::requirements::Step;
use rstest::rstest;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::support::agent::HttpAgents;
use crate::support::world::World;

/// The limit of a whole run against the worst of servers.
const LONGEST_RUN: Duration = Duration::from_secs(180);
const A_MILLION: usize = 1_000_000;
/// So many parts are written at once.
const AT_ONCE: usize = 1000;

/// What is written to every connection: a beginning, then a part again and again, then the end.
#[derive(Debug, Clone, Copy)]
struct Answer {
    begin: &'static str,
    part: &'static str,
    times: usize,
    end: &'static str,
}

impl Answer {
    const fn new(begin: &'static str, part: &'static str, times: usize, end: &'static str) -> Self {
        Self {
            begin,
            part,
            times,
            end,
        }
    }

    async fn serve(self) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(self.answer(stream));
            }
        });
        base
    }

    /// Whoever asked may hang up at any time.
    async fn answer(self, mut stream: TcpStream) {
        let mut request = [0; 8 * 1024];
        let _ = stream.read(&mut request).await;
        let _ = stream.write_all(self.begin.as_bytes()).await;
        let parts = self.part.repeat(AT_ONCE.min(self.times));
        for _ in 0..self.times / AT_ONCE {
            if stream.write_all(parts.as_bytes()).await.is_err() {
                return;
            }
        }
        let _ = stream.write_all(self.end.as_bytes()).await;
    }
}

const LONG: &str = "HTTP/1.1 403 Forbidden\r\ncontent-length: 1000000000\r\n\r\n";
const CHUNKED: &str = "HTTP/1.1 403 Forbidden\r\ntransfer-encoding: chunked\r\n\r\n";
const TEN_X: &str = "xxxxxxxxxx";
const CHUNK: &str = "28\r\nxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\r\n";
const HINT: &str = "HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n";
const TWO_LENGTHS: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 5\r\n\r\n[]";
const HEADER: &str = "x-header: value\r\n";

#[rstest]
#[case::a_gigabyte(Answer::new(LONG, TEN_X, A_MILLION, ""))]
#[case::chunks_without_end(Answer::new(CHUNKED, CHUNK, A_MILLION, ""))]
#[case::early_hints(Answer::new("", HINT, A_MILLION, ""))]
#[case::headers_without_end(Answer::new("HTTP/1.1 200 OK\r\n", HEADER, A_MILLION, ""))]
#[case::no_http(Answer::new("hello there\r\n", "", 0, ""))]
#[case::two_lengths(Answer::new(TWO_LENGTHS, "", 0, ""))]
#[tokio::test]
async fn what_is_no_answer_is_not_checked(#[case] answer: Answer) {
    let world = World::new().await;
    let agents = HttpAgents;
    let api = answer.serve().await;
    let run = world.verify_at(&api, Some(&agents));
    let verified = tokio::time::timeout(LONGEST_RUN, run).await;
    let verified = verified.expect("the run ends in time");
    let results = verified.record.results.iter();
    let results: Vec<_> = results
        .filter(|result| result.step == Step::Access)
        .collect();
    assert!(!results.is_empty());
    for result in results {
        assert_eq!(result.outcome.word(), "not_checked", "{}", result.name);
    }
}
