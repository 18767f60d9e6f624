//! OpenID Connect applications.

use rstest::rstest;
use serde_json::{Value, json};

use super::api::{Api, application};
use super::shape::assert_shape;

/// As recorded by okta/terraform-provider-okta, `TestAccDataSourceOktaAppGroupAssignments_read`.
fn shape() -> Value {
    json!({
        "id": "id:0oa",
        "orn": "text",
        "name": "=oidc_client",
        "label": "=solar client",
        "status": "=ACTIVE",
        "lastUpdated": "time",
        "created": "time",
        "accessibility": {
            "selfService": false, "errorRedirectUrl": "null", "loginRedirectUrl": "null",
        },
        "visibility": {
            "autoLaunch": false,
            "autoSubmitToolbar": false,
            "hide": {"iOS": true, "web": true},
            "appLinks": {"oidc_client_link": true},
        },
        "features": [],
        "signOnMode": "=OPENID_CONNECT",
        "credentials": {
            "userNameTemplate": {"template": "=${source.login}", "type": "=BUILT_IN"},
            "signing": {"kid": "text"},
            "oauthClient": {
                "autoKeyRotation": true,
                "client_id": "id:0oa",
                "token_endpoint_auth_method": "=client_secret_basic",
                "pkce_required": false,
            },
        },
        "universalLogout": "null",
        "settings": {
            "app": {},
            "notifications": {"vpn": {
                "network": {"connection": "=DISABLED"}, "message": "null", "helpUrl": "null",
            }},
            "manualProvisioning": false,
            "implicitAssignment": false,
            "emOptInStatus": "=NONE",
            "notes": {"admin": "null", "enduser": "null"},
            "oauthClient": {
                "client_uri": "null",
                "logo_uri": "null",
                "redirect_uris": ["=http://localhost:8080/callback"],
                "response_types": ["text"],
                "grant_types": ["text"],
                "application_type": "=web",
                "consent_method": "=TRUSTED",
                "issuer_mode": "=ORG_URL",
                "idp_initiated_login": {"mode": "=DISABLED", "default_scope": []},
                "wildcard_redirect": "=DISABLED",
                "dpop_bound_access_tokens": false,
                "participate_slo": false,
            },
        },
        "_links": shape_of_links(),
    })
}

fn shape_of_links() -> Value {
    let link = json!({"href": "url"});
    let change = json!({"href": "url", "hints": {"allow": ["text"]}});
    json!({
        "uploadLogo": change,
        "appLinks": [{"name": "=oidc_client_link", "href": "url", "type": "=text/html"}],
        "profileEnrollment": link,
        "policies": change,
        "groups": link,
        "logo": [{"name": "=medium", "href": "url", "type": "=image/png"}],
        "clientCredentials": [{"name": "=secrets", "href": "url"}],
        "accessPolicy": link,
        "users": link,
        "deactivate": link,
    })
}

#[tokio::test]
async fn a_new_application_looks_as_recorded_and_shows_its_secret_once() {
    let api = Api::start().await;
    let made = api.post("apps?activate=true", &application()).await;
    assert_eq!(made.status, 200);
    let mut with_secret = shape();
    with_secret["credentials"]["oauthClient"]["client_secret"] = json!("text");
    assert_shape(&made.body, &with_secret);
    assert_eq!(
        made.body["credentials"]["oauthClient"]["client_id"],
        made.id()
    );
    let found = api.get(&format!("apps/{}", made.id())).await;
    assert_shape(&found.body, &shape());
    assert_eq!(api.get("apps").await.body, json!([found.body]));
}

#[tokio::test]
async fn an_application_keeps_what_has_no_effect() {
    let api = Api::start().await;
    let mut body = application();
    let settings = &mut body["settings"]["oauthClient"];
    settings["network"] = json!({"connection": "ANYWHERE"});
    settings["participate_slo"] = json!(true);
    settings["consent_method"] = json!("REQUIRED");
    body["settings"]["notes"] = json!({"admin": "do not touch"});
    let made = api.post("apps", &body).await;
    let settings = &made.body["settings"]["oauthClient"];
    assert_eq!(settings["network"], json!({"connection": "ANYWHERE"}));
    assert_eq!(settings["participate_slo"], true);
    assert_eq!(settings["consent_method"], "REQUIRED");
    let notes = json!({"admin": "do not touch", "enduser": null});
    assert_eq!(made.body["settings"]["notes"], notes);
}

#[rstest]
#[case::web("web", "client_secret_basic", true, false)]
#[case::public_browser("browser", "none", false, true)]
#[case::native_with_secret("native", "client_secret_basic", true, true)]
#[tokio::test]
async fn secret_and_pkce_follow_the_kind_of_client(
    #[case] kind: &str,
    #[case] method: &str,
    #[case] has_secret: bool,
    #[case] needs_pkce: bool,
) {
    let api = Api::start().await;
    let mut body = application();
    body["settings"]["oauthClient"]["application_type"] = json!(kind);
    body["credentials"]["oauthClient"] = json!({"token_endpoint_auth_method": method});
    let made = api.post("apps", &body).await;
    let client = &made.body["credentials"]["oauthClient"];
    assert_eq!(client.get("client_secret").is_some(), has_secret);
    assert_eq!(client["pkce_required"], needs_pkce);
}

