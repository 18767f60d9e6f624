//! Reading an authorize request: what is wrong with it, and where that is said.
//!
//! Without a client and a redirect URI of that client nothing may be sent anywhere, so those
//! errors are a page; every later one goes back to the client.

use super::{redirect_uri, response, scopes, server, verify};
use crate::error::OAuthError;
use crate::fault::Fault;
use crate::parameters::Parameters;
use crate::state::AppState;
use crate::state::org::{Application, AuthorizationServer, Org, Status};
use crate::state::request::{AuthorizeRequest, Prompt, ResponseMode, ResponseType, ReturnTo};
use crate::visit::Visit;

/// Why a request is refused, and where that is said.
#[derive(Debug)]
pub(crate) enum Rejection {
    /// There is nowhere to send it: Okta's own page.
    Page(OAuthError),
    /// The client hears of it.
    Redirect(Box<ReturnTo>, OAuthError),
}

/// Reads an authorize request.
pub(crate) fn read(state: &AppState, visit: &Visit) -> Result<AuthorizeRequest, Rejection> {
    let parameters = &visit.sent;
    let org = state.org();
    let server = active_server(&org, &visit.server_id).map_err(Rejection::Page)?;
    let page = |error| refused(state, parameters, error);
    let client = active_client(state, &org, parameters).map_err(page)?;
    let redirect_uri = redirect_uri::of_request(state, client, parameters).map_err(page)?;
    let return_to = response::return_to(redirect_uri, parameters);
    let reader = Reader {
        state,
        server,
        client,
        parameters,
        issuer: server::issuer_for(state, server, client, &visit.headers),
    };
    reader
        .read(return_to.clone())
        .map_err(|error| Rejection::Redirect(Box::new(return_to), error))
}

fn active_server<'a>(org: &'a Org, id: &str) -> Result<&'a AuthorizationServer, OAuthError> {
    let server = org.server(id);
    server
        .filter(|server| server.status == Status::Active)
        .ok_or_else(server::invalid)
}

/// Nothing is sent to a redirect URI that is nobody's, unless a fault does.
fn refused(state: &AppState, sent: &Parameters, error: OAuthError) -> Rejection {
    let response_type = sent.get("response_type").unwrap_or_default();
    let goes_anywhere = match state.fault() {
        Some(Fault::ErrorsGoAnywhere) => true,
        Some(Fault::ResponseTypeErrorsGoAnywhere) => ResponseType::parse(response_type).is_none(),
        Some(Fault::ClientErrorsGoAnywhere) => error.error == "invalid_client",
        _ => false,
    };
    match sent.get("redirect_uri").filter(|_| goes_anywhere) {
        Some(uri) => {
            let return_to = response::return_to(uri.to_owned(), sent);
            Rejection::Redirect(Box::new(return_to), error)
        }
        None => Rejection::Page(error),
    }
}

fn active_client<'a>(
    state: &AppState,
    org: &'a Org,
    sent: &Parameters,
) -> Result<&'a Application, OAuthError> {
    let repeats = sent.repeats("client_id") && state.fault() != Some(Fault::DuplicatesTaken);
    let id = sent.get("client_id").filter(|_| !repeats);
    id.and_then(|id| org.applications.get(id))
        .filter(|client| client.status == Status::Active)
        .ok_or_else(OAuthError::invalid_client_id)
}

/// The parameters that are read here.
const KNOWN: [&str; 17] = [
    "client_id",
    "code_challenge",
    "code_challenge_method",
    "id_token_hint",
    "login_hint",
    "max_age",
    "nonce",
    "prompt",
    "redirect_uri",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "sessionToken",
    "state",
    "ui_locales",
];

/// A request whose client and redirect URI are good.
struct Reader<'a> {
    state: &'a AppState,
    server: &'a AuthorizationServer,
    client: &'a Application,
    parameters: &'a Parameters,
    issuer: String,
}

