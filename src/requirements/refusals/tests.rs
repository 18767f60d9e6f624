//! What an answer says, and what it points at.

use rstest::rstest;

use super::super::kept::Part;
use super::given::mend_given;
use super::*;
use crate::config::Facts;
use crate::exchange::ApiCall;
use crate::model::OrgModel;
use crate::observation::Observations;
use crate::requirements::Remembered;

const MODEL: &str = include_str!("../../../fixtures/org.toml");

fn challenged(challenge: &str) -> ApiAnswer {
    ApiAnswer {
        challenge: Some(challenge.to_owned()),
        ..ApiAnswer::of_status(401)
    }
}

fn page(status: u16) -> ApiAnswer {
    ApiAnswer {
        is_page: true,
        ..ApiAnswer::of_status(status)
    }
}

fn redirected() -> ApiAnswer {
    ApiAnswer {
        redirect: Some("`https://sign-in.example.com/`".to_owned()),
        ..ApiAnswer::of_status(302)
    }
}

/// Not to a sign-in page: the same path, at another host.
fn moved() -> ApiAnswer {
    ApiAnswer {
        redirect: Some("`https://api.example.com/v1/planets`".to_owned()),
        ..ApiAnswer::of_status(301)
    }
}

/// To the same path at another port, by the scheme that it was asked by.
fn beside() -> ApiAnswer {
    ApiAnswer {
        redirect: Some("`http://api.example.com:8080/v1/planets`".to_owned()),
        ..ApiAnswer::of_status(307)
    }
}

/// To the same endpoint, as the API calls it.
fn canonical(path: &str) -> ApiAnswer {
    ApiAnswer {
        redirect: Some(format!("`http://api.example.com/v1{path}`")),
        ..ApiAnswer::of_status(307)
    }
}

const OTHER_SCOPE: &str = r#"Bearer error="insufficient_scope", scope="silver""#;
const OWN_SCOPE: &str = r#"Bearer error="insufficient_scope", scope="http://myapp.com/scp/silver""#;

/// An answer of an API whose clock is so far ahead of this machine's, in seconds.
fn at(seconds: i64) -> ApiAnswer {
    ApiAnswer {
        clock_ahead: Some(SignedDuration::from_secs(seconds)),
        ..ApiAnswer::of_status(401)
    }
}

/// How to fix that a good token is refused, where the org's clock is ahead by a minute.
fn fix_of(answer: &ApiAnswer) -> String {
    fix_at("http://api.example.com/v1/", answer)
}

/// The same, where `RESOURCE_SERVER_URL` is this address.
fn fix_at(server: &str, answer: &ApiAnswer) -> String {
    let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
    let facts = Facts {
        resource_server: Some(server.parse().expect("a URL")),
        issuer: "https://org.example.com/oauth2/aus1".to_owned(),
        ..Facts::of_model(&model)
    };
    let context = Context {
        model: &model,
        facts: &facts,
        seen: &Observations {
            clock_ahead: Ok(SignedDuration::from_secs(60)),
            ..Observations::default()
        },
        remembered: &Remembered::default(),
    };
    let fix = mend_refusal(&context, "/planets", answer, None);
    format!("{fix:?}")
}

#[rstest]
#[case::no_route(ApiAnswer::of_status(404), "no `GET /planets`", "audience")]
#[case::no_method(ApiAnswer::of_status(405), "method GET", "audience")]
#[case::sign_in_page(redirected(), "let it take bearer tokens", "audience")]
#[case::moved(moved(), "RESOURCE_SERVER_URL to that", "let it take")]
#[case::at_another_port(beside(), "if the API is there", "let it take")]
#[case::slash(canonical("/planets/"), "`/planets/`", "let it take")]
#[case::capitals(canonical("/Planets"), "`/Planets`", "let it take")]
#[case::elsewhere(canonical("/sign-in"), "let it take", "`path`")]
#[case::other_scope(
    challenged(OTHER_SCOPE),
    "challenge wants another scope",
    "an array, and not"
)]
#[case::own_scope(challenged(OWN_SCOPE), "an array, and not", "challenge wants")]
#[case::not_from_https_to_http(ApiAnswer {
    redirect: Some("`ftp://api.example.com/v1/planets`".to_owned()),
    ..ApiAnswer::of_status(302)
}, "let it take", "if the API is there")]
#[case::page_of_success(page(200), "let it take bearer tokens", "audience")]
#[case::page_of_a_refusal(page(403), "audience (step 3a)", "let it take")]
#[case::failure(ApiAnswer::of_status(500), "fails: see its log", "audience")]
#[case::plain(ApiAnswer::of_status(401), "audience (step 3a)", "Else")]
#[case::another_scheme(challenged("Basic realm=api"), "the scheme `basic`", "old keys")]
#[case::bearer_too(challenged("Basic realm=api, Bearer"), "audience (step 3a)", "`basic`")]
#[case::no_key(challenged("Bearer error_description=\"no kid\""), "old keys", "NTP")]
#[case::clock_behind(at(57), "the API's clock is 3 s behind the org's", "old keys")]
#[case::clock_with_a_second_to_spare(at(58), "audience (step 3a)", "behind")]
#[case::clock_ahead(at(70), "audience (step 3a)", "behind")]
fn a_refusal_of_a_good_token_names_the_likely_cause_first(
    #[case] answer: ApiAnswer,
    #[case] says: &str,
    #[case] says_not: &str,
) {
    let fix = fix_of(&answer);
    assert!(fix.contains(says), "{fix}");
    assert!(!fix.contains(says_not), "{fix}");
}

