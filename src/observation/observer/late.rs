//! What is asked at the end of a run in the session that a user's browser has left: by then the ID
//! tokens of all users are known, and nobody needs the session any more.

use std::sync::Arc;

use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::Observer;
use super::answered::{BY_HTTP_ALONE, Said};
use super::api::tokens;
use super::discovery::failed;
use crate::exchange::{AuthorizationKey, ID_TOKEN, ID_TOKEN_OF_ANOTHER};
use crate::observation::{Authorization, NotSeen, Observations, Outcome, Seen, ServerAnswer};
use crate::openid::{
    Answer, Asks, AuthorizationRequest, CarriedSession, HttpError, Metadata, Prompt,
    RequestDetails, TrustedEndpoint,
};

impl Observer<'_> {
    /// What came of an authorization request in the session that is left.
    pub(super) async fn ask_late(
        &self,
        key: &AuthorizationKey,
        seen: &Observations,
        metadata: &Metadata,
    ) -> Seen<ServerAnswer> {
        let session = session_of(&key.user, seen);
        // Where there was none, why is what counts.
        let session = session.map_err(|reason| no_tokens(key, seen).unwrap_or(reason))?;
        let endpoint = metadata.authorization_endpoint.opened(&self.reach());
        let endpoint = endpoint.map_err(|error| NotSeen::failed(error.to_string()))?;
        let endpoint = endpoint.saying(self.model.authorization_server.asked_audience());
        let asks = Asks {
            client_id: &self.facts.client_id,
            redirect_uri: self.facts.redirect_uri.as_str(),
            scope: &key.request.parameter(),
            flow: key.flow,
            prompt: Prompt::Session,
        };
        let details = filled(key, seen)?;
        let request = AuthorizationRequest::saying(&endpoint, &asks, &details);
        if let Some(verifier) = &request.code_verifier {
            self.secrets.add(verifier);
        }
        let asked = self.http.open_in_session(&request.url, session, &details);
        let answer = asked.await.map_err(failed)?;
        let said = Said {
            registered: &self.facts.redirect_uri,
            parameters: request.url.query_pairs().into_owned().collect(),
            headers: details.headers,
            secrets: request.code_verifier.into_iter().collect(),
        };
        self.server_answer(&answer, &said, metadata)
    }

    /// Sends a browser's user to an endpoint of the org with these parameters.
    pub(super) async fn send_in_session(
        &self,
        user: &str,
        seen: &Observations,
        endpoint: &TrustedEndpoint,
        parameters: &[(String, String)],
    ) -> Seen<Result<Answer, HttpError>> {
        let session = session_of(user, seen)?;
        let url = Url::parse_with_params(endpoint.audience(), parameters);
        let url = url.map_err(|error| NotSeen::failed(error.to_string()))?;
        let details = RequestDetails::default();
        Ok(self.http.open_in_session(&url, session, &details).await)
    }
}

fn session_of<'a>(user: &str, seen: &'a Observations) -> Seen<&'a Arc<CarriedSession>> {
    let session = seen.sessions.get(user);
    session.ok_or_else(|| NotSeen::not_applicable(BY_HTTP_ALONE))
}

/// Why the document's own request, in whose session another is made, brought nothing.
fn no_tokens(key: &AuthorizationKey, seen: &Observations) -> Option<NotSeen> {
    let document = AuthorizationKey {
        details: None,
        ..key.clone()
    };
    tokens(&document, seen).err()
}

/// What a request says, with the ID tokens of the run in it.
fn filled(key: &AuthorizationKey, seen: &Observations) -> Seen<RequestDetails> {
    let mut details = key.details.as_deref().cloned().unwrap_or_default();
    for (_, value) in &mut details.more {
        let is_of = |user: &str| match value.as_str() {
            ID_TOKEN => Some(user == key.user),
            ID_TOKEN_OF_ANOTHER => Some(user != key.user),
            _ => None,
        };
        if is_of(&key.user).is_none() {
            continue;
        }
        let token = id_token(seen, |user| is_of(user) == Some(true));
        let none = || NotSeen::not_applicable(format!("no ID token of the run is one for {value}"));
        *value = token.ok_or_else(none)?.expose_secret().to_owned();
    }
    Ok(details)
}

/// The first ID token that a user of these was given.
fn id_token(seen: &Observations, is_of: impl Fn(&str) -> bool) -> Option<&SecretString> {
    let mut asked = seen
        .authorizations
        .iter()
        .filter(|(key, _)| is_of(&key.user));
    asked.find_map(|(_, seen)| match seen {
        Ok(Authorization {
            outcome: Outcome::Tokens { tokens, .. },
            ..
        }) => tokens.id.as_ref(),
        Ok(_) | Err(_) => None,
    })
}
