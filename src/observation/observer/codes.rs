//! Codes for the requests that present one: those of the sign-ins while they live, and others where
//! the rest of the run took longer than that.

use jiff::SignedDuration;
use secrecy::SecretString;

use super::api::tokens;
use super::{Observer, Plan, Seeing};
use crate::browser::UserAgents;
use crate::exchange::{ServerCall, Turn};
use crate::model::Provider;
use crate::observation::{Denial, Need, NotSeen, Observations, Outcome, Seen};
use crate::openid::Pkce;

/// What came of requests that were made again for their codes; of the others, nothing.
#[derive(Default)]
pub(super) struct Renewed(Observations);

/// Okta's codes live 300 seconds (OpenID Connect & OAuth 2.0 API reference, "authorization code"),
/// those of others often a minute: npm's `oidc-provider` and Keycloak have that by default.
const fn longest_life(provider: Provider) -> SignedDuration {
    match provider {
        Provider::Okta => SignedDuration::from_secs(280),
        Provider::Generic => SignedDuration::from_secs(50),
    }
}

impl Observer<'_> {
    /// Signs the users in once more whose codes the requests of a turn present, where those are too
    /// old by now: how long a run takes must not decide what it looks at. A server may end with a
    /// code whatever came of it (RFC 6749 section 4.1.2), so that the last ones cannot be presented
    /// earlier; and the first user's codes wait for the last one's sign-in.
    pub(super) async fn renew_codes(
        &self,
        plan: &Plan,
        turn: Turn,
        agents: Option<&dyn UserAgents>,
        seeing: &mut Seeing,
    ) -> Renewed {
        let calls = plan.server_calls().into_iter();
        let calls = calls.filter(|call| call.row.turn == turn && call.row.presents_code());
        let is_old = |call: &&ServerCall| {
            let age = self.age(call, &seeing.observations);
            age.is_ok_and(|age| age > longest_life(self.model.provider))
        };
        // What is asked in a session is asked behind the request that begins it.
        let keys = calls
            .filter(is_old)
            .flat_map(|call| [call.document(), call.basis().cloned()]);
        let again = Plan::new(keys.flatten().map(Need::Authorization));
        let mut renewed = Renewed::default();
        let Some(agents) = agents.filter(|_| again.needs_browsers()) else {
            return renewed;
        };
        for user in again.by_user().keys() {
            let why = format!("{user} signs in once more: the codes of before are too old by now");
            self.progress.say(&why);
            seeing.observations.retries.push(why);
        }
        let authorizations = self.sign_in(&again, agents, seeing).await;
        renewed.0.authorizations.extend(authorizations);
        renewed
    }

    /// The code that an authorization gave, redeemed already or for this row alone, with its
    /// verifier.
    pub(super) fn code(
        &self,
        call: &ServerCall,
        seen: &Observations,
        renewed: &Renewed,
    ) -> Seen<(SecretString, Option<SecretString>)> {
        let basis = call.basis().ok_or_else(no_such_code)?;
        let is_renewed = renewed.0.authorizations.contains_key(basis);
        let from = if is_renewed { &renewed.0 } else { seen };
        let age = self.age(call, from)?;
        if !is_renewed && age > longest_life(self.model.provider) {
            let seconds = age.as_secs();
            return Err(NotSeen::not_applicable(format!(
                "the last code is {seconds} s old by now, and would be refused for that"
            )));
        }
        let authorization = from.authorization(basis)?;
        let no_code = || NotSeen::inconclusive("no code came in the session of the sign-in");
        let response = authorization.outcome.response().ok_or_else(no_code)?;
        let code = response.secret("code");
        if response.get("error") == Some("invalid_request") && wants_a_challenge(call, from) {
            return Err(NotSeen::not_applicable(
                "the server gives no code to a request without a code challenge",
            ));
        }
        let code = code.cloned().ok_or_else(no_code)?;
        Ok((code, authorization.code_verifier.clone()))
    }

    /// How long ago a code was given.
    fn age(&self, call: &ServerCall, seen: &Observations) -> Seen<SignedDuration> {
        // Where the document's own request is denied, so is this one, and for the same reason.
        let document = call.document().ok_or_else(no_such_code)?;
        let given = if call.row.redeemed_code {
            tokens(&document, seen)?.received
        } else {
            if !is_unread(&seen.authorization(&document)?.outcome) {
                tokens(&document, seen)?;
            }
            let basis = call.basis().ok_or_else(no_such_code)?;
            seen.authorization(basis)?.started
        };
        Ok(self.clock.now().duration_since(given))
    }
}

/// Whether a code came with a code challenge where none did without.
fn wants_a_challenge(call: &ServerCall, seen: &Observations) -> bool {
    let basis = call.basis().into_iter();
    let mut details = basis.filter_map(|basis| basis.details.as_ref());
    let control = call.control();
    let with_challenge = control.as_ref().and_then(ServerCall::basis);
    let gives_code = |key| {
        let seen = seen.authorization(key).ok();
        let response = seen.and_then(|seen| seen.outcome.response());
        response.is_some_and(|response| response.secret("code").is_some())
    };
    details.any(|details| details.pkce == Pkce::Absent) && with_challenge.is_some_and(gives_code)
}

/// Whether a code came, and for it an answer that nobody can read.
fn is_unread(outcome: &Outcome) -> bool {
    let is_other = matches!(
        outcome,
        Outcome::Denied {
            denial: Denial::Other,
            ..
        }
    );
    let code = outcome.response().and_then(|response| response.get("code"));
    is_other && code.is_some()
}

fn no_such_code() -> NotSeen {
    NotSeen::not_applicable("no authorization gives such a code")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_another_provider_may_live_a_minute() {
        assert!(longest_life(Provider::Okta).as_secs() < 300);
        assert!(longest_life(Provider::Generic).as_secs() < 60);
    }
}
