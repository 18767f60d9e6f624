//! What a redirect brings: tokens at once, or a code that is redeemed for them.

use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use url::Url;

use super::Observer;
use crate::escape;
use crate::observation::{AuthorizationKey, Denial, NotSeen, Outcome, Seen, Tokens};
use crate::openid::{
    Answer, AuthorizationRequest, Flow, HttpError, Jwt, Metadata, NamedUrl, Response,
    TokenResponse, Use, split_encoded,
};
use crate::secrets::SHORTEST;

impl Observer<'_> {
    /// Takes a redirect for what it brings, and notes every secret in it.
    pub(super) async fn redirected(
        &self,
        metadata: &Metadata,
        key: &AuthorizationKey,
        request: &AuthorizationRequest,
        response: Response,
    ) -> Seen<Outcome> {
        self.note_tokens(&response);
        if let Some((error, description)) = response.error() {
            let text = self.secrets.quote(&format!("{error}: {description}"));
            if super::again::is_overload(error) {
                return Err(NotSeen::failed(text));
            }
            let denial = self.denial(error, description);
            return Ok(denied(denial, text, response));
        }
        match key.flow {
            Flow::Code if key.keeps_code() => {
                let text = "the code is left as it is".to_owned();
                Ok(denied(Denial::NoneAsked, text, response))
            }
            Flow::Implicit => Ok(implicit(key, response)),
            Flow::Code => Ok(self.redeem(metadata, request, response).await),
        }
    }

    /// What an answer comes to that arrived at another address than the redirect URI: nothing in it
    /// is used, and everything is secret.
    pub(super) fn answered_elsewhere(&self, url: &Url) -> Outcome {
        let response = Response::parse_misplaced(&self.facts.redirect_uri, url);
        self.note_tokens(&response);
        let error = response.error();
        let what = match (response.handed_out(), error) {
            (Some(_), _) => escape::list(response.brings()),
            (None, Some((error, description))) => format!("`{error}`: {description}"),
            (None, None) => "nothing".to_owned(),
        };
        let (path, encoded) = split_encoded(url.path());
        let behind = encoded.map_or("", |_| "%23…");
        let place = format!("{}{path}{behind}", url.origin().ascii_serialization());
        let text = format!(
            "the answer ({}) came at `{}`, and not at the redirect URI `{}`",
            self.secrets.quote(&what),
            self.secrets.quote(&place),
            self.facts.redirect_uri
        );
        denied(Denial::AtAnotherAddress, text, response)
    }

    /// Notes every secret in a redirect.
    pub(super) fn note_tokens(&self, response: &Response) {
        for parameters in response.parts() {
            let names = ["access_token", "id_token", "refresh_token", "code"];
            let values = names.iter().filter_map(|name| parameters.secret(name));
            // An org that calls a word its code must not take that word out of every sentence.
            let tokens = values.filter(|value| value.expose_secret().len() >= SHORTEST);
            tokens.for_each(|value| self.secrets.add(value));
        }
    }

    /// Notes tokens that came from the token endpoint.
    pub(super) fn note_secrets_of(&self, tokens: &Tokens) {
        self.secrets.add(&tokens.access);
        let others = tokens.id.iter().chain(&tokens.refresh);
        others.for_each(|token| self.secrets.add(token));
    }

    /// Redeems the code at the token endpoint.
    async fn redeem(
        &self,
        metadata: &Metadata,
        request: &AuthorizationRequest,
        response: Response,
    ) -> Outcome {
        let (Some(code), Some(verifier)) = (response.get("code"), &request.code_verifier) else {
            let text = "no code in the redirect".to_owned();
            return denied(Denial::Other, text, response);
        };
        if self.model.client.token_endpoint_auth_method.signs() {
            return self.without_key(response);
        }
        let endpoint = &metadata.token_endpoint;
        let answer = match self.token_request(endpoint, code, verifier).await {
            Ok(answer) => answer,
            Err(error) => return self.not_redeemed(&error, response),
        };
        if has_failed(&answer) {
            let text = format!("the token endpoint failed: {}", self.told(&answer));
            return denied(Denial::NotRedeemed, text, response);
        }
        if !answer.is_of_a_token_endpoint() {
            return denied(
                Denial::Unredeemable,
                self.of_a_stranger(&answer, "token"),
                response,
            );
        }
        if let (true, Ok(tokens)) = (
            answer.status.is_success(),
            TokenResponse::read(&answer.body),
        ) {
            let tokens = redeemed(tokens, answer.at);
            self.note_secrets_of(&tokens);
            let tokens = Box::new(tokens);
            return Outcome::Tokens { response, tokens };
        }
        let error = body_text(&answer, "error");
        // Which of the two a refusal without a readable code is, its status says: RFC 6749 section
        // 5.2 has 401 for the client alone.
        let is_unnamed = error.is_empty() && answer.status.as_u16() == 401;
        let denial = match error.as_str() {
            error if error == "invalid_client" || is_unnamed => {
                if self.needs_secret() {
                    Denial::NoClientSecret
                } else {
                    Denial::ClientSecret
                }
            }
            error => self.denial(error, &body_text(&answer, "error_description")),
        };
        let text = format!("the token endpoint answers {}", self.told(&answer));
        denied(denial, text, response)
    }

    /// The code was handed out, and stays as it is.
    fn without_key(&self, response: Response) -> Outcome {
        let method = self.model.client.token_endpoint_auth_method.name();
        let text = format!("the client authenticates by {method}, and the suite has no key for it");
        denied(Denial::NoClientKey, text, response)
    }

    fn needs_secret(&self) -> bool {
        !self.model.client.is_public() && self.access.client_secret.is_none()
    }

    /// The token request, with the client authentication of the model (RFC 6749 section 2.3.1).
    async fn token_request(
        &self,
        endpoint: &NamedUrl,
        code: &str,
        verifier: &SecretString,
    ) -> Result<Answer, HttpError> {
        let form = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.facts.redirect_uri.as_str()),
            ("code_verifier", verifier.expose_secret()),
        ];
        self.ask_as_client(endpoint, Use::Token, &form).await
    }

    /// The code was handed out, whatever became of it.
    fn not_redeemed(&self, error: &HttpError, response: Response) -> Outcome {
        let why = self.secrets.quote(&error.to_string());
        if error.would_come_again() {
            return denied(Denial::Unredeemable, why, response);
        }
        let text = format!("the token endpoint failed: {why}");
        denied(Denial::NotRedeemed, text, response)
    }

    pub(super) fn told(&self, answer: &Answer) -> String {
        // The first two are OAuth's, the others Okta's own.
        let names = ["error", "error_description", "errorCode", "errorSummary"];
        let words = names.map(|name| body_text(answer, name)).join(" ");
        let words = self.secrets.quote(words.trim());
        if answer.status.is_success() && words.is_empty() {
            return format!("{} {}", answer.status, unread(answer));
        }
        if words.is_empty() {
            // An error of another shape than RFC 6749's (section 5.2) is shown as it came.
            return format!("{} with {}", answer.status, self.said(answer));
        }
        format!("{} {words}", answer.status)
    }

    /// What is said of an answer of an endpoint for clients that no authorization server gives.
    pub(super) fn of_a_stranger(&self, answer: &Answer, endpoint: &str) -> String {
        format!(
            "the {endpoint} endpoint answers {} with {}: an authorization server answers with JSON, \
             and with an `error` where it refuses (RFC 6749 section 5), so that something else has \
             answered, such as a firewall or proxy before it: let requests to the {endpoint} \
             endpoint through",
            answer.status,
            self.said(answer)
        )
    }

    /// What stands in an answer that is not what it should be.
    fn said(&self, answer: &Answer) -> String {
        // Tokens that nobody could read, nobody has noted as secrets.
        if answer.body.contains("access_token") {
            return "a text with an access token".to_owned();
        }
        self.secrets.quote(&answer.quoted())
    }
}

