//! Who is in which group because a group rule says so.
//!
//! Of Okta's expressions the plainest are known here: attributes of the user's profile compared
//! with texts, `String.startsWith`, `String.stringContains`, joined by `and` and `or`.

use indexmap::IndexSet;
use jiff::Timestamp;

use crate::state::org::{GroupRule, Org, Status, User};

/// An expression: any of these lists, all of whose tests hold.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Expression(Vec<Vec<Test>>);

#[derive(Debug, PartialEq, Eq)]
struct Test {
    attribute: String,
    comparison: Comparison,
    text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    NotEqual,
    StartsWith,
    Contains,
}

impl Expression {
    /// Reads an expression; nothing where it is none of those known here.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let any = split(text, &["||", " or ", " OR "]).into_iter();
        let all = any.map(|part| {
            let parts = split(part, &["&&", " and ", " AND "]).into_iter();
            parts.map(Test::parse).collect::<Option<Vec<_>>>()
        });
        all.collect::<Option<Vec<_>>>().map(Self)
    }

    fn holds(&self, user: &User) -> bool {
        let mut any = self.0.iter();
        any.any(|all| all.iter().all(|test| test.holds(user)))
    }
}

impl Test {
    fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let calls = [
            ("String.startsWith(", Comparison::StartsWith),
            ("String.stringContains(", Comparison::Contains),
        ];
        for (name, comparison) in calls {
            if let Some(rest) = text.strip_prefix(name) {
                let (attribute, text) = rest.strip_suffix(')')?.split_once(',')?;
                return Self::new(attribute, comparison, text);
            }
        }
        let comparisons = [("==", Comparison::Equal), ("!=", Comparison::NotEqual)];
        let mut found = comparisons.into_iter().filter_map(|(sign, comparison)| {
            let (attribute, text) = text.split_once(sign)?;
            Self::new(attribute, comparison, text)
        });
        found.next()
    }

    fn new(attribute: &str, comparison: Comparison, text: &str) -> Option<Self> {
        let attribute = attribute.trim().strip_prefix("user.")?;
        let is_name = attribute
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric());
        let text = text.trim();
        let unquoted = |quote| text.strip_prefix(quote)?.strip_suffix(quote);
        let text = unquoted('"').or_else(|| unquoted('\''))?;
        is_name.then(|| Self {
            attribute: attribute.to_owned(),
            comparison,
            text: text.to_owned(),
        })
    }

    fn holds(&self, user: &User) -> bool {
        let found = user.text(&self.attribute);
        match self.comparison {
            Comparison::Equal => found == self.text,
            Comparison::NotEqual => found != self.text,
            Comparison::StartsWith => found.starts_with(&self.text),
            Comparison::Contains => found.contains(&self.text),
        }
    }
}

/// The parts of a text between separators that are in no quotes.
fn split<'a>(text: &'a str, separators: &[&str]) -> Vec<&'a str> {
    let (mut parts, mut start, mut quote) = (Vec::new(), 0, None);
    for (at, letter) in text.char_indices() {
        match quote {
            Some(open) if open == letter => quote = None,
            None if letter == '"' || letter == '\'' => quote = Some(letter),
            _ => {}
        }
        let rest = text.get(at..).unwrap_or_default();
        let found = separators
            .iter()
            .find(|separator| rest.starts_with(**separator));
        if let (None, Some(separator)) = (quote, found)
            && at >= start
        {
            parts.extend(text.get(start..at));
            start = at + separator.len();
        }
    }
    parts.extend(text.get(start..));
    parts
}

/// Puts users where the active rules want them, and takes them out where they no longer do.
pub(crate) fn apply_group_rules(org: &mut Org, now: Timestamp) {
    let rules: Vec<GroupRule> = org.group_rules.values().cloned().collect();
    for rule in rules.iter().filter(|rule| rule.status == Status::Active) {
        let wanted = wanted(org, rule);
        for id in &rule.group_ids {
            let Some(group) = org.groups.get_mut(id) else {
                continue;
            };
            let before = group.by_rule.len();
            group
                .by_rule
                .retain(|user, by| by != &rule.id || wanted.contains(user));
            let left = group.by_rule.len() != before;
            let mut joined = false;
            for user in &wanted {
                joined |= !group.holds(user);
                group
                    .by_rule
                    .entry(user.clone())
                    .or_insert_with(|| rule.id.clone());
            }
            if left || joined {
                group.last_membership_updated = now;
            }
        }
    }
}

/// The users that a rule means.
fn wanted(org: &Org, rule: &GroupRule) -> IndexSet<String> {
    let Some(expression) = Expression::parse(&rule.expression) else {
        return IndexSet::new();
    };
    let is_left_alone = |user: &str| {
        let mut groups = rule.groups_exclude.iter();
        rule.users_exclude.contains(user) || groups.any(|group| org.is_member(user, group))
    };
    let users = org.users.values();
    let meant = users.filter(|user| expression.holds(user) && !is_left_alone(&user.id));
    meant.map(|user| user.id.clone()).collect()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::equal(r#"user.lastName=="Doe""#, true)]
    #[case::blanks("user.lastName == 'Doe'", true)]
    #[case::call(r#"String.startsWith(user.login, "a")"#, true)]
    #[case::joined(r#"user.a=="x" and user.b!="y" or user.c=="z""#, true)]
    #[case::a_word_in_quotes(r#"user.a=="x and y""#, true)]
    #[case::another_function(r#"isMemberOfAnyGroup("00g")"#, false)]
    #[case::no_text("user.a==user.b", false)]
    #[case::nothing("", false)]
    fn an_expression_is_known_or_not(#[case] text: &str, #[case] known: bool) {
        assert_eq!(Expression::parse(text).is_some(), known);
    }

    #[test]
    fn separators_in_quotes_separate_nothing() {
        let parts = split(r#"a and "b and c" and d"#, &[" and "]);
        assert_eq!(parts, ["a", r#""b and c""#, "d"]);
    }
}
