//! "Could not look" is never "is fine": what a run cannot see is not checked, and says why.
//!
//! The mirror of the broken orgs. A file in `fixtures/blind-runs/` says what is out of sight,
//! exactly which trials cannot be checked by it, and for which cause; all others are met, for what
//! was seen.

use std::collections::{BTreeMap, BTreeSet};
use std::mem::swap;
use std::path::PathBuf;

use okta_e2e::config::Facts;
use okta_e2e::exchange::{Exchange, OwnRequests};
use okta_e2e::judgement::{Outcome, judge};
use okta_e2e::observation::{Agents, Need, Observations, Observer};
use okta_e2e::openid::Http;
use okta_e2e::progress::Progress;
use okta_e2e::requirements::{self, Context, Remembered, Trial};
use okta_e2e::selection::Selection;
use okta_e2e::verification::Verification;
use rstest::rstest;
use url::Url;

use crate::support::agent::HttpAgents;
use crate::support::pattern::fits;
use crate::support::scenario::{Scenario, assert_reads_well, keep_what_was_found};
use crate::support::world::World;

#[rstest]
#[tokio::test]
async fn what_a_blind_run_cannot_see_is_not_checked(
    #[files("fixtures/blind-runs/*.toml")] file: PathBuf,
) {
    let blind = Scenario::read(&file);
    let verified = blind.world().await.verify().await;
    keep_what_was_found("blind-runs", &file, &verified.record);
    assert_reads_well(&verified.record);
    assert!(blind.not_met.is_empty(), "what is not met was seen");
    assert!(!blind.unseen.is_empty(), "it says what it cannot see");
    assert!(blind.not_checked.is_empty(), "it says why it cannot see it");
    blind.assert_comes_true(&verified);
}

/// Everything that a right org shows, and the model and facts that it is judged by.
pub(crate) struct Sight<'a> {
    world: &'a World,
    pub(crate) facts: Facts,
    pub(crate) trials: Vec<Trial>,
    pub(crate) seen: Observations,
}

impl<'a> Sight<'a> {
    pub(crate) async fn of(world: &'a World) -> Self {
        let verification = Verification {
            model: &world.model,
            config: &world.config,
            access: &world.access,
            target: String::new(),
            resource_server: Url::parse(&world.resource_server).expect("a URL"),
            resource_server_words: String::new(),
            filter: None,
        };
        let (facts, trials) = (verification.facts(), requirements::trials(&world.model));
        let plan = verification.plan(&Selection::all(&trials));
        let (http, progress) = (Http::new().expect("a client"), Progress::silent());
        let observer = Observer {
            own: &OwnRequests::of(&world.model, &world.config.environment),
            model: &world.model,
            access: &world.access,
            facts: &facts,
            resource_server: &verification.resource_server,
            http: &http,
            clock: &world.config.clock,
            progress: &progress,
            secrets: progress.secrets(),
        };
        let agents = Agents::Given(&HttpAgents);
        let seen = observer.observe(&plan, agents).await.expect("a look");
        let seen = seen.observations;
        Self {
            world,
            facts,
            trials,
            seen,
        }
    }

    pub(crate) fn context<'c>(&'c self, remembered: &'c Remembered) -> Context<'c> {
        Context {
            model: &self.world.model,
            facts: &self.facts,
            seen: &self.seen,
            remembered,
        }
    }

