//! Service clients, the policies that speak of them, and their rules.

use serde_json::Value;

use super::{APPS, Look, has};
use crate::provisioning::store::Store;
use crate::provisioning::subject::Subject;
use crate::provisioning::{ProvisionError, services};

impl<S: Store> Look<'_, S> {
    /// Finds the service clients, by the variables or by their labels, and their public keys.
    pub(super) async fn services(&mut self) -> Result<(), ProvisionError> {
        for service in &self.model.services {
            let [subject, ..] = Subject::of_service(service.name());
            match services::public_key(service, self.store) {
                None => {}
                Some(Ok(key)) => {
                    self.found
                        .service_keys
                        .insert(service.name().to_owned(), key);
                }
                Some(Err(_)) => {
                    self.found.keyless.insert(service.name().to_owned());
                }
            }
            let mut items = Vec::new();
            if let Some(client_id) = self.store.variable(&service.variable("CLIENT_ID")) {
                let named = self.client.application_as_told(&client_id).await;
                items.extend(named.map_err(|source| ProvisionError::at(&subject, source))?);
            }
            if items.is_empty() {
                items = self.called(&subject, APPS, &service.label).await?;
            }
            self.pick(subject, APPS, &items, |_| true).await?;
        }
        Ok(())
    }

    /// Finds the access policies of the service clients and their rules; gives the policies' ids.
    pub(super) async fn service_policies(
        &mut self,
        parent: &str,
        items: &[Value],
    ) -> Result<Vec<String>, ProvisionError> {
        let mut ids = Vec::new();
        for service in &self.model.services {
            let [_, policy, rule] = Subject::of_service(service.name());
            let fits = |item: &Value| has(item, "/name", &service.label);
            self.pick(policy.clone(), parent, items, fits).await?;
            let Some(path) = self.found.path(&policy).map(str::to_owned) else {
                continue;
            };
            ids.push(self.found.id(&policy));
            let parent = format!("{path}/rules");
            let rules = self.list(&policy, &parent, &[]).await?;
            let fits = |item: &Value| has(item, "/name", services::RULE);
            self.pick(rule, &parent, &rules, fits).await?;
        }
        Ok(ids)
    }
}
