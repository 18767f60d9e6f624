//! What an API gives to who must be given nothing, in part, in another writing, at another address,
//! or in answer to what is not about data: known, and required.

use okta_e2e::requirements::Severity;
use rstest::rstest;

use crate::before_the_api::behind;
use crate::support::front::{Answer, Change, Request};
use crate::support::scenario::told;
use crate::support::world::names;

const PLANETS: &str = r#"["mercury","venus","earth","mars","jupiter","saturn","uranus","neptune"]"#;
/// `PLANETS` in base64.
const IN_BASE64: &str = "WyJtZXJjdXJ5IiwidmVudXMiLCJlYXJ0aCIsIm1hcnMiLCJqdXBpdGVyIiwic2F0dXJuIi\
                         widXJhbnVzIiwibmVwdHVuZSJd";

/// Whether nobody asks for planets.
fn is_nobody(asked: &Request) -> bool {
    asked.header("authorization").is_none() && asked.is_to("/planets")
}

fn give(answer: &mut Answer, body: &str) {
    answer.status = 200;
    answer.body = body.into();
}

#[rstest]
#[case::to_a_preflight(
    |asked: &Request, answer: &mut Answer| {
        if is_nobody(asked) && asked.header("access-control-request-method").is_some() {
            give(answer, PLANETS);
        }
    },
    "hostile::preflight_evil[/planets]",
    "data came"
)]
#[case::in_part_to_options(
    |asked: &Request, answer: &mut Answer| {
        if is_nobody(asked) && asked.method == "OPTIONS" {
            give(answer, r#"{"GET":{"example":["venus","earth","mars","jupiter"]}}"#);
        }
    },
    "hostile::anonymous_options[/planets]",
    "data came"
)]
#[case::for_a_word_in_the_query(
    |asked: &Request, answer: &mut Answer| {
        if is_nobody(asked) && asked.target.contains("debug=true") {
            give(answer, r#"{"count":8}"#);
        }
    },
    "hostile::anonymous_flags_in_the_query[/planets]",
    "the endpoint is open"
)]
#[case::by_an_older_version(
    |asked: &Request, answer: &mut Answer| {
        if is_nobody(asked) && asked.version == "HTTP/1.0" {
            give(answer, r#"{"sample":"mercury"}"#);
        }
    },
    "hostile::anonymous_http_1_0[/planets]",
    "the endpoint is open"
)]
#[case::some_bytes_of_it(
    |asked: &Request, answer: &mut Answer| {
        if is_nobody(asked) && asked.header("range").is_some() {
            give(answer, r#"["mercury","v"#);
            answer.status = 206;
        }
    },
    "hostile::anonymous_range[/planets]",
    "the endpoint is open"
)]
#[case::in_base64_beside_a_refusal(
    |asked: &Request, answer: &mut Answer| {
        if is_nobody(asked) {
            answer.body = format!(r#"{{"error":"no","debug":"{IN_BASE64}"}}"#).into();
        }
    },
    "access::a_request_without_token_is_refused[/planets]",
    "401"
)]
#[case::in_a_cookie_beside_a_refusal(
    |asked: &Request, answer: &mut Answer| {
        if is_nobody(asked) {
            let data = PLANETS.replace('"', "%22").replace(',', "%2C");
            answer.set("set-cookie", format!("state={data}; HttpOnly"));
        }
    },
    "access::a_request_without_token_is_refused[/planets]",
    "401"
)]
#[case::where_a_refusal_leads(
    |asked: &Request, answer: &mut Answer| {
        if asked.is_to("/files/planets.json") {
            give(answer, PLANETS);
        } else if is_nobody(asked) {
            answer.status = 302;
            answer.set("location", "/files/planets.json");
        }
    },
    "access::a_request_without_token_is_refused[/planets]",
    "where anybody can read the data"
)]
#[case::where_a_hostile_request_is_led(
    |asked: &Request, answer: &mut Answer| {
        if asked.is_to("/files/planets.json") {
            give(answer, PLANETS);
        } else if is_nobody(asked) && asked.target.contains("debug=true") {
            answer.status = 302;
            answer.set("location", "/files/planets.json");
        }
    },
    "hostile::anonymous_flags_in_the_query[/planets]",
    "where anybody can read the data"
)]
#[tokio::test]
async fn it_is_required_that_nothing_is_given(
    #[case] change: Change,
    #[case] trial: &str,
    #[case] says: &str,
) {
    let verified = behind(change, |name| name == trial).await;
    let told = told(&verified.record, trial);
    assert_eq!(names(&verified, "not_met"), [trial], "{told}");
    assert!(told.contains(says), "{told}");
    let mut results = verified.record.results.iter();
    let result = results.find(|result| result.is_not_met()).expect("it");
    assert_eq!(result.severity, Severity::Required, "{told}");
    assert_eq!(verified.record.run.exit_status, 1);
}

