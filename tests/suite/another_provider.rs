//! Another provider than Okta: what only Okta promises is worth knowing and no more.

use std::io::Write as _;

use okta_e2e::model::OrgModel;
use okta_e2e::observation::Cause;
use okta_e2e::report::RecordedResult;
use okta_e2e::requirements::Step;
use okta_sandbox::{Fault, Sandbox};
use rstest::rstest;

use crate::support::world::{World, file};

/// The default model, run by this provider.
fn model(provider: &str) -> tempfile::NamedTempFile {
    let text = std::fs::read_to_string(file("fixtures/org.toml")).expect("the model");
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    write!(file, "provider = \"{provider}\"\n{text}").expect("written");
    file
}

#[rstest]
#[case::okta("okta", "access-token.ver.other", "required")]
#[case::version("generic", "access-token.ver.other", "informative")]
#[case::client("generic", "access-token.cid.other", "informative")]
#[case::user("generic", "access-token.uid.other", "advised")]
#[case::identity_provider("generic", "id-token.idp.missing", "informative")]
#[case::methods("generic", "id-token.amr.missing", "informative")]
#[case::when_the_user_signed_in("generic", "id-token.auth_time.missing", "informative")]
#[case::when_the_user_signed_in_at_okta("okta", "id-token.auth_time.missing", "required")]
#[case::another_kind_of_token("generic", "token-type.other", "required")]
#[case::scopes_that_were_not_asked_for("generic", "scope-echo.other", "required")]
#[case::an_id_token_that_has_expired("generic", "id-token.exp.missing", "required")]
#[case::another_nonce("generic", "id-token.nonce.other", "required")]
#[case::what_everybody_promises("generic", "access-token.aud.other", "required")]
#[case::what_was_not_asked_for("generic", "access-token.scp.adds-all", "required")]
#[tokio::test]
async fn a_claim_weighs_as_the_provider_promises(
    #[case] provider: &str,
    #[case] fault: &str,
    #[case] severity: &str,
) {
    let model = model(provider);
    let path = model.path().to_str().expect("a path");
    let world = World::of(path, Sandbox::builder()).await;
    world
        .sandbox
        .set_fault(Some(fault.parse::<Fault>().expect("a fault")));
    let verified = world.verify().await;
    // What the API says to such tokens is another matter.
    let of_step_5 =
        |result: &&RecordedResult| result.is_not_met() && result.step == Step::Authorize;
    let unmet: Vec<_> = verified.record.results.iter().filter(of_step_5).collect();
    assert!(!unmet.is_empty(), "nothing of step 5 is not met");
    for result in unmet {
        assert_eq!(result.severity.word(), severity, "{}", result.name);
    }
}

/// RFC 6749 section 1.4: an access token may be for its own server alone to read. Okta promises one
/// that the API can read.
#[rstest]
#[case::of_okta("okta", "not_met")]
#[case::of_another("generic", "not_applicable")]
#[tokio::test]
async fn an_opaque_access_token_says_nothing(#[case] provider: &str, #[case] expected: &str) {
    let model = model(provider);
    let path = model.path().to_str().expect("a path");
    let world = World::of(path, Sandbox::builder()).await;
    let fault = "opaque-access-token".parse::<Fault>().expect("a fault");
    world.sandbox.set_fault(Some(fault));
    let verified = world.verify().await;
    let results = verified.record.results.iter();
    let about = results.filter(|result| {
        let names = [
            "has_an_rs256_header",
            "names_the_issuer",
            "is_for_the_audience",
        ];
        let token = "::the_access_token_";
        let is_named = |name: &&str| result.id.ends_with(&format!("{token}{name}"));
        names.iter().any(is_named)
            || result
                .id
                .ends_with(&format!("{token}is_signed_by_a_published_key"))
    });
    let about: Vec<_> = about.collect();
    assert!(about.len() >= 4, "{about:#?}");
    for result in about {
        let found = match &result.cause {
            Some(Cause::NotApplicable) => "not_applicable",
            Some(Cause::Blocked) => "blocked",
            Some(_) => "not_checked",
            None if result.is_not_met() => "not_met",
            None => "met",
        };
        // It is one finding that a token cannot be read.
        let is_first = result.id.ends_with("is_signed_by_a_published_key");
        let expected = match expected {
            "not_met" if !is_first => "blocked",
            expected => expected,
        };
        assert_eq!(found, expected, "{}", result.name);
    }
}

