//! `filter` and `search` expressions, on objects as they look on the wire.
//!
//! `status eq "ACTIVE" and (profile.lastName sw "S" or id pr)`

use serde_json::Value;

use super::call::Call;
use super::error::ApiError;

/// How many brackets an expression may have open at once.
const MOST_DEPTH: usize = 16;

/// The items that `filter` and `search` of the call let through.
pub(super) fn apply(call: &Call, items: Vec<Value>) -> Result<Vec<Value>, ApiError> {
    let mut items = items;
    for name in ["filter", "search"] {
        if let Some(text) = call.parameter(name) {
            let condition = Condition::parse(text).ok_or_else(ApiError::invalid_search)?;
            items.retain(|item| condition.holds(item));
        }
    }
    Ok(items)
}

/// Whether the call narrows a list by an expression.
pub(super) fn is_asked(call: &Call) -> bool {
    call.parameter("filter").is_some() || call.parameter("search").is_some()
}

/// A parsed expression.
#[derive(Debug)]
enum Condition {
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Present(String),
    Compare(String, Operator, String),
}

#[derive(Debug, Clone, Copy)]
enum Operator {
    Equal,
    NotEqual,
    StartsWith,
    Contains,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Operator {
    fn parse(word: &str) -> Option<Self> {
        Some(match word.to_ascii_lowercase().as_str() {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "sw" => Self::StartsWith,
            "co" => Self::Contains,
            "gt" => Self::Greater,
            "ge" => Self::GreaterOrEqual,
            "lt" => Self::Less,
            "le" => Self::LessOrEqual,
            _ => return None,
        })
    }

    /// Dates are compared as texts: on the wire they all have the same form.
    fn holds(self, found: &str, wanted: &str) -> bool {
        let (found, wanted) = (found.to_lowercase(), wanted.to_lowercase());
        match self {
            Self::Equal => found == wanted,
            Self::NotEqual => found != wanted,
            Self::StartsWith => found.starts_with(&wanted),
            Self::Contains => found.contains(&wanted),
            Self::Greater => found > wanted,
            Self::GreaterOrEqual => found >= wanted,
            Self::Less => found < wanted,
            Self::LessOrEqual => found <= wanted,
        }
    }
}

impl Condition {
    fn parse(text: &str) -> Option<Self> {
        let tokens = tokens(text)?;
        let mut parser = Parser {
            tokens: &tokens,
            depth: 0,
        };
        let condition = parser.any()?;
        parser.tokens.is_empty().then_some(condition)
    }

    fn holds(&self, item: &Value) -> bool {
        match self {
            Self::All(conditions) => conditions.iter().all(|condition| condition.holds(item)),
            Self::Any(conditions) => conditions.iter().any(|condition| condition.holds(item)),
            Self::Present(path) => values(item, path).next().is_some(),
            Self::Compare(path, operator, wanted) => {
                values(item, path).any(|found| operator.holds(&found, wanted))
            }
        }
    }
}

/// The values at a dotted path; an array has several.
fn values<'a>(item: &'a Value, path: &str) -> impl Iterator<Item = String> + 'a {
    let found = path.split('.').try_fold(item, |value, key| value.get(key));
    let several = match found {
        Some(Value::Array(values)) => values.iter().collect(),
        Some(value) => vec![value],
        None => vec![],
    };
    several.into_iter().filter_map(|value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    })
}

#[derive(Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Word(String),
    Text(String),
}

fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '"' => quoted(rest)?,
            _ => {
                let ends =
                    |character: char| character.is_whitespace() || "()\"".contains(character);
                let length = rest.find(ends).unwrap_or(rest.len());
                (Token::Word(rest.get(..length)?.to_owned()), length)
            }
        };
        tokens.push(token);
        rest = rest.get(length..)?.trim_start();
    }
    Some(tokens)
}

