//! Object ids as Okta makes them, twenty characters of which the first three name the kind, and
//! what nobody can guess.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::Rng;

/// The length of every id in the recorded answers.
const LENGTH: usize = 20;

/// A fresh id that starts with the prefix of its kind (`00g` group, `00u` user, `aus`
/// authorization server, `scp` scope, `ocl` claim, `00p` policy, `0pr` rule, `0oa` application,
/// `tos` Trusted Origin, `oae` error).
pub(crate) fn new_id(prefix: &str) -> String {
    let tail = LENGTH.saturating_sub(prefix.len());
    let random = rand::rng()
        .sample_iter(rand::distr::Alphanumeric)
        .take(tail);
    prefix.chars().chain(random.map(char::from)).collect()
}

/// 43 characters nobody can guess, as in Okta's `jti`, codes and cookies.
pub(crate) fn random_token() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}
