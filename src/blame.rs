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
