//! What findings share, as texts to compare: what they are about, and what they rest on.

use std::collections::BTreeSet;

use url::Url;

use super::codes;
use crate::code::Code;
use crate::report::record::{ABOUT, RecordedResult};
use crate::requirements::Subject;
use crate::requirements::rests_on::{
    ASSIGNMENT, ATTRIBUTES, AUDIENCES, CLIENT, EXCHANGED, GROUPS, HOSTS, ISSUERS, LIFETIMES, NAMES,
    RECEIVERS, RULES, SCOPES, SETTINGS, STATUS, members_of, rule_setting,
};

pub(super) fn always(_: &RecordedResult) -> Vec<String> {
    vec![String::new()]
}

fn part(finding: &RecordedResult, part: fn(&Subject) -> &Option<String>) -> Option<String> {
    finding
        .subject
        .as_ref()
        .and_then(|subject| part(subject).clone())
}

fn rests(finding: &RecordedResult, on: &str) -> Vec<String> {
    finding.observed.list(on).map(str::to_owned).collect()
}

pub(super) fn user(finding: &RecordedResult) -> Vec<String> {
    part(finding, |subject| &subject.user).into_iter().collect()
}

pub(super) fn group(finding: &RecordedResult) -> Vec<String> {
    part(finding, |subject| &subject.group)
        .into_iter()
        .collect()
}

pub(super) fn client(finding: &RecordedResult) -> Vec<String> {
    part(finding, |subject| &subject.client)
        .into_iter()
        .collect()
}

pub(super) fn case(finding: &RecordedResult) -> Vec<String> {
    part(finding, |subject| &subject.case).into_iter().collect()
}

pub(super) fn endpoint(finding: &RecordedResult) -> Vec<String> {
    part(finding, |subject| &subject.endpoint)
        .into_iter()
        .collect()
}

/// The endpoint of a hostile request that has a slash behind the path.
pub(super) fn endpoint_with_slash(finding: &RecordedResult) -> Vec<String> {
    let has_slash =
        part(finding, |subject| &subject.case).is_some_and(|case| case.ends_with("_slash_behind"));
    if has_slash {
        endpoint(finding)
    } else {
        Vec::new()
    }
}

/// Names as a text to compare: no name holds a line break.
fn together(names: impl IntoIterator<Item = String>) -> String {
    names.into_iter().collect::<Vec<_>>().join("\n")
}

fn each_with_user(finding: &RecordedResult, on: &str) -> Vec<String> {
    let Some(user) = part(finding, |subject| &subject.user) else {
        return Vec::new();
    };
    let each = rests(finding, on).into_iter();
    each.map(|name| together([user.clone(), name])).collect()
}

pub(super) fn user_in_groups(finding: &RecordedResult) -> Vec<String> {
    each_with_user(finding, GROUPS)
}

/// Whom the client is assigned to by groups alone.
pub(super) fn user_assigned_by_groups(finding: &RecordedResult) -> Vec<String> {
    let is_by_groups = rests(finding, ASSIGNMENT).iter().any(|way| way == "GROUP");
    if is_by_groups {
        user_in_groups(finding)
    } else {
        Vec::new()
    }
}

pub(super) fn user_with_attributes(finding: &RecordedResult) -> Vec<String> {
    each_with_user(finding, ATTRIBUTES)
}

pub(super) fn user_and_flow(finding: &RecordedResult) -> Vec<String> {
    let user = part(finding, |subject| &subject.user);
    let flow = part(finding, |subject| &subject.flow);
    let both = user.zip(flow);
    both.map(|(user, flow)| together([user, flow]))
        .into_iter()
        .collect()
}

pub(super) fn authorization(finding: &RecordedResult) -> Vec<String> {
    let request = part(finding, |subject| &subject.request);
    let of_user = user_and_flow(finding).pop();
    let both = of_user.zip(request);
    both.map(|(user, request)| together([user, request]))
        .into_iter()
        .collect()
}

/// The API is right to let in a token that holds what it asks for.
pub(super) fn authorization_that_opens(finding: &RecordedResult) -> Vec<String> {
    if rests(finding, SCOPES).is_empty() {
        return Vec::new();
    }
    authorization(finding)
}

pub(super) fn exchanged(finding: &RecordedResult) -> Vec<String> {
    rests(finding, EXCHANGED)
}

/// The run is made with the client id of another app.
pub(super) fn another_client(finding: &RecordedResult) -> Vec<String> {
    let is_named = !rests(finding, CLIENT).is_empty();
    if is_named {
        always(finding)
    } else {
        Vec::new()
    }
}

pub(super) fn names(finding: &RecordedResult) -> Vec<String> {
    rests(finding, NAMES)
}

pub(super) fn groups(finding: &RecordedResult) -> Vec<String> {
    rests(finding, GROUPS)
}

/// Those who are in a group of the finding, as rules give them something.
pub(super) fn members(finding: &RecordedResult) -> Vec<String> {
    let groups = groups(finding).into_iter();
    groups.map(|group| members_of(&group)).collect()
}

pub(super) fn receivers(finding: &RecordedResult) -> Vec<String> {
    rests(finding, RECEIVERS)
}

pub(super) fn rules(finding: &RecordedResult) -> Vec<String> {
    rests(finding, RULES)
}

pub(super) fn lifetimes(finding: &RecordedResult) -> Vec<String> {
    rests(finding, LIFETIMES)
}

pub(super) fn hosts(finding: &RecordedResult) -> Vec<String> {
    rests(finding, HOSTS)
}

