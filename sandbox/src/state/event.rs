//! What happens on a sign-in page, for tests that say what must not.

use std::time::Instant;

use serde_json::Value;

/// One thing that happened on a sign-in page.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// A field holds this text now.
    Typed {
        /// Its name, or its id where it has none.
        field: String,
        /// What it holds.
        text: String,
    },
    /// A control was clicked.
    Clicked {
        /// By what the widget marks it with (`data-se`, `data-type`), or else its text.
        control: String,
    },
    /// Something was posted to one of the sign-in APIs.
    Posted {
        /// The path.
        path: String,
        /// The body; null where it is no JSON.
        body: Value,
        /// When it was answered.
        answered: Instant,
    },
    /// A form was posted to another provider's page.
    SentElsewhere {
        /// Its body.
        body: String,
    },
}
