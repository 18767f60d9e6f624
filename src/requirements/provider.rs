//! Another provider than Okta: what it need not have in its tokens, where to read about what it
//! must do, and where to mend it.

use super::context::Context;
use super::found::Code;
use super::see;
use super::step::Step;
use super::trial::{Finding, Fix, Trial};
use crate::model::{OrgModel, Provider};
use crate::observation::Denial;

/// What the names of the trials begin with whose findings an org of Okta is set up otherwise for.
const OF_THE_ORG: [Step; 2] = [Step::AuthorizationServer, Step::Authorize];

/// What nothing between browser and provider decides: who gets which scopes.
const GIVEN: [Code; 6] = [
    Code::TokensGiven,
    Code::CodeGiven,
    Code::NoTokensByPolicy,
    Code::NoTokensNotAssigned,
    Code::NoTokensUnknownScope,
    Code::ServiceTokenGiven,
];

impl Context<'_> {
    /// Whether nobody can be sent to Okta's console or Management API.
    pub(super) fn no_management_api(&self) -> bool {
        !self.model.provider.has_management_api()
    }
}

/// Makes what the provider does not promise worth knowing and no more.
pub(super) fn weigh(trial: Trial, is_promised: bool) -> Trial {
    if is_promised {
        trial
    } else {
        trial.informative()
    }
}

/// Whether both tokens are of one subject: what Okta promises, others should (RFC 9068 section
/// 2.2).
pub(super) fn weigh_user(trial: Trial, provider: Provider) -> Trial {
    match provider {
        Provider::Okta => trial,
        Provider::Generic => trial.advised(),
    }
}

/// The trials as they are about the provider of the model.
pub(super) fn of_provider(model: &OrgModel, trials: Vec<Trial>) -> Vec<Trial> {
    match model.provider {
        Provider::Okta => trials,
        Provider::Generic => trials.into_iter().map(of_another).collect(),
    }
}

fn of_another(mut trial: Trial) -> Trial {
    trial.see = see::by_norm(trial.see);
    let mut modules = OF_THE_ORG.iter().map(|step| step.module());
    let is_of_org = modules.any(|module| trial.id.starts_with(&format!("{module}::")));
    if is_of_org {
        trial.finding_otherwise(mended_there)
    } else {
        trial
    }
}

/// Where something is set, every provider has a place of its own for.
fn mended_there(finding: Finding) -> Finding {
    let is_of_rules = GIVEN.iter().any(|code| finding.found.has(*code));
    let click = if is_of_rules {
        "the settings of the provider: which users may have which scopes by this client"
    } else {
        "the settings of the provider, or of the client there; look for a proxy or page between \
         browser and provider too"
    };
    let fix = Fix::new(click, "the same request again");
    Finding { fix, ..finding }
}

/// Where to look for the cause of a denial.
pub(super) const fn likely(denial: Denial) -> &'static str {
    match denial {
        Denial::Policy | Denial::NotAssigned | Denial::Unknown => {
            "likely: the provider's rules do not give the user these scopes by this client"
        }
        Denial::UnknownScope => "likely: the provider, or the client there, has no such scope",
        Denial::ResponseType => "likely: the client is not registered for this response type",
        Denial::RedirectUri => "likely: the redirect URI is not registered byte for byte",
        Denial::Client => "likely: OKTA_OAUTH2_CLIENT_ID is no client of this provider",
        Denial::Network => "likely: the provider does not take requests from this network",
        Denial::Consent => "likely: the client or a scope asks for consent",
        Denial::SignIn => "likely: TEST_USER_… names another login or password",
        Denial::Page => "likely: the provider asks for more than a password",
        Denial::NoClientSecret | Denial::NoClientKey | Denial::ClientSecret => {
            "likely: OKTA_OAUTH2_CLIENT_SECRET is not the client's, or the client authenticates \
             otherwise than the model says"
        }
        Denial::Unredeemable => "likely: the metadata names another token endpoint",
        Denial::ProofOfPossession => "likely: the client must prove that it holds a key (DPoP)",
        Denial::NoRefreshToken => {
            "likely: the client may have no refresh token, or the provider wants consent for one"
        }
        Denial::AtAnotherAddress => {
            "likely: something between browser and provider leads it elsewhere"
        }
        Denial::NotRedeemed
        | Denial::NamedPage
        | Denial::ClaimEvaluation
        | Denial::AskedToSignIn
        | Denial::NoneAsked
        | Denial::Other => "the provider's own log may name the cause",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::requirements::found::Found;

    /// Who may have which scopes is looked for where the finding is about that, and nowhere else.
    #[test]
    fn a_finding_leads_to_the_settings_that_it_is_about() {
        let click = |found: Found| {
            let fix = Fix::new("there", "a request");
            let finding = Finding {
                found,
                expected: String::new(),
                actual: String::new(),
                fix,
            };
            mended_there(finding).fix.admin_console
        };
        for code in GIVEN {
            assert!(click(code.into()).contains("which users may have which scopes"));
        }
        assert!(click(Code::ClientInactive.into()).contains("proxy or page"));
    }
}
