//! What another provider than Okta need not have in its tokens.

use super::trial::Trial;

/// Makes what the provider does not promise worth knowing and no more.
pub(super) fn weigh(trial: Trial, is_promised: bool) -> Trial {
    if is_promised {
        trial
    } else {
        trial.informative()
    }
}
