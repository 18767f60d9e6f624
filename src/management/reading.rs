//! What the audit asks; never a list of all users of an org.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::Url;

use super::answer::not_read;
use super::found::{
    FoundApplication, FoundAssignment, FoundClaim, FoundGroup, FoundOrganization, FoundPolicy,
    FoundPolicyRules, FoundRule, FoundScope, FoundServer, FoundTrustedOrigin, FoundUser,
};
use super::lookup::{self, Named, PAGE};
use super::{ManagementClient, ManagementError};

/// Okta gives up to 10,000 groups in a page, and advises to ask for fewer (its API description of
/// `GET /api/v1/groups`).
const MOST_GROUPS_OF_A_PAGE: &str = "1000";

#[derive(Deserialize)]
struct Identified {
    id: String,
}

impl ManagementClient {
    /// The org itself, which needs no token.
    ///
    /// # Errors
    /// [`ManagementError`] when nobody answers at the org's address, or what answers is no Okta
    /// org.
    pub async fn organization(&self) -> Result<FoundOrganization, ManagementError> {
        self.get_public(".well-known/okta-organization").await
    }

    /// All authorization servers.
    ///
    /// # Errors
    /// [`ManagementError`] when the org has no API Access Management, the token may not list them,
    /// or the org does not answer as Okta does.
    pub async fn servers(&self) -> Result<Vec<FoundServer>, ManagementError> {
        self.list("authorizationServers", &[PAGE]).await
    }

    /// The authorization server whose tokens have this `iss`, of those that were listed, or one
    /// that the list does not show.
    ///
    /// # Errors
    /// [`ManagementError`] when the list does not show it and the org does not say whether it is
    /// there; a server that is not there is no error.
    pub async fn server_among(
        &self,
        servers: &[FoundServer],
        issuer: &str,
    ) -> Result<Option<FoundServer>, ManagementError> {
        if let Some(listed) = servers.iter().find(|server| server.issuer == issuer) {
            return Ok(Some(listed.clone()));
        }
        // A server in this mode has the host that was asked, the org's or its own domain, in `iss`.
        let path = |issuer: &str| Url::parse(issuer).ok().map(|url| url.path().to_owned());
        let is_dynamic = |server: &FoundServer| server.issuer_mode.as_deref() == Some("DYNAMIC");
        let dynamic = servers.iter().find(|server| {
            is_dynamic(server) && path(&server.issuer).is_some_and(|own| path(issuer) == Some(own))
        });
        if let Some(dynamic) = dynamic {
            return Ok(Some(dynamic.clone()));
        }
        let Some(id) = issuer.rsplit('/').next().filter(|id| !id.is_empty()) else {
            return Ok(None);
        };
        let named: Option<FoundServer> = self.get(["authorizationServers", id]).await?;
        Ok(named.filter(|server| server.issuer == issuer))
    }

    /// The scopes of an authorization server.
    ///
    /// # Errors
    /// [`ManagementError`] when there is no such server, the token may not list them, or the org
    /// does not answer as Okta does.
    pub async fn scopes(&self, server_id: &str) -> Result<Vec<FoundScope>, ManagementError> {
        self.list(["authorizationServers", server_id, "scopes"], &[])
            .await
    }

    /// The claims of an authorization server.
    ///
    /// # Errors
    /// [`ManagementError`] when there is no such server, the token may not list them, or the org
    /// does not answer as Okta does.
    pub async fn claims(&self, server_id: &str) -> Result<Vec<FoundClaim>, ManagementError> {
        self.list(["authorizationServers", server_id, "claims"], &[])
            .await
    }

    /// The access policies of an authorization server with their rules, active or not.
    ///
    /// # Errors
    /// [`ManagementError`] when there is no such server, the token may not list its policies or the
    /// rules of one of them, or the org does not answer as Okta does: part of them would be none.
    pub async fn policies_with_rules(
        &self,
        server_id: &str,
    ) -> Result<Vec<FoundPolicyRules>, ManagementError> {
        let path = ["authorizationServers", server_id, "policies"];
        let policies: Vec<FoundPolicy> = self.list(path, &[]).await?;
        let mut found = Vec::with_capacity(policies.len());
        for policy in policies {
            let [servers, server, policies] = path;
            let path = [servers, server, policies, &policy.id, "rules"];
            let rules: Vec<FoundRule> = self.list(path, &[]).await?;
            found.push(FoundPolicyRules { policy, rules });
        }
        Ok(found)
    }

    /// The client with this client id, which is the id of its application unless somebody chose
    /// another (Okta's API description, `credentials.oauthClient.client_id`).
    ///
    /// # Errors
    /// [`ManagementError`] when the token may not look at apps, or an app lacks what Okta always
    /// names; a client that is not there is no error.
    pub async fn application(
        &self,
        client_id: &str,
    ) -> Result<Option<FoundApplication>, ManagementError> {
        let found = self.application_as_told(client_id).await?;
        let read = |found: Value| self.typed("GET /api/v1/apps", &found);
        found.map(read).transpose()
    }

    /// The same, with everything that Okta tells of it.
    pub(crate) async fn application_as_told(
        &self,
        client_id: &str,
    ) -> Result<Option<Value>, ManagementError> {
        let named = self.get(["apps", client_id]).await?;
        if named.is_some() {
            return Ok(named);
        }
        let applications: Vec<Value> = self.list("apps", &[PAGE]).await?;
        let is_wanted = |found: &Value| {
            found.pointer("/credentials/oauthClient/client_id") == Some(&Value::from(client_id))
        };
        Ok(applications.into_iter().find(is_wanted))
    }