#[rstest]
#[case::twice(
    "http://api.example.com/v1/planets",
    "set it to `http://api.example.com/v1`"
)]
#[case::twice_with_a_slash("http://api.example.com/planets/", "`http://api.example.com`")]
#[case::of_another_endpoint(
    "http://api.example.com/v1/moons",
    "set it to `http://api.example.com/v1`"
)]
#[case::the_org(
    "https://org.example.com",
    "RESOURCE_SERVER_URL is the address of the org"
)]
#[case::beside_the_org("https://org.example.com/api", "\"the API or gateway has no")]
#[case::once("http://api.example.com/v1/", "no `GET /planets`")]
fn an_address_that_has_the_path_already_is_named(#[case] server: &str, #[case] says: &str) {
    let fix = fix_at(server, &ApiAnswer::of_status(404));
    assert!(fix.contains(says), "{fix}");
}

/// What is no answer to the request proves no refusal.
#[rstest]
#[case::early_hints(103, false)]
#[case::time_out(408, false)]
#[case::too_early(425, false)]
#[case::too_fast(429, false)]
#[case::unauthorized(401, true)]
#[case::forbidden(403, true)]
#[case::failure(500, true)]
fn only_an_answer_to_the_request_refuses(#[case] status: u16, #[case] refuses: bool) {
    assert_eq!(refusal(&ApiAnswer::of_status(status)).is_ok(), refuses);
}

#[rstest]
#[case::bad_request(400, true)]
#[case::unauthorized(401, true)]
#[case::payment(402, false)]
#[case::forbidden(403, true)]
#[case::not_found(404, true)]
#[case::method(405, false)]
#[case::redirect(302, false)]
#[case::failure(500, false)]
fn a_status_says_plainly_that_it_refuses(#[case] status: u16, #[case] is_plain: bool) {
    assert_eq!(super::is_plain(&ApiAnswer::of_status(status)), is_plain);
}

#[rstest]
#[case::bearer("Bearer realm=\"api\"", true)]
#[case::in_small_letters("bearer", true)]
#[case::beside_another("Basic realm=api, Bearer", true)]
#[case::another("Basic realm=\"bearer\"", false)]
fn a_challenge_asks_for_a_bearer_token(#[case] challenge: &str, #[case] asks: bool) {
    assert_eq!(asks_for_bearer(&challenged(challenge)), asks);
    assert!(!asks_for_bearer(&ApiAnswer::of_status(401)));
}

/// Everything that tells an answer from another of its status is told.
#[rstest]
#[case::plain(ApiAnswer::of_status(401), "401")]
#[case::redirect(
    redirected(),
    "302, a redirect to `https://sign-in.example.com/`, not followed"
)]
#[case::challenge(challenged("Bearer"), "401 with WWW-Authenticate: Bearer")]
#[case::empty(ApiAnswer::of_status(200), "200, without a body")]
#[case::page(ApiAnswer { body: Some("hello".to_owned()), ..page(200) }, "200, a page `hello`")]
#[case::whole(ApiAnswer { data: Data::Alone, ..ApiAnswer::of_status(200) }, "200")]
fn an_answer_is_told(#[case] answer: ApiAnswer, #[case] words: &str) {
    assert_eq!(told(&answer), words);
}

#[test]
fn a_cache_is_named_where_it_was_refused_at_first() {
    let second = ApiAnswer {
        is_second: true,
        ..ApiAnswer::of_status(200)
    };
    assert!(told(&second).contains("it was refused at first"));
}

#[rstest]
#[case::too_early(
    "bearer error=\"invalid_token\", error_description=\"token is not valid yet\"",
    "NTP"
)]
#[case::no_key("bearer error_description=\"unable to find key with kid\"", "old keys")]
#[case::audience("bearer error_description=\"unexpected aud claim value\"", "client id")]
#[case::issuer("bearer error_description=\"wrong issuer\"", "OKTA_OAUTH2_ISSUER")]
#[case::scope("bearer error=\"insufficient_scope\", scope=\"a\"", "`scp`")]
fn the_words_of_a_challenge_point_at_the_cause(#[case] challenge: &str, #[case] says: &str) {
    let cause = hint(challenge, Provider::Okta).expect("a cause");
    assert!(cause.contains(says), "{cause}");
}

#[rstest]
#[case::no_key("bearer error_description=\"unable to find key with kid\"", "jwks_uri")]
#[case::audience("bearer error_description=\"unexpected aud claim value\"", "client id")]
#[case::scope("bearer error=\"insufficient_scope\", scope=\"a\"", "`scope`, a text")]
fn another_provider_is_not_told_of_oktas_places(#[case] challenge: &str, #[case] says: &str) {
    let cause = hint(challenge, Provider::Generic).expect("a cause");
    assert!(cause.contains(says), "{cause}");
    let of_okta = ["/v1/keys", "step 3a", "Okta's"];
    let told = of_okta.iter().find(|text| cause.contains(**text));
    assert_eq!(told, None, "{cause}");
}

