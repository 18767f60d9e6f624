//! Where to read: the pages that the requirements rest on.

use crate::model::Flow;

pub(super) const API_ACCESS_MANAGEMENT: &str =
    "https://developer.okta.com/docs/concepts/api-access-management/";
pub(super) const AUTHORIZATION_SERVERS: &str =
    "https://developer.okta.com/docs/guides/customize-authz-server/main/";
pub(super) const CLAIMS: &str =
    "https://developer.okta.com/docs/guides/customize-tokens-returned-from-okta/main/";
pub(super) const ACCESS_POLICY: &str =
    "https://developer.okta.com/docs/guides/configure-access-policy/main/";
pub(super) const GROUPS: &str =
    "https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Group/";
pub(super) const USERS: &str =
    "https://developer.okta.com/docs/api/openapi/okta-management/management/tag/User/";
pub(super) const APPLICATIONS: &str =
    "https://developer.okta.com/docs/api/openapi/okta-management/management/tag/Application/";
pub(super) const TRUSTED_ORIGINS: &str = "https://developer.okta.com/docs/guides/enable-cors/main/";
pub(super) const SIGN_IN_PAGE: &str = "https://developer.okta.com/docs/guides/custom-widget/main/";
pub(super) const IMPLICIT: &str =
    "https://developer.okta.com/docs/guides/implement-grant-type/implicit/main/";
pub(super) const CODE_FLOW: &str =
    "https://developer.okta.com/docs/guides/implement-grant-type/authcodepkce/main/";
pub(super) const REFRESH_TOKENS: &str =
    "https://developer.okta.com/docs/guides/refresh-tokens/main/";
pub(super) const ACCESS_TOKEN: &str =
    "https://developer.okta.com/docs/guides/validate-access-tokens/";
pub(super) const ID_TOKEN: &str = "https://developer.okta.com/docs/guides/validate-id-tokens/";
pub(super) const DISCOVERY: &str = "RFC 8414, and OpenID Connect Discovery 1.0 section 4";
pub(super) const BEARER: &str = "RFC 6750 section 3";

/// About a flow.
pub(super) fn flow(flow: Flow) -> &'static str {
    match flow {
        Flow::Implicit => IMPLICIT,
        Flow::Code => CODE_FLOW,
    }
}

/// Where to read the same of another provider than Okta.
pub(super) fn by_norm(see: &'static str) -> &'static str {
    match see {
        IMPLICIT => "OpenID Connect Core section 3.2",
        CODE_FLOW => "OpenID Connect Core section 3.1",
        ACCESS_TOKEN => "RFC 9068 section 2",
        ID_TOKEN => "OpenID Connect Core sections 2 and 3.1.3.7",
        ACCESS_POLICY => "RFC 6749 sections 3.3 and 4.1.2.1",
        AUTHORIZATION_SERVERS => DISCOVERY,
        SIGN_IN_PAGE => "OpenID Connect Core section 3.1.2.3",
        other => other,
    }
}