    fn typed<T: DeserializeOwned>(&self, call: &str, value: &Value) -> Result<T, ManagementError> {
        let read = T::deserialize(value);
        read.map_err(|error| not_read(call, self.origin(), &error, Some(value), ""))
    }

    /// Groups of the org, as many as one page has.
    ///
    /// # Errors
    /// [`ManagementError`] when the token may not list groups, or the org does not answer as Okta
    /// does.
    pub async fn some_groups(&self) -> Result<Vec<FoundGroup>, ManagementError> {
        let page = self.first_page("groups", &[("limit", MOST_GROUPS_OF_A_PAGE)]);
        Ok(page.await?.0)
    }

    /// The ids of the groups that a client is assigned to.
    ///
    /// # Errors
    /// [`ManagementError`] when there is no such client, the token may not list its groups, or the
    /// org does not answer as Okta does.
    pub async fn application_groups(
        &self,
        client_id: &str,
    ) -> Result<Vec<String>, ManagementError> {
        let path = ["apps", client_id, "groups"];
        let groups: Vec<Identified> = self.list(path, &[PAGE]).await?;
        Ok(groups.into_iter().map(|group| group.id).collect())
    }

    /// All active clients of OpenID Connect.
    ///
    /// # Errors
    /// [`ManagementError`] when the token may not list apps, one of them lacks what Okta always
    /// names, or they are more than the suite reads.
    pub async fn active_clients(&self) -> Result<Vec<FoundApplication>, ManagementError> {
        let query = [("filter", r#"status eq "ACTIVE""#), PAGE];
        let found: Vec<Value> = self.list("apps", &query).await?;
        let clients = found.into_iter().filter(|found| {
            found
                .pointer("/settings/oauthClient")
                .is_some_and(Value::is_object)
        });
        clients
            .map(|found| self.typed("GET /api/v1/apps", &found))
            .collect()
    }

    /// The first users that a client is assigned to, direct or through a group, and whether they
    /// are all.
    ///
    /// # Errors
    /// [`ManagementError`] when there is no such app, the token may not list its users, or the org
    /// does not answer as Okta does.
    pub async fn first_assignments(
        &self,
        application_id: &str,
    ) -> Result<(Vec<FoundAssignment>, bool), ManagementError> {
        self.first_page(["apps", application_id, "users"], &[PAGE])
            .await
    }

    /// The assignment of a user to a client, direct or through a group.
    ///
    /// # Errors
    /// [`ManagementError`] when the token may not look at it, or the org does not answer as Okta
    /// does; a user who is not assigned is no error.
    pub async fn assignment(
        &self,
        client_id: &str,
        user_id: &str,
    ) -> Result<Option<FoundAssignment>, ManagementError> {
        self.get(["apps", client_id, "users", user_id]).await
    }

    /// The group with exactly this name; several where nobody can tell which is meant.
    ///
    /// # Errors
    /// [`ManagementError`] when the token may not search for groups, or the org does not answer as
    /// Okta does; a name that no group has, or several, is no error.
    pub async fn group_by_name(&self, name: &str) -> Result<Named<FoundGroup>, ManagementError> {
        let found = lookup::meant(self.called("groups", name).await?);
        let read = |group: Value| self.typed("GET /api/v1/groups", &group);
        Ok(match found {
            Named::Nothing => Named::Nothing,
            Named::One(group) => Named::One(read(group)?),
            Named::Several(groups) => {
                Named::Several(groups.into_iter().map(read).collect::<Result<_, _>>()?)
            }
        })
    }

    /// A group by its id.
    ///
    /// # Errors
    /// [`ManagementError`] when the token may not look at it, or the org does not answer as Okta
    /// does; a group that is not there is no error.
    pub async fn group(&self, id: &str) -> Result<Option<FoundGroup>, ManagementError> {
        self.get(["groups", id]).await
    }

    /// A user by login or id.
    ///
    /// # Errors
    /// [`ManagementError`] when the token may not look at users, or the org does not answer as Okta
    /// does; a user who is not there is no error.
    pub async fn user(&self, login: &str) -> Result<Option<FoundUser>, ManagementError> {
        self.get(["users", login]).await
    }

    /// The user who signs in by this: the one of the login, or else the only one of that primary
    /// e-mail address, since an org may let people sign in by other identifiers than their logins.
    ///
    /// `filter` takes `profile.email`, and sees changes at once (Okta's *List all users*).
    ///
    /// # Errors
    /// [`ManagementError`] when the token may not look at users or search for them, or the org does
    /// not answer as Okta does; nobody, or several, is no error.
    pub async fn user_signing_in_by(
        &self,
        identifier: &str,
    ) -> Result<Option<FoundUser>, ManagementError> {
        let by_login = self.user(identifier).await?;
        if by_login.is_some() || !identifier.contains('@') {
            return Ok(by_login);
        }
        let filter = format!("profile.email eq {}", Value::from(identifier));
        let by_email: Vec<FoundUser> = self.list("users", &[("filter", &filter), PAGE]).await?;
        Ok(<[FoundUser; 1]>::try_from(by_email).ok().map(|[user]| user))
    }

    /// The groups that a user is in, `Everyone` among them.
    ///
    /// # Errors
    /// [`ManagementError`] when there is no such user, the token may not list the groups, or the
    /// org does not answer as Okta does.
    pub async fn user_groups(&self, user_id: &str) -> Result<Vec<FoundGroup>, ManagementError> {
        self.list(["users", user_id, "groups"], &[]).await
    }

    /// The Trusted Origins.
    ///
    /// # Errors
    /// [`ManagementError`] when the token may not list them, or the org does not answer as Okta
    /// does.
    pub async fn trusted_origins(&self) -> Result<Vec<FoundTrustedOrigin>, ManagementError> {
        self.list("trustedOrigins", &[PAGE]).await
    }
}
