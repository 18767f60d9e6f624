//! What a claim tells of a person.

use super::found::FoundClaim;

impl FoundClaim {
    /// What the claim tells of a user: by its name (OpenID Connect Core 5.1), or by the attribute
    /// of Okta's user profile in its expression.
    pub(crate) fn of_the_person(&self) -> Option<&'static str> {
        const KINDS: [(&str, &[&str]); 5] = [
            ("groups", &["groups", "getfilteredgroups", "ismemberof"]),
            ("e-mail address", &["email"]),
            ("phone number", &["phone"]),
            ("address", &["address", "zipcode", "city", "countrycode"]),
            (
                "name",
                &[
                    "displayname",
                    "firstname",
                    "lastname",
                    "middlename",
                    "nickname",
                    "given_name",
                    "family_name",
                    "middle_name",
                    "preferred_username",
                ],
            ),
        ];
        if self.value_type.as_deref() == Some("GROUPS") {
            return Some("groups");
        }
        if self.name == "name" {
            return Some("name");
        }
        let value = self.value.as_deref().unwrap_or_default();
        let text = format!("{} {value}", self.name).to_lowercase();
        let is_in_text = |words: &[&str]| words.iter().any(|word| text.contains(word));
        let known = KINDS.iter().find(|(_, words)| is_in_text(words));
        known.map(|(what, _)| *what)
    }
}
