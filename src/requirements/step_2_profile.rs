//! Step 2: the attributes of the test users that the model gives, for claims.

use serde_json::Value;

use super::context;
use super::found::Code;
use super::rests_on;
use super::see;
use super::step::Step;
use super::step_3a_claims::told;
use super::subject::Subject;
use super::topic::Topic;
use super::trial::{Finding, Fix, Judgement, Trial};
use crate::model::{Json, OrgModel, TestUser};
use crate::observation::{Need, Symptom};

pub(super) fn trials(model: &OrgModel) -> impl Iterator<Item = Trial> {
    let users = model.users.iter().filter(|user| !user.profile.is_empty());
    users.map(user_has_the_profile)
}

/// What claims say of a user is in the user's profile.
fn user_has_the_profile(user: &TestUser) -> Trial {
    let (wanted, owner) = (user.clone(), format!(" of {}", user.name()));
    let name = "the_user_has_the_profile_of_the_model";
    Trial::new(Step::Users, name, see::USERS, [Need::Users], move |given| {
        let user = wanted.name();
        let found = given.seen.org.user(user)?.as_ref();
        let found = found.ok_or_else(|| {
            let hidden = given.hidden_user(user);
            hidden.unwrap_or_else(|| context::missing(&context::user(user)))
        })?;
        let profile = &found.user.profile.other;
        let is_other =
            |(name, wanted): &(&String, &Json)| profile.get(*name) != Some(wanted.value());
        let attributes = wanted.profile.iter().filter(is_other).map(|(name, _)| name);
        let other = wanted.profile.iter().filter_map(|(attribute, wanted)| {
            let has = found.user.profile.other.get(attribute);
            let wanted = Some(wanted.value());
            let words = |value| attribute_words(attribute, value);
            (has != wanted).then(|| (words(wanted), words(has)))
        });
        let other: Vec<(String, String)> = other.collect();
        Ok(Judgement::when(other.is_empty(), || Finding {
            found: Code::ProfileOther.into(),
            expected: told(&other, |(wanted, _)| wanted),
            actual: told(&other, |(_, found)| found),
            fix: Fix::new(
                "Directory > People > the user > Profile > Edit, or change `profile` of the user \
                 in the org model",
                format!("POST /api/v1/users/{} with \"profile\"", found.user.id),
            ),
        })
        .resting_on(rests_on::ATTRIBUTES, attributes))
    })
    .about(Subject::user(user.name()))
    .explains_of(Topic::Anything, move |_, symptom| {
        matches!(symptom, Symptom::Missing { object }
            if object.starts_with("claim ") && object.ends_with(&owner))
    })
}

fn attribute_words(attribute: &str, found: Option<&Value>) -> String {
    match found {
        None | Some(Value::Null) => format!("no {attribute}"),
        Some(Value::String(text)) if text.is_empty() => format!("{attribute} blank"),
        Some(Value::String(text)) => format!("{attribute} `{text}`"),
        Some(other) => format!("{attribute} {other}"),
    }
}
