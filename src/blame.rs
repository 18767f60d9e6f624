//! Which broken step is to blame for what is missing: the earliest that explains it.

use std::collections::HashMap;

use crate::observation::Symptom;
use crate::requirements::{Context, Topic, Trial};

/// The unmet trials that may be to blame, by what they explain, each list in the document's order.
pub(crate) struct Blame<'a> {
    trials: &'a [Trial],
    context: &'a Context<'a>,
    by_topic: HashMap<&'a Topic, Vec<usize>>,
    by_missing_object: HashMap<String, Vec<usize>>,
}

impl<'a> Blame<'a> {
    /// Of these unmet trials, by their places in the document's order.
    pub(crate) fn new(
        trials: &'a [Trial],
        context: &'a Context<'a>,
        unmet: impl Iterator<Item = usize>,
    ) -> Self {
        let mut by_topic: HashMap<&Topic, Vec<usize>> = HashMap::new();
        let mut by_missing_object: HashMap<String, Vec<usize>> = HashMap::new();
        for place in unmet {
            if let Some(topic) = trials.get(place).and_then(Trial::topic) {
                by_topic.entry(topic).or_default().push(place);
                if let Some(object) = topic.object() {
                    by_missing_object.entry(object).or_default().push(place);
                }
            }
        }
        Self {
            trials,
            context,
            by_topic,
            by_missing_object,
        }
    }

    /// The earliest unmet trial that explains the symptom of the trial at this place.
    pub(crate) fn cause(&self, place: usize, symptom: &Symptom) -> Option<&'a Trial> {
        let lists = match symptom {
            Symptom::Missing { object } => vec![self.by_missing_object.get(object)],
            Symptom::NoTokens { .. } | Symptom::Refused { .. } => {
                let topics = Topic::of(self.context, symptom);
                topics
                    .iter()
                    .map(|topic| self.by_topic.get(topic))
                    .collect()
            }
        };
        let anything = self.by_topic.get(&Topic::Anything);
        let lists = lists.into_iter().chain([anything]).flatten();
        let earliest = lists
            .filter_map(|list| self.first(list, place, symptom))
            .min();
        self.trials.get(earliest?)
    }

    fn first(&self, places: &[usize], of: usize, symptom: &Symptom) -> Option<usize> {
        // An object that is not there at all may be looked for by a later step than asks about it.
        let anywhere = matches!(symptom, Symptom::Missing { .. });
        let mut places = places.iter().copied();
        places.find(|place| {
            let trial = self.trials.get(*place);
            (*place < of || (anywhere && *place > of))
                && trial.is_some_and(|trial| trial.is_cause_of(self.context, symptom))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::config::Facts;
    use crate::model::{OrgModel, ScopeRequest};
    use crate::observation::{AuthorizationKey, Denial, Observations, authorization};
    use crate::openid::Flow;
    use crate::requirements::{Judgement, Remembered, Step};

    const MODEL: &str = include_str!("../fixtures/org.toml");

    fn key(user: &str) -> AuthorizationKey {
        authorization(user, &ScopeRequest::of(["scope"]), Flow::Implicit)
    }

    fn no_tokens(user: &str) -> Symptom {
        Symptom::NoTokens {
            key: key(user),
            denial: Denial::Policy,
        }
    }

    fn trial(name: &str) -> Trial {
        Trial::new(Step::Users, name, "", [], |_| Ok(Judgement::met()))
    }

    /// Asks with each trial unmet; what is to blame for the symptom of the trial at the place.
    fn blamed(trials: &[Trial], place: usize, symptom: &Symptom) -> Option<String> {
        blame(trials, |blame| {
            let cause = blame.cause(place, symptom)?;
            Some(cause.title())
        })
    }

    fn blame<T>(trials: &[Trial], ask: impl FnOnce(&Blame<'_>) -> T) -> T {
        let model = OrgModel::parse("org.toml".as_ref(), MODEL).expect("the model is right");
        let facts = Facts::of_model(&model);
        let context = Context {
            model: &model,
            facts: &facts,
            seen: &Observations::default(),
            remembered: &Remembered::default(),
        };
        ask(&Blame::new(trials, &context, 0..trials.len()))
    }

    #[test]
    fn the_earliest_that_explains_it_is_to_blame_whatever_its_topic() {
        let trials = [
            trial("nothing"),
            trial("another").explains_of(Topic::User("GOLD".to_owned()), |_, _| true),
            trial("request").explains_of(Topic::Authorization(key("SILVER")), |_, _| true),
            trial("group").explains_of(Topic::Group("silverSubscribers".to_owned()), |_, _| true),
            trial("user").explains_of(Topic::User("SILVER".to_owned()), |_, _| true),
            trial("scope").explains_of(Topic::Scope("scope".to_owned()), |_, _| true),
            trial("anything").explains(|_, _| true),
            trial("itself"),
        ];
        let symptom = no_tokens("SILVER");
        for (first, name) in (2..7).zip(["request", "group", "user", "scope", "anything"]) {
            let later = trials.get(first..).expect("trials");
            let found = blamed(later, later.len() - 1, &symptom);
            assert_eq!(found.as_deref(), Some(name));
        }
        assert_eq!(
            blamed(&trials, 2, &symptom),
            None,
            "a later one is no cause"
        );
    }

    #[test]
    fn what_is_missing_may_be_looked_for_by_a_later_step() {
        let topic = Topic::Group("silverSubscribers".to_owned());
        let object = topic.object().expect("a group may be missing");
        let trials = [
            trial("itself").explains(|_, _| true),
            trial("later").explains_of(topic, |_, _| true),
        ];
        let found = blamed(&trials, 0, &Symptom::Missing { object });
        assert_eq!(found.as_deref(), Some("later"));
    }

    #[test]
    fn a_symptom_asks_nobody_who_is_about_others() {
        let asked = Arc::new(AtomicUsize::new(0));
        let users: Vec<String> = (0..500).map(|number| format!("USER_{number}")).collect();
        let explaining = users.iter().map(|user| {
            let (asked, key) = (Arc::clone(&asked), key(user));
            trial(user).explains_of(Topic::Authorization(key.clone()), move |_, symptom| {
                asked.fetch_add(1, Ordering::Relaxed);
                symptom.key() == Some(&key)
            })
        });
        let trials: Vec<Trial> = explaining.collect();
        blame(&trials, |blame| {
            for user in &users {
                assert!(blame.cause(trials.len(), &no_tokens(user)).is_some());
            }
        });
        assert_eq!(asked.load(Ordering::Relaxed), users.len());
    }
}
