//! Object ids as Okta makes them: twenty characters, the first three name the kind.

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
