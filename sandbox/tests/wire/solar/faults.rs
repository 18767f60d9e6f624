//! Each fault breaks what its name says, and nothing else.

use std::time::{Duration, Instant};

use jsonwebtoken::get_current_timestamp;
use okta_sandbox::SolarFault;
use rstest::rstest;
use serde_json::json;

use super::issuer::{GOLD, SILVER, World, sign, sign_foreign};

/// What a caller of `/planets` brings.
#[derive(Debug, Clone, Copy)]
enum Token {
    None,
    Silver,
    SilverAndOpenid,
    Gold,
    Openid,
    Id,
    Garbage,
    Foreign,
    OtherAudience,
    OtherIssuer,
    Expired,
}

impl Token {
    fn make(self, world: &World) -> Option<String> {
        let mut claims = world.access_claims(&[SILVER]);
        Some(match self {
            Self::None => return None,
            Self::Silver => sign(&claims),
            Self::SilverAndOpenid => world.access_token(&["openid", SILVER]),
            Self::Gold => world.access_token(&[GOLD]),
            Self::Openid => world.access_token(&["openid"]),
            Self::Id => sign(&world.id_claims()),
            Self::Garbage => "garbage".to_owned(),
            Self::Foreign => sign_foreign(&claims),
            Self::OtherAudience => {
                claims["aud"] = json!("api://default");
                sign(&claims)
            }
            Self::OtherIssuer => {
                claims["iss"] = json!("http://elsewhere");
                sign(&claims)
            }
            Self::Expired => {
                claims["exp"] = json!(get_current_timestamp() - 3600);
                sign(&claims)
            }
        })
    }
}

fn fault(name: &str) -> SolarFault {
    name.parse().unwrap()
}

#[rstest]
#[case("open-without-token", Token::None, 401, 200)]
#[case("scope-unchecked", Token::Openid, 403, 200)]
#[case("scopes-swapped", Token::Gold, 403, 200)]
#[case("scopes-swapped", Token::Silver, 200, 403)]
#[case("gold-implies-silver", Token::Gold, 403, 200)]
#[case("id-token-accepted", Token::Id, 401, 200)]
#[case("garbage-accepted", Token::Garbage, 401, 200)]
#[case("signature-unchecked", Token::Foreign, 401, 200)]
#[case("audience-unchecked", Token::OtherAudience, 401, 200)]
#[case("issuer-unchecked", Token::OtherIssuer, 401, 200)]
#[case("expiry-unchecked", Token::Expired, 401, 200)]
#[case("server-error", Token::Silver, 200, 500)]
#[case("bad-gateway", Token::Silver, 200, 502)]
#[case("forbidden-to-all", Token::Silver, 200, 403)]
#[case("unauthorized-for-scope", Token::Gold, 403, 401)]
#[case("scope-list-exact", Token::SilverAndOpenid, 200, 403)]
#[case("scope-claim-other", Token::Silver, 200, 403)]
#[tokio::test]
async fn a_fault_changes_the_status(
    #[case] name: &str,
    #[case] token: Token,
    #[case] healthy: u16,
    #[case] broken: u16,
) {
    let world = World::new().await;
    let token = token.make(&world);
    let token = token.as_deref();
    assert_eq!(world.status("/planets", token).await, healthy);
    world.solar.set_fault(Some(name.parse().unwrap()));
    assert_eq!(world.status("/planets", token).await, broken);
    world.solar.set_fault(None);
    assert_eq!(world.status("/planets", token).await, healthy);
}

#[tokio::test]
async fn the_happy_path_survives_where_it_can() {
    let world = World::new().await;
    let token = world.access_token(&[SILVER]);
    for fault in SolarFault::all() {
        world.solar.set_fault(Some(fault));
        if !fault.good_token_fails() {
            let status = world.status("/planets", Some(&token)).await;
            assert_eq!(status, 200, "{fault}");
        }
    }
}

#[tokio::test]
async fn a_token_in_the_query_can_do() {
    let world = World::new().await;
    let token = world.access_token(&[SILVER]);
    let path = format!("/planets?access_token={token}");
    assert_eq!(world.status(&path, None).await, 401);
    world.solar.set_fault(Some(fault("query-token-accepted")));
    assert_eq!(world.status(&path, None).await, 200);
}

#[tokio::test]
async fn a_wrong_body_is_another_list() {
    let world = World::new().await;
    let token = world.access_token(&[SILVER]);
    world.solar.set_fault(Some(fault("wrong-body")));
    let (status, _, body) = world.call("/planets", Some(&token)).await;
    assert_eq!((status, body), (200, json!(["pluto"])));
}

#[tokio::test]
async fn a_refusal_can_lack_its_challenge() {
    let world = World::new().await;
    world.solar.set_fault(Some(fault("no-challenge-header")));
    let (status, challenge, _) = world.call("/planets", None).await;
    assert_eq!((status, challenge.as_str()), (401, ""));
}

#[tokio::test]
async fn answers_can_be_late_or_never_come() {
    let world = World::new().await;
    let token = world.access_token(&[SILVER]);
    world.solar.set_fault(Some(fault("latency")));
    let begun = Instant::now();
    assert_eq!(world.status("/planets", Some(&token)).await, 200);
    assert!(begun.elapsed() >= Duration::from_millis(50));
    world.solar.set_fault(Some(fault("hangs")));
    let never = world.status("/planets", Some(&token));
    let patience = Duration::from_millis(200);
    assert!(tokio::time::timeout(patience, never).await.is_err());
}

#[test]
fn every_name_leads_back_to_its_fault() {
    for fault in SolarFault::all() {
        assert_eq!(fault.to_string().parse(), Ok(fault));
    }
    assert!("no-such-fault".parse::<SolarFault>().is_err());
}
