//! Times on the wire: RFC 3339 with exactly three digits of a second.

use jiff::Timestamp;
use serde_json::Value;

pub(super) fn time(timestamp: Timestamp) -> Value {
    Value::String(format!("{timestamp:.3}"))
}

/// A time that may not have come yet.
pub(super) fn time_or_null(timestamp: Option<Timestamp>) -> Value {
    timestamp.map_or(Value::Null, time)
}
