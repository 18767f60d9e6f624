//! Validation that reports everything wrong with a request at once.

use super::error::{ApiError, TAKEN};

/// What is wrong with what was sent, so far.
#[derive(Debug, Default)]
pub(super) struct Checks {
    first_field: Option<String>,
    causes: Vec<String>,
}

impl Checks {
    /// Without the condition the field is wrong, in words Okta uses of any field.
    pub(super) fn require(&mut self, field: &str, condition: bool) {
        if !condition {
            self.blame(field, format!("errors in the field: {field}"));
        }
    }

    /// Without a value the field is missing; the value otherwise.
    pub(super) fn text(&mut self, field: &str, value: Option<String>) -> String {
        match value {
            Some(value) if !value.trim().is_empty() => value,
            _ => {
                let cause = format!("{field}: The field cannot be left blank");
                self.blame(field, cause);
                String::new()
            }
        }
    }

    /// The value of the field must not be in use already.
    pub(super) fn unique(&mut self, field: &str, is_taken: bool) {
        if is_taken {
            self.blame(field, format!("{field}: {TAKEN}"));
        }
    }

    /// The field is wrong, for the cause.
    pub(super) fn blame(&mut self, field: &str, cause: String) {
        self.first_field.get_or_insert_with(|| field.to_owned());
        self.causes.push(cause);
    }

    /// Refuses the request if anything was wrong.
    pub(super) fn finish(self) -> Result<(), ApiError> {
        match self.first_field {
            Some(field) => Err(ApiError::invalid(&field, self.causes)),
            None => Ok(()),
        }
    }
}
