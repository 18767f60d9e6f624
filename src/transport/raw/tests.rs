use rstest::rstest;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use super::super::trust::Certificates;
use super::*;

/// What a server does with its connection once a request has come.
#[derive(Clone, Copy)]
enum Then {
    Closes,
    Waits,
}

/// A server for one connection: its address, and what it read before it answered.
async fn server(answer: &[u8], then: Then) -> (Url, oneshot::Receiver<Vec<u8>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    let (tell, told) = oneshot::channel();
    let answer = answer.to_vec();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let asked = until_empty_line(&mut stream).await;
        // Who has read enough hangs up.
        let _ = stream.write_all(&answer).await;
        let _ = tell.send(asked);
        if matches!(then, Then::Waits) {
            // Until the client has enough of it.
            let _ = tokio::io::AsyncReadExt::read(&mut stream, &mut [0; 1]).await;
        }
    });
    (url, told)
}

async fn until_empty_line(stream: &mut TcpStream) -> Vec<u8> {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|window| window == b"\r\n\r\n") {
        bytes.push(tokio::io::AsyncReadExt::read_u8(stream).await.unwrap());
    }
    bytes
}

const SOON: Duration = Duration::from_millis(200);

async fn answered(answer: &[u8], then: Then, request: RawRequest) -> RawOutcome {
    let (url, _asked) = server(answer, then).await;
    send_within(
        &Trust::with(&Certificates::default()).unwrap(),
        &url,
        &request,
        DEADLINE,
    )
    .await
}

fn get() -> RawRequest {
    RawRequest::new("GET", "/planets")
}

#[tokio::test]
async fn bytes_go_out_as_they_were_written() {
    let answer = b"HTTP/1.1 204 No Content\r\n\r\n";
    let (url, asked) = server(answer, Then::Waits).await;
    let request = RawRequest::new("GET", *b"/a/../%2e%2E\xff//planets;x?#y")
        .header("authorization", "Bearer a")
        .header("Authorization", *b"bEARER  \xfe b")
        .header("X_Forwarded-For ", "");
    send(
        &Trust::with(&Certificates::default()).unwrap(),
        &url,
        &request,
    )
    .await;
    let host = format!("Host: 127.0.0.1:{}\r\n", url.port().unwrap());
    let wanted = [
        b"GET /a/../%2e%2E\xff//planets;x?#y HTTP/1.1\r\n".as_slice(),
        host.as_bytes(),
        b"authorization: Bearer a\r\nAuthorization: bEARER  \xfe b\r\nX_Forwarded-For : \r\n\r\n",
    ];
    assert_eq!(asked.await.unwrap(), wanted.concat());
}

#[rstest]
#[case::given(get().header("HOST", "elsewhere.example"), "GET /planets HTTP/1.1\r\nHOST: elsewhere.example\r\n\r\n")]
#[case::scheme_s_own_port(get(), "GET /planets HTTP/1.1\r\nHost: api.example\r\n\r\n")]
#[case::whole(RawRequest { head: RawHead::Whole(b"GET / HTTP/1.0\n\n".to_vec()), ..get() }, "GET / HTTP/1.0\n\n")]
#[case::with_a_body(RawRequest { body: b"0\r\n\r\n".to_vec(), ..get() }, "GET /planets HTTP/1.1\r\nHost: api.example\r\n\r\n0\r\n\r\n")]
fn nothing_but_a_host_is_added(#[case] request: RawRequest, #[case] bytes: &str) {
    let server = Url::parse("https://api.example/v2/").unwrap();
    assert_eq!(String::from_utf8(request.bytes(&server)).unwrap(), bytes);
}

#[rstest]
#[case::length(
    "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmars",
    Then::Waits,
    "mars"
)]
#[case::chunks(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2;x=y\r\nma\r\n2\r\nrs\r\n0\r\nX: y\r\n\r\n",
    Then::Waits,
    "mars"
)]
#[case::until_the_end("HTTP/1.0 200 OK\r\n\r\nmars", Then::Closes, "mars")]
#[case::after_an_announcement(
    "HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nmars",
    Then::Waits,
    "mars"
)]
#[case::nothing(
    "HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\n",
    Then::Waits,
    ""
)]
#[tokio::test]
async fn a_body_is_read_to_its_end(#[case] bytes: &str, #[case] then: Then, #[case] body: &str) {
    let outcome = answered(bytes.as_bytes(), then, get()).await;
    let RawOutcome::Answered(answer) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(String::from_utf8(answer.body).unwrap(), body);
    assert!(!answer.is_cut && answer.further.is_empty());
}

#[tokio::test]
async fn repeated_headers_of_an_answer_stay_apart() {
    let bytes = b"HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer\r\nwww-authenticate: Basic\r\ncontent-length: 0\r\n\r\n";
    let RawOutcome::Answered(answer) = answered(bytes, Then::Waits, get()).await else {
        panic!("no answer");
    };
    let challenges = answer.headers.get_all("www-authenticate").iter();
    let challenges: Vec<_> = challenges.filter_map(|value| value.to_str().ok()).collect();
    assert_eq!(
        (answer.status.as_u16(), challenges),
        (401, vec!["Bearer", "Basic"])
    );
}

