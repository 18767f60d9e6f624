//! Sends a hostile request, with what a good token has to do with it.

use futures_util::future::join_all;
use secrecy::{ExposeSecret as _, SecretString};

use super::Observer;
use crate::exchange::{BesideGood, Case};
use crate::openid::ApiEndpoint;
use crate::transport::{RawOutcome, RawRequest};

/// So many requests are under way at once where it is about what they share, good ones among them.
const BY_TURNS: usize = 6;
/// So often that is tried.
const ROUNDS: usize = 5;

impl Observer<'_> {
    /// What comes of the request of a case; `rightful` presents a good token as it is meant to be.
    pub(super) async fn send_beside_good(
        &self,
        case: &Case,
        api: &ApiEndpoint,
        request: &RawRequest,
        good: &SecretString,
        rightful: &RawRequest,
    ) -> RawOutcome {
        match case.beside_good {
            None | Some(BesideGood::WhileItLasted) => self.http.send_raw(api, request).await,
            Some(BesideGood::OnTheConnection) => {
                let behind = request.clone().behind(rightful.clone());
                self.http.send_raw(api, &behind).await
            }
            Some(BesideGood::AtTheTime) => self.send_among(api, request, rightful).await,
            Some(BesideGood::AtTheTarget) => {
                let bearer = format!("Bearer {}", good.expose_secret());
                let there = request.clone().header("Authorization", bearer);
                drop(self.http.send_raw(api, &there).await);
                self.http.send_raw(api, request).await
            }
        }
    }

    /// Sends a request and a good token by turns, without waiting for answers, until one of the
    /// first kind is let in or it was tried often enough: what an API keeps for one request while
    /// it waits for something may be another's by then.
    async fn send_among(
        &self,
        api: &ApiEndpoint,
        request: &RawRequest,
        good: &RawRequest,
    ) -> RawOutcome {
        let is_let_in = |outcome: &RawOutcome| match outcome {
            RawOutcome::Answered(answer) => answer.status.is_success(),
            _ => false,
        };
        let mut outcome = RawOutcome::Insecure;
        for _ in 0..ROUNDS {
            let turns = (0..BY_TURNS).map(|turn| {
                let next = if turn % 2 == 0 { request } else { good };
                self.http.send_raw(api, next)
            });
            let outcomes = join_all(turns).await.into_iter().step_by(2);
            outcome = outcomes.max_by_key(is_let_in).unwrap_or(outcome);
            if is_let_in(&outcome) {
                break;
            }
        }
        outcome
    }
}
