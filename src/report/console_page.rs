//! The page of the Admin Console that shows what a fix is about, in this very org.

use url::Url;

use crate::origin::OKTA_DOMAINS;

/// By the beginning of an API call, the page of the object that it names. The client's is what
/// Okta's own error page links to; the others are those that public tools for administrators open.
const PAGES: [(&str, &str); 5] = [
    ("/api/v1/authorizationServers/", "/admin/oauth2/as/"),
    ("/api/v1/apps/", "/admin/app/oidc_client/instance/"),
    ("/api/v1/groups/", "/admin/group/"),
    ("/api/v1/users/", "/admin/user/profile/view/"),
    (
        "/api/v1/trustedOrigins",
        "/admin/access/api/trusted_origins",
    ),
];

/// Where to click for a fix, by its API call with the ids in it; none, where that is not known.
pub(super) fn console_page(api: &str, issuer: &str) -> Option<String> {
    let host = console_host(issuer)?;
    let (page, rest) = PAGES.iter().find_map(|(call, page)| {
        let (_, rest) = api.split_once(call)?;
        Some((*page, rest))
    })?;
    if !page.ends_with('/') {
        return Some(format!("https://{host}{page}"));
    }
    let is_of_id = |c: &char| c.is_ascii_alphanumeric() || *c == '_' || *c == '-';
    let id: String = rest.chars().take_while(is_of_id).collect();
    (!id.is_empty()).then(|| format!("https://{host}{page}{id}"))
}

/// Behind a domain of the company's own the Admin Console has another name, which nothing tells.
fn console_host(issuer: &str) -> Option<String> {
    let url = Url::parse(issuer).ok()?;
    let (org, domain) = url.host_str()?.split_once('.')?;
    let is_org = url.scheme() == "https" && url.port().is_none() && OKTA_DOMAINS.contains(&domain);
    is_org.then(|| format!("{org}-admin.{domain}"))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const ISSUER: &str = "https://dev-1.okta.com/oauth2/aus1";

    #[rstest]
    #[case::server(
        "PUT /api/v1/authorizationServers/aus1/scopes/scp1 with \"default\":false",
        "https://dev-1-admin.okta.com/admin/oauth2/as/aus1"
    )]
    #[case::client(
        "PUT /api/v1/apps/0oa1 with settings.oauthClient.redirect_uris",
        "https://dev-1-admin.okta.com/admin/app/oidc_client/instance/0oa1"
    )]
    #[case::assignment(
        "PUT /api/v1/apps/0oa1/groups/00g1",
        "https://dev-1-admin.okta.com/admin/app/oidc_client/instance/0oa1"
    )]
    #[case::group(
        "DELETE /api/v1/groups/00g1/users/00u1",
        "https://dev-1-admin.okta.com/admin/group/00g1"
    )]
    #[case::user(
        "POST /api/v1/users/00u1/lifecycle/activate",
        "https://dev-1-admin.okta.com/admin/user/profile/view/00u1"
    )]
    #[case::origins(
        "POST /api/v1/trustedOrigins",
        "https://dev-1-admin.okta.com/admin/access/api/trusted_origins"
    )]
    fn the_page_of_what_the_call_names(#[case] api: &str, #[case] page: &str) {
        assert_eq!(console_page(api, ISSUER).as_deref(), Some(page));
    }

    #[rstest]
    #[case::nothing_is_named("PUT /api/v1/apps/{appId}", ISSUER)]
    #[case::no_call("none: the documents are Okta's", ISSUER)]
    #[case::custom_domain("PUT /api/v1/apps/0oa1", "https://login.example.com/oauth2/aus1")]
    #[case::sandbox("PUT /api/v1/apps/0oa1", "http://127.0.0.1:8080/oauth2/aus1")]
    #[case::look_alike("PUT /api/v1/apps/0oa1", "https://okta.com.example/oauth2/aus1")]
    #[case::deeper("PUT /api/v1/apps/0oa1", "https://a.b.okta.com/oauth2/aus1")]
    fn no_page_is_made_up(#[case] api: &str, #[case] issuer: &str) {
        assert_eq!(console_page(api, issuer), None);
    }
}
