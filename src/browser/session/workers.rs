//! Scripts that outlive the page that began them.

use serde_json::{Value, json};
use url::Url;

use super::Session;

impl Session {
    /// Workers that outlive a page, by whose they are: the log tells nothing of them.
    pub(in crate::browser) async fn workers(&self) -> Vec<String> {
        let targets = self.devtools("Target.getTargets", json!({})).await;
        let targets = targets.unwrap_or_default();
        let targets = targets.get("targetInfos").and_then(Value::as_array);
        let part = |one: &Value, name| one.get(name)?.as_str().map(str::to_owned);
        let is_worker =
            |kind: &String| ["service_worker", "shared_worker"].contains(&kind.as_str());
        let workers = targets.into_iter().flatten().filter_map(|one| {
            part(one, "type").filter(is_worker)?;
            let url = Url::parse(&part(one, "url")?).ok()?;
            let is_web = matches!(url.scheme(), "http" | "https");
            is_web.then(|| format!("a worker of {}", url.origin().ascii_serialization()))
        });
        workers.collect()
    }
}
