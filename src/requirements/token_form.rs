//! What both tokens must be, whatever they say: one thing said once, of one kind, no longer than a
//! header may be, and without what nobody asked for.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use super::claims::{Checked, View, Wrong};
use super::trial::Fix;
use crate::openid::{TokenError, is_of_a_secret, plain};

/// Apache takes a header field of 8,190 bytes and nginx a line of 8 KiB by default; the token
/// stands behind `Authorization: Bearer `.
const LONGEST_TOKEN: usize = 8_190 - "Authorization: Bearer ".len();

/// The types that an access token may name (RFC 9068 section 2.1; RFC 7519 section 5.1), and the
/// one that Okta's org authorization server names.
const OF_ACCESS_TOKENS: [&str; 3] = ["jwt", "at+jwt", "okta-internal-at+jwt"];
/// What an ID token must not be taken for: each is a type of another token (RFC 9068 section 2.1,
/// OpenID Connect Back-Channel Logout section 2.4, RFC 8417 section 2.3, RFC 9449 section 4.2).
const OF_OTHER_TOKENS: [&str; 5] = [
    "at+jwt",
    "okta-internal-at+jwt",
    "logout+jwt",
    "secevent+jwt",
    "dpop+jwt",
];

/// Claims about the person, which a scope of OpenID Connect brings (Core section 5.4), in small
/// letters and without what stands between words.
const OF_THE_PERSON: [&str; 22] = [
    "name",
    "givenname",
    "firstname",
    "familyname",
    "lastname",
    "middlename",
    "nickname",
    "preferredusername",
    "picture",
    "gender",
    "birthdate",
    "birthday",
    "email",
    "secondemail",
    "emailverified",
    "address",
    "streetaddress",
    "phone",
    "phonenumber",
    "phonenumberverified",
    "mobilephone",
    "primaryphone",
];
/// Claims that tell of the token, the sign-in or what the token gives: those of Okta's tokens
/// (OpenID Connect & OAuth 2.0 API, "Access token" and "ID token"), RFC 9068 section 2.2 and OpenID
/// Connect Core sections 2 and 3.3.
const OF_THE_PROTOCOL: [&str; 21] = [
    "iss",
    "aud",
    "sub",
    "iat",
    "nbf",
    "exp",
    "jti",
    "ver",
    "cid",
    "uid",
    "scp",
    "scope",
    "client_id",
    "azp",
    "auth_time",
    "nonce",
    "amr",
    "acr",
    "idp",
    "at_hash",
    "c_hash",
];

/// Nothing stands twice: RFC 7515 section 4 and RFC 7519 section 4 want the names of header and
/// claims unique, since one reader takes the first and another the last.
pub(super) fn says_nothing_twice(view: &View<'_>) -> Checked {
    let repeated = view.token.repeated.as_ref();
    repeated.map_or(Ok(()), |name| {
        let expected = "each member of header and payload once".to_owned();
        Err(Wrong::new(expected, format!("`{name}` is in it twice")))
    })
}

/// `typ`, where the header of an access token has one, is that of an access token.
pub(super) fn access_token_type(view: &View<'_>) -> Checked {
    let named = named_type(view);
    let is_right = named.is_none_or(|named| OF_ACCESS_TOKENS.contains(&named.as_str()));
    is_of_type(view, is_right, "no `typ`, `JWT` or `at+jwt`")
}

/// `typ` of an ID token is not that of another token, for which an API would take it (RFC 8725
/// sections 2.8 and 3.11).
pub(super) fn id_token_type(view: &View<'_>) -> Checked {
    let named = named_type(view);
    let is_right = named.is_none_or(|named| !OF_OTHER_TOKENS.contains(&named.as_str()));
    is_of_type(view, is_right, "no `typ`, or `JWT`")
}

/// `application/` may be left out, and capital letters make no difference (RFC 7515 section 4.1.9).
fn named_type(view: &View<'_>) -> Option<String> {
    let named = view.token.header.get("typ")?;
    let named = named.as_str().unwrap_or("no text").to_lowercase();
    let short = named.strip_prefix("application/").map(str::to_owned);
    Some(short.unwrap_or(named))
}

fn is_of_type(view: &View<'_>, is_right: bool, wanted: &str) -> Checked {
    if is_right {
        return Ok(());
    }
    let found = view.token.header.get("typ").map(Value::to_string);
    Err(Wrong::new(
        wanted,
        format!("typ = {}", found.unwrap_or_default()),
    ))
}

