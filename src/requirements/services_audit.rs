//! Steps 3c and 4a of service clients: what the org has of each, and what its policies give it.

use std::collections::BTreeSet;

use super::context::Context;
use super::deciding::{CONDITIONS, Condition};
use super::found::{Code, Found};
use super::rests_on;
use super::see;
use super::services_exchanged::ServicesExchanged;
use super::sought::Sought;
use super::step::Step;
use super::subject::Subject;
use super::trial::{Finding, Fix, Judgement, Trial};
use super::unseen::{takes_part, told};
use crate::management::found::FoundApplication;
use crate::management::status::Words;
use crate::model::{
    AccessPolicy, AccessRule, Allowed, CLIENT_CREDENTIALS, OpenIdConnectScopes, OrgModel, Scope,
    Service,
};
use crate::observation::{Need, NotSeen, Seen};

/// Okta's `application_type` of service clients.
const SERVICE: &str = "service";
/// How secrets are sent: Okta takes either, whichever the client is configured for.
const BY_SECRET: [&str; 2] = ["client_secret_basic", "client_secret_post"];

/// What is missing where a service gets no token.
pub(super) fn token_of(service: &str) -> String {
    format!("a token of the service {service}")
}

/// The trials of step 4a.
pub(super) fn of_clients(model: &OrgModel) -> Vec<Trial> {
    model.services.iter().map(is_a_client).collect()
}

/// The trials of step 3c.
pub(super) fn of_policies(model: &OrgModel) -> Vec<Trial> {
    model.services.iter().map(gets_what_is_its_own).collect()
}

fn is_a_client(service: &Service) -> Trial {
    let (own, cause) = (service.clone(), token_of(service.name()));
    let name = "the_service_is_a_client_that_acts_for_itself_alone";
    let needs = [Need::ServiceClients];
    Trial::new(Step::Client, name, see::CLIENT_CREDENTIALS, needs, move |context| {
        let found = context.seen.org.service(own.name())?;
        let none = || Ok(vec!["there is none".to_owned()]);
        let wrong = found.map_or_else(none, |found| wrong(&own, found))?;
        let method = own.token_endpoint_auth_method.name();
        Ok(Judgement::when(wrong.is_empty(), || Finding {
            found: match found {
                None => Code::ServiceClientMissing.into(),
                Some(_) => Code::ServiceClientOther.into(),
            },
            expected: format!(
                "an active client of the type `{SERVICE}` with the grant type \
                 `{CLIENT_CREDENTIALS}` alone, that authenticates by {method}"
            ),
            actual: wrong.join("; "),
            fix: Fix::new(
                format!(
                    "Applications > Applications > {} > General; or Create App Integration > API \
                     Services, and set {} to its Client ID",
                    own.label,
                    own.variable("CLIENT_ID")
                ),
                "PUT /api/v1/apps/{appId}, or POST /api/v1/apps",
            ),
        }))
    })
    .about(Subject::case(service.name()))
    .explains(move |_, symptom| symptom.is_missing(&cause))
}

/// What is not as it should be with the client of a service.
///
/// # Errors
/// [`NotSeen`] where nothing is, of what the org shows, and it does not show all.
fn wrong(service: &Service, found: &FoundApplication) -> Seen<Vec<String>> {
    let settings = &found.settings.oauth_client;
    let kind = told(
        "settings.oauthClient.application_type",
        &settings.application_type,
    );
    let grants = told("settings.oauthClient.grant_types", &settings.grant_types);
    let method = &found.credentials.oauth_client.token_endpoint_auth_method;
    let method = told("credentials.oauthClient.token_endpoint_auth_method", method);
    let mut wrong = Vec::new();
    let is_active = takes_part("the client", &found.status, Words::OBJECT);
    if let Ok(false) = is_active {
        wrong.push(format!("it is {}", found.status));
    }
    if let Some(kind) = kind.iter().find(|kind| **kind != SERVICE) {
        wrong.push(format!("it is of the type `{kind}`"));
    }
    if let Some(grants) = grants
        .iter()
        .find(|grants| ***grants != [CLIENT_CREDENTIALS])
    {
        wrong.push(format!("its grant types are {grants:?}"));
    }
    let wanted = service.token_endpoint_auth_method.name();
    let is_alike = |method: &str| {
        method == wanted || (BY_SECRET.contains(&method) && BY_SECRET.contains(&wanted))
    };
    if let Some(method) = method.iter().find(|method| !is_alike(method)) {
        wrong.push(format!("it authenticates by {method}"));
    }
    if wrong.is_empty() {
        kind.and(grants.map(drop)).and(method.map(drop))?;
        is_active?;
    }
    Ok(wrong)
}

