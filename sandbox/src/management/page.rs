//! Paging with opaque cursors and `Link` headers.

use serde_json::Value;
use url::form_urlencoded;

use super::call::Call;
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

    /// A list that always comes whole and without `Link` headers.
    pub(super) const fn whole() -> Self {
        Self {
            default: usize::MAX,
            most: usize::MAX,
            links: false,
        }
    }
}

/// A page of a list.
pub(super) struct Page {
    pub(super) items: Vec<Value>,
    /// `Link` header lines.
    pub(super) links: Vec<String>,
}

/// The page that the call asks for; its cursor is the id of the last item before it.
pub(super) fn cut(call: &Call, items: Vec<Value>, limits: Limits) -> Result<Page, ApiError> {
    let limit = limit(call, limits);
    let start = match call.parameter("after") {
        Some(cursor) if limits.links => position_after(&items, cursor)?,
        _ => 0,
    };
    let rest = items.len().saturating_sub(start);
    let page: Vec<Value> = items.into_iter().skip(start).take(limit).collect();
    let mut links = Vec::new();
    if limits.links {
        links.push(link(call, call.parameter("after"), limit, "self"));
        if rest > limit {
            let cursor = page.last().and_then(id);
            links.push(link(call, cursor, limit, "next"));
        }
    }
    Ok(Page { items: page, links })
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