/// The suite's own API reads JSON Web Tokens alone: that it refuses others is no fault of an API
/// that nobody named. Okta promises tokens that it can read.
#[rstest]
#[case::of_okta("okta", true, Some(Cause::Blocked), 1)]
#[case::of_another("generic", true, Some(Cause::NotConfigured), 0)]
#[case::of_another_at_an_api_of_its_own("generic", false, None, 1)]
#[tokio::test]
async fn an_opaque_access_token_at_the_suites_own_api_is_no_fault(
    #[case] provider: &str,
    #[case] is_own: bool,
    #[case] cause: Option<Cause>,
    #[case] status: u8,
) {
    let model = model(provider);
    let path = model.path().to_str().expect("a path");
    let mut world = World::of(path, Sandbox::builder()).await;
    if !is_own {
        world.config.resource_server = Some(world.api.url().parse().expect("a URL"));
    }
    world.access.api_token = None;
    world.set_faults(Some("opaque-access-token"), None);
    let verified = world.verify().await;
    let results = verified.record.results.iter();
    let reads: Vec<_> = results.filter(|r| r.id.contains("_reads_")).collect();
    assert!(reads.len() >= 4, "{reads:#?}");
    for result in reads {
        assert_eq!(result.cause, cause, "{result:#?}");
        assert_eq!(result.is_not_met(), cause.is_none(), "{result:#?}");
    }
    let run = &verified.record.run;
    assert_eq!(run.exit_status, status, "{}", run.verdict);
}

/// RFC 6749 section 3.3: another provider may grant less than was asked for, and says so. What such
/// tokens open is tried at the API. Okta never does it.
#[rstest]
#[case::of_okta("okta", None, Some("not_met"), None)]
#[case::of_another("generic", None, Some("met"), Some("met"))]
#[case::at_a_lax_api("generic", Some("scope-unchecked"), Some("met"), Some("not_met"))]
#[tokio::test]
async fn less_may_be_granted_than_was_asked_for(
    #[case] provider: &str,
    #[case] of_api: Option<&str>,
    #[case] denial: Option<&str>,
    #[case] access: Option<&str>,
) {
    let model = model(provider);
    let path = model.path().to_str().expect("a path");
    let world = World::of(path, Sandbox::builder()).await;
    world.set_faults(Some("access-token.scp.down-scope"), of_api);
    let verified = world.verify().await;
    let outcome = |name: &str| {
        let mut results = verified.record.results.iter();
        let found = results.find(|result| result.name == name);
        found.map(|result| result.outcome.word())
    };
    for request in ["gold", "silver and gold"] {
        let name = format!("step_5_authorize::the_user_is_denied_the_scopes[SILVER {request}]");
        assert_eq!(outcome(&name), denial, "{name}");
        let name = format!("access::silver_is_refused_moons[{request}]");
        assert_eq!(outcome(&name), access, "{name}");
    }
    // Nobody may be given something for whom the model has nothing.
    let nobodys = "step_5_authorize::the_user_is_denied_the_scopes[NONE silver]";
    assert_eq!(outcome(nobodys), Some("met"), "{nobodys}");
}

/// Nobody is sent to Okta's console who has another provider, whatever is wrong.
#[rstest]
#[case::the_audience("access-token.aud.other")]
#[case::the_nonce("id-token.nonce.other")]
#[case::the_scopes("access-token.scp.missing")]
#[case::the_keys("keys.empty")]
#[case::the_tokens("omit-access-token")]
#[case::everybody_gets_everything("grant-everything")]
#[case::the_sign_in("sign-in.access-denied")]
#[tokio::test]
async fn nobody_is_sent_to_oktas_console(#[case] fault: &str) {
    let model = model("generic");
    let path = model.path().to_str().expect("a path");
    let mut world = World::of(path, Sandbox::builder()).await;
    world.access.api_token = None;
    world.set_faults(Some(fault), None);
    let verified = world.verify().await;
    let unmet = verified.record.results.iter().filter(|r| r.is_not_met());
    let unmet: Vec<&RecordedResult> = unmet.collect();
    assert!(!unmet.is_empty(), "nothing is not met");
    for result in unmet {
        let fix = result.fix.as_ref().expect("a fix");
        let actual = result.actual.as_deref().unwrap_or_default();
        let see = result.see.as_deref().unwrap_or_default();
        let texts = [fix.admin_console.as_str(), &fix.api, actual, see];
        for word in [
            "Okta ",
            "okta.com",
            "Security >",
            "Applications >",
            "/api/v1/",
        ] {
            let found = texts.iter().find(|text| text.contains(word));
            assert_eq!(found, None, "`{word}` in {}", result.name);
        }
    }
}