    /// The ids of the trials with this need, by what they come to.
    fn outcomes(&self, need: &Need) -> BTreeMap<&'static str, BTreeSet<&str>> {
        let remembered = Remembered::default();
        let mut outcomes: BTreeMap<_, BTreeSet<&str>> = BTreeMap::new();
        for judged in judge(&self.trials, &self.context(&remembered)) {
            let outcome = match judged.outcome {
                Outcome::Met(_) => "met",
                Outcome::NotMet(_) => "not met",
                Outcome::NotChecked { .. } => "not checked",
            };
            if judged.trial.needs.contains(need) {
                let id = judged.trial.id.as_str();
                outcomes.entry(outcome).or_default().insert(id);
            }
        }
        outcomes
    }

    /// The requests and answers that a need stands for.
    fn alike(&self, need: &Need) -> Vec<Need> {
        match need {
            Need::Anybodys(positive) => {
                let keys = positive.keys(&self.world.model);
                keys.map(|key| positive.need(key)).collect()
            }
            need => vec![need.clone()],
        }
    }

    /// Takes what a need shows out of sight, or back.
    fn swap(&mut self, dark: &mut Observations, need: &Need) {
        let (seen, org, none) = (&mut self.seen, &mut dark.org, Observations::default);
        match need {
            Need::Organization => swap(&mut seen.organization, &mut dark.organization),
            Need::Groups => swap(&mut seen.org.groups, &mut org.groups),
            Need::Users => swap(&mut seen.org.users, &mut org.users),
            Need::Server => swap(&mut seen.org.server, &mut org.server),
            Need::Scopes => swap(&mut seen.org.scopes, &mut org.scopes),
            Need::Claims => swap(&mut seen.org.claims, &mut org.claims),
            Need::Policies => swap(&mut seen.org.policies, &mut org.policies),
            Need::Client => swap(&mut seen.org.client, &mut org.client),
            Need::ClientGroups => swap(&mut seen.org.client_groups, &mut org.client_groups),
            Need::TrustedOrigins => swap(&mut seen.org.trusted_origins, &mut org.trusted_origins),
            Need::Metadata => {
                swap(&mut seen.metadata, &mut dark.metadata);
                swap(&mut seen.oauth_metadata, &mut dark.oauth_metadata);
                swap(&mut seen.clock_ahead, &mut dark.clock_ahead);
            }
            Need::Keys => swap(&mut seen.keys, &mut dark.keys),
            Need::Authorization(key) => {
                let hidden = dark.authorizations.remove(key);
                let hidden = hidden.unwrap_or_else(|| none().authorization(key).cloned());
                let shown = seen.authorizations.insert(key.clone(), hidden);
                dark.authorizations
                    .insert(key.clone(), shown.expect("it was seen"));
            }
            Need::Refresh(key) => {
                let hidden = dark.refreshed.remove(key);
                let hidden = hidden.unwrap_or_else(|| none().refreshed(key).cloned());
                let shown = seen.refreshed.insert(key.clone(), hidden);
                dark.refreshed
                    .insert(key.clone(), shown.expect("it was seen"));
            }
            Need::ServiceClients => swap(&mut seen.org.services, &mut org.services),
            Need::Service(name) => {
                let hidden = dark.services.remove(name);
                let hidden = hidden.unwrap_or_else(|| none().service(name).cloned());
                let shown = seen.services.insert(name.clone(), hidden);
                dark.services
                    .insert(name.clone(), shown.expect("it was seen"));
            }
            Need::Call(Exchange::Api(key)) => {
                let hidden = dark.calls.remove(key);
                let hidden = hidden.unwrap_or_else(|| none().call(key).cloned());
                let shown = seen.calls.insert(key.clone(), hidden);
                dark.calls.insert(key.clone(), shown.expect("it was seen"));
            }
            Need::Call(Exchange::Server(call)) => {
                let hidden = dark.server.remove(call);
                let hidden = hidden.unwrap_or_else(|| none().server(call).cloned());
                let shown = seen.server.insert(call.clone(), hidden);
                dark.server
                    .insert(call.clone(), shown.expect("it was seen"));
            }
            Need::Anybodys(_) => unreachable!("these are others' requests"),
        }
    }
}