/// What a success is that brings no tokens that can be read: they come as JSON (RFC 6749 section
/// 5.1).
fn unread(answer: &Answer) -> &'static str {
    if answer.is_a_form_of_tokens() {
        "with tokens as a form, which must come as JSON (RFC 6749 section 5.1)"
    } else {
        "with JSON in which no access token can be read"
    }
}

/// Whether the endpoint says nothing of the code but only of itself.
pub(super) fn has_failed(answer: &Answer) -> bool {
    answer.status.is_server_error() || answer.status.as_u16() == 429
}

fn denied(denial: Denial, text: String, response: Response) -> Outcome {
    Outcome::Denied {
        denial,
        text,
        response: Some(response),
    }
}

/// A text of a JSON body, empty when it is not there.
pub(super) fn body_text(answer: &Answer, name: &str) -> String {
    let body = answer.json().unwrap_or_default();
    let text = body.get(name).and_then(serde_json::Value::as_str);
    text.unwrap_or_default().to_owned()
}

/// Whether a response type asks for an access token.
fn has_token(response_type: &str) -> bool {
    response_type.split(' ').any(|word| word == "token")
}

/// The tokens of the fragment, or of wherever else they were put.
fn implicit(key: &AuthorizationKey, response: Response) -> Outcome {
    let anywhere = |name: &str| response.secret(name).cloned();
    let Some(access) = anywhere("access_token") else {
        if let Some(asked) = key.own_response_type().filter(|asked| !has_token(asked)) {
            let text = format!("`{asked}` asks for no access token, and none came");
            return denied(Denial::NoneAsked, text, response);
        }
        let unread = std::iter::repeat_n("", response.fragment.unread());
        let names = escape::list(response.fragment.names().into_iter().chain(unread));
        let text = format!("a redirect without access token; its fragment has: {names}");
        return denied(Denial::Other, text, response);
    };
    let id = anywhere("id_token");
    let tokens = Tokens {
        access_token: Jwt::decode(&access),
        id_token: id.as_ref().map(Jwt::decode),
        access,
        id,
        refresh: None,
        token_type: response.get("token_type").map(str::to_owned),
        expires_in: response.get("expires_in").map(str::to_owned),
        scope: response.get("scope").map(str::to_owned),
        repeated: None,
        received: Timestamp::now(),
    };
    Outcome::Tokens {
        response,
        tokens: Box::new(tokens),
    }
}

pub(super) fn redeemed(tokens: TokenResponse, received: Timestamp) -> Tokens {
    Tokens {
        access_token: Jwt::decode(&tokens.access_token),
        id_token: tokens.id_token.as_ref().map(Jwt::decode),
        access: tokens.access_token,
        id: tokens.id_token,
        refresh: tokens.refresh_token,
        token_type: tokens.token_type,
        expires_in: tokens.expires_in,
        scope: tokens.scope,
        repeated: tokens.repeated,
        received,
    }
}
