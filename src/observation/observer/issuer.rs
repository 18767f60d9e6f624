//! What answers at the issuer's address, where that is not a custom authorization server of the
//! org.

use url::Url;

use super::Observer;
use crate::management::found::FoundOrganization;
use crate::model::Provider;
use crate::observation::{OtherIssuer, Seen};
use crate::openid::Metadata;

/// Where the org authorization server sends browsers; custom ones have their id in the path.
const OF_THE_ORG: &str = "/oauth2/v1/authorize";

impl Observer<'_> {
    /// What the issuer is instead, by what answers.
    pub(super) async fn other_issuer(&self, metadata: &Seen<Metadata>) -> Option<OtherIssuer> {
        if self.model.provider != Provider::Okta {
            return None;
        }
        let issuer = Url::parse(&self.facts.issuer).ok()?;
        match metadata {
            Ok(metadata) if is_of_the_org(metadata) => Some(OtherIssuer::OrgServer),
            Ok(_) => self.another_org(&issuer).await,
            Err(_) => self.document_at(&issuer).await,
        }
    }

    /// The issuer that a metadata document names, where the address is one of a document.
    async fn document_at(&self, url: &Url) -> Option<OtherIssuer> {
        let answer = self.http.get(url).await.ok()?;
        let issuer = Metadata::read(url, &answer).ok()?.issuer;
        Some(OtherIssuer::Document { issuer })
    }

    /// The two orgs, where the issuer's host and the Management API are of different ones: a domain
    /// of the org's own has the same id.
    async fn another_org(&self, issuer: &Url) -> Option<OtherIssuer> {
        let org_url = &self.access.org_url;
        if issuer.origin() == org_url.origin() {
            return None;
        }
        let (of_issuer, of_audit) = tokio::join!(self.org_at(issuer), self.org_at(org_url));
        let (issuer, audited) = (of_issuer?.id, of_audit?.id);
        (issuer != audited).then_some(OtherIssuer::AnotherOrg { issuer, audited })
    }

    async fn org_at(&self, base: &Url) -> Option<FoundOrganization> {
        let url = base.join("/.well-known/okta-organization").ok()?;
        let answer = self.http.get(&url).await.ok()?;
        serde_json::from_str(&answer.body).ok()
    }
}

fn is_of_the_org(metadata: &Metadata) -> bool {
    let endpoint = Url::parse(&metadata.authorization_endpoint.to_string());
    endpoint.is_ok_and(|endpoint| endpoint.path() == OF_THE_ORG)
}