#[test]
fn a_challenge_that_says_nothing_points_nowhere() {
    for challenge in ["bearer error=\"invalid_token\"", "bearer realm=\"claudia\""] {
        assert_eq!(hint(challenge, Provider::Okta), None);
    }
}

#[rstest]
#[case::other("basic realm=\"api\"", true)]
#[case::both("basic realm=\"api\", bearer", false)]
#[case::bearer("bearer", false)]
fn another_scheme_is_named(#[case] challenge: &str, #[case] other: bool) {
    assert_eq!(scheme(challenge).is_some(), other);
}

/// What one endpoint takes and another refuses is no matter of settings where that one takes others.
#[rstest]
#[case::once_alone(403, true)]
#[case::not_here_at_all(401, false)]
fn a_token_that_is_taken_elsewhere_is_right(#[case] others_here: u16, #[case] is: bool) {
    let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
    let key = |user: &str| {
        let request = crate::model::ScopeRequest::of(["silver"]);
        AuthorizationKey::new(user, &request, crate::model::Flow::Code)
    };
    let answers = [
        ("SILVER", "/planets", 401),
        ("SILVER", "/moons", 403),
        ("GOLD", "/planets", others_here),
    ];
    let calls = answers.map(|(user, endpoint, status)| {
        let call = ApiCall::with_token_of(&key(user), endpoint);
        (call, Ok(ApiAnswer::of_status(status)))
    });
    let context = Context {
        model: &model,
        facts: &Facts::of_model(&model),
        seen: &Observations {
            calls: calls.into(),
            ..Observations::default()
        },
        remembered: &Remembered::default(),
    };
    let refused = ApiAnswer::of_status(401);
    let fix = mend_refusal(&context, "/planets", &refused, Some(&key("SILVER")));
    let says = fix.admin_console.contains("take each token once alone");
    assert_eq!(says, is, "{fix:?}");
}

/// 403 comes of what verified a token: where one is let in, and this one was decided on elsewhere.
#[rstest]
#[case::let_in_elsewhere("GOLD", 200, true)]
#[case::refused_elsewhere("SILVER", 403, true)]
#[case::nobody_let_in("SILVER", 401, false)]
fn a_decision_that_was_made_elsewhere_may_be_kept(
    #[case] user: &str,
    #[case] at_moons: u16,
    #[case] is: bool,
) {
    let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
    let key = |user: &str| {
        let scopes = ["silver", "gold"].map(|short| format!("http://myapp.com/scp/{short}"));
        let request = crate::model::ScopeRequest::of(scopes.iter().map(String::as_str));
        AuthorizationKey::new(user, &request, crate::model::Flow::Code)
    };
    let others = if is { 200 } else { 401 };
    let answers = [
        (user, "/planets", 403),
        (user, "/moons", at_moons),
        ("OTHER", "/moons", others),
    ];
    let calls = answers.map(|(user, endpoint, status)| {
        let call = ApiCall::with_token_of(&key(user), endpoint);
        (call, Ok(ApiAnswer::of_status(status)))
    });
    let context = Context {
        model: &model,
        facts: &Facts::of_model(&model),
        seen: &Observations {
            calls: calls.into(),
            ..Observations::default()
        },
        remembered: &Remembered::default(),
    };
    let refused = ApiAnswer::of_status(403);
    let fix = mend_refusal(&context, "/planets", &refused, Some(&key(user)));
    let says = fix
        .admin_console
        .contains("its decision for the token alone");
    assert_eq!(says, is, "{fix:?}");
}

/// What lets somebody in, by what came of presenting nothing: a cache serves those too.
#[rstest]
#[case::a_cache(ApiAnswer { is_second: true, ..ApiAnswer::of_status(200) }, 200, "a cache stands")]
#[case::a_verdict(
    ApiAnswer { is_second: true, ..ApiAnswer::of_status(200) },
    401,
    "one of the same user or with the same signature"
)]
#[case::data_in_a_refusal(
    ApiAnswer { data: Data::Amid, ..ApiAnswer::of_status(403) },
    401,
    "leave the data out of what refuses"
)]
#[case::at_once(ApiAnswer::of_status(200), 401, "does not check the scope")]
fn what_lets_in_is_told_by_who_else_is_let_in(
    #[case] answer: ApiAnswer,
    #[case] with_nothing: u16,
    #[case] says: &str,
) {
    let key = AuthorizationKey::new(
        "SILVER",
        &crate::model::ScopeRequest::of(["silver"]),
        crate::model::Flow::Code,
    );
    let call = ApiCall::with_token_of(&key, "/moons");
    let nothing = ApiAnswer::of_status(with_nothing);
    let fix = mend_given(call.case, "/moons", &answer, Some(&nothing), Part::Some);
    assert!(fix.admin_console.contains(says), "{fix:?}");
}
