//! The claims of a model, each by itself: what cannot be said of one, and where.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use super::check::RESERVED_SCOPES;
use super::claim::{Claim, ClaimToken, ClaimValue, Expression, GroupFilter};
use super::file::{OrgModel, Scope};
use super::places::{Places, Step, place};
use crate::escape;

/// What every access token of Okta says by itself; `scope` is a claim for each request of its own.
const OF_ACCESS_TOKENS: [&str; 12] = [
    "ver",
    "jti",
    "iss",
    "aud",
    "iat",
    "exp",
    "cid",
    "uid",
    "scp",
    "sub",
    "auth_time",
    "scope",
];
/// What every ID token of Okta says by itself, and the claims that a new authorization server has
/// (as recorded), which no other claim may be called like.
const OF_ID_TOKENS: [&str; 31] = [
    "ver",
    "sub",
    "iss",
    "aud",
    "iat",
    "exp",
    "jti",
    "auth_time",
    "amr",
    "idp",
    "nonce",
    "at_hash",
    "c_hash",
    "middle_name",
    "zoneinfo",
    "website",
    "updated_at",
    "profile",
    "preferred_username",
    "picture",
    "phone_number",
    "nickname",
    "name",
    "locale",
    "given_name",
    "gender",
    "family_name",
    "email_verified",
    "email",
    "birthdate",
    "address",
];

/// Everything that cannot be said of a claim, or of a test user's profile.
pub(super) fn problems(model: &OrgModel, text: &str) -> Vec<String> {
    let mut problems = Problems {
        model,
        places: Places::of(text),
        found: Vec::new(),
    };
    let mut seen = BTreeSet::new();
    for (at, claim) in model.claims.iter().enumerate() {
        problems.name(at, claim);
        if !seen.insert((claim.name(), claim.token)) {
            let message = format!(
                "the claim `{}` of {} is defined twice; rename or remove one of the two",
                claim.name(),
                claim.token.plural()
            );
            problems.at(&place!["claim", at, "name"], &message);
        }
        problems.scopes(at, claim);
        problems.always(at, claim);
        problems.value(at, claim.value());
    }
    problems.profiles();
    problems.found
}

struct Problems<'a> {
    model: &'a OrgModel,
    places: Places<'a>,
    found: Vec<String>,
}