/// A text in quotes, escaped as in JSON, and the length of it with its quotes.
fn quoted(rest: &str) -> Option<(Token, usize)> {
    let mut texts = serde_json::Deserializer::from_str(rest).into_iter::<String>();
    let text = texts.next()?.ok()?;
    Some((Token::Text(text), texts.byte_offset()))
}

struct Parser<'a> {
    tokens: &'a [Token],
    depth: usize,
}

impl<'a> Parser<'a> {
    fn next(&mut self) -> Option<&'a Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn skips_word(&mut self, wanted: &str) -> bool {
        let is_next = matches!(self.tokens.first(),
            Some(Token::Word(word)) if word.eq_ignore_ascii_case(wanted));
        is_next && self.next().is_some()
    }

    fn any(&mut self) -> Option<Condition> {
        let mut conditions = vec![self.all()?];
        while self.skips_word("or") {
            conditions.push(self.all()?);
        }
        Some(Condition::Any(conditions))
    }

    fn all(&mut self) -> Option<Condition> {
        let mut conditions = vec![self.one()?];
        while self.skips_word("and") {
            conditions.push(self.one()?);
        }
        Some(Condition::All(conditions))
    }

    fn one(&mut self) -> Option<Condition> {
        match self.next()? {
            Token::Open if self.depth < MOST_DEPTH => {
                self.depth += 1;
                let condition = self.any()?;
                self.depth -= 1;
                (self.next()? == &Token::Close).then_some(condition)
            }
            Token::Word(path) => {
                let path = path.clone();
                self.comparison(path)
            }
            _ => None,
        }
    }

    fn comparison(&mut self, path: String) -> Option<Condition> {
        if self.skips_word("pr") {
            return Some(Condition::Present(path));
        }
        let Token::Word(operator) = self.next()? else {
            return None;
        };
        let operator = Operator::parse(operator)?;
        let (Token::Word(wanted) | Token::Text(wanted)) = self.next()? else {
            return None;
        };
        Some(Condition::Compare(path, operator, wanted.clone()))
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    #[rstest]
    #[case::equal(r#"status eq "ACTIVE""#, true)]
    #[case::texts_do_not_mind_case(r#"status eq "active""#, true)]
    #[case::other(r#"status eq "STAGED""#, false)]
    #[case::nested(r#"profile.lastName sw "Sm""#, true)]
    #[case::and(r#"status eq "ACTIVE" and profile.lastName eq "Jones""#, false)]
    #[case::or(r#"status eq "STAGED" or profile.lastName eq "Smith""#, true)]
    #[case::brackets(r#"(status eq "STAGED" or id pr) and profile.lastName co "mit""#, true)]
    #[case::array(r#"audiences eq "api://default""#, true)]
    #[case::absent("profile.nickName pr", false)]
    #[case::later(r#"created gt "2020-01-01T00:00:00.000Z""#, true)]
    #[case::a_quote_in_a_text(r#"profile.lastName eq "Sm\"ith""#, false)]
    fn an_expression_holds_or_not(#[case] text: &str, #[case] holds: bool) {
        let item = json!({
            "id": "00u", "status": "ACTIVE", "created": "2026-01-01T00:00:00.000Z",
            "audiences": ["api://default"], "profile": {"lastName": "Smith"},
        });
        assert_eq!(Condition::parse(text).unwrap().holds(&item), holds);
    }

    #[rstest]
    #[case::nothing("")]
    #[case::no_operator("status")]
    #[case::unknown_operator(r#"status is "ACTIVE""#)]
    #[case::no_value("status eq")]
    #[case::open_bracket(r#"(status eq "ACTIVE""#)]
    #[case::open_quote(r#"status eq "ACTIVE"#)]
    #[case::too_much(r#"status eq "ACTIVE" "INACTIVE""#)]
    fn an_expression_that_makes_no_sense_is_refused(#[case] text: &str) {
        assert!(Condition::parse(text).is_none());
    }
}
