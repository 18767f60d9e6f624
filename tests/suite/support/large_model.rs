//! Org models of any size, as text: what grows, and how fast, is measured and counted with them.

use std::fmt::Write as _;

/// How a model is made.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LargeModel {
    /// So many test users: in the tiers by turns, but for one in twenty who is in none, and one who
    /// is not assigned.
    pub(crate) users: usize,
    /// So many endpoints, each needing one of the scopes by turns.
    pub(crate) endpoints: usize,
    /// So many groups, scopes and rules; not more than endpoints.
    pub(crate) tiers: usize,
    /// Whether each tier has the scopes of those before it too, as gold has silver's.
    pub(crate) nested: bool,
}

impl LargeModel {
    /// The model file.
    pub(crate) fn text(self) -> String {
        let mut text = "title = \"a large model\"\n".to_owned();
        for number in 0..self.endpoints {
            let _ = writeln!(
                text,
                "[[endpoint]]\npath = \"/endpoint-{number}\"\nscope = \"{}\"\nopen_to = [{}]\n\
                 answers = [\"answer-{number}\"]",
                scope(number % self.tiers),
                self.open_to(number % self.tiers),
            );
        }
        for tier in 0..self.tiers {
            let scope = scope(tier);
            let _ = writeln!(text, "[[group]]\nname = \"group-{tier}\"");
            let _ = writeln!(text, "[[scope]]\nname = \"{scope}\"");
        }
        for number in 0..self.users {
            let _ = writeln!(text, "[[user]]\nname = \"USER_{number}\"");
            let _ = match number % 20 {
                18 => writeln!(text, "assigned_directly = true"),
                19 => Ok(()),
                _ => writeln!(text, "groups = [\"group-{}\"]", number % self.tiers),
            };
        }
        text.push_str(&self.mechanism());
        text
    }

    fn open_to(self, tier: usize) -> String {
        let last = if self.nested { self.tiers - 1 } else { tier };
        quoted((tier..=last).map(|tier| format!("group-{tier}")))
    }

    fn mechanism(self) -> String {
        let mut text = "[authorization_server]\nname = \"Large\"\naudience = \"http://large\"\n\
                        [policy]\nname = \"Large\"\n"
            .to_owned();
        for tier in (0..self.tiers).rev() {
            let first = if self.nested { 0 } else { tier };
            let scopes = (first..=tier).map(scope);
            let _ = writeln!(
                text,
                "[[policy.rule]]\nname = \"rule-{tier}\"\ngroups = [\"group-{tier}\"]\n\
                 scopes = [{}]\ngrant_types = [\"authorization_code\", \"implicit\"]\n\
                 access_token_lifetime_minutes = 60",
                quoted(["openid".to_owned()].into_iter().chain(scopes)),
            );
        }
        let _ = writeln!(
            text,
            "[client]\nlabel = \"Large\"\napplication_type = \"web\"\n\
             grant_types = [\"authorization_code\", \"implicit\"]\n\
             response_types = [\"code\", \"token\", \"id_token\"]\n\
             token_endpoint_auth_method = \"client_secret_basic\"\n\
             redirect_uri = \"http://localhost:8080/callback\"\nassigned_groups = [{}]",
            quoted((0..self.tiers).map(|tier| format!("group-{tier}"))),
        );
        text
    }
}

fn scope(tier: usize) -> String {
    format!("http://large/scp/scope-{tier}")
}

fn quoted(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.map(|name| format!("\"{name}\"")).collect();
    names.join(", ")
}