fn gets_what_is_its_own(service: &Service) -> Trial {
    let (own, cause) = (service.clone(), token_of(service.name()));
    let name = "the_rules_give_the_service_exactly_its_scopes";
    let needs = [Need::Policies, Need::ServiceClients];
    let judge = move |context: &Context<'_>| {
        let id = client_id(context, &own)?;
        let policies = context.all_policies()?;
        let scopes: Vec<&str> = own.scope_names().collect();
        let lacks = given(policies, id, &scopes).is_none();
        let asleep = asleep(policies, id, &scopes).filter(|_| lacks);
        let lacking = lacks.then(|| {
            let scopes = scopes.join(" and ");
            let but = asleep.as_ref().map_or("", |asleep| &asleep.words);
            format!("no active rule for it gives {scopes} at once{but}")
        });
        let others = context.model.scopes.iter().map(Scope::name);
        let others = others.filter(|scope| !own.may_have(scope));
        let rules = others
            .clone()
            .filter_map(|scope| given(policies, id, &[scope]));
        let rules = rules.map(|(policy, rule)| rests_on::rule_words(&policy.name, &rule.name));
        let rules: BTreeSet<String> = rules.collect();
        let further: Vec<(&str, String)> = others
            .filter_map(|scope| Some((scope, further(scope, given(policies, id, &[scope])?))))
            .collect();
        let found = if further.is_empty() {
            Code::ServiceScopesNotGiven.into()
        } else {
            let scopes = further.iter().map(|(scope, _)| *scope);
            Found::of(Code::ServiceScopesGiven, scopes)
        };
        let further = further.into_iter().map(|(_, words)| words);
        let mut wrong: Vec<String> = lacking.into_iter().chain(further).collect();
        if wrong.is_empty() {
            return Ok(Judgement::met());
        }
        let expected = format!("{} for the service, and nothing else", scopes.join(" and "));
        let exchanged = context.exchanged_service(&own);
        let fix = match &exchanged {
            Some(exchanged) => exchanged.fix(),
            None => mend_rules(asleep.or_else(|| unnamed(policies, &own, id).filter(|_| lacks))),
        };
        wrong.extend(exchanged.as_ref().map(ServicesExchanged::words));
        let pair = exchanged.as_ref().map(ServicesExchanged::pair);
        let unmet = Judgement::not_met(found, expected, wrong.join("; "), fix);
        let unmet = unmet.resting_on(rests_on::EXCHANGED, pair);
        let scopes = rules.iter().map(|rule| Condition::Scopes.of(rule));
        let unmet = unmet.resting_on(CONDITIONS, scopes);
        Ok(unmet.resting_on(rests_on::RULES, rules))
    };
    Trial::new(Step::AccessPolicy, name, see::ACCESS_POLICY, needs, judge)
        .about(Subject::case(service.name()))
        .explains(move |_, symptom| symptom.is_missing(&cause))
}

/// A policy or rule that would give a service what it lacks, were it active.
struct Asleep {
    /// For the end of a sentence.
    words: String,
    /// Where it is made active.
    fix: Fix,
}

/// A policy that is of this service by its rule, and does not name its client.
fn unnamed(policies: &[AccessPolicy], service: &Service, client_id: &str) -> Option<Asleep> {
    let is_its_own = |rule: &AccessRule| {
        let scopes = || service.scope_names();
        let openid = OpenIdConnectScopes::MustBeInRule;
        rule.is_active
            && rule.grant_types.contains(CLIENT_CREDENTIALS)
            && scopes().all(|scope| rule.covers(scope, openid))
            && rule.scopes == Allowed::only(scopes())
    };
    let policy = policies.iter().find(|policy| {
        let names = policy.clients.contains(client_id);
        policy.is_active && !names && policy.rules.iter().any(is_its_own)
    })?;
    Some(Asleep {
        words: String::new(),
        fix: Fix::new(
            format!(
                "Security > API > Authorization Servers > the server > Access Policies > `{}` > \
                 Edit > Assign to: `{}`, whom its rule is for",
                policy.name, service.label
            ),
            "PUT /api/v1/authorizationServers/{authServerId}/policies/{policyId} with \
             conditions.clients.include",
        ),
    })
}

