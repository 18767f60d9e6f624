//! Finds objects by the name that people know them by. Between two of one name nobody guesses.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{ManagementClient, ManagementError};

/// The most that Okta gives in one page of most lists.
pub(super) const PAGE: (&str, &str) = ("limit", "200");
/// So many groups are found by how they begin, and no word of the rest (Okta's API description of
/// `GET /api/v1/groups`: "You can't page a query", "The default limit for a query is 300 results").
const MOST_GROUPS_OF_A_QUERY: usize = 300;
/// A group that a directory or an application brought, whose name nobody chose in Okta.
const OF_A_DIRECTORY: &str = "APP_GROUP";

/// What an org has of one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named<T> {
    /// Nothing, or nothing that the API token may see.
    Nothing,
    /// Exactly one.
    One(T),
    /// Several, so that nobody knows which is meant.
    Several(Vec<T>),
}

impl<T> Named<T> {
    /// Of everything that has the name.
    pub(crate) fn of(mut items: Vec<T>) -> Self {
        match (items.pop(), items.is_empty()) {
            (None, _) => Self::Nothing,
            (Some(only), true) => Self::One(only),
            (Some(last), false) => {
                items.push(last);
                Self::Several(items)
            }
        }
    }

    /// The one that there is.
    #[must_use]
    pub fn one(&self) -> Option<&T> {
        match self {
            Self::One(one) => Some(one),
            Self::Nothing | Self::Several(_) => None,
        }
    }
}

/// The one that is meant by a name: a group of Okta's own before those that directories brought.
pub(crate) fn meant(items: Vec<Value>) -> Named<Value> {
    let is_own = |item: &Value| item.get("type").is_none_or(|kind| kind != OF_A_DIRECTORY);
    let own: Vec<Value> = items.iter().filter(|item| is_own(item)).cloned().collect();
    Named::of(if own.is_empty() { items } else { own })
}

/// The ids of some objects, for sentences.
pub(crate) fn ids(items: &[Value]) -> String {
    let ids = items
        .iter()
        .filter_map(|item| item.get("id").and_then(Value::as_str));
    ids.collect::<Vec<_>>().join(" and ")
}

/// Where the objects of a list have their names.
fn name_of<'v>(list: &str, item: &'v Value) -> Option<&'v str> {
    let pointer = match list {
        "groups" => "/profile/name",
        "apps" => "/label",
        "trustedOrigins" => "/origin",
        _ => "/name",
    };
    item.pointer(pointer)?.as_str()
}

impl ManagementClient {
    /// Everything in a list below `/api/v1/` that has exactly this name: a group's name, a client's
    /// label, an origin; a user by its login.
    pub(crate) async fn called(
        &self,
        list: &str,
        name: &str,
    ) -> Result<Vec<Value>, ManagementError> {
        let mut items: Vec<Value> = match list {
            "users" => return Ok(self.get(["users", name]).await?.into_iter().collect()),
            "groups" => self.groups_beginning(name).await?,
            "apps" => self.list(list, &[("q", name)]).await?,
            "policies" => self.list(list, &[("type", "ACCESS_POLICY")]).await?,
            "authorizationServers" | "trustedOrigins" => self.list(list, &[PAGE]).await?,
            _ => self.list(list, &[]).await?,
        };
        let is_client = |item: &Value| list != "apps" || item["name"] == "oidc_client";
        items.retain(|item| name_of(list, item) == Some(name) && is_client(item));
        // A list that grows while it is read shows an object on two of its pages.
        let mut known = BTreeSet::new();
        items.retain(|item| {
            item["id"]
                .as_str()
                .is_none_or(|id| known.insert(id.to_owned()))
        });
        Ok(items)
    }

    /// Groups that begin so. Where more do than a query gives, the one of exactly this name is
    /// searched for: a search lags behind changes, so it is the second choice.
    async fn groups_beginning(&self, name: &str) -> Result<Vec<Value>, ManagementError> {
        let mut found: Vec<Value> = self.list("groups", &[("q", name)]).await?;
        if found.len() < MOST_GROUPS_OF_A_QUERY {
            return Ok(found);
        }
        let search = format!("profile.name eq {}", Value::from(name));
        let searched: Vec<Value> = self.list("groups", &[("search", &search), PAGE]).await?;
        let is_new = |group: &Value| found.iter().all(|known| known["id"] != group["id"]);
        let new: Vec<Value> = searched.into_iter().filter(is_new).collect();
        found.extend(new);
        Ok(found)
    }
}
