//! The other authorization servers of an org that sign probes: where a request for their tokens
//! goes.

use std::collections::{BTreeMap, BTreeSet};

use super::{Observer, Plan};
use crate::model::Probe;
use crate::observation::missing::MAKE_PROBES;
use crate::observation::{AuthorizationKey, NotSeen, Seen};
use crate::openid::{BrowserEndpoint, Metadata};

/// An authorization server.
#[derive(Debug, Clone)]
pub(super) struct Server {
    /// Its metadata.
    pub(super) metadata: Metadata,
    /// Where a browser is sent.
    pub(super) endpoint: BrowserEndpoint,
}

/// The other servers, by what they sign.
pub(super) type Servers = BTreeMap<Probe, Seen<Server>>;

impl Observer<'_> {
    /// The other servers whose tokens are asked for.
    pub(super) async fn probe_servers(&self, plan: &Plan) -> Servers {
        let asked = plan.authorizations().filter_map(AuthorizationKey::probe);
        let asked: BTreeSet<Probe> = asked.filter(|probe| probe.server().is_some()).collect();
        let mut servers = Servers::new();
        for probe in asked {
            servers.insert(probe, self.probe_server(probe).await);
        }
        servers
    }

    async fn probe_server(&self, probe: Probe) -> Seen<Server> {
        let variable = probe.variable().unwrap_or_default();
        let issuer = self.access.probe_issuers.get(&probe);
        let unset = || NotSeen::not_configured(format!("{variable} is not set: {MAKE_PROBES}"));
        let (url, answer) = self
            .document_of(issuer.ok_or_else(unset)?, "openid-configuration")
            .await?;
        // The session of a user belongs to the org, and so does the client's secret.
        if !self.access.trusted_origins().has(&url) {
            return Err(NotSeen::failed(format!(
                "{variable} is not at the org, but at {}: nothing is sent there",
                url.origin().ascii_serialization()
            )));
        }
        let metadata = Metadata::read(&url, &answer);
        let metadata =
            metadata.map_err(|why| NotSeen::failed(format!("{why}; check {variable}")))?;
        let endpoint = metadata.authorization_endpoint.opened(&self.reach());
        Ok(Server {
            endpoint: endpoint.map_err(|error| NotSeen::failed(error.to_string()))?,
            metadata,
        })
    }
}