#[tokio::test]
async fn an_active_application_is_not_deleted() {
    let api = Api::start().await;
    let path = format!("apps/{}", api.application().await);
    let refused = api.delete(&path).await;
    assert_eq!(refused.refusal(), (403, "E0000056"));
    let cause = "The application must be deactivated before deletion.";
    assert_eq!(
        refused.body["errorCauses"],
        json!([{"errorSummary": cause}])
    );
    let off = api.step(&format!("{path}/lifecycle/deactivate")).await;
    assert_eq!((off.status, off.body), (200, json!({})));
    assert_eq!(api.get(&path).await.body["status"], "INACTIVE");
    assert_eq!(api.delete(&path).await.status, 204);
    assert_eq!(api.get(&path).await.refusal(), (404, "E0000007"));
}

#[tokio::test]
async fn an_application_can_begin_inactive() {
    let api = Api::start().await;
    let made = api.post("apps?activate=false", &application()).await;
    assert_eq!(made.body["status"], "INACTIVE");
    assert!(made.body["_links"].get("activate").is_some());
}

#[tokio::test]
async fn an_update_replaces_settings_and_keeps_the_rest() {
    let api = Api::start().await;
    let id = api.application().await;
    let group = api.group("silver").await;
    api.put(&format!("apps/{id}/groups/{group}"), &json!({}))
        .await;
    let mut body = application();
    body["label"] = json!("renamed");
    body["settings"]["oauthClient"]["redirect_uris"] = json!(["http://localhost:9/cb"]);
    let changed = api.put(&format!("apps/{id}"), &body).await;
    assert_eq!(
        (changed.status, &changed.body["label"]),
        (200, &json!("renamed"))
    );
    let uris = &changed.body["settings"]["oauthClient"]["redirect_uris"];
    assert_eq!(uris, &json!(["http://localhost:9/cb"]));
    let groups = api.get(&format!("apps/{id}/groups")).await;
    assert_eq!(groups.each("/id"), [group]);
}

#[rstest]
#[case::no_label("/label", json!(""))]
#[case::other_sign_on("/signOnMode", json!("BOOKMARK"))]
#[case::no_client("/settings", json!({}))]
#[case::fragment("/settings/oauthClient/redirect_uris", json!(["http://localhost/cb#x"]))]
#[case::wildcard("/settings/oauthClient/redirect_uris", json!(["https://*.example.com/"]))]
#[case::no_redirect_uri("/settings/oauthClient/redirect_uris", json!([]))]
#[case::proof_with_implicit("/settings/oauthClient/dpop_bound_access_tokens", json!(true))]
#[case::unknown_kind("/settings/oauthClient/application_type", json!("toaster"))]
#[case::unknown_response("/settings/oauthClient/response_types", json!(["cookie"]))]
#[tokio::test]
async fn an_application_that_cannot_be_is_refused(#[case] pointer: &str, #[case] value: Value) {
    let api = Api::start().await;
    let mut body = application();
    *body.pointer_mut(pointer).unwrap() = value;
    assert_eq!(api.post("apps", &body).await.refusal(), (400, "E0000001"));
}

/// Okta's API reference of applications: web and native ones "Must have at least
/// `authorization_code`"; the words are those of its answer in Salesforce's help 001123173.
#[rstest]
#[case::web("web", true)]
#[case::native("native", true)]
#[case::browser("browser", false)]
#[tokio::test]
async fn what_is_no_single_page_needs_the_authorization_code(
    #[case] kind: &str,
    #[case] is_refused: bool,
) {
    let api = Api::start().await;
    let mut body = application();
    body["settings"]["oauthClient"]["application_type"] = json!(kind);
    let good = api.post("apps", &body).await;
    assert_eq!(good.status, 200);
    let id = good.body["id"].as_str().unwrap().to_owned();
    body["settings"]["oauthClient"]["grant_types"] = json!(["implicit"]);
    body["settings"]["oauthClient"]["response_types"] = json!(["token", "id_token"]);
    let path = format!("apps/{id}");
    for answer in [api.post("apps", &body).await, api.put(&path, &body).await] {
        if !is_refused {
            assert_eq!(answer.status, 200);
            continue;
        }
        assert_eq!(answer.refusal(), (400, "E0000001"));
        let told = answer.body["errorCauses"].to_string();
        let words = format!(
            "'grant_types' must contain 'authorization_code' when 'application_type' is '{kind}'."
        );
        assert!(told.contains(&words), "{told}");
    }
}

#[rstest]
#[case::settings("settings")]
#[case::credentials("credentials")]
#[tokio::test]
async fn a_list_where_an_object_belongs_is_malformed(#[case] key: &str) {
    let api = Api::start().await;
    let mut body = application();
    body[key] = json!([body[key]["oauthClient"]]);
    assert_eq!(api.post("apps", &body).await.refusal(), (400, "E0000003"));
}

#[tokio::test]
async fn the_kind_of_an_application_never_changes() {
    let api = Api::start().await;
    let id = api.application().await;
    let mut body = application();
    body["settings"]["oauthClient"]["application_type"] = json!("browser");
    let refused = api.put(&format!("apps/{id}"), &body).await;
    assert_eq!(refused.refusal(), (400, "E0000001"));
}
