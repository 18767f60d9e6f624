//! Sends a hostile request, with what a good token has to do with it.

use futures_util::future::join_all;
use reqwest::header::SET_COOKIE;
use secrecy::{ExposeSecret as _, SecretString};

use super::Observer;
use super::good::rightful;
use crate::exchange::{BesideGood, Case, Material};
use crate::openid::ApiEndpoint;
use crate::transport::{RawOutcome, RawRequest};

/// So many requests are under way at once where it is about what they share, good ones among them.
const BY_TURNS: usize = 6;
/// So often that is tried.
const ROUNDS: usize = 5;

impl Observer<'_> {
    /// What comes of the request of a case; `rightful` presents a good token as it is meant to be,
    /// where that is good.
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
            Some(BesideGood::WithItsCookies) => {
                let cookies = cookies(self.http.send_raw(api, rightful).await);
                let with_them = request.clone().header("Cookie", cookies);
                self.http.send_raw(api, &with_them).await
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

/// The cookies that an answer sets, as a browser sends them back (RFC 6265 section 5.4).
fn cookies(outcome: RawOutcome) -> String {
    let RawOutcome::Answered(answer) = outcome else {
        return String::new();
    };
    let set = answer.headers.get_all(SET_COOKIE).iter();
    let pairs = set.filter_map(|value| value.to_str().ok()?.split(';').next());
    pairs.collect::<Vec<_>>().join("; ")
}

/// The good token that a request has to do with, presented where it is good: the request's own at
/// another endpoint, or a reader's at this one.
pub(super) fn first(
    case: &Case,
    token: Option<&SecretString>,
    good: &SecretString,
    material: &Material<'_>,
) -> RawRequest {
    let elsewhere = token.filter(|_| case.brings_cookies_of_another());
    match elsewhere {
        Some(token) => rightful(token, material).at(material.text("{base}{other}")),
        None => rightful(good, material),
    }
}
