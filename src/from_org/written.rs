//! The model of what was found, as a text to be finished by a person.

use serde::Serialize;

use super::look::{Look, may_take_part};
use super::parts::{
    self, Claim, Client, Group, Origin, Policy, Question, Rule, Scope, Server, claim_of,
};
use super::plain_text::with_escapes;
use super::questions;
use crate::escape;
use crate::management::found::{FoundClaim, FoundTrustedOrigin};
use crate::model::EVERYONE;

/// The grant types that a model's rules and client have.
pub(super) const GRANT_TYPES: [&str; 3] = ["authorization_code", "implicit", "refresh_token"];

/// A file that grows by sections.
struct File(String);

impl File {
    fn comment(&mut self, line: &str) {
        self.0.push_str("# ");
        self.0.push_str(&escape::visible(line));
        self.0.push('\n');
    }

    fn title(&mut self, words: &str) {
        self.0.push('\n');
        self.comment(&format!("---- {words} ----"));
        self.0.push('\n');
    }

    /// A table or several, by what is at its place in the model.
    fn section(&mut self, section: &impl Serialize) -> Result<(), toml::ser::Error> {
        self.0.push_str(&with_escapes(&toml::to_string(section)?));
        self.0.push('\n');
        Ok(())
    }

    /// The same, every line behind a `#`.
    fn behind(&mut self, section: &impl Serialize) -> Result<(), toml::ser::Error> {
        for line in with_escapes(&toml::to_string(section)?).lines() {
            self.0.push_str(if line.is_empty() { "#" } else { "# " });
            self.0.push_str(line);
            self.0.push('\n');
        }
        self.0.push('\n');
        Ok(())
    }

    fn ask(&mut self, question: &str) -> Result<(), toml::ser::Error> {
        self.section(&Question::of(question))
    }
}

/// The model, to be finished by a person: it is refused while a question stands in it.
///
/// # Errors
/// When a value cannot be written as TOML, which none of an org's is known to be.
pub fn written(look: &Look) -> Result<String, toml::ser::Error> {
    let mut file = File(String::new());
    file.comment(&format!(
        "What the org has around the client {}.",
        look.client.id
    ));
    file.comment(
        "Each [[unanswered]] asks for a decision: the file is refused while one is there.",
    );
    file.comment("What each table may say: docs/model.md.");
    file.0.push('\n');
    file.section(&parts::Title {
        title: &look.server.name,
    })?;
    endpoints(&mut file, look)?;
    groups(&mut file, look)?;
    users(&mut file, look)?;
    server(&mut file, look)?;
    policy(&mut file, look)?;
    client(&mut file, look)?;
    services(&mut file, look)?;
    origins(&mut file, look)?;
    probes(&mut file, look)?;
    Ok(file.0)
}

fn probes(file: &mut File, look: &Look) -> Result<(), toml::ser::Error> {
    let Some(section) = look.probes.section() else {
        return Ok(());
    };
    file.title("Probes: what `provision --with-probes` made");
    file.section(&section)
}

fn services(file: &mut File, look: &Look) -> Result<(), toml::ser::Error> {
    if !look.services.is_empty() {
        file.title("Services: clients that get tokens for themselves");
    }
    for service in &look.services {
        file.ask(&service.question())?;
        file.behind(&service.said())?;
    }
    Ok(())
}

fn endpoints(file: &mut File, look: &Look) -> Result<(), toml::ser::Error> {
    file.title("Intent");
    file.ask(questions::ENDPOINTS)?;
    for scope in look.own_scopes() {
        file.comment(&given_to(look, &scope.name));
        file.behind(&parts::Endpoint::of(&scope.name))?;
    }
    Ok(())
}

/// Who gets a scope today: whether that is meant is for a person to say, in `open_to`.
fn given_to(look: &Look, scope: &str) -> String {
    let rules = look.policies.iter().flat_map(|found| &found.rules);
    let giving = rules.filter(|rule| {
        let named = rule.conditions.scopes.include.iter();
        questions::covers_any_scope(rule) || named.clone().any(|name| name == scope)
    });
    let groups = giving.flat_map(|rule| look.groups_of(rule)).collect();
    let groups = parts::without_doubles(groups).into_iter();
    let groups: Vec<String> = groups.map(|group| format!("`{group}`")).collect();
    if groups.is_empty() {
        return format!("Today no rule gives `{scope}` to any group.");
    }
    format!("Today rules give `{scope}` to: {}.", groups.join(", "))
}

/// The groups that rules and assignments name, in the order in which they do.
fn named_groups(look: &Look) -> Vec<&str> {
    let rules = look.policies.iter().flat_map(|found| &found.rules);
    let of_rules = rules.flat_map(|rule| look.groups_of(rule));
    let named = of_rules.chain(look.assigned.iter().map(String::as_str));
    parts::without_doubles(named.filter(|name| *name != EVERYONE).collect())
}

