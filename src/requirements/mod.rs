//! The requirements, one file per step of the document, and what a judgement is.
//!
//! A requirement is a pure function of what was seen. It says met, not met with a [`Finding`], or
//! (by [`NotSeen`](crate::observation::NotSeen)) that it could not be looked at; the three never
//! mix.

mod accepted;
mod access;
mod agreement;
mod before_the_org;
mod breach;
mod claim_drift;
mod claims;
mod client;
mod client_drift;
mod client_type;
mod context;
mod contradicted;
mod controls;
pub(crate) mod deciding;
mod drift;
mod effective_access;
mod every_answer;
mod exchanged_names;
mod exchanged_secrets;
mod explain;
mod found;
mod hidden;
mod hostile;
mod issuer;
mod kept;
mod likely;
mod look_alike;
mod meant_client;
mod next_step;
mod paths;
mod plainest;
mod policy_drift;
mod probes;
mod probes_audit;
mod protocol;
mod provider;
mod redirect_uri;
mod refresh_audit;
mod refresh_by_others;
mod refresh_tokens;
mod refresh_unasked;
mod refusal_status;
mod refusals;
mod remembered;
mod renamed;
pub(crate) mod rests_on;
mod row;
mod rule_lifetime;
mod rule_order;
mod rules_for_group;
mod see;
mod service_drift;
mod services;
mod services_audit;
mod services_exchanged;
mod session_tokens;
mod sought;
mod step;
mod step_0_prerequisites;
mod step_1_groups;
mod step_2_profile;
mod step_2_users;
mod step_3a_authorization_server;
mod step_3a_claims;
mod step_3a_keys;
mod step_3b_scope;
mod step_3c_access_policy;
mod step_4a_client;
mod step_4b_redirect_uri;
mod step_4c_assignment;
mod step_4c_fixes;
mod step_5_access_token;
mod step_5_anew;
mod step_5_audit;
mod step_5_authorize;
mod step_5_beyond;
mod step_5_claims;
mod step_5_code_flow;
mod step_5_fixes;
mod step_5_hybrid;
mod step_5_id_token;
mod step_5_response;
mod step_5_sign_in;
mod subject;
mod swapped;
mod times;
mod token_form;
mod topic;
mod trial;
mod unseen;
mod whose_token;

pub use context::Context;
pub use found::{Acceptance, Code, Found};
pub use look_alike::name_letters;
pub use remembered::Remembered;
pub use step::Step;
pub use subject::Subject;
pub use topic::Topic;
pub use trial::{Finding, Fix, Judgement, Note, Observed, Severity, Trial, Verdict};
pub(crate) use trial::{LEEWAY, LIFETIME, map_texts};

use crate::config::Profile;
use crate::model::OrgModel;

/// Every trial of a model in a profile: those of the document, what else the authorization server
/// must do behind its step, the hostile requests behind them, and last what the model accepts.
#[must_use]
pub fn trials_of(model: &OrgModel, profile: Profile) -> Vec<Trial> {
    let mut trials = trials(model);
    let access = trials.iter().position(|trial| trial.step == Step::Access);
    let access = access.unwrap_or(trials.len());
    let mut beyond = protocol::trials(model, profile);
    if profile != Profile::Document {
        beyond.extend(step_5_beyond::trials(model));
    }
    trials.splice(access..access, beyond);
    trials.extend(hostile::trials(model, profile));
    trials.extend(accepted::trials(model));
    trials
}

/// Every trial of what the document promises, in its order.
#[must_use]
pub fn trials(model: &OrgModel) -> Vec<Trial> {
    let mut trials = Vec::new();
    trials.extend(step_0_prerequisites::trials());
    trials.extend(step_1_groups::trials(model));
    trials.extend(step_2_users::trials(model));
    trials.extend(step_2_profile::trials(model));
    trials.extend(step_3a_authorization_server::trials());
    trials.extend(step_3a_claims::trials(model));
    trials.extend(step_3b_scope::trials(model));
    trials.extend(step_3c_access_policy::trials(model));
    trials.extend(services_audit::of_policies(model));
    trials.extend(probes_audit::trials(model));
    let of_client = meant_client::unless_another_is_meant;
    trials.extend(of_client(step_4a_client::trials(model)));
    trials.extend(services_audit::of_clients(model));
    trials.extend(of_client(step_4b_redirect_uri::trials(model)));
    trials.extend(of_client(step_4c_assignment::trials(model)));
    for flow in model.flows() {
        trials.extend(step_5_authorize::trials(model, flow));
        trials.extend(step_5_response::trials(model, flow));
        if flow == model.main_flow() {
            trials.extend(step_5_sign_in::trials(model));
            trials.extend(step_5_audit::trials(model));
            trials.extend(step_5_hybrid::trials(model));
            trials.extend(step_5_anew::trials(model));
        }
        trials.extend(step_5_access_token::trials(model, flow));
        trials.extend(step_5_id_token::trials(model, flow));
        trials.extend(step_5_claims::trials(model, flow));
    }
    trials.extend(step_5_code_flow::trials(model));
    trials.extend(refresh_tokens::trials(model));
    trials.extend(services::of_tokens(model));
    trials.extend(access::trials(model));
    trials.extend(services::of_access(model));
    provider::of_provider(model, trials)
}
