//! JSON and texts of headers, as a model has them in TOML.

use serde::Deserialize;
use serde::de::{Deserializer, Error as _};
use serde_json::Value;

use super::endpoint::HeaderText;

/// JSON that is written as TOML.
#[derive(Debug, Clone, PartialEq)]
pub struct Json(Value);

impl Json {
    /// The JSON itself.
    #[must_use]
    pub const fn value(&self) -> &Value {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = toml::Value::deserialize(deserializer)?;
        json(value).map(Self).map_err(D::Error::custom)
    }
}

/// TOML as JSON; what JSON does not have is refused, and never sent or compared as something else.
fn json(value: toml::Value) -> Result<Value, String> {
    Ok(match value {
        toml::Value::String(text) => Value::from(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Boolean(truth) => Value::from(truth),
        toml::Value::Float(number) if number.is_finite() => Value::from(number),
        toml::Value::Float(_) => {
            return Err("JSON has neither `inf` nor `nan`: write a number or a text".to_owned());
        }
        toml::Value::Datetime(time) => {
            return Err(format!("JSON has no dates: write the text `\"{time}\"`"));
        }
        toml::Value::Array(items) => items.into_iter().map(json).collect::<Result<_, _>>()?,
        toml::Value::Table(members) => {
            let members = members.into_iter();
            let members = members.map(|(name, value)| Ok((name, json(value)?)));
            Value::Object(members.collect::<Result<_, String>>()?)
        }
    })
}

impl<'de> Deserialize<'de> for HeaderText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let wrong = || {
            D::Error::custom(
                "a header is a text, or `{ variable = \"NAME\" }` for the value of an environment \
                 variable",
            )
        };
        match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => Ok(Self::Text(text)),
            toml::Value::Table(table) if table.len() == 1 => {
                let name = table.get("variable").and_then(toml::Value::as_str);
                name.map(|name| Self::Variable(name.to_owned()))
                    .ok_or_else(wrong)
            }
            _ => Err(wrong()),
        }
    }
}
