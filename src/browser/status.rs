//! How much room a `WebDriver` has, by its own status, and whether it is there at all.

use std::time::Duration;

use serde_json::Value;
use tokio::time::{MissedTickBehavior, interval, timeout};
use url::Url;

use crate::openid::Http;

/// How long a command may take before its driver is asked whether it is still there.
const PATIENCE: Duration = Duration::from_secs(3);
/// How long a driver may take to answer that.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// Whether anything answers at a driver's address, whatever it says.
pub(super) async fn answers(webdriver: &Url) -> bool {
    let asked = async {
        let url = webdriver.join("status").ok()?;
        Http::new().ok()?.get(&url, None).await.ok()
    };
    timeout(ANSWER_TIMEOUT, asked)
        .await
        .is_ok_and(|answer| answer.is_some())
}

/// Comes to an end when the driver has been silent twice in a row.
pub(super) async fn falls_silent(webdriver: &Url) {
    let mut ticks = interval(PATIENCE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks.tick().await;
    loop {
        ticks.tick().await;
        if !answers(webdriver).await && !answers(webdriver).await {
            return;
        }
    }
}

/// The room that a driver tells of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    /// How many sessions it holds at once; none: it does not tell.
    pub(super) places: Option<usize>,
    /// Whether another session can begin now.
    pub(super) is_full: bool,
}

impl Room {
    /// Asks a driver; none: it does not answer as a driver does.
    pub(super) async fn of(webdriver: &Url) -> Option<Self> {
        let url = webdriver.join("status").ok()?;
        let http = Http::new().ok()?;
        let answer = timeout(ANSWER_TIMEOUT, http.get(&url, None))
            .await
            .ok()?
            .ok()?;
        Self::read(answer.json()?.get("value")?)
    }

    /// `GET /status` of the standard says whether another session can begin; a Selenium Grid names
    /// its nodes with their slots too.
    fn read(status: &Value) -> Option<Self> {
        let Some(nodes) = status.get("nodes").and_then(Value::as_array) else {
            let ready = status.get("ready")?.as_bool()?;
            return Some(Self {
                places: None,
                is_full: !ready,
            });
        };
        let up = nodes
            .iter()
            .filter(|node| node.get("availability").and_then(Value::as_str) == Some("UP"));
        let (places, used) = up.map(places).fold((0, 0), |(all, taken), (more, used)| {
            (all + more, taken + used)
        });
        Some(Self {
            places: Some(places),
            is_full: used >= places,
        })
    }
}

/// How many sessions a node holds at once, and how many it holds now.
fn places(node: &Value) -> (usize, usize) {
    let slots = node.get("slots").and_then(Value::as_array);
    let slots = slots.map(Vec::as_slice).unwrap_or_default();
    let used = slots
        .iter()
        .filter(|slot| {
            slot.get("session")
                .is_some_and(|session| !session.is_null())
        })
        .count();
    let most = node.get("maxSessions").and_then(Value::as_u64);
    let most = most.and_then(|most| usize::try_from(most).ok());
    (slots.len().min(most.unwrap_or(usize::MAX)), used)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_grid_has_the_slots_of_its_nodes_that_are_up() {
        let taken = json!({"session": {"sessionId": "1"}});
        let free = json!({"session": null});
        let status = json!({"ready": true, "nodes": [
            {"availability": "UP", "maxSessions": 1, "slots": [taken, free]},
            {"availability": "UP", "maxSessions": 4, "slots": [free, free]},
            {"availability": "DOWN", "maxSessions": 4, "slots": [free]},
        ]});
        let room = Room::read(&status).unwrap();
        assert_eq!((room.places, room.is_full), (Some(3), false));
    }

    #[test]
    fn a_driver_of_one_session_is_full_when_it_is_not_ready() {
        let room = Room::read(&json!({"ready": false, "message": "Session already started"}));
        let full = Room {
            places: None,
            is_full: true,
        };
        assert_eq!(room, Some(full));
        assert_eq!(Room::read(&json!({"message": "hello"})), None);
    }
}
