//! How the client says who it is.

use secrecy::{ExposeSecret as _, SecretString};

use super::Observer;
use crate::exchange::{Authentication, Row};
use crate::model::ClientAuthentication;
use crate::observation::{NotSeen, Seen};
use crate::openid::{AuthorizationHeader, HttpError, random};
use crate::transport::{CLIENT_SECRET, can_be_sent};

/// What a request says of the client: in its form, and in `Authorization`.
#[derive(Debug, Default)]
pub(super) struct Proof {
    pub(super) form: Vec<(String, String)>,
    pub(super) header: Option<AuthorizationHeader>,
}

/// A client by its id, with this secret where there is one: by HTTP Basic, or in the form where the
/// method says so (RFC 6749 section 2.3.1).
pub(super) fn proof_by(
    method: ClientAuthentication,
    client_id: &str,
    secret: Option<&SecretString>,
) -> Result<Proof, HttpError> {
    let secret = secret.filter(|_| method.has_secret());
    let in_form = method == ClientAuthentication::ClientSecretPost;
    let mut proof = Proof::default();
    if secret.is_none() || in_form {
        proof
            .form
            .push(("client_id".to_owned(), client_id.to_owned()));
    }
    match secret {
        Some(secret) if in_form => {
            can_be_sent(CLIENT_SECRET, secret.expose_secret())?;
            let secret = secret.expose_secret().to_owned();
            proof.form.push(("client_secret".to_owned(), secret));
        }
        Some(secret) => proof.header = Some(AuthorizationHeader::basic(client_id, secret)?),
        None => {}
    }
    Ok(proof)
}

impl Observer<'_> {
    /// The client by its id, with this secret where there is one: by HTTP Basic, or in the form
    /// where the model says so (RFC 6749 section 2.3.1).
    pub(super) fn proof(
        &self,
        client_id: &str,
        secret: Option<&SecretString>,
    ) -> Result<Proof, HttpError> {
        let method = self.model.client.token_endpoint_auth_method;
        proof_by(method, client_id, secret)
    }

    /// The client as a row has it say who it is, to an endpoint by its address.
    pub(super) fn proof_of(&self, row: &Row, audience: &str) -> Seen<Proof> {
        let method = self.model.client.token_endpoint_auth_method;
        if method.signs() && row.authentication != Authentication::Service {
            return Err(NotSeen::not_applicable(format!(
                "the client authenticates by {}, and the suite has no key for it",
                method.name()
            )));
        }
        let client_id = self.facts.client_id.as_str();
        let made_up = || SecretString::from(random());
        let proof = match row.authentication {
            Authentication::Own if method.has_secret() => {
                let secret = self.access.client_secret.as_ref();
                let secret = secret.ok_or_else(|| {
                    NotSeen::not_configured(
                        "set OKTA_OAUTH2_CLIENT_SECRET: the client authenticates at the endpoint",
                    )
                })?;
                self.proof(client_id, Some(secret))
            }
            Authentication::Own | Authentication::Nothing => self.proof(client_id, None),
            Authentication::WrongSecret => self.proof(client_id, Some(&made_up())),
            Authentication::AnotherClient => self.proof(&random(), Some(&made_up())),
            Authentication::Service => return self.proof_of_service(audience),
        };
        proof.map_err(|error| NotSeen::failed(error.to_string()))
    }
}
