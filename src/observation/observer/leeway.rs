//! How long past its expiry the API lets a token in: measured, where the suite owns the key.

use jiff::Timestamp;
use secrecy::SecretString;

use super::Observer;
use crate::exchange::{self, Algorithm, ApiCall, Change, KeyClass, Material, SignedBy};
use crate::observation::{AuthorizationKey, NotSeen, Seen, Trouble};

/// What is let in later than this is a finding, and no leeway.
const MOST_SECONDS: i64 = 300;
/// A token that ends so soon is good yet.
const NOT_YET: i64 = 60;

impl Observer<'_> {
    /// The seconds past its expiry for which a token is let in, by halving the time in which it
    /// ends; none where an unexpired token of the suite's own is refused as well, where one that
    /// ended five minutes ago is not, or where there is no key to make one.
    pub(super) async fn leeway(
        &self,
        token: &SecretString,
        exchange: &ApiCall,
        material: &Material<'_>,
    ) -> Option<u64> {
        let is_let_in = |ago| self.is_let_in(token, ago, exchange, material);
        if !is_let_in(-NOT_YET).await? || is_let_in(MOST_SECONDS).await? {
            return None;
        }
        let (mut let_in, mut refused) = (-NOT_YET, MOST_SECONDS);
        while refused - let_in > 1 {
            let between = i64::midpoint(let_in, refused);
            if is_let_in(between).await? {
                let_in = between;
            } else {
                refused = between;
            }
        }
        u64::try_from(let_in.max(0)).ok()
    }

    /// Looks whether the API still takes what the suite signs, with nothing wrong in it: else a
    /// refusal of what has something wrong in it says nothing of that.
    ///
    /// # Errors
    /// [`NotSeen`] where it is refused as well.
    pub(super) async fn takes_what_is_signed(
        &self,
        token: &SecretString,
        exchange: &ApiCall,
        material: &Material<'_>,
    ) -> Seen<()> {
        let is_probe = exchange.basis().is_some_and(AuthorizationKey::is_probe);
        if exchange.case.key_class != KeyClass::K2 || is_probe || material.trusted.is_none() {
            return Ok(());
        }
        match self.is_let_in(token, -NOT_YET, exchange, material).await {
            Some(false) => Err(NotSeen::inconclusive(
                "that proves nothing: a token with nothing wrong in it, signed by the same key, is \
                 refused as well; does the API trust the key in OKTA_E2E_TRUSTED_KEY, and take \
                 tokens that the org itself did not make?",
            )),
            Some(true) | None => Ok(()),
        }
    }

    /// Whether a token is let in that ended so many seconds ago; none where it cannot be made, or
    /// the API fails, and fails again.
    async fn is_let_in(
        &self,
        token: &SecretString,
        ago: i64,
        exchange: &ApiCall,
        material: &Material<'_>,
    ) -> Option<bool> {
        let now = Timestamp::now().as_second();
        let recipe = [
            Change::SetClaim {
                name: "exp".to_owned(),
                value: (now - ago).into(),
            },
            Change::Sign(SignedBy::Trusted(Algorithm::RS256)),
        ];
        let made = exchange::prepare(token, &recipe, material).ok()?;
        self.secrets.add(&made);
        for _ in 0..2 {
            match self.ask_with(&made, exchange, material).await {
                Ok(_) => return Some(true),
                Err(Trouble::Refused(_)) => return Some(false),
                Err(
                    Trouble::Gone(_) | Trouble::Failing(_) | Trouble::Busy(_) | Trouble::Late(_),
                ) => {}
            }
        }
        None
    }
}
