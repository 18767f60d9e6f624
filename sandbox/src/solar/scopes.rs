//! Which scopes a token holds, and whether they are enough for an endpoint.

use serde_json::Value;

use super::behaviour::{Comparison, Place, ScopeChecks, ScopeSource, Wanted};
use super::claims::holds;
use super::endpoint::{Access, Endpoint};
use super::token::Members;

impl ScopeChecks {
    /// What the endpoint at this place takes a token for.
    pub(super) fn wanted(&self, endpoints: &[Endpoint], at: usize) -> Access {
        let needs = |at: usize| endpoints.get(at).map(|endpoint| endpoint.needs().clone());
        let all = || {
            let scopes = endpoints
                .iter()
                .flat_map(|endpoint| endpoint.needs().scopes());
            Access::AnyOf(scopes.cloned().collect())
        };
        let own = needs(at).unwrap_or(Access::SignedIn);
        let is_open = matches!(own, Access::Public | Access::SignedIn);
        match self.wanted {
            _ if is_open => own,
            Wanted::Own => own,
            Wanted::NextOnes => needs((at + 1) % endpoints.len().max(1)).unwrap_or(own),
            Wanted::FirstByAll if at > 0 => own,
            Wanted::FirstByAll | Wanted::Any => all(),
        }
    }

    /// Whether the claims are enough.
    pub(super) fn is_enough(
        &self,
        claims: &Members,
        wanted: &Access,
        (is_first, is_last): (bool, bool),
    ) -> bool {
        let is_unchecked = match self.unchecked_at {
            Some(Place::First) => is_first,
            Some(Place::Last) => is_last,
            None => self.compare == Comparison::Unchecked,
        };
        let is_spared = (self.admins && is_of_an_admin(claims))
            || (self.machines && !claims.contains_key("uid"));
        if is_unchecked || is_spared {
            return true;
        }
        let held = self.read.of(claims);
        let is_held = |scope: &String| {
            let is_there = held.iter().any(|one| self.fits(one, scope));
            is_there && !(self.alone && held.len() > 1)
        };
        match wanted {
            Access::Public | Access::SignedIn => true,
            Access::AnyOf(scopes) => scopes.iter().any(is_held),
            Access::AllOf(scopes) => scopes.iter().all(is_held),
        }
    }

    fn fits(&self, held: &str, wanted: &str) -> bool {
        match self.read {
            ScopeSource::Text | ScopeSource::AnyClaim => held.contains(wanted),
            _ => holds(self.compare, held, wanted),
        }
    }
}

impl ScopeSource {
    /// The scopes that a token holds, read so.
    fn of(self, claims: &Members) -> Vec<String> {
        let list = || texts(claims.get("scp"));
        match self {
            Self::Standard => match claims.get("scp") {
                None | Some(Value::Null) => words(claims.get("scope")),
                _ => list(),
            },
            Self::ScopeAlone => words(claims.get("scope")),
            Self::Text => match claims.get("scp") {
                Some(Value::String(text)) => vec![text.clone()],
                _ => list(),
            },
            Self::Blanks => split(&list(), ' '),
            Self::Commas => split(&list(), ','),
            Self::AnyClaim => {
                let mut found = Vec::new();
                claims.values().for_each(|value| collect(value, &mut found));
                found
            }
        }
    }
}

/// The texts of a list; whatever else is in it is passed over.
fn texts(list: Option<&Value>) -> Vec<String> {
    let items = list.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Whether a scope, a role, a group or a claim says so.
fn is_of_an_admin(claims: &Members) -> bool {
    let mut found = Vec::new();
    let named = ["scp", "role", "roles", "groups"].iter();
    let named = named.filter_map(|name| claims.get(*name));
    named.for_each(|value| collect(value, &mut found));
    found.iter().any(|text| text == "admin") || claims.get("admin") == Some(&Value::Bool(true))
}

/// RFC 6749 section 3.3: words between single blanks.
fn words(text: Option<&Value>) -> Vec<String> {
    let text = text.and_then(Value::as_str).unwrap_or_default();
    split(&[text.to_owned()], ' ')
}

fn split(texts: &[String], at: char) -> Vec<String> {
    let parts = texts.iter().flat_map(|text| text.split(at));
    parts.map(|part| part.trim().to_owned()).collect()
}

/// Every text, however deep, and the names of members too.
fn collect(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            found.push(name.clone());
            collect(value, found);
        }),
        _ => {}
    }
}
