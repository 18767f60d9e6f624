//! Step 5: what to do where no tokens come, or others than are wanted.

use super::context::Context;
use super::exchanged_secrets;
use super::found::Code;
use super::redirect_uri;
use super::step_4a_client::other_method;
use super::trial::Fix;
use crate::model::Flow;
use crate::observation::Denial;

/// The code of a denial, and where to look for its cause, most likely first, when there is no audit
/// to ask.
pub(super) fn mend_denial(context: &Context<'_>, denial: Denial, flow: Flow) -> (Code, Fix) {
    if denial == Denial::ClientSecret
        && let Ok(Some(found)) = other_method(context)
    {
        return (code_of(denial), mend_method(&found));
    }
    let of_variables = match denial {
        Denial::RedirectUri => redirect_uri::mend_variable(context),
        Denial::ClientSecret => exchanged_secrets::mend_secrets(context),
        _ => None,
    };
    if let Some(fix) = of_variables {
        return (code_of(denial), fix);
    }
    let of_client = fix_at_the_client(denial, flow, context.model.client.is_public());
    let is_audited = context.seen.org.client.is_ok();
    let of_the_log = if is_audited {
        "Reports > System Log names the cause"
    } else {
        "Reports > System Log names the cause; set OKTA_CLIENT_TOKEN for an audit of all steps"
    };
    let (click, call) = of_client
        .or_else(|| fix_at_the_server(denial))
        .unwrap_or((of_the_log, "GET /api/v1/logs"));
    (code_of(denial), Fix::new(click, call))
}

/// The audit shows the client to authenticate otherwise than the model says, and the run did as the
/// model says.
fn mend_method(found: &str) -> Fix {
    Fix::new(
        format!(
            "step 4a: write `token_endpoint_auth_method = \"{found}\"` into the org model, if that \
             is meant, or have the client authenticate as the model says; else set \
             OKTA_OAUTH2_CLIENT_SECRET to the client's (Applications > Applications > the client > \
             General > Client Credentials)"
        ),
        "PUT /api/v1/apps/{appId} with credentials.oauthClient.token_endpoint_auth_method",
    )
}

const fn code_of(denial: Denial) -> Code {
    match denial {
        Denial::Policy => Code::NoTokensByPolicy,
        Denial::NotAssigned => Code::NoTokensNotAssigned,
        Denial::UnknownScope => Code::NoTokensUnknownScope,
        Denial::ResponseType => Code::NoTokensResponseType,
        Denial::ClientSecret => Code::NoTokensClientAuthentication,
        Denial::RedirectUri => Code::NoTokensRedirectUri,
        Denial::Client => Code::NoTokensClient,
        Denial::Consent => Code::NoTokensConsent,
        Denial::Network => Code::NoTokensNetwork,
        Denial::ClaimEvaluation => Code::NoTokensClaims,
        Denial::NoRefreshToken => Code::NoRefreshToken,
        Denial::AtAnotherAddress => Code::AnswerElsewhere,
        Denial::SignIn
        | Denial::AskedToSignIn
        | Denial::NoneAsked
        | Denial::NoClientSecret
        | Denial::NoClientKey
        | Denial::ProofOfPossession
        | Denial::NotRedeemed
        | Denial::Unredeemable
        | Denial::NamedPage
        | Denial::Page
        | Denial::Unknown
        | Denial::Other => Code::NoTokens,
    }
}