#[tokio::test]
async fn an_answer_to_head_has_no_body() {
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n";
    let request = RawRequest::new("HEAD", "/planets");
    let outcome = answered(bytes, Then::Waits, request).await;
    assert!(matches!(outcome, RawOutcome::Answered(_)), "{outcome:?}");
}

#[rstest]
#[case::nothing("", None)]
#[case::half_a_head("HTTP/1.1 200 OK\r\nContent", None)]
#[case::half_a_body("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nmars", Some("mars"))]
#[case::half_a_chunk(
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\nmars",
    Some("mars")
)]
#[case::no_http("SSH-2.0-OpenSSH\r\n\r\n", None)]
#[case::no_chunk("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nmars", Some(""))]
#[tokio::test]
async fn an_answer_that_breaks_off_is_lost_and_kept_as_far_as_it_came(
    #[case] bytes: &str,
    #[case] kept: Option<&str>,
) {
    let outcome = answered(bytes.as_bytes(), Then::Closes, get()).await;
    let RawOutcome::Lost { so_far, .. } = outcome else {
        panic!("{outcome:?}");
    };
    let body = so_far.map(|answer| String::from_utf8(answer.body).unwrap());
    assert_eq!(body.as_deref(), kept);
}

#[rstest]
#[case::nothing("", None)]
#[case::half_a_body("HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\nmars", Some("mars"))]
#[tokio::test]
async fn a_server_that_falls_silent_is_told_from_one_that_hangs_up(
    #[case] bytes: &str,
    #[case] kept: Option<&str>,
) {
    let (url, _asked) = server(bytes.as_bytes(), Then::Waits).await;
    let outcome = send_within(
        &Trust::with(&Certificates::default()).unwrap(),
        &url,
        &get(),
        SOON,
    )
    .await;
    let RawOutcome::Silent { so_far, .. } = outcome else {
        panic!("{outcome:?}");
    };
    let body = so_far.map(|answer| String::from_utf8(answer.body).unwrap());
    assert_eq!(body.as_deref(), kept);
}

#[tokio::test]
async fn a_second_answer_to_one_request_is_seen() {
    let bytes = b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\nHTTP/1.1 200 OK\r\n";
    let request = RawRequest {
        listens_on: DEADLINE,
        ..get()
    };
    let RawOutcome::Answered(answer) = answered(bytes, Then::Waits, request).await else {
        panic!("no answer");
    };
    assert_eq!(answer.further, b"HTTP/1.1 200 OK\r\n");
}

/// RFC 9110 section 15.2.2: what comes through the connection then is what was given.
#[tokio::test]
async fn what_a_switched_connection_says_first_is_read() {
    let bytes = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x04moon";
    let RawOutcome::Answered(answer) = answered(bytes, Then::Waits, get()).await else {
        panic!("no answer");
    };
    assert_eq!(answer.body, b"\x81\x04moon");
}

/// RFC 9112 section 9.6: it hears no more of what is sent on the connection.
#[tokio::test]
async fn nothing_is_sent_behind_an_answer_that_closes_the_connection() {
    let bytes = b"HTTP/1.1 200 OK\r\nConnection: Close\r\nContent-Length: 0\r\n\r\n";
    let outcome = answered(bytes, Then::Waits, get().behind(get())).await;
    let RawOutcome::Lost { reason, .. } = outcome else {
        panic!("{outcome:?}");
    };
    assert!(reason.contains("closes the connection"), "{reason}");
}

#[tokio::test]
async fn a_body_without_end_is_cut() {
    let bytes = [
        b"HTTP/1.1 200 OK\r\n\r\n".as_slice(),
        &vec![b'x'; 2_000_000],
    ]
    .concat();
    let RawOutcome::Answered(answer) = answered(&bytes, Then::Closes, get()).await else {
        panic!("no answer");
    };
    assert!(answer.is_cut);
    assert_eq!(answer.body.len(), 1024 * 1024);
}

#[tokio::test]
async fn nobody_there_is_no_lost_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = Url::parse(&format!("http://{}", listener.local_addr().unwrap())).unwrap();
    drop(listener);
    let outcome = send(
        &Trust::with(&Certificates::default()).unwrap(),
        &url,
        &get(),
    )
    .await;
    assert!(
        matches!(outcome, RawOutcome::Unreachable { .. }),
        "{outcome:?}"
    );
}

#[tokio::test]
async fn nothing_travels_in_clear() {
    let url = Url::parse("http://api.example/").unwrap();
    let outcome = send(
        &Trust::with(&Certificates::default()).unwrap(),
        &url,
        &get(),
    )
    .await;
    assert!(matches!(outcome, RawOutcome::Insecure), "{outcome:?}");
}

#[test]
fn a_request_is_not_shown_by_debug_output() {
    let request = get().header("Authorization", "Bearer secret");
    assert!(!format!("{request:?}").contains("secret"));
}
