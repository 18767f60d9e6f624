//! Tokens of the run that have ended by the time that they are presented, since a run may take
//! longer than they live: who refuses one then is right to.

use jiff::{SignedDuration, Timestamp};
use secrecy::SecretString;

use super::api::tokens;
use crate::observation::{AuthorizationKey, NotSeen, Observations, Seen, Tokens};
use crate::openid::Jwt;

/// What is about to end may have ended when it arrives, or when it is presented once more.
const MARGIN: SignedDuration = SignedDuration::from_secs(10);

/// The tokens that an authorization gave, where the access token among them has not ended since.
///
/// # Errors
/// [`NotSeen`] where there are none, or it has.
pub(super) fn living<'a>(
    key: &AuthorizationKey,
    seen: &'a Observations,
    now: Timestamp,
) -> Seen<&'a Tokens> {
    let tokens = tokens(key, seen)?;
    let ended = ended(tokens.received, access_expiry(tokens), seen, now);
    ended.map_or(Ok(tokens), Err)
}

/// The ID token that an authorization gave, where it has not ended since.
///
/// # Errors
/// [`NotSeen`] where there is none, or it has.
pub(super) fn living_id(
    key: &AuthorizationKey,
    seen: &Observations,
    now: Timestamp,
) -> Seen<SecretString> {
    let tokens = tokens(key, seen)?;
    let none = || NotSeen::inconclusive("no ID token came with the access token");
    let id = tokens.id.clone().ok_or_else(none)?;
    let token = tokens
        .id_token
        .as_ref()
        .and_then(|token| token.as_ref().ok());
    let ended = ended(tokens.received, token.and_then(expiry), seen, now);
    ended.map_or(Ok(id), Err)
}

/// Whether a token that was good a while ago has ended since, by this machine's clock.
pub(super) fn is_over(token: &SecretString, now: Timestamp) -> bool {
    let token = Jwt::decode(token).ok();
    let expiry = token.as_ref().and_then(expiry);
    expiry.is_some_and(|expiry| now + MARGIN >= expiry)
}

/// Why a token proves nothing any more, where it was good when it came and has ended since, by the
/// clock of this machine or of the org. One that came too late is another matter.
fn ended(
    received: Timestamp,
    expiry: Option<Timestamp>,
    seen: &Observations,
    now: Timestamp,
) -> Option<NotSeen> {
    let expiry = expiry?;
    let of_the_org = seen.clock_ahead.as_ref().copied().unwrap_or_default();
    let has_ended = |ahead: SignedDuration| {
        let at = |time: Timestamp| time.saturating_add(ahead).unwrap_or(time);
        at(received) + MARGIN < expiry && at(now) + MARGIN >= expiry
    };
    [SignedDuration::ZERO, of_the_org]
        .into_iter()
        .any(has_ended)
        .then(|| {
            NotSeen::inconclusive(format!(
                "the run's token had ended at {expiry}, so that a refusal proves nothing: the run \
                 takes longer than a token lives; select fewer users or trials, or let the rule's \
                 access tokens live longer"
            ))
        })
}

fn expiry(token: &Jwt) -> Option<Timestamp> {
    Timestamp::from_second(token.number("exp")?).ok()
}

/// By what is in it, or where that cannot be read, by what came beside it.
fn access_expiry(tokens: &Tokens) -> Option<Timestamp> {
    let in_it = tokens.access_token.as_ref().ok().and_then(expiry);
    let beside_it = || {
        let seconds = tokens.expires_in.as_ref()?.parse().ok()?;
        tokens
            .received
            .checked_add(SignedDuration::from_secs(seconds))
            .ok()
    };
    in_it.or_else(beside_it)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const RECEIVED: i64 = 1_000_000;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(RECEIVED + seconds).expect("a time")
    }

    /// A token of five minutes, as it came.
    #[rstest]
    #[case::fresh(300, 60, 0, false)]
    #[case::ended(300, 301, 0, true)]
    #[case::about_to_end(300, 295, 0, true)]
    #[case::ended_when_it_came(-60, 1, 0, false)]
    #[case::ended_by_the_clock_of_the_org(300, 200, 120, true)]
    #[case::ended_when_it_came_by_that_clock(300, 200, 400, false)]
    #[case::of_an_org_that_is_behind(300, 301, -120, true)]
    fn a_token_that_ends_in_a_run_proves_nothing(
        #[case] expiry: i64,
        #[case] now: i64,
        #[case] ahead: i64,
        #[case] is: bool,
    ) {
        let seen = Observations {
            clock_ahead: Ok(SignedDuration::from_secs(ahead)),
            ..Observations::default()
        };
        let why = ended(at(0), Some(at(expiry)), &seen, at(now));
        assert_eq!(why.is_some(), is, "{why:?}");
    }
}
