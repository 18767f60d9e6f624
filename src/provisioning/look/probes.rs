//! The access policy of the probes, and its rules.

use serde_json::Value;

use super::{Look, has};
use crate::model::PROBES_POLICY;
use crate::provisioning::ProvisionError;
use crate::provisioning::store::Store;
use crate::provisioning::subject::Subject;

impl<S: Store> Look<'_, S> {
    /// Finds the policy and the rules; gives the policy's id.
    pub(super) async fn probes_policy(
        &mut self,
        parent: &str,
        items: &[Value],
    ) -> Result<Option<String>, ProvisionError> {
        let wanted = self.model.probes_rules();
        if wanted.is_empty() {
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
        for rule in wanted {
            let fits = |item: &Value| has(item, "/name", &rule.name);
            let name = rule.name.clone();
            self.pick(Subject::ProbesRule { name }, &parent, &rules, fits)
                .await?;
        }
        Ok(Some(self.found.id(&policy)))
    }
}
