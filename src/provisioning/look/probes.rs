//! The access policy of the probes, and its rule.

use serde_json::Value;

use super::{Look, has};
use crate::model::PROBES_POLICY;
use crate::provisioning::store::Store;
use crate::provisioning::subject::Subject;
use crate::provisioning::{ProvisionError, probes};

impl<S: Store> Look<'_, S> {
    /// Finds the policy and the rule; gives the policy's id.
    pub(super) async fn probes_policy(
        &mut self,
        parent: &str,
        items: &[Value],
    ) -> Result<Option<String>, ProvisionError> {
        if self.model.probes_rule().is_none() {
            return Ok(None);
        }
        let policy = Subject::ProbesPolicy;
        let fits = |item: &Value| has(item, "/name", PROBES_POLICY);
        self.pick(policy.clone(), parent, items, fits).await?;
        let Some(path) = self.found.path(&policy).map(str::to_owned) else {
            return Ok(None);
        };
        let parent = format!("{path}/rules");
        let rules = self.list(&policy, &parent, &[]).await?;
        let fits = |item: &Value| has(item, "/name", probes::RULE);
        self.pick(Subject::ProbesRule, &parent, &rules, fits).await?;
        Ok(Some(self.found.id(&policy)))
    }
}
