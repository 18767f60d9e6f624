//! What is made for probes: policies with their rules, and other authorization servers.

use serde_json::Value;

use super::{Look, SERVERS, has};
use crate::model::{PROBES_POLICY, Probe};
use crate::provisioning::store::Store;
use crate::provisioning::subject::Subject;
use crate::provisioning::{ProvisionError, probes};

impl<S: Store> Look<'_, S> {
    /// Finds the other authorization servers, with their scopes, policies and rules.
    pub(super) async fn probes_servers(&mut self, items: &[Value]) -> Result<(), ProvisionError> {
        for server in Probe::OF_SERVERS.into_iter().filter_map(Probe::server) {
            let scopes = probes::scopes(self.model, server);
            if scopes.is_empty() {
                continue;
            }
            let subject = Subject::probes_server(server);
            let fits = |item: &Value| has(item, "/name", server);
            self.pick(subject.clone(), SERVERS, items, fits).await?;
            let Some(path) = self.found.path(&subject).map(str::to_owned) else {
                continue;
            };
            let parent = format!("{path}/scopes");
            let found = self.list(&subject, &parent, &[]).await?;
            for name in scopes {
                let fits = |item: &Value| has(item, "/name", &name);
                let server = server.to_owned();
                let name = name.clone();
                self.pick(Subject::ProbesScope { server, name }, &parent, &found, fits)
                    .await?;
            }
            let parent = format!("{path}/policies");
            let found = self.list(&subject, &parent, &[]).await?;
            self.probes_policy(Some(server), &parent, &found).await?;
        }
        Ok(())
    }

    /// Finds the policy on a server and its rules; gives the policy's id.
    pub(super) async fn probes_policy(
        &mut self,
        server: Option<&str>,
        parent: &str,
        items: &[Value],
    ) -> Result<Option<String>, ProvisionError> {
        let wanted = self.model.probes_rules_of(server);
        if wanted.is_empty() {
            return Ok(None);
        }
        let server = || server.map(str::to_owned);
        let policy = Subject::ProbesPolicy { server: server() };
        let fits = |item: &Value| has(item, "/name", PROBES_POLICY);
        self.pick(policy.clone(), parent, items, fits).await?;
        let Some(path) = self.found.path(&policy).map(str::to_owned) else {
            return Ok(None);
        };
        let parent = format!("{path}/rules");
        let rules = self.list(&policy, &parent, &[]).await?;
        for rule in wanted {
            let fits = |item: &Value| has(item, "/name", &rule.name);
            let subject = Subject::ProbesRule {
                server: server(),
                name: rule.name.clone(),
            };
            self.pick(subject, &parent, &rules, fits).await?;
        }
        Ok(Some(self.found.id(&policy)))
    }
}