impl Problems<'_> {
    fn at(&mut self, place: &[Step], message: &str) {
        let line = self.places.line(place);
        self.found.push(format!("line {line}: {message}"));
    }

    fn name(&mut self, at: usize, claim: &Claim) {
        let name = claim.name();
        let place = place!["claim", at, "name"];
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_graphic()) {
            let unusual = escape::unusual(name);
            let message =
                format!("claim name {name:?} must be printable ASCII without blanks{unusual}");
            self.at(&place, &message);
        }
        let own: &[&str] = match claim.token {
            ClaimToken::Access => &OF_ACCESS_TOKENS,
            ClaimToken::Id => &OF_ID_TOKENS,
        };
        if own.contains(&name) {
            let kind = claim.token.plural();
            let message = format!("`{name}` is a claim that Okta's {kind} have by themselves");
            self.at(&place, &message);
        }
    }

    fn scopes(&mut self, at: usize, claim: &Claim) {
        for (nth, name) in claim.scope_names().enumerate() {
            let own = self.model.scopes.iter().map(Scope::name);
            let mut known = own.chain(RESERVED_SCOPES);
            if !known.any(|known| known == name) {
                let own = self.model.scopes.iter().map(Scope::name);
                let known: Vec<String> = own
                    .chain(RESERVED_SCOPES)
                    .map(|name| format!("`{name}`"))
                    .collect();
                let known = known.join(", ");
                let message = format!("no scope `{name}` in this model; it has {known}");
                self.at(&place!["claim", at, "scopes", nth], &message);
            }
        }
    }

    fn always(&mut self, at: usize, claim: &Claim) {
        if claim.token == ClaimToken::Access && !claim.always {
            let message = "`always = false` is for ID tokens alone: access tokens always have \
                           their claims; remove it";
            self.at(&place!["claim", at, "always"], message);
        }
    }

    fn value(&mut self, at: usize, value: &ClaimValue) {
        let problem = match value {
            ClaimValue::Fixed(text) => fixed_problem(text),
            ClaimValue::Profile(attribute) => attribute_problem(attribute),
            ClaimValue::Groups(filter) => filter_problem(filter),
            ClaimValue::Expression(expression) => self.expression_problem(expression),
        };
        if let Some(problem) = problem {
            self.at(&place!["claim", at, "value"], &problem);
        }
    }

    /// Nobody who gets tokens is left out, and nobody is named who is not there.
    fn expression_problem(&self, expression: &Expression) -> Option<String> {
        if expression.text.trim().is_empty() {
            return Some("the expression has no `text`".to_owned());
        }
        if let Some((name, problem)) = expression
            .sees
            .iter()
            .find_map(|(name, json)| Some((name, value_problem(json.value())?)))
        {
            return Some(format!("what `sees` has for {name} {problem}"));
        }
        let is_user = |name: &String| self.model.users.iter().any(|user| user.name() == name);
        if let Some(unknown) = expression.sees.keys().find(|name| !is_user(name)) {
            return Some(format!(
                "`sees` names {unknown}, who is no [[user]] of this model"
            ));
        }
        let mut users = self.model.users.iter();
        let left_out = users.find(|user| {
            let gets_tokens = self
                .model
                .flows()
                .into_iter()
                .any(|flow| self.model.largest_granted(user, flow).is_some());
            gets_tokens && !expression.sees.contains_key(user.name())
        });
        left_out.map(|user| format!("`sees` must say what {} sees in the claim", user.name()))
    }

    fn profiles(&mut self) {
        for (at, user) in self.model.users.iter().enumerate() {
            for (attribute, json) in &user.profile {
                let problem = match attribute.as_str() {
                    "login" => Some(format!(
                        "a login is given by TEST_USER_{}_USERNAME",
                        user.name()
                    )),
                    _ if json.value().as_array().is_some_and(Vec::is_empty) => {
                        Some(format!("`{attribute}` is an empty list: leave it out"))
                    }
                    _ => value_problem(json.value())
                        .map(|problem| format!("`{attribute}` {problem}"))
                        .or_else(|| attribute_problem(attribute)),
                };
                if let Some(problem) = problem {
                    self.at(&place!["user", at, "profile"], &problem);
                }
            }
        }
    }
}

fn fixed_problem(text: &str) -> Option<String> {
    let forbidden = |c: char| c == '"' || c == '\\' || c.is_control();
    (text.is_empty() || text.contains(forbidden)).then(|| {
        "a fixed text must have a character or more, and no double quote, backslash or line \
         break: Okta reads it as an expression"
            .to_owned()
    })
}

/// What no attribute of a profile is, and no claim that is made of one: Okta's data types of
/// attributes are texts, numbers and truths, and lists of one of these.
fn value_problem(value: &Value) -> Option<String> {
    let is_scalar = |value: &Value| !matches!(value, Value::Array(_) | Value::Object(_));
    match value {
        Value::String(text) if text.trim().is_empty() => Some("is blank".to_owned()),
        Value::Array(items) if items.iter().all(is_scalar) => None,
        value if is_scalar(value) => None,
        _ => Some("must be a text, a number, `true`, `false` or a list of these".to_owned()),
    }
}

/// Variable names of Okta's profiles: letters, digits and `_`.
fn attribute_problem(attribute: &str) -> Option<String> {
    let mut rest = attribute.chars();
    let begins = rest
        .next()
        .is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
    let is_name = begins && rest.all(|c| c.is_ascii_alphanumeric() || c == '_');
    (!is_name).then(|| {
        format!(
            "{attribute:?} is no attribute of a profile: give its variable name (Directory > \
             Profile Editor), such as `department`"
        )
    })
}

fn filter_problem(filter: &GroupFilter) -> Option<String> {
    if filter.text().is_empty() {
        return Some("the filter of groups is blank".to_owned());
    }
    match filter {
        GroupFilter::Regex(pattern) => Regex::new(pattern).err().map(|_| {
            format!(
                "the regular expression {pattern:?} cannot be read here (look-around and \
                 back-references are not known): write it another way"
            )
        }),
        _ => None,
    }
}
