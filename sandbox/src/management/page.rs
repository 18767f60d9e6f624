//! Paging with opaque cursors and `Link` headers.

use serde_json::Value;
use url::form_urlencoded;

use super::call::{Answer, Call};
use super::error::ApiError;

/// How many items a page of a list has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// When the call does not say.
    pub(super) default: usize,
    /// However many the call asks for.
    pub(super) most: usize,
    /// Whether the list says in `Link` headers where it is and goes on.
    pub(super) links: bool,
}

impl Limits {
    pub(super) const fn of(default: usize, most: usize) -> Self {
        Self {
            default,
            most,
            links: true,
        }
    }

    /// At most so many, and no word of the rest.
    pub(super) const fn without_links(most: usize) -> Self {
        Self {
            default: most,
            most,
            links: false,
        }
    }
}

impl Call {
    /// The page that the call asks for; its cursor is the id of the last item before it.
    pub(super) fn page(&self, items: Vec<Value>, limits: Limits) -> Result<Answer, ApiError> {
        let limit = limit(self, limits);
        let start = match self.parameter("after") {
            Some(cursor) if limits.links => position_after(&items, cursor)?,
            _ => 0,
        };
        let rest = items.len().saturating_sub(start);
        let page: Vec<Value> = items.into_iter().skip(start).take(limit).collect();
        let mut links = Vec::new();
        if limits.links {
            links.push(link(self, self.parameter("after"), limit, "self"));
            if rest > limit {
                let cursor = page.last().and_then(id);
                links.push(link(self, cursor, limit, "next"));
            }
        }
        Ok(Answer {
            links,
            ..Answer::ok(Value::Array(page))
        })
    }
}

/// Limits that make no sense are ignored: how Okta refuses them is not on record.
fn limit(call: &Call, limits: Limits) -> usize {
    let asked = call.parameter("limit").and_then(|limit| limit.parse().ok());
    match asked {
        Some(limit) if limit > 0 => limits.most.min(limit),
        _ => limits.default,
    }
}

fn position_after(items: &[Value], cursor: &str) -> Result<usize, ApiError> {
    let found = items.iter().position(|item| id(item) == Some(cursor));
    found
        .map(|position| position + 1)
        .ok_or_else(ApiError::invalid_cursor)
}

fn id(item: &Value) -> Option<&str> {
    item.get("id").and_then(Value::as_str)
}

fn link(call: &Call, after: Option<&str>, limit: usize, relation: &str) -> String {
    let kept = call.query.iter();
    let kept = kept.filter(|(name, _)| name != "after" && name != "limit");
    let query = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(after.map(|cursor| ("after", cursor)))
        .append_pair("limit", &limit.to_string())
        .extend_pairs(kept)
        .finish();
    let Call { base_url, path, .. } = call;
    format!("<{base_url}{path}?{query}>; rel=\"{relation}\"")
}