/// What is not of the endpoint gives nothing of it: a site of another name, a page to sign in, a
/// description of the methods.
#[rstest]
#[case::another_site(
    |asked: &Request, answer: &mut Answer| {
        if is_nobody(asked) && asked.header("host") == Some("unknown.invalid") {
            give(answer, "<h1>Welcome</h1>");
        }
    },
    "hostile::anonymous_unknown_host[/planets]",
    "not_checked"
)]
#[case::a_description(
    |asked: &Request, answer: &mut Answer| {
        if is_nobody(asked) && asked.method == "OPTIONS" {
            give(answer, r#"{"name":"Planets","renders":["application/json"]}"#);
        }
    },
    "hostile::anonymous_options[/planets]",
    "not_checked"
)]
#[case::no_words(
    |asked: &Request, answer: &mut Answer| {
        if is_nobody(asked) && asked.method == "OPTIONS" {
            give(answer, "");
        }
    },
    "hostile::anonymous_options[/planets]",
    "met"
)]
#[case::a_page_to_sign_in(
    |asked: &Request, answer: &mut Answer| {
        if asked.is_to("/sign-in") {
            give(answer, "<form>Sign in</form>");
        } else if is_nobody(asked) {
            answer.status = 302;
            answer.set("location", "/sign-in");
        }
    },
    "access::a_request_without_token_is_refused[/planets]",
    "met"
)]
#[tokio::test]
async fn what_is_not_the_endpoints_gives_nothing(
    #[case] change: Change,
    #[case] trial: &str,
    #[case] outcome: &str,
) {
    let verified = behind(change, |name| name == trial).await;
    assert_eq!(
        names(&verified, outcome),
        [trial],
        "{}",
        told(&verified.record, trial)
    );
    assert_ne!(verified.record.run.exit_status, 1);
}

/// What refuses and brings the data all the same is not called open.
#[tokio::test]
async fn a_redirect_with_the_data_is_a_refusal_that_holds_them() {
    const TRIAL: &str = "access::a_request_without_token_is_refused[/planets]";
    let verified = behind(
        |asked, answer| {
            if is_nobody(asked) {
                answer.status = 302;
                answer.set("location", "/login");
                answer.body = PLANETS.into();
            }
        },
        |name| name == TRIAL,
    )
    .await;
    let told = told(&verified.record, TRIAL);
    assert!(
        told.contains("its answer holds the data all the same"),
        "{told}"
    );
}

