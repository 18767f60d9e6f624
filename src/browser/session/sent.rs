//! What pages sent, by the performance log.

use std::mem;

use serde_json::Value;

use super::Session;
use crate::browser::error::BrowserError;

/// Clocks of one machine may differ by so many milliseconds as they are read.
const SAME_TIME: f64 = 1.0;

impl Session {
    /// The messages of the log that tell what pages sent, since they were last taken.
    pub(in crate::browser) async fn take_sent(&mut self) -> Result<Vec<String>, BrowserError> {
        self.read_log().await?;
        Ok(mem::take(&mut self.sent))
    }

    /// Those of them that tell what was sent since then, in milliseconds since 1970, by something
    /// whose answer the page reads: nobody signs in by a message that has none.
    pub(in crate::browser) async fn sent_since(
        &mut self,
        since: f64,
    ) -> Result<Vec<String>, BrowserError> {
        self.read_log().await?;
        let is_later = |message: &&String| {
            let message: Value = serde_json::from_str(message).unwrap_or_default();
            let part = |name| message.pointer(&format!("/message/params/{name}"));
            let at = part("wallTime").and_then(Value::as_f64);
            let is_answered = part("type").and_then(Value::as_str) != Some("Ping");
            is_answered && at.is_none_or(|at| at * 1000.0 >= since - SAME_TIME)
        };
        Ok(self.sent.iter().filter(is_later).cloned().collect())
    }
}