/// What to click and to call, where a setting of the client is the likeliest cause.
const fn fix_at_the_client(
    denial: Denial,
    flow: Flow,
    is_public: bool,
) -> Option<(&'static str, &'static str)> {
    Some(match (denial, flow) {
        (Denial::NotAssigned, _) => (
            "step 4c: Applications > Applications > the client > Assignments > Assign > Assign to \
             Groups > the user's group",
            "PUT /api/v1/apps/{appId}/groups/{groupId}",
        ),
        (Denial::ResponseType, Flow::Implicit) => (
            "step 4a: Applications > Applications > the client > General > Grant type: tick \
             Implicit (hybrid) with Allow ID Token and Allow Access Token",
            "PUT /api/v1/apps/{appId} with grant_types and response_types",
        ),
        (Denial::ResponseType, Flow::Code) => (
            "step 4a: Applications > Applications > the client > General > Grant type: tick \
             Authorization Code",
            "PUT /api/v1/apps/{appId} with grant_types and response_types",
        ),
        (Denial::ClientSecret, _) if is_public => (
            "step 4a: Applications > Applications > the client > General > Client Credentials > \
             Client authentication: None, since the client of the model is public",
            "PUT /api/v1/apps/{appId} with token_endpoint_auth_method none",
        ),
        (Denial::ClientSecret, _) => (
            "set OKTA_OAUTH2_CLIENT_SECRET to the client's (Applications > Applications > the \
             client > General > Client Credentials)",
            "GET /api/v1/apps/{appId}/credentials/secrets",
        ),
        (Denial::RedirectUri, _) => (
            "step 4b: Applications > Applications > the client > General > Sign-in redirect URIs: \
             add the redirect URI, exactly as it is sent",
            "PUT /api/v1/apps/{appId} with redirect_uris",
        ),
        (Denial::Client, _) => (
            "step 4a: check the Client ID (Applications > Applications > the client > General), \
             and that the client is active in this very org",
            "GET /api/v1/apps/{appId}",
        ),
        (Denial::Consent, _) => (
            "step 4a: Applications > Applications > the client > General > User consent: untick \
             Require consent; step 3b: Security > API > Authorization Servers > the server > \
             Scopes > the scope > Edit: User consent Implicit",
            "PUT /api/v1/apps/{appId} with consent_method TRUSTED",
        ),
        (Denial::Network, _) => (
            "step 4a: Applications > Applications > the client > General > Client network access: \
             a zone that holds the network of this machine, or Anywhere",
            "PUT /api/v1/apps/{appId} with settings.oauthClient.network",
        ),
        (Denial::AtAnotherAddress, _) => (
            "what stands between browser and org, since Okta redirects to a redirect URI of the \
             request alone: a reverse proxy or custom page that changes `Location`, or an \
             extension of the browser; step 4b: Applications > Applications > the client > \
             General > Sign-in redirect URIs: take out every one that is not yours. Revoke what \
             was handed out: Directory > People > the user > More Actions > Clear User Sessions, \
             with its tokens",
            "DELETE /api/v1/users/{userId}/sessions?oauthTokens=true",
        ),
        (Denial::NoRefreshToken, _) => (
            "step 4a: Applications > Applications > the client > General > Grant type: tick \
             Refresh Token; step 3c: Security > API > Authorization Servers > the server > Access \
             Policies > the rule > Edit: add offline_access to the scopes",
            "PUT /api/v1/apps/{appId} with settings.oauthClient.grant_types",
        ),
        _ => return None,
    })
}

/// What decides at the sign-in page, before any access policy of the server does.
pub(super) fn fix_at_the_sign_in() -> Fix {
    Fix::new(
        "Security > Authentication Policies: the rules of the client's policy (device, network, \
         factors); Security > Global Session Policy; Security > Networks: is this machine's \
         address blocked? Reports > System Log names which",
        "GET /api/v1/policies?type=ACCESS_POLICY",
    )
}

/// The same, where it is the authorization server's.
const fn fix_at_the_server(denial: Denial) -> Option<(&'static str, &'static str)> {
    Some(match denial {
        Denial::Policy => (
            "step 3c: Security > API > Authorization Servers > the server > Access Policies: an \
             active rule must hold the user's group, the grant type and all requested scopes with \
             openid; step 2: the user must be in the group",
            "GET /api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules",
        ),
        Denial::UnknownScope => (
            "step 3b: Security > API > Authorization Servers > the server > Scopes > Add Scope, \
             spelled exactly as it is asked for",
            "POST /api/v1/authorizationServers/{authServerId}/scopes",
        ),
        Denial::ClaimEvaluation => (
            "step 3a: Security > API > Authorization Servers > the server > Claims: fix the \
             expression or narrow the filter of groups; step 4c: assign the user again; step 3c: \
             the rule's token inline hook",
            "GET /api/v1/authorizationServers/{authServerId}/claims",
        ),
        _ => return None,
    })
}

/// What a token says is signed, so that no proxy changes it: a hook of the org's may, and a claim.
pub(super) fn mend_token() -> Fix {
    Fix::new(
        "Security > API > Authorization Servers > the server > Access Policies > the rules: does a \
         token inline hook change it? Claims: does one of them? Else Okta answers otherwise: see \
         its status page",
        "GET /api/v1/inlineHooks, and /api/v1/authorizationServers/{authServerId}/claims",
    )
}

/// Nothing that an org can be set to makes Okta answer so.
pub(super) fn unfixable() -> Fix {
    Fix::new(
        "none in the org: Okta answers otherwise. Look for a proxy or page between browser and org",
        "the same request once more, by hand: `cargo run -- authorize-url` prints one",
    )
}
