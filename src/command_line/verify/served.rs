//! The model's endpoints, as the API beside the org serves them.

use okta_e2e::model::{Needs, OrgModel, Wanted};
use okta_sandbox::{Access, Endpoint};
use serde_json::Value;

pub(crate) fn endpoints(model: &OrgModel) -> impl Iterator<Item = Endpoint> {
    model.endpoints.iter().map(|endpoint| {
        let access = match endpoint.needs() {
            Needs::Public => Access::Public,
            Needs::SignedIn => Access::SignedIn,
            Needs::All(scopes) => Access::AllOf(scopes.clone()),
            Needs::Any(scopes) => Access::AnyOf(scopes.clone()),
        };
        let served = Endpoint::new(&endpoint.path, "")
            .method(endpoint.method.name())
            .access(access)
            .status(endpoint.status());
        match endpoint.wanted().map(Wanted::value) {
            Some(Value::String(text)) => served.answers_text(text),
            Some(json) => served.answers(json.clone()),
            None => served,
        }
    })
}
