//! What a page shows of itself.

use serde_json::{Value, json};

use super::Session;
use crate::browser::error::BrowserError;

impl Session {
    /// Every text that is laid out on the page, of whatever makes it: styles and closed parts of
    /// the page too. None where there are no `DevTools`.
    pub(in crate::browser) async fn laid_out(&self) -> Result<Option<Vec<String>>, BrowserError> {
        if self.frame.is_none() {
            return Ok(None);
        }
        let wanted = json!({ "computedStyles": [] });
        let snapshot = self.devtools("DOMSnapshot.captureSnapshot", wanted).await?;
        let strings = snapshot.get("strings").and_then(Value::as_array);
        let documents = snapshot.get("documents").and_then(Value::as_array);
        let texts = documents.into_iter().flatten().filter_map(|document| {
            let numbers = document.pointer("/layout/text")?.as_array()?;
            let text = |number: &Value| {
                strings?
                    .get(usize::try_from(number.as_u64()?).ok()?)?
                    .as_str()
            };
            Some(
                numbers
                    .iter()
                    .filter_map(text)
                    .map(str::to_owned)
                    .collect::<Vec<_>>(),
            )
        });
        Ok(Some(texts.flatten().collect()))
    }
}
