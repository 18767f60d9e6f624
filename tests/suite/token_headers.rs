//! Headers of tokens that would send a reader elsewhere for a key, or change what is signed: each
//! member is found by itself, in both tokens.

use rstest::rstest;

use crate::support::world::World;

#[rstest]
#[case::keys_elsewhere("access-token.header.jku", "id-token.header.jku", "jku")]
#[case::a_key_of_its_own("access-token.header.jwk", "id-token.header.jwk", "jwk")]
#[case::a_certificate_elsewhere("access-token.header.x5u", "id-token.header.x5u", "x5u")]
#[case::a_certificate("access-token.header.x5c", "id-token.header.x5c", "x5c")]
#[case::what_must_be_understood("access-token.header.crit", "id-token.header.crit", "crit")]
#[case::compressed("access-token.header.zip", "id-token.header.zip", "zip")]
#[case::as_it_is("access-token.header.b64", "id-token.header.b64", "b64")]
#[tokio::test]
async fn a_header_holds_nothing_that_misleads(
    #[case] in_access_token: &str,
    #[case] in_id_token: &str,
    #[case] member: &str,
) {
    let world = World::new().await;
    for fault in [in_access_token, in_id_token] {
        world.set_faults(Some(fault), None);
        let verified = world.verify_filtered("has_an_rs256_header").await;
        let results = verified.record.results.iter();
        let unmet: Vec<_> = results.filter(|result| result.is_not_met()).collect();
        assert_eq!(unmet.len(), 4, "{fault}: {unmet:#?}");
        for result in unmet {
            let actual = result.actual.as_deref().unwrap_or_default();
            assert_eq!(actual, format!("it has `{member}` too"));
        }
    }
}
