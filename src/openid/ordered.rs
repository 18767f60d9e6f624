//! An object of JSON with its members in the order in which they came.

use std::fmt;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

/// An object of JSON, as it is written.
#[derive(Debug)]
pub(super) struct Ordered(Vec<(String, Value)>);

impl Ordered {
    /// The object without blanks between its members.
    pub(super) fn text(&self) -> String {
        let members = self.0.iter();
        let members =
            members.map(|(name, value)| format!("{}:{value}", Value::from(name.as_str())));
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }
}

impl<'de> Deserialize<'de> for Ordered {
    fn deserialize<D: Deserializer<'de>>(reader: D) -> Result<Self, D::Error> {
        reader.deserialize_map(Members)
    }
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Ordered;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Ordered, A::Error> {
        let mut members = Vec::new();
        while let Some(member) = object.next_entry()? {
            members.push(member);
        }
        Ok(Ordered(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_stay_in_their_order_and_blanks_go() {
        let text = "{ \"kty\": \"RSA\",\n \"e\": \"AQAB\", \"alg\": \"R S\" }";
        let object: Ordered = serde_json::from_str(text).expect("an object");
        let wanted = r#"{"kty":"RSA","e":"AQAB","alg":"R S"}"#;
        assert_eq!(object.text(), wanted);
    }
}