pub(super) fn audiences(finding: &RecordedResult) -> Vec<String> {
    rests(finding, AUDIENCES)
}

/// Issuers in the place of the wanted one: of a server, the metadata or a token.
pub(super) fn issuers(finding: &RecordedResult) -> Vec<String> {
    let mut issuers = rests(finding, ISSUERS);
    issuers.extend(rests(finding, "iss"));
    issuers
}

/// Where they are.
pub(super) fn places_of_issuers(finding: &RecordedResult) -> Vec<String> {
    origins(&rests(finding, ISSUERS))
}

/// Where all the addresses are that the finding is about.
pub(super) fn only_place(finding: &RecordedResult) -> Vec<String> {
    let origins = origins(&rests(finding, ABOUT));
    if origins.len() == 1 {
        origins
    } else {
        Vec::new()
    }
}

fn origins(urls: &[String]) -> Vec<String> {
    let urls = urls.iter().filter_map(|url| Url::parse(url).ok());
    let origins: BTreeSet<String> = urls.map(|url| url.origin().ascii_serialization()).collect();
    origins.into_iter().collect()
}

pub(super) fn seen_audience(finding: &RecordedResult) -> Vec<String> {
    rests(finding, "aud")
}

/// Deactivating a user takes every assignment away; no other status does.
pub(super) fn deactivated_user(finding: &RecordedResult) -> Vec<String> {
    let is_deactivated = rests(finding, STATUS)
        .iter()
        .any(|status| status == "DEPROVISIONED");
    if is_deactivated {
        user(finding)
    } else {
        Vec::new()
    }
}

/// Who is not assigned by name is so as everybody.
pub(super) fn assigned_by_no_name(finding: &RecordedResult) -> Vec<String> {
    let by_name = rests(finding, ASSIGNMENT).iter().any(|way| way == "USER");
    if by_name { Vec::new() } else { always(finding) }
}

/// The org authorization server gives `openid` to everybody who may sign in.
pub(super) fn openid_alone(finding: &RecordedResult) -> Vec<String> {
    let request = part(finding, |subject| &subject.request);
    let is_alone = request.is_some_and(|request| request == "openid alone");
    if is_alone {
        always(finding)
    } else {
        Vec::new()
    }
}

/// One other redirect URI in the place of the wanted one was meant to be it; more are not.
pub(super) fn only_one(finding: &RecordedResult) -> Vec<String> {
    let about = finding.observed.list(ABOUT);
    if about.count() == 1 {
        always(finding)
    } else {
        Vec::new()
    }
}

/// What ticking the grant type brings, as Okta derives it.
pub(super) fn response_types_of_grant(finding: &RecordedResult) -> Vec<String> {
    let types: &[&str] = match client(finding).pop().as_deref() {
        Some("implicit") => &["token", "id_token"],
        Some("authorization_code") => &["code"],
        _ => &[],
    };
    types.iter().map(|name| (*name).to_owned()).collect()
}

/// The settings that a finding is about: as it names them, or as its code does.
pub(super) fn settings(finding: &RecordedResult) -> Vec<String> {
    let named = rests(finding, SETTINGS).into_iter();
    let of_code = codes(finding)
        .into_iter()
        .flat_map(|code| settings_of(code, finding));
    named.chain(of_code).collect()
}

fn settings_of(code: Code, finding: &RecordedResult) -> Vec<String> {
    let own: &[&str] = match code {
        Code::GrantTypeMissing | Code::ResponseTypeMissing => &[
            "settings.oauthClient.grant_types",
            "settings.oauthClient.response_types",
        ],
        Code::ScopeGivenToOthers | Code::ScopesNotGiven => return conditions_of_rules(finding),
        Code::ClientTypeOther => &["credentials.oauthClient.pkce_required"],
        Code::ConsentAsked => &["settings.oauthClient.consent_method", "consent"],
        Code::NetworkClosed => &["settings.oauthClient.network.connection"],
        Code::ClaimMissing | Code::ClaimOther => {
            let name = case(finding).into_iter();
            return name.map(|name| format!("claims.{name}")).collect();
        }
        Code::UserTakenForAnother => return assignment_settings(finding).to_vec(),
        _ => &[],
    };
    own.iter().map(|name| (*name).to_owned()).collect()
}

/// By what a rule gives too much or too little: whom it speaks of, which scopes, by which grants.
const CONDITIONS: [&str; 6] = [
    "conditions.people.groups.include",
    "conditions.people.groups.exclude",
    "conditions.people.users.include",
    "conditions.people.users.exclude",
    "conditions.scopes.include",
    "conditions.grantTypes.include",
];

fn conditions_of_rules(finding: &RecordedResult) -> Vec<String> {
    let rules = rules(finding).into_iter();
    let each = rules.flat_map(|rule| CONDITIONS.map(|field| rule_setting(&rule, field)));
    each.collect()
}

fn assignment_settings(finding: &RecordedResult) -> [String; 2] {
    let user = user(finding).pop().unwrap_or_default();
    ["scope", "credentials.userName"].map(|field| format!("users.{user}.{field}"))
}

/// The claim that makes the subject of an access token.
pub(super) fn subject_claim(_: &RecordedResult) -> Vec<String> {
    vec!["claims.sub".to_owned()]
}

/// What the client calls the user, which is the subject of an access token.
pub(super) fn name_of_user(finding: &RecordedResult) -> Vec<String> {
    let [_, name] = assignment_settings(finding);
    vec![name]
}