/// What is met although something that it asks for is out of sight: which thing, which trials, and
/// what they are met by.
const MET_BY_THE_REST: [(&str, &str, &str); 11] = [
    (
        "Metadata",
        "step_5_authorize::the_access_token_*",
        "what the run was told; the metadata gives the clock alone, and this machine's is near",
    ),
    (
        "Metadata",
        "step_5_authorize::the_id_token_*",
        "what the run was told; the metadata gives the clock alone, and this machine's is near",
    ),
    (
        "Metadata",
        "step_5_authorize::expires_in_*",
        "the token alone",
    ),
    (
        "Users",
        "step_5_authorize::the_access_token_names_the_user",
        "the subject of the ID token",
    ),
    (
        "Users",
        "step_5_authorize::the_id_token_has_the_user_as_subject",
        "the user of the access token",
    ),
    (
        "Metadata",
        "step_5_authorize::the_*_token_is_without_the_claim*",
        "the token alone; the metadata gives the clock",
    ),
    (
        "Users",
        "step_5_authorize::the_*_token_has_the_claim",
        "the groups of the model, where no other group is listed",
    ),
    (
        "Authorization",
        "step_5_sign_in::what_the_user_types_goes_to_the_org_alone",
        "what was typed at the user's other requests",
    ),
    (
        "Anybodys",
        "access::a_refusal_asks_for_a_bearer_token",
        "the 401 and its challenge",
    ),
    (
        "Groups",
        "step_3c_access_policy::the_policies_say_nothing_beyond_the_model",
        "the policies themselves, which name nobody but groups",
    ),
    (
        "Client",
        "step_3c_access_policy::no_rule_gives_*_to_anybody_else",
        "rules with no grant type by which a client obtains anything for itself",
    ),
];

/// What kind of thing a need is.
fn kind(need: &Need) -> String {
    let words = format!("{need:?}");
    words.split('(').next().unwrap_or_default().to_owned()
}

fn is_met_by_the_rest(need: &Need, id: &str) -> bool {
    let mut known = MET_BY_THE_REST.iter();
    known.any(|(what, pattern, _)| *what == kind(need) && fits(pattern, id))
}

/// Takes each thing that a right org shows out of sight, one after the other: whatever asked for it
/// is not checked, and nothing turns red by it.
#[rstest]
#[case("fixtures/org.toml")]
#[case("fixtures/org-code-only.toml")]
#[case("fixtures/org-orders.toml")]
#[tokio::test]
async fn nothing_is_met_by_what_is_out_of_sight(#[case] model: &str) {
    let world = World::of(model, okta_sandbox::Sandbox::builder()).await;
    let mut sight = Sight::of(&world).await;
    let needs = sight.trials.iter().flat_map(|trial| &trial.needs);
    let needs: BTreeSet<Need> = needs.cloned().collect();
    let mut met = BTreeSet::new();
    for need in &needs {
        let mut dark = Observations::default();
        let hidden = sight.alike(need);
        for need in &hidden {
            sight.swap(&mut dark, need);
        }
        let outcomes = sight.outcomes(need);
        assert_eq!(outcomes.get("not met"), None, "without {need:?}");
        let still = outcomes.get("met").into_iter().flatten();
        let wrongly = still.filter(|id| !is_met_by_the_rest(need, id));
        met.extend(wrongly.map(|id| format!("{id} without {}", kind(need))));
        for need in &hidden {
            sight.swap(&mut dark, need);
        }
    }
    assert_eq!(met, BTreeSet::new(), "met by what they do not see");
}

/// Of a run that saw nothing at all, nothing is met and nothing is wrong.
#[tokio::test]
async fn nothing_is_met_by_nothing() {
    let world = World::new().await;
    let mut sight = Sight::of(&world).await;
    sight.seen = Observations::default();
    let (remembered, trials) = (Remembered::default(), &sight.trials);
    let judged = judge(trials, &sight.context(&remembered));
    let checked = judged
        .iter()
        .filter(|j| !matches!(j.outcome, Outcome::NotChecked { .. }));
    let checked: Vec<String> = checked.map(|judged| judged.trial.name()).collect();
    assert_eq!(checked, Vec::<String>::new());
}
