//! What to do, from the model and the found org alone: pure.

use std::collections::{BTreeMap, BTreeSet};

use super::difference::differences;
use super::found::Found;
use super::probes;
use super::services;
use super::store::Store;
use super::subject::Subject;
use super::wanted::{decisive, is_confidential};
use crate::management::found::ACTIVE;
use crate::model::{OrgModel, TestUser};

/// What provisioning would do.
#[derive(Debug)]
pub struct Plan {
    /// Everything that the model wants, in the order in which it is made.
    pub actions: Vec<Action>,
    /// What the variables do not know and nobody but their owner can set, in words.
    pub unknown: Vec<String>,
    /// What stays as it is and should be looked at.
    pub warnings: Vec<String>,
}

/// What to do about one object or link.
#[derive(Debug)]
pub struct Action {
    /// The object.
    pub subject: Subject,
    /// What is done.
    pub change: Change,
    /// Whether the object was made by an earlier run, as the journal says.
    pub is_own: bool,
    /// What it would open where the API is weak, in words, if it is made for that.
    pub opens: Option<String>,
    /// Whether it changes something that was there before, or rests on such a change: that is done
    /// only by a run that adopts what it found.
    pub needs_adoption: bool,
}

/// What is done about an object.
#[derive(Debug, PartialEq, Eq)]
pub enum Change {
    /// It is there and fits.
    Nothing,
    /// It is not there.
    Create,
    /// It is there and differs, in these words.
    Update(Vec<String>),
}

impl Plan {
    /// What would change of what was there before.
    pub fn adoptions(&self) -> impl Iterator<Item = &Action> {
        self.changes().filter(|action| action.needs_adoption)
    }

    /// What would change.
    pub fn changes(&self) -> impl Iterator<Item = &Action> {
        self.actions
            .iter()
            .filter(|action| action.change != Change::Nothing)
    }
}

impl std::fmt::Display for Action {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let subject = &self.subject;
        match &self.change {
            Change::Nothing => write!(formatter, "{subject}: exists"),
            Change::Create if matches!(subject, Subject::Password { .. }) => {
                write!(
                    formatter,
                    "{subject}: to be set anew, since it is not known"
                )
            }
            Change::Create if *subject == Subject::ClientSecret => {
                write!(
                    formatter,
                    "{subject}: to be read or made anew, since it is not known"
                )
            }
            Change::Create => {
                let opens = self.opens.as_ref();
                let opens = opens.map_or_else(String::new, |opens| format!("; {opens}"));
                write!(formatter, "{subject}: to be made{opens}")
            }
            Change::Update(list) => {
                write!(
                    formatter,
                    "{subject}: to be changed{}: {}",
                    self.origin(),
                    list.join("; ")
                )
            }
        }
    }
}

impl Action {
    /// A word of warning before something that provisioning did not make is changed.
    pub(super) fn origin(&self) -> &'static str {
        if self.is_own {
            ""
        } else {
            " (found, not made by provision)"
        }
    }
}

/// What to do to make the found org fit the model.
pub(super) fn plan(model: &OrgModel, found: &Found, store: &impl Store) -> Plan {
    let mut subjects = Subject::all(model);
    subjects.retain(|subject| found.needs(subject) && is_possible(subject, found));
    let mut resting = BTreeSet::new();
    let mut actions = Vec::new();
    for subject in subjects {
        let change = change(model, &subject, found);
        let needs_adoption = change != Change::Nothing && touches(&subject, found, &resting);
        if needs_adoption {
            resting.insert(subject.clone());
        }
        actions.push(Action {
            change,
            is_own: found.is_own(&subject),
            opens: probes::opens(model, &subject),
            needs_adoption,
            subject,
        });
    }
    Plan {
        actions,
        unknown: unknown(model, found, store),
        warnings: warnings(model, found, store),
    }
}

/// Passwords and secrets are set anew only where provisioning made what they belong to.
fn is_possible(subject: &Subject, found: &Found) -> bool {
    let belongs_to = subject.parts_of();
    match subject {
        Subject::Password { .. } | Subject::ClientSecret => {
            belongs_to.iter().all(|owner| found.is_own(owner))
        }
        _ => true,
    }
}

/// Whether something that was there before would be changed, or is to be changed before this.
fn touches(subject: &Subject, found: &Found, resting: &BTreeSet<Subject>) -> bool {
    let is_foreign = |subject: &Subject| found.path(subject).is_some() && !found.is_own(subject);
    let rests = |subject: &Subject| resting.contains(subject) && found.path(subject).is_none();
    if found.path(subject).is_some() {
        return is_foreign(subject);
    }
    let parts = subject.parts_of();
    parts.iter().any(|part| is_foreign(part) || rests(part))
}

fn change(model: &OrgModel, subject: &Subject, found: &Found) -> Change {
    if found.path(subject).is_none() {
        return Change::Create;
    }
    let list = match found.value(subject) {
        Some(value) => differences(&decisive(model, subject, found), value),
        None => Vec::new(),
    };
    if list.is_empty() {
        Change::Nothing
    } else {
        Change::Update(list)
    }
}

