//! Selected trials, whole or a part of a run, to a plan.

mod controls;
mod partition;

pub use partition::Partition;

use std::collections::HashSet;

use crate::config::Profile;
use crate::model::OrgModel;
use crate::observation::{Need, Plan};
use crate::requirements::{self, Trial};

use controls::Controls;
use partition::user_of;

/// Which trials of a model are judged.
#[derive(Clone, Copy)]
pub struct Selection<'a> {
    /// The trials of the model; of a part of a run, those of its own users are enough.
    pub trials: &'a [Trial],
    /// The filter of the run.
    pub is_selected: &'a (dyn Fn(&Trial) -> bool + Sync),
    /// The part of the run that is made here, if it is split.
    pub partition: Option<Partition>,
    /// How much is asked of the API.
    pub profile: Profile,
}

/// What is to be done for a selection.
#[derive(Debug)]
pub struct Work {
    /// What is looked at.
    pub plan: Plan,
    /// The trials that take part in the judgement of a part of a run, so that whatever was seen can
    /// be blamed: those about users who are looked at, and about nobody. None: all.
    narrowed: Option<Vec<Trial>>,
}

impl Work {
    /// The trials of the selection that take part in the judgement.
    #[must_use]
    pub fn trials<'a>(&'a self, selection: &Selection<'a>) -> &'a [Trial] {
        self.narrowed.as_deref().unwrap_or(selection.trials)
    }
}

impl<'a> Selection<'a> {
    /// Every trial, in one run.
    #[must_use]
    pub fn all(trials: &'a [Trial]) -> Self {
        Self {
            trials,
            is_selected: &|_| true,
            partition: None,
            profile: Profile::Document,
        }
    }

    /// Whether a trial is judged here.
    #[must_use]
    pub fn has(&self, model: &OrgModel, trial: &Trial) -> bool {
        let here = self
            .partition
            .is_none_or(|partition| partition.has(model, trial));
        here && (self.is_selected)(trial)
    }

    /// How many trials are judged here.
    #[must_use]
    pub fn count(&self, model: &OrgModel) -> usize {
        let trials = self.trials.iter();
        trials.filter(|trial| self.has(model, trial)).count()
    }

    /// What is to be done: `is_configured` says whose credentials are known; the others cost no
    /// sign-in.
    #[must_use]
    pub fn work(&self, model: &OrgModel, is_configured: &dyn Fn(&str) -> bool) -> Work {
        let selected = self.trials.iter().filter(|trial| (self.is_selected)(trial));
        match self.partition {
            None => Work {
                plan: whole(model, selected),
                narrowed: None,
            },
            Some(partition) => self.work_of(partition, model, is_configured),
        }
    }

    /// The work of one part of a run.
    ///
    /// Its own users are looked at, and as controls a few others. These as closely as it takes to
    /// blame here whatever is missing on what it is blamed on in a whole run.
    fn work_of(
        &self,
        partition: Partition,
        model: &OrgModel,
        is_configured: &dyn Fn(&str) -> bool,
    ) -> Work {
        let own = || {
            self.trials
                .iter()
                .filter(|trial| partition.has(model, trial) && (self.is_selected)(trial))
        };
        let mut controls = Controls::new(model, is_configured);
        own().for_each(|trial| controls.choose(trial));
        let mut looked_at = controls.users();
        let users = own().filter_map(|trial| user_of(trial));
        looked_at.extend(users.map(str::to_owned));
        let trials = requirements::trials_of(
            &model.in_view(|user| looked_at.contains(user)),
            self.profile,
        );
        let may_count = |trial: &&Trial| match user_of(trial) {
            None => true,
            Some(user) if partition.has_user(model, user) => true,
            Some(user) => looked_at.contains(user) && controls.may_be_blamed(trial),
        };
        let counting = trials.iter().filter(|trial| (self.is_selected)(trial));
        let counting = counting.filter(may_count);
        let needs = counting.flat_map(|trial| &trial.needs);
        let needs = needs.filter(|need| need.user().is_none_or(|user| looked_at.contains(user)));
        let needs: HashSet<&Need> = needs.collect();
        let plan = Plan::new(needs.into_iter().chain(&controls.needs).cloned());
        let of_all = |trial: &Trial| user_of(trial).is_none() && trial.needs.contains(&Need::Users);
        let audits_all = own().any(of_all);
        let narrowed = Some(trials);
        let plan = if audits_all {
            plan
        } else {
            plan.auditing(looked_at)
        };
        Work { plan, narrowed }
    }
}

/// The plan of these trials, whoever they are about.
fn whole<'t>(model: &OrgModel, trials: impl Iterator<Item = &'t Trial>) -> Plan {
    Plan::new(each(model, trials))
}

/// The needs of the trials, each once; for what anybody may have, those of everybody who must.
fn each<'t>(model: &OrgModel, trials: impl Iterator<Item = &'t Trial>) -> Vec<Need> {
    let distinct: HashSet<&Need> = trials.flat_map(|trial| &trial.needs).collect();
    let mut needs = Vec::new();
    for need in distinct {
        match need {
            Need::Anybodys(positive) => {
                needs.extend(positive.keys(model).map(|key| positive.need(key)));
            }
            need => needs.push(need.clone()),
        }
    }
    needs
}
