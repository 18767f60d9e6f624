//! What clients get for themselves: the own one, one that could not be listed, services of the
//! model; and what is given to nobody else since everyone may have it.

use rstest::rstest;
use serde_json::json;

use super::super::*;
use super::{CODE, GOLD, MODEL, OPENID, OTHER, OWN, Org, client, groups, read};

/// A client by itself has no identity to ask for.
#[test]
fn a_client_gets_no_openid_for_itself() {
    let own = || {
        let grants = [CODE, "client_credentials"];
        let org = Org::new(&groups(&["gold", "silver"], &[]), &grants);
        org.with(|org| org.found.client = Ok(Some(client(OWN, "Own", &grants))))
    };
    assert_eq!(own().others_with(OPENID), Ok(Vec::new()));
    let itself = "the client itself".to_owned();
    assert!(own().others().expect("all was seen").contains(&itself));
}

/// Of the client of step 4, whose grant types the org does not show, nobody knows whether it gets
/// anything for itself; where its rules give nothing so, it does not matter.
#[rstest]
#[case::for_itself(&[CODE, "client_credentials"], GOLD, false)]
#[case::for_users(&[CODE], GOLD, true)]
#[case::without_identity(&[CODE, "client_credentials"], OPENID, true)]
fn what_the_own_client_gets_for_itself_may_be_unknown(
    #[case] grants: &[&str],
    #[case] scope: &str,
    #[case] is_known: bool,
) {
    let untold: FoundApplication = read(json!({"id": OWN, "label": "Own", "status": "ACTIVE"}));
    for found in [
        Ok(Some(untold)),
        Err(NotSeen::failed("the org does not answer")),
    ] {
        let org = Org::new(&groups(&["gold", "silver"], &[]), grants);
        let org = org.with(|org| {
            org.rule["conditions"]["people"]["groups"]["include"] = match scope {
                OPENID => json!(["gold", "silver"]),
                _ => json!(["gold"]),
            };
            org.found.client = found;
        });
        let others = org.others_with(scope);
        assert_eq!(others.is_ok(), is_known, "{others:?}");
        assert_eq!(others.unwrap_or_default(), Vec::<String>::new());
    }
}

/// Of a policy of all clients, those that could not be listed may be any.
#[rstest]
#[case::itself("client_credentials", false)]
#[case::for_members_alone(CODE, true)]
fn clients_that_could_not_be_listed_may_be_any(#[case] grant: &str, #[case] is_known: bool) {
    let org = Org::new(&groups(&["gold"], &[]), &[grant]).with(|org| {
        org.clients = vec!["ALL_CLIENTS"];
        org.found.unlisted_clients = Some(NotSeen::failed("the org does not answer"));
    });
    let others = org.others();
    assert_eq!(others.is_ok(), is_known, "{others:?}");
    assert_eq!(others.unwrap_or_default(), Vec::<String>::new());
}

/// A service of the model may have its scope for itself: which client it is, its id says.
#[rstest]
#[case::itself(&[("BILLING", OTHER)], &["client_credentials"], Ok(&[][..]))]
#[case::another(&[("BILLING", "0oa9")], &["client_credentials"],
    Ok(&["the client `Other` itself"][..]))]
#[case::not_configured(&[], &["client_credentials"],
    Err("set SERVICE_BILLING_CLIENT_ID"))]
#[case::not_configured_and_of_users(&[], &[CODE], Ok(&[][..]))]
fn a_service_of_the_model_may_have_it(
    #[case] configured: &[(&str, &str)],
    #[case] grants: &[&str],
    #[case] wanted: Result<&[&str], &str>,
) {
    let org = Org::of_another(&groups(&["gold"], &[]), grants).with(|org| {
        org.model += "\n[[service]]\nname = \"BILLING\"\nlabel = \"Billing\"\n\
                      token_endpoint_auth_method = \"client_secret_basic\"\n\
                      scopes = [\"http://myapp.com/scp/gold\"]\n";
        let ids = configured.iter();
        let ids = ids.map(|(name, id)| ((*name).to_owned(), (*id).to_owned()));
        org.services = ids.collect();
    });
    match (org.others(), wanted) {
        (Ok(others), Ok(wanted)) => assert_eq!(others, wanted),
        (Err(why), Err(words)) => {
            assert!(why.contains(words), "{why}");
            assert!(why.contains("gold` for itself"), "{why}");
        }
        (others, _) => panic!("{others:?}"),
    }
}

/// Nobody is beside everyone.
#[test]
fn what_everyone_may_have_is_given_to_nobody_else() {
    let org = Org::new(&groups(&["others"], &[]), &[CODE]).with(|org| {
        org.model = MODEL
            .replace(
                "\ngroups = [\"goldSubscribers\"]\nscopes",
                "\ngroups = [\"Everyone\"]\nscopes",
            )
            .replace(
                "open_to = [\"silverSubscribers\", \"goldSubscribers\"]",
                "open_to = [\"Everyone\"]",
            )
            .replace(
                "open_to = [\"goldSubscribers\"]",
                "open_to = [\"Everyone\"]",
            );
    });
    assert_eq!(org.others(), Ok(Vec::new()));
}
