//! What another provider than Okta need not have in its tokens.

use super::trial::{Severity, Trial};
use crate::model::Provider;

/// Trials of what only Okta promises: `ver`, `jti`, `cid`, `uid`, the login as `sub`, `auth_time` in
/// an access token, `amr` with `pwd`, `idp`, an ID token of one hour, the directory's id as `sub`.
const OKTA_ONLY: [&str; 11] = [
    "the_access_token_has_version_1",
    "the_access_token_has_an_id_of_its_own",
    "the_access_token_names_the_client",
    "the_access_token_names_the_user",
    "the_access_token_has_the_login_as_subject",
    "the_access_token_tells_when_the_user_signed_in",
    "the_id_token_has_version_1",
    "the_id_token_has_an_id_of_its_own",
    "the_id_token_tells_how_the_user_signed_in",
    "the_id_token_names_the_identity_provider",
    "the_id_token_lives_an_hour",
];

/// Makes what only Okta promises worth knowing and no more, where the provider is another.
pub(super) fn weigh(provider: Provider, trials: &mut [Trial]) {
    if provider == Provider::Okta {
        return;
    }
    for trial in trials {
        let name = trial.id.rsplit("::").next().unwrap_or_default();
        if OKTA_ONLY.contains(&name) {
            trial.severity = Severity::Informative;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::OrgModel;

    #[test]
    fn every_name_is_that_of_a_trial() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/org.toml");
        let model = OrgModel::load(&path).expect("the model is right");
        let trials = super::super::trials(&model);
        for name in OKTA_ONLY {
            let is_known = trials.iter().any(|trial| trial.id.ends_with(name));
            assert!(is_known, "{name}");
        }
    }
}
