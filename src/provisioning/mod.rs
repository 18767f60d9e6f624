//! Makes an org that fits the model: steps 1 to 4 through the Management API, idempotent.
//!
//! Look at what is there, plan the rest (pure), carry it out, and note every object at once in the
//! journal: a run that was killed is finished by the next, and a teardown takes only what is noted.

mod begin;
mod claims;
mod difference;
mod execute;
mod files;
mod found;
mod journal;
mod locate;
mod lock;
mod look;
mod mark;
mod passkey;
mod password;
mod plan;
mod probes;
mod secrets;
mod services;
mod sign_in;
mod store;
mod subject;
mod teardown;
mod wanted;

use std::collections::BTreeMap;

use secrecy::SecretString;
use url::Url;

pub use files::FileStore;
pub use journal::{Entry, Intent, Journal};
pub use lock::Lock;
pub use passkey::{EnrollError, enroll};
pub use plan::{Action, Change, Plan};
pub use store::{Memory, Store, StoreError};
pub use subject::Subject;
pub use teardown::{LookAlike, Teardown, look_alikes, teardown};

use crate::config::{OrgAccess, ServiceCredentials, TestUserCredentials};
use crate::management::{ManagementClient, ManagementError};
use crate::model::{OrgModel, Probe, RedirectUri};

/// What is known of an org that fits the model.
#[derive(Debug)]
pub struct Provisioned {
    /// The issuer of the authorization server.
    pub issuer: String,
    /// The client.
    pub client_id: String,
    /// Its secret; none for a public client, or where nobody kept it.
    pub client_secret: Option<SecretString>,
    /// The login redirect URI.
    pub redirect_uri: RedirectUri,
    /// The test users by NAME, those whose password is known.
    pub users: BTreeMap<String, TestUserCredentials>,
    /// The service clients by NAME, those whose secret or key is known.
    pub services: BTreeMap<String, ServiceCredentials>,
    /// The issuers of the other authorization servers that sign probes.
    pub probe_issuers: BTreeMap<Probe, String>,
    /// What was changed, in words; empty when the org fitted already.
    pub changes: Vec<String>,
    /// What is left to do, in words: changes to what was there before, and values that nobody but
    /// their owner knows; empty when the org fits.
    pub left: Vec<String>,
}

impl Provisioned {
    /// How the org is reached by anyone who verifies it.
    #[must_use]
    pub fn access(self, org_url: Url, api_token: SecretString) -> OrgAccess {
        OrgAccess {
            issuer: self.issuer,
            org_url,
            client_id: self.client_id,
            client_secret: self.client_secret,
            redirect_uri: Some(self.redirect_uri),
            audience: None,
            api_token: Some(api_token),
            users: self.users,
            services: self.services,
            further_origins: Vec::new(),
            trusted_key: None,
            probe_issuers: self.probe_issuers,
        }
    }
}

/// Why an org was not set up, or not taken down.
#[derive(Debug, thiserror::Error)]
pub enum ProvisionError {
    /// A call failed.
    #[error("{subject}: {source}{hint}")]
    Management {
        /// Step and object.
        subject: String,
        /// What failed.
        source: Box<ManagementError>,
        /// What to do about it here, if there is more to say.
        hint: &'static str,
    },
    /// What was made could not be noted.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A variable has a value that could not be kept; nothing was made.
    #[error("{0}; nothing was made")]
    Unusable(StoreError),
    /// The variables name another org's objects, which would be lost.
    #[error(
        "{} already set and not of this org, and would be overwritten; nothing was made: name \
         another file by --env-file, blank the values, or run with --adopt to replace them",
        names_are(names)
    )]
    Occupied {
        /// The variables.
        names: Vec<String>,
    },
    /// The org has several objects of the name, and the journal knows none of them.
    #[error(
        "{subject}: the org has several of this name ({ids}), and which one is meant cannot be \
         known; nothing was made: {remedy}"
    )]
    Ambiguous {
        /// Step and object.
        subject: String,
        /// The ids of all that have the name.
        ids: String,
        /// What to do.
        remedy: &'static str,
    },
    /// The org answered without what the next step needs.
    #[error("{subject}: the org's answer has no `{field}`")]
    Incomplete {
        /// Step and object.
        subject: String,
        /// What is missing.
        field: &'static str,
    },
}

impl ProvisionError {
    /// Whether nothing at all was made: what is configured cannot be used.
    #[must_use]
    pub fn is_of_the_configuration(&self) -> bool {
        matches!(self, Self::Occupied { .. } | Self::Unusable(_))
    }