/// What stands before an API refuses a header that is too long.
pub(super) fn fits_into_a_header(view: &View<'_>) -> Checked {
    let size = view.token.size();
    if size <= LONGEST_TOKEN {
        return Ok(());
    }
    Err(Wrong::new(
        format!("at most {LONGEST_TOKEN} bytes, which Apache and nginx take by default"),
        format!("{size} bytes"),
    ))
}

/// `azp`, where it is there, is the client (OpenID Connect Core section 3.1.3.7).
pub(super) fn authorized_party(view: &View<'_>) -> Checked {
    let client = &view.context.facts.client_id;
    match view.claim("azp") {
        None => Ok(()),
        Some(found) if found.as_str() == Some(client) => Ok(()),
        Some(found) => Err(Wrong::new(
            format!("no `azp`, or azp = `{client}`"),
            found.to_string(),
        )),
    }
}

/// No claim is called as what holds a secret.
pub(super) fn no_secret(view: &View<'_>) -> Checked {
    lacks(view, "no claim that is called as a secret", is_of_a_secret)
}

/// Only `openid` and scopes of the API are asked for, and none of them brings claims about the
/// person.
pub(super) fn nothing_of_the_person(view: &View<'_>) -> Checked {
    // What else it tells is right or wrong by nothing; another claim tomorrow is worth knowing of.
    let further = view.token.claims.keys();
    let further = further.filter(|name| !OF_THE_PROTOCOL.contains(&name.as_str()));
    let further: Vec<&str> = further.map(String::as_str).collect();
    if !further.is_empty() {
        view.keep("further claims", further);
    }
    let is_personal = |name: &str| OF_THE_PERSON.contains(&name);
    lacks(
        view,
        "no claim about the person, since no scope asks for one",
        is_personal,
    )
}

/// Scopes of OpenID Connect, and the claims that each brings (Core section 5.4), written as those
/// above.
const BROUGHT: [(&str, &[&str]); 4] = [
    ("profile", &OF_PROFILE),
    ("email", &["email", "emailverified"]),
    ("address", &["address", "streetaddress"]),
    ("phone", &["phone", "phonenumber", "phonenumberverified"]),
];
const OF_PROFILE: [&str; 9] = [
    "name",
    "givenname",
    "familyname",
    "middlename",
    "nickname",
    "preferredusername",
    "picture",
    "gender",
    "birthdate",
];

/// The claims about the person that none of these scopes brings.
pub(super) fn unasked_of_the_person<'c>(
    claims: &'c Map<String, Value>,
    scopes: &BTreeSet<String>,
) -> Vec<&'c str> {
    let brought = BROUGHT.iter().filter(|(scope, _)| scopes.contains(*scope));
    let brought: Vec<&str> = brought.flat_map(|(_, names)| *names).copied().collect();
    let mut found = Vec::new();
    names(claims, &mut found);
    found.retain(|name| {
        let name = plain(name);
        OF_THE_PERSON.contains(&name.as_str()) && !brought.contains(&name.as_str())
    });
    found
}

fn lacks(view: &View<'_>, expected: &str, is_unwanted: impl Fn(&str) -> bool) -> Checked {
    let mut found = Vec::new();
    names(&view.token.claims, &mut found);
    found.retain(|name| is_unwanted(&plain(name)));
    if found.is_empty() {
        return Ok(());
    }
    // What they say is nobody's business.
    let found: Vec<String> = found.iter().map(|name| format!("`{name}`")).collect();
    Err(Wrong::new(expected, format!("it has {}", found.join(", "))))
}

/// The names of the members, also of those within.
fn names<'c>(claims: &'c Map<String, Value>, found: &mut Vec<&'c str>) {
    for (name, value) in claims {
        found.push(name);
        if let Value::Object(members) = value {
            names(members, found);
        }
    }
}

/// Of a token that is encrypted, nothing else is wrong as far as anybody can tell.
pub(super) fn mend_unreadable(error: &TokenError) -> Option<Fix> {
    (*error == TokenError::Encrypted).then(|| {
        Fix::new(
            "step 3a: Security > API > Authorization Servers > the server > Settings (step 4a for \
             ID tokens: the client): turn the encryption of tokens off, or verify with an API that \
             holds the key; this suite holds none",
            "GET /api/v1/authorizationServers/{authServerId}: accessTokenEncryptedResponseAlgorithm",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Where to turn the encryption off; whatever else cannot be read has a fix of its own.
    #[test]
    fn an_encrypted_token_has_its_own_fix() {
        let fix = mend_unreadable(&TokenError::Encrypted).expect("a fix");
        assert!(
            fix.admin_console
                .contains("turn the encryption of tokens off")
        );
        assert!(fix.api.contains("accessTokenEncryptedResponseAlgorithm"));
        assert_eq!(mend_unreadable(&TokenError::Segments(1)), None);
    }
}