/// What anybody is given at the root of an API is no fault of a request with more in it: what is
/// published may be an example, and data is data.
#[rstest]
#[case::for_people(
    |asked: &Request, answer: &mut Answer| {
        if asked.is_to("/") {
            give(answer, "<p>GET /planets: mercury, venus, earth, mars, jupiter, saturn, uranus, \
                          neptune</p>");
            answer.set("content-type", "text/html");
        }
    },
    Severity::Advised
)]
#[case::for_programs(
    |asked: &Request, answer: &mut Answer| {
        if asked.is_to("/") {
            give(answer, &format!(r#"{{"openapi":"3.1.0","example":{PLANETS}}}"#));
        }
    },
    Severity::Advised
)]
#[case::data(
    |asked: &Request, answer: &mut Answer| {
        if asked.is_to("/") {
            give(answer, &format!(r#"{{"all":{PLANETS}}}"#));
        }
    },
    Severity::Required
)]
#[tokio::test]
async fn what_anybody_is_given_at_the_root_is_one_cause(
    #[case] change: Change,
    #[case] severity: Severity,
) {
    let here = |name: &str| name.starts_with("hostile::root_") && name.ends_with("[/planets]");
    let verified = behind(change, here).await;
    let results = verified.record.results.iter();
    let unmet: Vec<_> = results.filter(|result| result.is_not_met()).collect();
    assert!(unmet.len() > 8, "{unmet:#?}");
    for result in unmet {
        assert_eq!(result.severity, severity, "{result:?}");
        let fix = result.fix.as_ref().expect("a fix");
        assert!(
            fix.admin_console
                .contains("`/` shows data of an endpoint to anybody"),
            "{fix:?}"
        );
    }
}

/// A header that names the path is a mistake of its own, whatever stands at the root.
#[tokio::test]
async fn a_header_that_is_obeyed_is_not_explained_by_what_stands_at_the_root() {
    const TRIAL: &str = "hostile::root_x_original_url[/planets]";
    let verified = behind(
        |asked, answer| {
            if asked.is_to("/") && asked.header("x-original-url").is_some() {
                give(answer, PLANETS);
            } else if asked.is_to("/") {
                give(
                    answer,
                    &format!(r#"{{"openapi":"3.1.0","example":{PLANETS}}}"#),
                );
            }
        },
        |name| name == TRIAL,
    )
    .await;
    let told = told(&verified.record, TRIAL);
    assert_eq!(names(&verified, "not_met"), [TRIAL], "{told}");
    assert!(told.contains("believe no header of a client's"), "{told}");
}

/// What one endpoint protects may come with what another one answers by right.
#[rstest]
#[case::in_a_header(
    |asked: &Request, answer: &mut Answer| {
        if asked.is_to("/planets") && answer.status == 200 {
            answer.set("x-related", "adrastea, amalthea, callisto, europa, io");
        }
    }
)]
#[case::in_the_body(
    |asked: &Request, answer: &mut Answer| {
        if asked.is_to("/planets") && answer.status == 200 {
            answer.body = format!(
                r#"{{"planets":{PLANETS},"moons":["adrastea","amalthea","callisto","europa"]}}"#
            )
            .into();
        }
    }
)]
#[tokio::test]
async fn what_comes_beside_the_answer_of_another_endpoint_is_given(#[case] change: Change) {
    const TRIAL: &str = "access::silver_is_refused_moons[silver]";
    let verified = behind(change, |name| name == TRIAL).await;
    let told = told(&verified.record, TRIAL);
    assert_eq!(names(&verified, "not_met"), [TRIAL], "{told}");
    assert!(
        told.contains("/planets tells what /moons protects"),
        "{told}"
    );
    assert_eq!(verified.record.run.exit_status, 1);
}

/// An error page that shows the data is no missing check of what was presented.
#[tokio::test]
async fn an_error_that_shows_the_data_is_a_refusal_that_holds_them() {
    const TRIAL: &str = "hostile::scheme_alone[/planets]";
    let verified = behind(
        |asked, answer| {
            if asked.is_to("/planets") && asked.header("authorization") == Some("Bearer") {
                answer.status = 500;
                answer.body = format!("<pre>locals: {PLANETS}</pre>").into();
            }
        },
        |name| name == TRIAL,
    )
    .await;
    let told = told(&verified.record, TRIAL);
    assert_eq!(names(&verified, "not_met"), [TRIAL], "{told}");
    assert!(
        told.contains("its answer holds the data all the same"),
        "{told}"
    );
}
