//! Attacks by what is there twice, in two forms or in two places, and by what cannot be looked at.

use rstest::rstest;
use serde_json::json;

use super::attack::{Attack, attack, lets_in, play, with_header};
use super::issuer::{GOLD, SILVER, Signer, World, forge_text, sign_foreign};
use super::raw::Raw;

/// The genuine token as JSON, with the payload of another between the dots of the text.
fn in_json(genuine: &str, other: &str) -> String {
    let parts: Vec<&str> = genuine.split('.').collect();
    let forged = other.split('.').nth(1).unwrap();
    format!(
        "{{\"{header}.{forged}.\":\"\",\"protected\":\"{header}\",\"payload\":\"{payload}\",\
         \"signature\":\"{signature}\"}}",
        header = parts[0],
        payload = parts[1],
        signature = parts[2],
    )
}

fn tokens(world: &World) -> Vec<Attack> {
    let claims = world.access_claims(&[SILVER]).to_string();
    let header = json!({"typ": "JWT"}).to_string();
    let header = header.replace('}', ",\"alg\":\"RS256\",\"alg\":\"none\"}");
    let unsigned = Signer::Text(String::new());
    let twice = forge_text(header.as_bytes(), claims.as_bytes(), &unsigned);
    let by = |signature: &str| with_header(world, &json!({}), &Signer::Text(signature.to_owned()));
    let nothing = Signer::Text(String::new());
    let of_nobody = with_header(world, &json!({"alg": "XX256"}), &nothing);
    vec![
        lets_in("rs.alg-twice", &twice),
        lets_in("rs.open-on-failure", &by("AA")),
        lets_in("rs.unknown-alg-signs-nothing", &of_nobody),
    ]
}

fn places(world: &World) -> Vec<Attack> {
    let silver = world.access_token(&[SILVER]);
    let forged = sign_foreign(&world.access_claims(&[GOLD]));
    let moons = |token: &str| Raw::get("/moons").bearer(token);
    let json = in_json(&silver, &forged);
    let parts: Vec<&str> = silver.split('.').collect();
    let of_forged = forged.split('.').nth(1).unwrap();
    let behind = format!("{silver}.{of_forged}.{}", parts[2]);
    let before = format!("{}.{of_forged}.{silver}", parts[0]);
    let wanted = "/moons?scope=http://myapp.com/scp/silver";
    let assertion = "X-Jwt-Assertion";
    let scopes = json!({"scp": [GOLD]}).to_string();
    vec![
        attack("rs.json-and-three-parts", moons(&json), 400, 200),
        attack("rs.verifies-first-parts", moons(&behind), 401, 200),
        attack("rs.verifies-last-parts", moons(&before), 401, 200),
        attack(
            "rs.scope-wanted-by-the-query",
            Raw::get(wanted).bearer(&silver),
            403,
            200,
        ),
        attack(
            "rs.reads-tokens-of-proxies",
            moons(&silver).header(assertion, &forged),
            403,
            200,
        ),
        attack(
            "rs.verifies-tokens-of-proxies",
            moons(&forged).header(assertion, &silver),
            401,
            200,
        ),
        attack(
            "rs.trust-claims-of-proxies",
            moons(&silver).header("X-Claims", &scopes),
            403,
            200,
        ),
        attack(
            "rs.hopbyhop-scopes",
            moons(&silver).header("Connection", "close, X-Scopes"),
            403,
            200,
        ),
        attack(
            "rs.query-names-the-path",
            Raw::get("/?path=/moons"),
            404,
            200,
        ),
        attack(
            "rs.query-names-what-is-checked",
            Raw::get("/moons?route=/planets").bearer(&silver),
            403,
            200,
        ),
        attack(
            "rs.trust-body-scope",
            moons(&silver).form(&scopes).method("GET"),
            403,
            200,
        ),
    ]
}

/// What one who checks passes over, and one who stands behind reads.
fn unverified(world: &World) -> Vec<Attack> {
    let forged = sign_foreign(&world.access_claims(&[GOLD]));
    let moons = || Raw::get("/moons");
    let spelled = |text: String, right| {
        let request = moons().header("Authorization", &text);
        attack("rs.reads-other-spellings", request, right, 200)
    };
    let elsewhere = |request| attack("rs.reads-tokens-elsewhere", request, 401, 200);
    let headed = |fault, name: &str, value| attack(fault, moons().header(name, value), 401, 200);
    vec![
        spelled(format!("bearer {forged}"), 401),
        spelled(format!("Bearer  {forged}"), 401),
        spelled(format!("Bearer\t{forged}"), 401),
        spelled(forged.clone(), 401),
        elsewhere(Raw::get(&format!("/moons?access_token={forged}"))),
        elsewhere(moons().header("Cookie", &format!("access_token={forged}"))),
        elsewhere(moons().header("X-Amzn-Oidc-Data", &forged)),
        headed(
            "rs.trust-claims-of-platforms",
            "X-Ms-Client-Principal",
            "e30",
        ),
        headed("rs.trust-underscored-user", "X_Remote_User", "admin"),
        headed("rs.other-forms-open", "Accept", "text/csv"),
        attack(
            "rs.other-forms-open",
            Raw::get("/moons?format=csv"),
            401,
            200,
        ),
    ]
}

#[rstest]
#[case::tokens(tokens)]
#[case::places(places)]
#[case::unverified(unverified)]
#[tokio::test]
async fn a_weakness_of_what_is_there_twice(#[case] attacks: fn(&World) -> Vec<Attack>) {
    let world = World::new().await;
    let wrong = play(&world, attacks(&world)).await;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A signature that is no base64url is malformed for the API as it is, and an error that is passed
/// over for the other.
#[rstest]
#[case::right(None, 401)]
#[case::passed_over(Some("rs.open-on-failure"), 200)]
#[tokio::test]
async fn a_signature_that_cannot_be_read(#[case] fault: Option<&str>, #[case] status: u16) {
    let world = World::new().await;
    world
        .solar
        .set_fault(fault.map(|name| name.parse().unwrap()));
    // One letter of base64url stands for no byte.
    let token = with_header(&world, &json!({}), &Signer::Text("A".to_owned()));
    assert_eq!(world.status("/planets", Some(&token)).await, status);
}

/// The cookie that is set where a token is let in opens nothing, the same endpoint, or all.
#[rstest]
#[case::right(None, [401, 401])]
#[case::its_path(Some("rs.session-for-its-path"), [200, 401])]
#[case::all_paths(Some("rs.session-for-all-paths"), [200, 200])]
#[tokio::test]
async fn a_session_can_begin(#[case] fault: Option<&str>, #[case] statuses: [u16; 2]) {
    let world = World::new().await;
    world
        .solar
        .set_fault(fault.map(|name| name.parse().unwrap()));
    let url = world.solar.url();
    let good = Raw::get("/planets").bearer(&world.access_token(&[SILVER]));
    let head = good.send(url).await.head;
    let cookie = head.split("set-cookie: ").nth(1).unwrap_or("none=");
    let cookie = cookie.split(';').next().unwrap();
    let mut found = Vec::new();
    for path in ["/planets", "/moons"] {
        found.push(
            Raw::get(path)
                .header("Cookie", cookie)
                .send(url)
                .await
                .status,
        );
    }
    assert_eq!(found, statuses);
}
