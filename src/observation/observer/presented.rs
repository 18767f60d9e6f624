//! The tokens that rows present to the authorization server, made of those of the run.

use jiff::Timestamp;
use secrecy::SecretString;
use url::Url;

use super::Observer;
use super::ended::{living, living_id};
use crate::exchange::{self, Credential, Material, OwnRequest, ServerCall, TokenOf};
use crate::observation::{NotSeen, Observations, Seen};

impl Observer<'_> {
    /// The token of a row as it is sent: what its authorization gave, with what the row changes in
    /// it; none, where the row presents none.
    pub(super) fn presented(
        &self,
        call: &ServerCall,
        seen: &Observations,
    ) -> Seen<Option<SecretString>> {
        let Some(credential) = &call.row.credential else {
            return Ok(None);
        };
        let token = match &credential.token {
            TokenOf::Text(text) => return Ok(Some(SecretString::from(text.as_str()))),
            of @ (TokenOf::Access | TokenOf::Id) => genuine(of, call, seen)?,
        };
        self.changed(credential, &token, seen).map(Some)
    }

    /// A token with what a row changes in it, which is as secret as the token.
    fn changed(
        &self,
        credential: &Credential,
        token: &SecretString,
        seen: &Observations,
    ) -> Seen<SecretString> {
        let issuer = self.facts.issuer.as_str();
        let base = Url::parse(issuer).map_err(|error| NotSeen::failed(error.to_string()))?;
        let material = Material {
            issuer,
            audience: &self.facts.audience,
            client_id: &self.facts.client_id,
            app: &self.facts.redirect_uri,
            scope: "",
            own: &OwnRequest::default(),
            other: None,
            base: &base,
            listener: None,
            keys: seen.keys.as_ref().ok(),
            trusted: None,
            now: Timestamp::now().as_second(),
        };
        let made = exchange::prepare(token, &credential.recipe, &material);
        let made = made.map_err(|error| NotSeen::not_applicable(error.to_string()))?;
        self.secrets.add(&made);
        Ok(made)
    }
}

/// A token that an authorization of the run gave.
fn genuine(token: &TokenOf, call: &ServerCall, seen: &Observations) -> Seen<SecretString> {
    let none = || NotSeen::not_applicable("no authorization gives such a token");
    let (basis, now) = (call.basis().ok_or_else(none)?, Timestamp::now());
    if *token == TokenOf::Id {
        return living_id(basis, seen, now);
    }
    living(basis, seen, now).map(|tokens| tokens.access.clone())
}
