//! Refresh tokens at the token endpoint: redeemed as the client would, then for too much, and at
//! last ended.

use std::collections::BTreeMap;

use futures_util::StreamExt as _;
use futures_util::stream;
use secrecy::{ExposeSecret as _, SecretString};

use super::tokens::{body_text, has_failed, redeemed};
use super::{Observer, Plan, api, discovery};
use crate::model::{OFFLINE_ACCESS, REFRESH_TOKEN, Scope};
use crate::observation::{
    AuthorizationKey, Denial, NotSeen, Observations, PresentedByAnother, Refreshed, Reused, Seen,
    TokenAnswer,
};
use crate::openid::{Answer, HttpError, Metadata, NamedUrl, TokenResponse, Use};

/// So many users' refresh tokens are under way at once.
const AT_ONCE: usize = 4;
/// What is asked for where the user has every scope of the model: a scope that every server of
/// OpenID Connect may know, and that the sign-in did not ask for.
const UNASKED: &str = "profile";

impl Observer<'_> {
    /// Redeems the refresh tokens of the plan: behind all that the sign-ins' other tokens are
    /// needed for, since a refresh token is revoked with what came of it.
    pub(super) async fn refresh(&self, plan: &Plan, seen: &mut Observations) {
        let asked = plan.refreshes().map(|key| async {
            let refreshed = self.refresh_one(key, seen).await;
            (key.clone(), refreshed)
        });
        let asked: Vec<_> = stream::iter(asked)
            .buffer_unordered(AT_ONCE)
            .collect()
            .await;
        let asked: BTreeMap<AuthorizationKey, Seen<Refreshed>> = asked.into_iter().collect();
        seen.refreshed = asked;
    }

    async fn refresh_one(&self, key: &AuthorizationKey, seen: &Observations) -> Seen<Refreshed> {
        let metadata = seen.metadata.as_ref().map_err(Clone::clone)?;
        let first = api::tokens(key, seen)?.refresh.clone();
        let mut held = first.ok_or_else(|| {
            let text = "no refresh token came with them, although `offline_access` was asked for";
            key.no_tokens(Denial::NoRefreshToken, text)
        })?;
        let further_scope = self.further_scope(key);
        let wide = format!(
            "{} {OFFLINE_ACCESS} {further_scope}",
            key.request.parameter()
        );
        let mut before = held.clone();
        let redeemed = self.redeem_refresh(metadata, &mut held, None).await;
        // Who gives no answer is not asked again.
        if let Err(reason) = &redeemed {
            return Err(reason.clone());
        }
        let mut refreshed = Refreshed {
            is_another: is_another(&redeemed, &before),
            redeemed,
            wider: self.redeem_refresh(metadata, &mut held, Some(&wide)).await,
            again: self.redeem_refresh(metadata, &mut held, None).await,
            by_another: None,
            reused: None,
            revoked: Err(NotSeen::not_asked()),
            after: Err(NotSeen::not_asked()),
            further_scope,
        };
        if self.tries_reuse(key) {
            refreshed.reused = Some(Reused {
                first: self.redeem_refresh(metadata, &mut before, None).await,
                newest: self.redeem_refresh(metadata, &mut held, None).await,
            });
        } else {
            refreshed.by_another = self.presented_by_another(metadata, &mut held).await;
            refreshed.revoked = self.revoke_refresh(metadata, &held).await;
            refreshed.after = self.redeem_refresh(metadata, &mut held, None).await;
        }
        Ok(refreshed)
    }

    /// Has the first service client of the model present the refresh token of the client that holds
    /// it, where there is one.
    async fn presented_by_another(
        &self,
        metadata: &Metadata,
        held: &mut SecretString,
    ) -> Option<PresentedByAnother> {
        self.model.services.first()?;
        Some(PresentedByAnother {
            answer: self.redeem_as_service(metadata, held).await,
            kept: self.redeem_refresh(metadata, held, None).await,
        })
    }

    async fn redeem_as_service(
        &self,
        metadata: &Metadata,
        held: &SecretString,
    ) -> Seen<TokenAnswer> {
        let endpoint = metadata
            .token_endpoint
            .trusted(Use::Token, &self.access.trusted_origins());
        let endpoint = endpoint.map_err(|error| NotSeen::failed(error.to_string()))?;
        let proof = self.proof_of_service(endpoint.audience())?;
        let mut form = vec![
            ("grant_type", REFRESH_TOKEN),
            (REFRESH_TOKEN, held.expose_secret()),
        ];
        let of_service = proof.form.iter();
        form.extend(of_service.map(|(name, value)| (name.as_str(), value.as_str())));
        let answer = self.http.post_form(&endpoint, &form, proof.header.as_ref());
        self.token_answer(&answer.await.map_err(discovery::failed)?)
    }

    fn tries_reuse(&self, key: &AuthorizationKey) -> bool {
        let user = self.model.reuse_is_tried_of();
        user.is_some_and(|user| user.name() == key.user)
    }

    /// A scope that was not granted: of the model, so that it is there, if any is left.
    fn further_scope(&self, key: &AuthorizationKey) -> String {
        let mut scopes = self.model.scopes.iter().map(Scope::name);
        let other = scopes.find(|scope| !key.request.contains(scope));
        other.unwrap_or(UNASKED).to_owned()
    }

    /// Redeems the refresh token that the client holds, and keeps the one that comes.
    async fn redeem_refresh(
        &self,
        metadata: &Metadata,
        held: &mut SecretString,
        scope: Option<&str>,
    ) -> Seen<TokenAnswer> {
        let mut form = vec![
            ("grant_type", REFRESH_TOKEN),
            (REFRESH_TOKEN, held.expose_secret()),
        ];
        form.extend(scope.map(|scope| ("scope", scope)));
        let endpoint = &metadata.token_endpoint;
        let answer = self.ask_as_client(endpoint, Use::Token, &form).await;
        let answer = answer.map_err(discovery::failed)?;
        let answer = self.token_answer(&answer)?;
        let next = answer.tokens().and_then(|tokens| tokens.refresh.clone());
        *held = next.unwrap_or_else(|| held.clone());
        Ok(answer)
    }

    /// What an answer of the token endpoint comes to; every token in it is noted.
    pub(super) fn token_answer(&self, answer: &Answer) -> Seen<TokenAnswer> {
        if has_failed(answer) {
            let text = format!("the token endpoint failed: {}", self.told(answer));
            return Err(NotSeen::failed(text));
        }
        if !answer.is_of_a_token_endpoint() {
            return Err(NotSeen::failed(self.of_a_stranger(answer, "token")));
        }
        let parsed = TokenResponse::read(&answer.body);
        if let (true, Ok(tokens)) = (answer.status.is_success(), parsed) {
            let tokens = redeemed(tokens, answer.at);
            self.note_secrets_of(&tokens);
            return Ok(TokenAnswer::Tokens(Box::new(tokens)));
        }
        Ok(TokenAnswer::Refused {
            status: answer.status.as_u16(),
            error: self.secrets.quote(&body_text(answer, "error")),
            text: format!("the token endpoint answers {}", self.told(answer)),
        })
    }

    /// Revokes the refresh token that the client holds (RFC 7009).
    async fn revoke_refresh(&self, metadata: &Metadata, held: &SecretString) -> Seen<u16> {
        let none = || NotSeen::not_applicable("the metadata names no revocation endpoint");
        let endpoint = metadata.revocation_endpoint.as_ref().ok_or_else(none)?;
        let form = [
            ("token", held.expose_secret()),
            ("token_type_hint", REFRESH_TOKEN),
        ];
        let answer = self.ask_as_client(endpoint, Use::Revocation, &form).await;
        let answer = answer.map_err(discovery::failed)?;
        if has_failed(&answer) {
            let text = format!("the revocation endpoint failed: {}", self.told(&answer));
            return Err(NotSeen::failed(text));
        }
        Ok(answer.status.as_u16())
    }

    /// A request of the client, with its authentication (RFC 6749 section 2.3.1).
    pub(super) async fn ask_as_client(
        &self,
        endpoint: &NamedUrl,
        wanted: Use,
        form: &[(&str, &str)],
    ) -> Result<Answer, HttpError> {
        let endpoint = endpoint.trusted(wanted, &self.access.trusted_origins())?;
        let proof = self.proof(&self.facts.client_id, self.access.client_secret.as_ref())?;
        let of_client = proof.form.iter();
        let of_client = of_client.map(|(name, value)| (name.as_str(), value.as_str()));
        let form: Vec<(&str, &str)> = form.iter().copied().chain(of_client).collect();
        self.http
            .post_form(&endpoint, &form, proof.header.as_ref())
            .await
    }
}

/// Whether another refresh token came than was redeemed.
fn is_another(answer: &Seen<TokenAnswer>, before: &SecretString) -> Option<bool> {
    let next = answer.as_ref().ok()?.tokens()?.refresh.as_ref()?;
    Some(next.expose_secret() != before.expose_secret())
}