    fn ambiguous(subject: &Subject, ids: &str) -> Self {
        let remedy = match subject {
            Subject::Group { .. } => {
                "rename or delete all but one (Directory > Groups; a group of a directory in that \
                 directory), or give the model's group another name"
            }
            Subject::Server => {
                "set OKTA_OAUTH2_ISSUER to the Issuer URI of the one that is meant (Security > API)"
            }
            Subject::Client => {
                "set OKTA_OAUTH2_CLIENT_ID to the Client ID of the one that is meant (Applications \
                 > Applications)"
            }
            _ => "rename or delete all but one",
        };
        Self::Ambiguous {
            subject: subject.to_string(),
            ids: ids.to_owned(),
            remedy,
        }
    }

    fn at(subject: &Subject, source: ManagementError) -> Self {
        let refused = matches!(source, ManagementError::Rejected { .. });
        let hint = match subject {
            Subject::User { .. } if refused => {
                "\nif the org is full (free orgs have at most 10 users): delete one, or name \
                 existing users by TEST_USER_<NAME>_USERNAME and _PASSWORD"
            }
            Subject::Client if refused => {
                "\nif the org is full (free orgs have few applications): delete one, or name a \
                 client by OKTA_OAUTH2_CLIENT_ID"
            }
            Subject::SignInPolicyAssignment if source.is_not_found() => {
                "\nthe app sign-in policy that the client had is gone: choose another \
                 (Applications > Applications > your app > Sign On > User authentication), and \
                 run again"
            }
            Subject::SignInPolicy | Subject::SignInRule | Subject::SignInPolicyAssignment
                if matches!(source, ManagementError::Forbidden { .. }) =>
            {
                "\nor run without --password-only-sign-in, which alone needs an administrator for \
                 policies, and let the app sign-in policy of the client allow a password alone by \
                 hand (Applications > Applications > your app > Sign On > User authentication)"
            }
            _ => "",
        };
        let subject = subject.to_string();
        Self::Management {
            subject,
            source: Box::new(source),
            hint,
        }
    }
}

/// What would be done to make the org fit the model; nothing is changed.
///
/// # Errors
/// [`ProvisionError`] when the org cannot be looked at.
pub async fn plan(
    model: &OrgModel,
    client: &ManagementClient,
    store: &impl Store,
) -> Result<Plan, ProvisionError> {
    let found = look::look(model, client, store).await?;
    Ok(plan::plan(model, &found, store))
}

/// What is done about objects that were there before and do not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Foreign {
    /// They stay as they are, and what is left to do is told.
    Keep,
    /// They are changed.
    Adopt,
}

/// Makes the org fit the model and tells of every step, in the document's order. What was there
/// before stays as it is.
///
/// # Errors
/// [`ProvisionError`] at the first step that fails; what was made until then is noted in the
/// store, so that the same call goes on from there.
pub async fn provision(
    model: &OrgModel,
    client: &ManagementClient,
    store: &mut impl Store,
    progress: impl FnMut(&str),
) -> Result<Provisioned, ProvisionError> {
    provision_with(Foreign::Keep, model, client, store, progress).await
}

/// The same, with a choice about what was there before.
///
/// # Errors
/// [`ProvisionError`] at the first step that fails, such as a change of what was there before; what
/// was made until then is noted in the store, as by [`provision`].
pub async fn provision_with(
    foreign: Foreign,
    model: &OrgModel,
    client: &ManagementClient,
    store: &mut impl Store,
    progress: impl FnMut(&str),
) -> Result<Provisioned, ProvisionError> {
    let found = look::look(model, client, store).await?;
    let plan = plan::plan(model, &found, store);
    execute::Execution {
        foreign,
        model,
        client,
        store,
        found,
        progress,
    }
    .run(plan)
    .await
}

/// Whether a call was certainly not carried out: the org itself said no to it.
fn is_refusal(error: &ManagementError) -> bool {
    match error {
        ManagementError::Rejected { status, .. } => (400..500).contains(status),
        ManagementError::Forbidden { .. }
        | ManagementError::NotAuthorized { .. }
        | ManagementError::FeatureMissing { .. }
        | ManagementError::NotFound { .. } => true,
        _ => false,
    }
}

fn names_are(names: &[String]) -> String {
    let verb = if names.len() == 1 { "is" } else { "are" };
    format!("{} {verb}", names.join(", "))
}