/// The priorities to give, so that the wanted rules stand in the model's order; found rules are by
/// the model's name or none, in their order. Okta moves the others down to make room.
pub(super) fn priorities(wanted: &[&str], found: &[Option<String>]) -> BTreeMap<String, usize> {
    let mut list: Vec<Option<&str>> = found.iter().map(Option::as_deref).collect();
    let place = |name: &str| wanted.iter().position(|wanted| *wanted == name);
    let standing: Vec<usize> = list.iter().flatten().copied().filter_map(place).collect();
    let numbered = |(index, name): (usize, &&str)| ((*name).to_owned(), index + 1);
    if !standing.is_sorted() {
        return wanted.iter().enumerate().map(numbered).collect();
    }
    let mut given = BTreeMap::new();
    for (index, name) in wanted.iter().enumerate() {
        if list.contains(&Some(name)) {
            continue;
        }
        let later = |found: Option<&str>| found.and_then(place).is_some_and(|at| at > index);
        let position = list.iter().copied().position(later).unwrap_or(list.len());
        list.insert(position, Some(name));
        given.insert((*name).to_owned(), position + 1);
    }
    given
}

fn warnings(model: &OrgModel, found: &Found, store: &impl Store) -> Vec<String> {
    let mut list = Vec::new();
    for name in &found.other_policies {
        list.push(format!(
            "the authorization server's access policy `{name}` stays"
        ));
    }
    for name in &found.other_rules {
        list.push(format!("the access policy's rule `{name}` stays"));
    }
    let users = model.users.iter();
    list.extend(users.filter_map(|user| about_user(user, found, store)));
    list.extend(about_client(model, found));
    list.extend(about_sign_in(model, found, store).map(str::to_owned));
    list
}

fn about_sign_in(model: &OrgModel, found: &Found, store: &impl Store) -> Option<&'static str> {
    let assigned = store.journal().path(&Subject::SignInPolicyAssignment);
    match (found.identity_engine, model.client.password_only_sign_in) {
        (true, false) if assigned.is_none() && found.asks_for_two_factors => Some(
            "the app sign-in policy of the client asks for any two factors, which the test users \
             do not have: run again with --password-only-sign-in, or let the policy allow a \
             password alone for them (Applications > Applications > your app > Sign On > User \
             authentication)",
        ),
        (false, true) => Some(
            "--password-only-sign-in does not apply and nothing was done about it: the org is not \
             on Identity Engine, and only there can an app sign-in policy be set by the API. If \
             the test users are asked for more than a password, change that by hand (Applications \
             > Applications > your app > Sign On)",
        ),
        _ => None,
    }
}

fn about_user(user: &TestUser, found: &Found, store: &impl Store) -> Option<String> {
    let name = user.name();
    let status = found.text(&Subject::user(name), "/status")?;
    if status != ACTIVE {
        let remedy = match status {
            "STAGED" | "PROVISIONED" => "activate the user and set a password",
            "LOCKED_OUT" => "unlock the user",
            "PASSWORD_EXPIRED" | "RECOVERY" => "set a new password",
            "SUSPENDED" => "unsuspend the user",
            _ => "name another user",
        };
        return Some(format!(
            "test user {name} is {status} and cannot sign in: {remedy} (Directory > People), and \
             see that TEST_USER_{name}_USERNAME and _PASSWORD are right"
        ));
    }
    let variable = format!("TEST_USER_{name}_USERNAME");
    let named = store.variable(&variable)?;
    let login = found.text(&Subject::user(name), "/profile/login")?;
    (!named.eq_ignore_ascii_case(login) && found.is_own(&Subject::user(name))).then(|| {
        format!("{variable} names nobody: the test user that was made is another one; blank it")
    })
}

/// What is not known and cannot be set anew, since provisioning did not make what it belongs to.
fn unknown(model: &OrgModel, found: &Found, store: &impl Store) -> Vec<String> {
    let foreign =
        |subject: &Subject| found.unknown.contains(subject) && !is_possible(subject, found);
    let mut list = Vec::new();
    for user in &model.users {
        let name = user.name();
        if foreign(&Subject::password(name)) {
            list.push(format!("TEST_USER_{name}_PASSWORD is not known: set it"));
        }
    }
    list.extend(services::unknown(model, found, store));
    if is_confidential(model) && foreign(&Subject::ClientSecret) {
        list.push(
            "OKTA_OAUTH2_CLIENT_SECRET is not known: copy it from Applications > Applications > \
             your app > General > Client secrets"
                .to_owned(),
        );
    }
    list
}

fn about_client(model: &OrgModel, found: &Found) -> Vec<String> {
    let Some(kind) = found.text(&Subject::Client, "/settings/oauthClient/application_type") else {
        return Vec::new();
    };
    let mut list = Vec::new();
    let wanted = model.client.application_type.name();
    if kind != wanted {
        list.push(format!(
            "the client's application type is {kind} and not {wanted}, which cannot be changed: \
             delete the application and run again"
        ));
    }
    list
}
