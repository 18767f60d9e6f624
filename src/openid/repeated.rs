//! What stands twice in a JSON text, where readers differ in which one they take.

use std::collections::BTreeSet;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::Value;

/// Reads JSON as most readers do: of two members of one name the last one counts (RFC 8259 section
/// 4 leaves it open, and the one who judges the answer says that it is there twice).
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn read_last<T: DeserializeOwned>(text: &str) -> serde_json::Result<T> {
    let value: Value = serde_json::from_str(text)?;
    serde_json::from_value(value)
}

/// The first name that one object of the text has twice, at whatever depth; nothing is said of a
/// text that is no JSON.
pub(crate) fn repeated_member(text: &[u8]) -> Option<String> {
    let mut found = None;
    let mut reader = serde_json::Deserializer::from_slice(text);
    let read = Any(&mut found).deserialize(&mut reader);
    read.ok().and(found)
}

/// Any value, of which nothing is kept but the first name that stands twice.
struct Any<'f>(&'f mut Option<String>);

impl<'de> DeserializeSeed<'de> for Any<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Any<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("any value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Any(self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let mut names = BTreeSet::new();
        while let Some(name) = members.next_key::<String>()? {
            if !names.insert(name.clone()) {
                self.0.get_or_insert(name);
            }
            members.next_value_seed(Any(self.0))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::once(r#"{"a":1,"b":{"a":2},"c":[{"a":3},{"a":-4.5}],"d":null}"#, None)]
    #[case::twice(r#"{"a":1,"b":true,"a":1}"#, Some("a"))]
    #[case::written_otherwise(r#"{"scp":"x","\u0073cp":"y"}"#, Some("scp"))]
    #[case::within(r#"{"a":{"b":"x","b":"y"}}"#, Some("b"))]
    #[case::within_a_list(r#"[{"c":1},{"c":1,"c":2}]"#, Some("c"))]
    #[case::no_json(r#"{"a":1,"a":2"#, None)]
    fn a_name_that_stands_twice_is_found(#[case] text: &str, #[case] expected: Option<&str>) {
        assert_eq!(repeated_member(text.as_bytes()).as_deref(), expected);
    }
}