impl Reader<'_> {
    fn read(&self, return_to: ReturnTo) -> Result<AuthorizeRequest, OAuthError> {
        if self.parameters.repeats_any() && !self.has(Fault::DuplicatesTaken) {
            return Err(OAuthError::duplicate_parameters());
        }
        self.refuse_unknown_parameters()?;
        self.refuse_request_objects()?;
        let response_type = self.response_type()?;
        self.check_response_mode(response_type)?;
        // Okta documents a narrow alphabet for `state` and names no error for leaving it.
        if self.parameters.get("state").is_none() && !self.has(Fault::StateOptional) {
            return Err(OAuthError::invalid_request(
                "The authentication request has an invalid 'state' parameter.",
            ));
        }
        let nonce = self.nonce(response_type)?;
        let prompt = self.prompt()?;
        let max_age_seconds = self.max_age(prompt)?;
        let code_challenge = self.code_challenge(response_type)?;
        let scopes = scopes::of_request(self.state, self.server, self.parameters, response_type)?;
        let hint = self.parameters.get("id_token_hint");
        let hinted_user =
            hint.map(|hint| verify::hinted_user(self.server, hint).unwrap_or_default());
        Ok(AuthorizeRequest {
            server_id: self.server.id.clone(),
            issuer: self.issuer.clone(),
            client_id: self.client.id.clone(),
            return_to,
            response_type,
            scopes,
            nonce,
            prompt,
            max_age_seconds,
            login_hint: self.parameters.get("login_hint").map(str::to_owned),
            hinted_user,
            code_challenge,
        })
    }

    fn has(&self, fault: Fault) -> bool {
        self.state.fault() == Some(fault)
    }

    /// What a fault does: RFC 6749 section 3.1 has them ignored.
    fn refuse_unknown_parameters(&self) -> Result<(), OAuthError> {
        let mut sent = self.parameters.names();
        if self.has(Fault::UnknownParametersRefused) && !sent.all(|name| KNOWN.contains(&name)) {
            return Err(OAuthError::invalid_request("Unknown parameter."));
        }
        Ok(())
    }

    fn refuse_request_objects(&self) -> Result<(), OAuthError> {
        if self.has(Fault::RequestObjectsIgnored) {
            return Ok(());
        }
        if self.parameters.get("request_uri").is_some() {
            return Err(OAuthError::bad(
                "request_uri_not_supported",
                "The authorize request uri is not supported by this client.",
            ));
        }
        if self.parameters.get("request").is_some() {
            return Err(OAuthError::bad(
                "request_not_supported",
                "The authorize request object is not supported by this client.",
            ));
        }
        Ok(())
    }

    fn response_type(&self) -> Result<ResponseType, OAuthError> {
        let settings = &self.client.settings;
        let sent = self.parameters.get("response_type").unwrap_or_default();
        let is_configured = |asked: &ResponseType| {
            asked
                .names()
                .all(|name| settings.response_types.iter().any(|known| known == name))
        };
        // The order of the document's own request.
        let is_in_order = |asked: &ResponseType| {
            let is_other = asked.token && asked.id_token && sent.ends_with(" token");
            !(is_other && self.has(Fault::ResponseTypeOrder))
        };
        let response_type = ResponseType::parse(sent).filter(is_configured);
        let response_type = response_type.filter(is_in_order);
        let first = || {
            let mut configured = settings.response_types.iter();
            let first = configured.find_map(|name| ResponseType::parse(name));
            first.filter(|_| self.has(Fault::ResponseTypeUnchecked))
        };
        let response_type = response_type.or_else(first);
        let response_type = response_type.ok_or_else(|| {
            let configured = settings.response_types.join(", ");
            OAuthError::bad(
                "unsupported_response_type",
                format!(
                    "The response type is not supported by the authorization server. \
                     Configured response types: [{configured}]."
                ),
            )
        })?;
        let response_type = if self.has(Fault::BothTokens) {
            response_type.with_both_tokens()
        } else {
            response_type
        };
        let may_use = |grant: &&str| settings.grant_types.iter().any(|known| known == grant);
        if response_type.grant_types().iter().all(may_use) {
            Ok(response_type)
        } else {
            Err(OAuthError::unauthorized_client(&settings.grant_types))
        }
    }

    fn check_response_mode(&self, response_type: ResponseType) -> Result<(), OAuthError> {
        const ERROR: &str = "unsupported_response_mode";
        let sent = self.parameters.get("response_mode");
        let Some(sent) = sent.filter(|_| !self.has(Fault::ResponseModeUnchecked)) else {
            return Ok(());
        };
        let known = ResponseMode::parse(sent).filter(|_| !self.has(Fault::ResponseModeUnknown));
        match known {
            None => Err(OAuthError::bad(
                ERROR,
                "The response mode is not supported by the authorization server. \
                 Valid response modes: [query, fragment, form_post, okta_post_message].",
            )),
            Some(ResponseMode::Query) if response_type.has_tokens() => Err(OAuthError::bad(
                ERROR,
                "'query' response mode cannot be used with either the 'id_token' or 'token' \
                 response types.",
            )),
            Some(ResponseMode::OktaPostMessage) if response_type.code => Err(OAuthError::bad(
                ERROR,
                "'okta_post_message' response mode cannot be used with the 'code' response type.",
            )),
            Some(_) => Ok(()),
        }
    }

    fn nonce(&self, response_type: ResponseType) -> Result<Option<String>, OAuthError> {
        let nonce = self.parameters.get("nonce").map(str::to_owned);
        let is_needed = response_type.has_tokens() && !self.has(Fault::NonceOptional);
        if nonce.is_none() && is_needed {
            // The two dots are Okta's.
            return Err(OAuthError::invalid_request(
                "The 'nonce' parameter is required for authorize requests with either the \
                 'id_token' or 'token' response types..",
            ));
        }
        Ok(nonce)
    }

    fn prompt(&self) -> Result<Prompt, OAuthError> {
        let mut prompt = Prompt::default();
        let sent = self.parameters.get("prompt").unwrap_or_default();
        let mut is_known = true;
        let most = if self.has(Fault::PromptUnchecked) {
            1
        } else {
            usize::MAX
        };
        let words = sent.split(' ').filter(|word| !word.is_empty());
        for word in words.take(most) {
            match word {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                _ => is_known = false,
            }
        }
        if !is_known || (prompt.none && (prompt.login || prompt.consent)) {
            return Err(OAuthError::invalid_request(
                "Invalid value for 'prompt' parameter. \
                 Supported values: [none, login, consent, login consent]",
            ));
        }
        if self.has(Fault::PromptLoginIgnored) {
            prompt.login = false;
        }
        if self.has(Fault::SilenceIgnored) {
            prompt.none = false;
        }
        Ok(prompt)
    }

    fn max_age(&self, prompt: Prompt) -> Result<Option<i64>, OAuthError> {
        let Some(sent) = self.parameters.get("max_age") else {
            return Ok(None);
        };
        let seconds = sent.parse::<i32>().ok().filter(|seconds| *seconds >= 0);
        match seconds {
            None if self.has(Fault::MaxAgeUnchecked) => Ok(None),
            None => Err(OAuthError::invalid_request(
                "Invalid value for 'max_age' parameter. It should be within range 0 - 2^31-1.",
            )),
            Some(0) if prompt.none => Err(OAuthError::invalid_request(
                "'prompt' parameter must not have the value 'none' for request with 'zero' \
                 as max_age.",
            )),
            Some(_) if self.has(Fault::MaxAgeIgnored) => Ok(None),
            Some(seconds) => Ok(Some(seconds.into())),
        }
    }

    fn code_challenge(&self, response_type: ResponseType) -> Result<Option<String>, OAuthError> {
        let challenge = self.parameters.get("code_challenge");
        let method = self.parameters.get("code_challenge_method");
        let credentials = &self.client.credentials;
        let is_required =
            credentials.pkce_required || credentials.token_endpoint_auth_method == "none";
        if self.has(Fault::ChallengeUnchecked) {
            return Ok(challenge.map(str::to_owned));
        }
        match challenge {
            None if response_type.code && is_required => Err(OAuthError::invalid_request(
                "PKCE code challenge is required by the application.",
            )),
            Some(_) if method != Some("S256") => Err(OAuthError::invalid_request(
                "PKCE code challenge method is not supported. Valid values: [S256]",
            )),
            Some(challenge) if !is_s256(challenge) => Err(OAuthError::invalid_request(
                "PKCE code challenge contains illegal characters.",
            )),
            challenge => Ok(challenge.map(str::to_owned)),
        }
    }
}

/// The base64url of 32 bytes.
fn is_s256(challenge: &str) -> bool {
    let is_legal = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    challenge.len() == 43 && challenge.bytes().all(is_legal)
}