fn asleep(policies: &[AccessPolicy], client_id: &str, scopes: &[&str]) -> Option<Asleep> {
    let (policy, rule) = giving(policies, client_id, scopes).next()?;
    let place = "Security > API > Authorization Servers > the server > Access Policies";
    let call = "POST /api/v1/authorizationServers/{authServerId}/policies/{policyId}";
    let named = rests_on::rule_words(&policy.name, &rule.name);
    let (is, click, call) = if policy.is_active {
        let click = format!(
            "{place} > `{}` > rule `{}` > Activate",
            policy.name, rule.name
        );
        (
            "the rule",
            click,
            format!("{call}/rules/{{ruleId}}/lifecycle/activate"),
        )
    } else {
        let click = format!("{place} > `{}` > Activate", policy.name);
        ("the policy", click, format!("{call}/lifecycle/activate"))
    };
    Some(Asleep {
        words: format!(": {named} would, but {is} is INACTIVE"),
        fix: Fix::new(click, call),
    })
}

/// What to do about the rules of a service: what is there is made active, and not made again.
fn mend_rules(asleep: Option<Asleep>) -> Fix {
    asleep.map_or_else(
        || {
            Fix::new(
                "Security > API > Authorization Servers > the server > Access Policies: a policy \
                 for this client alone, with one rule for Client Credentials and its scopes",
                "PUT /api/v1/authorizationServers/{authServerId}/policies/{policyId}/rules/\
                 {ruleId}",
            )
        },
        |asleep| asleep.fix,
    )
}

fn further(scope: &str, (policy, rule): (&AccessPolicy, &AccessRule)) -> String {
    let (policy, rule) = (&policy.name, &rule.name);
    format!("rule `{rule}` of policy `{policy}` gives it `{scope}` too")
}

/// The client id of a service, where the org has such a client.
fn client_id<'a>(context: &'a Context<'_>, service: &Service) -> Seen<&'a str> {
    let name = service.name();
    if context.seen.org.service(name)?.is_none() {
        let reason = format!("the org has no client of the service {name}");
        return Err(NotSeen::inconclusive(reason));
    }
    let id = context.facts.services.get(name);
    let none =
        || NotSeen::not_configured(format!("the client id of the service {name} is not set"));
    id.map(String::as_str).ok_or_else(none)
}

/// The first rule that gives a client the scopes for itself, whatever it says of people.
pub(super) fn given<'p>(
    policies: &'p [AccessPolicy],
    client_id: &str,
    scopes: &[&str],
) -> Option<(&'p AccessPolicy, &'p AccessRule)> {
    giving(policies, client_id, scopes).find(|(policy, rule)| policy.is_active && rule.is_active)
}

/// The rules that give a client the scopes for itself, or would if they were active.
fn giving<'p>(
    policies: &'p [AccessPolicy],
    client_id: &str,
    scopes: &[&str],
) -> impl Iterator<Item = (&'p AccessPolicy, &'p AccessRule)> {
    let openid = OpenIdConnectScopes::MustBeInRule;
    let applying = policies.iter();
    let applying = applying.filter(move |policy| policy.clients.contains(client_id));
    let rules = applying.flat_map(|policy| policy.rules.iter().map(move |rule| (policy, rule)));
    rules.filter(move |(_, rule)| {
        rule.grant_types.contains(CLIENT_CREDENTIALS)
            && scopes.iter().all(|scope| rule.covers(scope, openid))
    })
}

impl Context<'_> {
    /// Why it is not known whether a client is a service of the model that may have the scope: one
    /// of them is not configured, and the client is none of those that are.
    pub(super) fn unconfigured_service(&self, client_id: &str, sought: &Sought) -> Option<NotSeen> {
        let known = &self.facts.services;
        if known.values().any(|known| known == client_id) {
            return None;
        }
        let services = self.model.services.iter();
        let mut with_scope = services.filter(|service| sought.is_for(service));
        let service = with_scope.find(|service| !known.contains_key(service.name()))?;
        Some(NotSeen::not_configured(format!(
            "set {} to have what the service client {} may do looked at",
            service.variable("CLIENT_ID"),
            service.name()
        )))
    }

    /// Whether a client is a service of the model that may have it for itself.
    pub(super) fn is_service_with(&self, client_id: &str, sought: &Sought) -> bool {
        let service = self.service_of(client_id);
        service.is_some_and(|service| sought.is_for(service))
    }
}