fn groups(file: &mut File, look: &Look) -> Result<(), toml::ser::Error> {
    file.title("Step 1: groups");
    let groups = named_groups(look).into_iter().map(|name| Group { name });
    file.section(&parts::Groups {
        group: groups.collect(),
    })
}

fn users(file: &mut File, look: &Look) -> Result<(), toml::ser::Error> {
    file.title("Step 2: test users");
    file.ask(questions::USERS)?;
    for (at, group) in named_groups(look).into_iter().enumerate() {
        file.behind(&parts::Users::in_group(&format!("USER_{}", at + 1), group))?;
    }
    file.behind(&parts::Users::in_none("NONE"))
}

fn server(file: &mut File, look: &Look) -> Result<(), toml::ser::Error> {
    file.title("Step 3a: the authorization server");
    file.section(&Server::of(&look.server))?;
    let claims = look.claims.iter();
    for found in claims.filter(|found| !found.system && may_take_part(&found.status)) {
        claim(file, found)?;
    }
    file.title("Step 3b: scopes");
    for scope in look.own_scopes().filter(|scope| *scope.default) {
        file.ask(&questions::of_default_scope(&scope.name))?;
    }
    let scopes = look.own_scopes().map(Scope::of);
    file.section(&parts::Scopes {
        scope: scopes.collect(),
    })
}

/// A claim that a model has, or a question about one that it cannot have as it is.
fn claim(file: &mut File, found: &FoundClaim) -> Result<(), toml::ser::Error> {
    // Okta documents it for APIs that read that claim; no model needs it.
    if found.name == "scope" && found.value.as_deref() == Some("access.scope") {
        return Ok(());
    }
    let question = questions::of_claim(found);
    if let Some(question) = &question {
        file.ask(question)?;
    }
    match claim_of(found) {
        Claim::Said(claim) => {
            let claims = parts::Claims { claim: vec![claim] };
            match question {
                None => file.section(&claims),
                Some(_) => file.behind(&claims),
            }
        }
        Claim::OfAnExpression(claim) => {
            file.ask(&format!(
                "What does each test user see in the claim `{}`? Take the # from the lines below \
                 and say it in `sees`, by the NAME of each user: sees = {{ USER_1 = \"…\" }}",
                found.name
            ))?;
            file.behind(&parts::Claims { claim: vec![claim] })
        }
    }
}

fn policy(file: &mut File, look: &Look) -> Result<(), toml::ser::Error> {
    file.title("Step 3c: the access policy");
    for question in questions::of_policies(look) {
        file.ask(&question)?;
    }
    let Some(found) = look.policies.first() else {
        file.section(&Policy::called("Access"))?;
        return file.behind(&parts::Rules::of(Rule::example()));
    };
    file.section(&Policy::called(&found.policy.name))?;
    if questions::applies_to_all(found) {
        // It belongs to the table above.
        file.0.truncate(file.0.trim_end().len());
        file.0.push_str("\n# all_clients = true\n\n");
    }
    for rule in &found.rules {
        let section = parts::Rules::of(Rule::of(look, rule));
        match questions::of_rule(look, rule) {
            None => file.section(&section)?,
            Some(question) => {
                file.ask(&question)?;
                file.behind(&section)?;
            }
        }
    }
    Ok(())
}

fn client(file: &mut File, look: &Look) -> Result<(), toml::ser::Error> {
    file.title("Step 4: the client");
    for question in questions::of_client(look) {
        file.ask(&question)?;
    }
    file.section(&parts::Clients {
        client: Client::of(look),
    })
}

/// The Trusted Origins of the client; an org has those of others too.
fn origins(file: &mut File, look: &Look) -> Result<(), toml::ser::Error> {
    file.title("Step 4b: Trusted Origins of the client");
    let uris = &look.client.settings.oauth_client.redirect_uris;
    let own = uris.iter().filter_map(|uri| url::Url::parse(uri).ok());
    let own: Vec<String> = own.map(|uri| uri.origin().ascii_serialization()).collect();
    let is_own = |found: &&FoundTrustedOrigin| {
        let origin = found.origin.trim_end_matches('/');
        may_take_part(&found.status) && own.iter().any(|own| own == origin)
    };
    let own = look.origins.iter().filter(is_own);
    let (active, doubtful): (Vec<_>, Vec<_>) = own.partition(|found| found.status.is_active());
    for found in doubtful {
        file.ask(&questions::of_doubtful_origin(found))?;
        file.behind(&parts::Origins {
            trusted_origin: vec![Origin::of(found)],
        })?;
    }
    file.section(&parts::Origins {
        trusted_origin: active.into_iter().map(Origin::of).collect(),
    })
}
