//! What `provision --with-probes` made: a model names it in `[probes]`, and has no policy and no
//! scope of it.

use serde::Serialize;

use crate::management::found::{FoundPolicyRules, FoundServer};
use crate::model::{PROBES_POLICY, Probe};

/// The table of a model.
#[derive(Debug, Default, Clone, Copy, Serialize)]
pub(super) struct Probes {
    near_scope: bool,
    short_lived: bool,
    second_server: bool,
}

/// The table at its place in a model.
#[derive(Serialize)]
pub(super) struct Section {
    probes: Probes,
}

impl Probes {
    /// What was made; its policy is taken out of those that were found.
    pub(super) fn taken_out(policies: &mut Vec<FoundPolicyRules>, servers: &[FoundServer]) -> Self {
        let is_of_probes = |found: &mut FoundPolicyRules| found.policy.name == PROBES_POLICY;
        let own: Vec<FoundPolicyRules> = policies.extract_if(.., is_of_probes).collect();
        let has = |probe: Probe| {
            let mut rules = own.iter().flat_map(|found| &found.rules);
            rules.any(|rule| rule.name.starts_with(probe.rule()))
        };
        let mut servers = servers.iter();
        Self {
            near_scope: has(Probe::NearScope),
            short_lived: has(Probe::ShortLived),
            second_server: servers.any(|server| Probe::of_server(&server.name).is_some()),
        }
    }

    /// The table, where there is anything to say.
    pub(super) fn section(self) -> Option<Section> {
        let is_any = self.near_scope || self.short_lived || self.second_server;
        is_any.then_some(Section { probes: self })
    }
}
