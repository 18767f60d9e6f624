//! Credentials that nobody may accept, made of genuine tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

use super::{Change, SignedBy};

/// Why a token cannot be changed as the recipe says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the token is no JSON Web Token, so there is nothing in it to change")]
pub struct NoRecipe;

/// A token taken apart.
struct Draft {
    header: Map<String, Value>,
    claims: Map<String, Value>,
    signature: String,
}

/// Makes a credential of a token; of an empty recipe, the token itself, whatever it is.
///
/// # Errors
/// [`NoRecipe`] where the token is opaque.
pub fn prepare(token: &SecretString, recipe: &[Change]) -> Result<SecretString, NoRecipe> {
    if recipe.is_empty() {
        return Ok(token.clone());
    }
    let mut draft = Draft::of(token).ok_or(NoRecipe)?;
    for change in recipe {
        draft.apply(change);
    }
    Ok(SecretString::from(draft.text()))
}

impl Draft {
    fn of(token: &SecretString) -> Option<Self> {
        let segments: Vec<&str> = token.expose_secret().split('.').collect();
        let [header, payload, signature] = segments[..] else {
            return None;
        };
        Some(Self {
            header: decoded(header)?,
            claims: decoded(payload)?,
            signature: signature.to_owned(),
        })
    }

    fn apply(&mut self, change: &Change) {
        match change {
            Change::SetHeader { name, value } => {
                self.header.insert(name.clone(), value.clone());
            }
            Change::SetClaim { name, value } => {
                self.claims.insert(name.clone(), value.clone());
            }
            Change::Sign(SignedBy::Nothing) => self.signature.clear(),
        }
    }

    fn text(self) -> String {
        let (header, claims) = (encoded(self.header), encoded(self.claims));
        format!("{header}.{claims}.{}", self.signature)
    }
}

fn decoded(segment: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(segment).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn encoded(object: Map<String, Value>) -> String {
    URL_SAFE_NO_PAD.encode(Value::Object(object).to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::family;

    fn token() -> SecretString {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"k1"}"#);
        let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"silver@example.com"}"#);
        SecretString::from(format!("{header}.{claims}.c2ln"))
    }

    fn made(id: &str) -> Draft {
        let case = family("access").iter().find(|case| case.id == id);
        let credential = case.and_then(|case| case.credential.as_ref());
        let recipe = &credential.expect("a credential").recipe;
        let made = prepare(&token(), recipe).expect("a token");
        Draft::of(&made).expect("three segments")
    }

    #[test]
    fn a_recipe_changes_what_it_says_and_nothing_else() {
        let tampered = made("a_tampered_token_is_refused");
        assert_eq!(tampered.claims["tampered"], true);
        assert_eq!(tampered.claims["sub"], "silver@example.com");
        assert_eq!(tampered.signature, "c2ln");
        let unsigned = made("a_token_without_signature_is_refused");
        assert_eq!(unsigned.header["alg"], "none");
        assert_eq!(unsigned.header["kid"], "k1");
        assert_eq!(unsigned.signature, "");
    }

    #[test]
    fn an_opaque_token_is_not_sent_as_if_it_were_changed() {
        let opaque = SecretString::from("opaque");
        let change = [Change::Sign(SignedBy::Nothing)];
        assert_eq!(prepare(&opaque, &change).unwrap_err(), NoRecipe);
        let same = prepare(&opaque, &[]).expect("the token");
        assert_eq!(same.expose_secret(), "opaque");
    }
}