/// What a person would see by hand in tokens and answers of any provider: each is not met, and
/// required but where nobody gets more by it.
const SEEN_BY_HAND: [(&str, &str); 38] = [
    ("id-token.nonce.other", "required"),
    ("id-token.nonce.missing", "required"),
    ("id-token.aud.other", "required"),
    ("id-token.aud.missing", "required"),
    ("id-token.iss.other", "required"),
    ("id-token.iss.missing", "required"),
    ("id-token.expired", "required"),
    ("id-token.exp.missing", "required"),
    ("id-token.iat.other", "required"),
    ("id-token.iat.missing", "required"),
    ("id-token.sub.missing", "required"),
    ("id-token.at_hash.other", "required"),
    ("id-token.alg-none", "required"),
    ("id-token.alg-other", "required"),
    ("id-token.kid-unknown", "required"),
    ("id-token.foreign-signature", "required"),
    ("id-token.typ-other", "required"),
    ("id-token.azp-other", "required"),
    ("id-token.repeated-claim", "required"),
    ("id-token.password", "required"),
    ("id-token.personal", "advised"),
    ("access-token.aud.other", "required"),
    ("access-token.iss.other", "required"),
    ("access-token.expired", "required"),
    ("access-token.iat.other", "required"),
    ("access-token.alg-none", "required"),
    ("access-token.kid-unknown", "required"),
    ("access-token.foreign-signature", "required"),
    ("access-token.typ-other", "required"),
    ("access-token.repeated-claim", "required"),
    ("access-token.password", "required"),
    ("access-token.personal", "advised"),
    ("access-token.long", "advised"),
    ("access-token.scp.adds-all", "required"),
    ("access-token.uid.other", "advised"),
    ("expires-in.other", "required"),
    ("state.other", "required"),
    ("tokens-in-query", "required"),
];

#[tokio::test]
async fn what_a_person_sees_by_hand_is_red() {
    let model = model("generic");
    let path = model.path().to_str().expect("a path");
    let world = World::of(path, Sandbox::builder()).await;
    let mut wrong = Vec::new();
    for (fault, severity) in SEEN_BY_HAND {
        world.set_faults(Some(fault), None);
        let verified = world.verify_filtered("step_5_authorize").await;
        let unmet = verified.record.results.iter().filter(|r| r.is_not_met());
        let weights: Vec<&str> = unmet.map(|result| result.severity.word()).collect();
        if !weights.contains(&severity) || (severity != "required" && weights.contains(&"required"))
        {
            wrong.push(format!("{fault} is to be {severity}, and is {weights:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The document's model, which says how a request names its API.
const ASKED: [&str; 2] = [
    "[authorization_server]",
    "[authorization_server]\naudience_parameter = \"audience\"",
];

/// Okta's authorization servers have one audience each, and other providers' may have several.
#[tokio::test]
async fn the_audience_is_asked_for_where_a_provider_wants_it() {
    let path = file("fixtures/org.toml");
    let text = std::fs::read_to_string(&path).expect("the model");
    let text = text.replace(ASKED[0], ASKED[1]);
    let refused = OrgModel::parse(&path, &text).expect_err("Okta wants none");
    let refused = refused.to_string();
    assert!(refused.contains("`audience_parameter` is for"), "{refused}");
    let text = format!("provider = \"generic\"\n{text}");
    let model = OrgModel::parse(&path, &text).expect("the model is right");
    let world = World::of_model(model, Sandbox::builder()).await;
    // What is wrong with a token is shown with the request that brought it.
    let other = "access-token.aud.other".parse().expect("a fault");
    world.sandbox.set_fault(Some(other));
    let verified = world.verify().await;
    let shown = serde_json::to_string(&verified.record.results).expect("JSON");
    let requests: Vec<&str> = shown.split("/v1/authorize?").skip(1).collect();
    assert!(!requests.is_empty(), "{shown}");
    for request in requests {
        assert!(
            request.starts_with("audience=http%3A%2F%2Fmyapp.com&"),
            "{request}"
        );
    }
}
