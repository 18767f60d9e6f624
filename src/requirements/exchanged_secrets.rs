//! The client secret and the API token, each in the variable of the other.

use super::context::Context;
use super::trial::Fix;

/// What Okta answers to an API token that it does not know.
const UNKNOWN: &str = "E0000011";

/// What to do where neither of the two is accepted for what its variable says it is, and each has
/// worked for nothing in the run; nothing where the API token is known, or there is none.
pub(super) fn mend_secrets(context: &Context<'_>) -> Option<Fix> {
    let refused = context.seen.org.client.as_ref().err()?;
    refused.reason.contains(UNKNOWN).then(|| {
        Fix::new(
            "OKTA_OAUTH2_CLIENT_SECRET and OKTA_CLIENT_TOKEN: the org accepts neither, so they may \
             be exchanged; the secret is the client's (Applications > Applications > the client > \
             General > Client Credentials), the token is made under Security > API > Tokens",
            "GET /api/v1/apps/{appId} with the API token",
        )
    })
}
