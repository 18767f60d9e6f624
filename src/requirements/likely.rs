//! Where to look for the cause of a denial that no audit shows.

use crate::model::Flow;
use crate::observation::Denial;

/// Where to look without an audit, most likely first (the order in which public threads have it).
pub(super) fn likely(denial: Denial, flow: Flow) -> String {
    let numbered = candidates(denial, flow)
        .iter()
        .enumerate()
        .map(|(index, candidate)| format!("({}) {candidate}", index + 1));
    let told: Vec<String> = numbered.collect();
    format!("likely: {}", told.join(" "))
}

fn candidates(denial: Denial, flow: Flow) -> &'static [&'static str] {
    match denial {
        Denial::Policy | Denial::Unknown => &[
            "step 3c: no active rule holds the user's group, the grant type and all requested \
             scopes with openid",
            "step 3c: the policy is not active or does not name the client",
            "step 2: the user is not in the group",
            "step 1: the rule names another group",
        ],
        Denial::NotAssigned => &[
            "step 4c: the client is not assigned to the user's group",
            "step 2: the user is not in the group",
        ],
        Denial::UnknownScope => &[
            "step 3b: the scope is missing or spelled otherwise",
            "step 3a: the scope is on another authorization server than the issuer's",
        ],
        Denial::ResponseType => match flow {
            Flow::Implicit => {
                &["step 4a: Implicit (hybrid) is not ticked, or one of its two boxes is not"]
            }
            Flow::Code => &["step 4a: Authorization Code is not ticked"],
        },
        Denial::RedirectUri => &[
            "step 4b: the redirect URI is not registered byte for byte: case, port, final slash, \
             scheme",
            "step 4b: it stands under Trusted Origins or sign-out redirect URIs alone",
        ],
        Denial::Client => &[
            "step 4a: the client id is mistyped or of another org (preview, production)",
            "step 4a: the client is not active",
        ],
        Denial::Network => &["step 4a: the client may be used from other network zones alone"],
        Denial::Consent => &[
            "step 4a: the client requires consent",
            "step 3b: a scope requires consent",
        ],
        Denial::SignIn => &[
            "TEST_USER_… names another login or password",
            "step 2: the user is locked, suspended or not active",
        ],
        // The page came after the password, or in its place: nothing was said against it.
        Denial::Page => &[
            "the client's authentication policy asks for more than a password",
            "step 2: the user's password has expired, or security methods must be set up",
            "the sign-in page is another one than Okta's, or the org failed",
        ],
        Denial::ClaimEvaluation => &[
            "step 3a: a claim's expression cannot be evaluated, or a groups claim matches more \
             than 100 groups",
            "step 4c: the user's assignment is stale: remove it and assign again",
            "step 3c: the rule's token inline hook fails",
        ],
        Denial::NoClientSecret | Denial::NoClientKey | Denial::ClientSecret => &[
            "OKTA_OAUTH2_CLIENT_SECRET is not the client's",
            "step 4a: the client authenticates otherwise than the model says",
        ],
        Denial::NotRedeemed => &["the token endpoint fails: run it again"],
        Denial::Unredeemable => &["step 3a: the metadata names another token endpoint"],
        Denial::ProofOfPossession => &["step 4a: the client requires DPoP"],
        Denial::NoRefreshToken => &["step 4a: the client may not use the grant type Refresh Token"],
        Denial::AtAnotherAddress => {
            &["something between browser and org leads the browser elsewhere"]
        }
        Denial::AskedToSignIn | Denial::NoneAsked | Denial::NamedPage | Denial::Other => &[
            "step 3a: the authorization server is not active",
            "Reports > System Log names the cause",
        ],
    }
}
