//! Answers that come by a message to the page of the client (`response_mode=okta_post_message`).

use serde_json::{Value, json};

use super::Session;
use crate::browser::error::BrowserError;
use crate::browser::landing::Visit;
use crate::openid::MESSAGED;

const CLIENT: &str = include_str!("../script/client.js");

impl Session {
    /// Has the pages of a visit find the client's page, where its answer goes there by a message;
    /// nowhere else, since pages may do otherwise where another one opened them. Without `DevTools`
    /// nobody hears the message.
    pub(in crate::browser) async fn hear_messages(
        &mut self,
        visit: &Visit<'_>,
    ) -> Result<(), BrowserError> {
        self.hear_no_messages().await?;
        let mut sent = visit.url.query_pairs();
        let is_told =
            sent.any(|(name, mode)| name == "response_mode" && mode == "okta_post_message");
        if !is_told || !self.sees_by_itself() {
            return Ok(());
        }
        let uri = json!(visit.redirect_uri);
        let mark = json!(MESSAGED);
        let source =
            format!("(() => {{ const redirectUri = {uri}, mark = {mark};\n{CLIENT} }})();");
        let script = json!({ "source": source });
        let added = self
            .devtools("Page.addScriptToEvaluateOnNewDocument", script)
            .await?;
        self.hears = added
            .get("identifier")
            .and_then(Value::as_str)
            .map(str::to_owned);
        Ok(())
    }

    /// Has no page find the client's any longer.
    pub(in crate::browser) async fn hear_no_messages(&mut self) -> Result<(), BrowserError> {
        if let Some(identifier) = self.hears.take() {
            let script = json!({ "identifier": identifier });
            self.devtools("Page.removeScriptToEvaluateOnNewDocument", script)
                .await?;
        }
        Ok(())
    }
}
