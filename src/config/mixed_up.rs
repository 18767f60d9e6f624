//! Values that stand in the variables of one another, by how they look: what is sent in the place
//! of another may be seen by those who must not see it.

use super::{Environment, names};

/// What a Client ID that Okta makes begins with, and how long it is.
const CLIENT_ID: (&str, usize) = ("0oa", 20);

/// A line for each pair of which a run would send the secret where a Client ID goes: in addresses.
pub(super) fn problems(environment: &Environment) -> impl Iterator<Item = String> {
    let secrets = environment.pairs().filter_map(|(name, value)| {
        let id = name.strip_suffix("_CLIENT_SECRET")?;
        let is_ours = name == "OKTA_OAUTH2_CLIENT_SECRET" || names::service_of(name).is_some();
        (is_ours && is_client_id(value)).then(|| (name, format!("{id}_CLIENT_ID")))
    });
    secrets.map(|(secret, id)| {
        format!(
            "{secret} looks like a Client ID: are {id} and {secret} exchanged? A Client ID is sent \
             in addresses, where a secret must not be"
        )
    })
}

/// A line for each test user whose password looks like a login, and the login like none.
pub(super) fn notes(environment: &Environment) -> impl Iterator<Item = String> {
    let passwords = environment.pairs().filter_map(|(name, password)| {
        let user = names::user_of(name)?;
        let login = environment.get(&format!("TEST_USER_{user}_USERNAME"))?;
        let is_password = name.ends_with("_PASSWORD");
        (is_password && is_address(password) && !login.contains('@')).then_some(user)
    });
    passwords.map(|user| {
        format!(
            "TEST_USER_{user}_PASSWORD looks like a login, and TEST_USER_{user}_USERNAME does not: \
             if the two are exchanged, the password is shown and logged as a login"
        )
    })
}

fn is_client_id(value: &str) -> bool {
    let (start, length) = CLIENT_ID;
    let is_plain = value.chars().all(|c| c.is_ascii_alphanumeric());
    value.starts_with(start) && value.len() == length && is_plain
}

/// Whether a value has the form of an address of mail, as logins have by default.
fn is_address(value: &str) -> bool {
    let parts = value.split_once('@');
    parts.is_some_and(|(name, host)| {
        let is_host = host.contains('.') && !host.contains('@') && !host.ends_with('.');
        !name.is_empty() && is_host && !value.contains(char::is_whitespace)
    })
}
