//! The authorization request of step 5, with real values for state and nonce.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng as _;
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use url::Url;

use super::BrowserEndpoint;
use crate::model::Flow;

/// Whether the user must be asked to sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// `prompt=login`: credentials are asked for, whatever session there is.
    Login,
    /// No `prompt`: a session is used where there is one.
    Session,
}

/// An authorization request, unlike any other that was ever made.
#[derive(Debug, Clone)]
pub struct AuthorizationRequest {
    /// The URL that a browser is sent to.
    pub url: Url,
    /// The `state` that must come back.
    pub state: String,
    /// The `nonce` that must stand in the ID token.
    pub nonce: String,
    /// The PKCE code verifier of the code flow (RFC 7636).
    pub code_verifier: Option<SecretString>,
}

impl AuthorizationRequest {
    /// The document's step-5 request at an authorization endpoint.
    #[must_use]
    pub fn new(
        endpoint: &BrowserEndpoint,
        client_id: &str,
        redirect_uri: &str,
        scope: &str,
        flow: Flow,
        prompt: Prompt,
    ) -> Self {
        let (state, nonce) = (random(), random());
        let code_verifier = (flow == Flow::Code).then(|| SecretString::from(random()));
        let mut url = endpoint.url().clone();
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("response_type", &flow.response_types().join(" "));
            query.append_pair("client_id", client_id);
            query.append_pair("redirect_uri", redirect_uri);
            query.append_pair("state", &state);
            query.append_pair("nonce", &nonce);
            if prompt == Prompt::Login {
                query.append_pair("prompt", "login");
            }
            if let Some(verifier) = &code_verifier {
                query.append_pair("code_challenge", &challenge(verifier));
                query.append_pair("code_challenge_method", "S256");
            }
            query.append_pair("scope", scope);
        }
        Self {
            url,
            state,
            nonce,
            code_verifier,
        }
    }
}

/// 43 characters of `A-Z a-z 0-9`: a state Okta takes, and a code verifier by RFC 7636.
fn random() -> String {
    rand::rng()
        .sample_iter(rand::distr::Alphanumeric)
        .take(43)
        .map(char::from)
        .collect()
}

fn challenge(verifier: &SecretString) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.expose_secret().as_bytes()))
}
