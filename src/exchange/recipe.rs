//! Credentials that nobody may accept, made of genuine tokens.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Map, Value};

use super::credential::{Algorithm, Change, SecretOf, SignedBy};
use super::keys::Hash;
use super::material::Material;
use super::{keys, template};

/// Why a token cannot be changed as the recipe says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoRecipe {
    /// There is nothing in it to change.
    #[error("the token is no JSON Web Token, so there is nothing in it to change")]
    Opaque,
    /// It takes the key of the issuer.
    #[error(
        "it takes a token that Okta signed for it: `[probes]` in the org model with `provision \
         --with-probes`; or the key that the issuer signs with: set OKTA_E2E_TRUSTED_KEY to its \
         file where the issuer is your own"
    )]
    NoTrustedKey,
    /// It takes the public key of the issuer.
    #[error("no published key can be used for it")]
    NoPublishedKey,
    /// No key could be made.
    #[error("no key could be made: the system's random source gave out")]
    NoKey,
}

/// A header or a payload.
enum Part {
    Object(Map<String, Value>),
    Bytes(Vec<u8>),
}

/// A token taken apart.
struct Draft<'a> {
    header: Part,
    payload: Part,
    signature: String,
    /// The payload of the genuine token, as it came.
    genuine: String,
    /// The key that the genuine token names.
    kid: Option<String>,
    assembly: &'a str,
}

/// Makes a credential of a token; of an empty recipe, the token itself, whatever it is.
///
/// # Errors
/// [`NoRecipe`] where the token is opaque, or a key is missing.
pub fn prepare(
    token: &SecretString,
    recipe: &[Change],
    material: &Material<'_>,
) -> Result<SecretString, NoRecipe> {
    if recipe.is_empty() {
        return Ok(token.clone());
    }
    let mut draft = Draft::of(token).ok_or(NoRecipe::Opaque)?;
    for change in recipe {
        draft.apply(change, material)?;
    }
    Ok(SecretString::from(draft.text()))
}

impl<'a> Draft<'a> {
    fn of(token: &SecretString) -> Option<Self> {
        let segments: Vec<&str> = token.expose_secret().split('.').collect();
        let [header, payload, signature] = segments[..] else {
            return None;
        };
        let header = decoded(header)?;
        let kid = header.get("kid").and_then(Value::as_str);
        Some(Self {
            kid: kid.map(str::to_owned),
            header: Part::Object(header),
            payload: Part::Object(decoded(payload)?),
            signature: signature.to_owned(),
            genuine: payload.to_owned(),
            assembly: "{header}.{payload}.{signature}",
        })
    }

    fn apply(&mut self, change: &'a Change, material: &Material<'_>) -> Result<(), NoRecipe> {
        match change {
            Change::SetHeader { name, value } => self.header.set(name, material.json(value)),
            Change::RemoveHeader(name) => self.header.remove(name),
            Change::HeaderText(text) => {
                self.header = Part::of(&self.with_kid(&material.text(text)));
            }
            Change::SetClaim { name, value } => self.payload.set(name, material.json(value)),
            Change::RemoveClaim(name) => self.payload.remove(name),
            Change::PayloadText(text) => self.payload = Part::of(&material.text(text)),
            Change::PayloadBytes(bytes) => self.payload = Part::Bytes(bytes.clone()),
            Change::Sign(by) => self.signature = self.signed(by, material)?,
            Change::Assemble(assembly) => self.assembly = assembly,
        }
        Ok(())
    }

    /// A text with the key that the genuine token names.
    fn with_kid(&self, text: &str) -> String {
        template::fill(text, &|name| self.kid.clone().filter(|_| name == "kid"))
    }

    fn signed(&mut self, by: &SignedBy, material: &Material<'_>) -> Result<String, NoRecipe> {
        match by {
            SignedBy::Nothing => Ok(String::new()),
            SignedBy::Text(text) => Ok(material.text(text)),
            SignedBy::FirstByteFlipped => Ok(flipped(&self.signature, 0)),
            SignedBy::LastByteFlipped => Ok(flipped(&self.signature, usize::MAX)),
            SignedBy::Own(algorithm) => {
                self.names(*algorithm);
                let signature =
                    keys::own().and_then(|own| own.signature(*algorithm, &self.message()));
                signature.ok_or(NoRecipe::NoKey)
            }
            SignedBy::Trusted(algorithm) => {
                self.names(*algorithm);
                let key = material.trusted.ok_or(NoRecipe::NoTrustedKey)?;
                let signature = key.signature(*algorithm, &self.message());
                signature.ok_or(NoRecipe::NoKey)
            }
            SignedBy::Secret(secret) => {
                let hash = Hash::named(self.header.text("alg"));
                self.header.set("alg", hash.name().into());
                let secret = self.secret(secret, material)?;
                Ok(keys::hmac(hash, &secret, &self.message()))
            }
        }
    }

    fn secret(&self, of: &SecretOf, material: &Material<'_>) -> Result<Vec<u8>, NoRecipe> {
        if let SecretOf::Text(text) = of {
            return Ok(material.text(text).into_bytes());
        }
        if *of == SecretOf::KeySet {
            let set = material.keys.ok_or(NoRecipe::NoPublishedKey)?;
            return Ok(set.text.clone().into_bytes());
        }
        let published = material.published(self.kid.as_deref());
        published
            .and_then(|key| keys::secret(of, key))
            .ok_or(NoRecipe::NoPublishedKey)
    }

    /// The algorithm that the header names, where it is not a text by now.
    fn names(&mut self, algorithm: Algorithm) {
        self.header.set("alg", format!("{algorithm:?}").into());
    }

    fn message(&self) -> String {
        format!("{}.{}", self.header.segment(), self.payload.segment())
    }

    fn text(&self) -> String {
        let value = |name: &str| {
            let (name, form) = match name.split_once('.') {
                Some((name, form)) => (name, Some(form)),
                None => (name, None),
            };
            let value = match name {
                "header" => self.header.segment(),
                "payload" => self.payload.segment(),
                "signature" => self.signature.clone(),
                "genuine-payload" => self.genuine.clone(),
                _ => return None,
            };
            form.map_or_else(|| Some(value.clone()), |form| template::form(&value, form))
        };
        template::fill(self.assembly, &value)
    }
}

impl Part {
    fn of(text: &str) -> Self {
        Self::Bytes(text.as_bytes().to_vec())
    }

    fn set(&mut self, name: &str, value: Value) {
        if let Self::Object(object) = self {
            object.insert(name.to_owned(), value);
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        match self {
            Self::Object(object) => object.get(name).and_then(Value::as_str),
            Self::Bytes(_) => None,
        }
    }

    fn remove(&mut self, name: &str) {
        if let Self::Object(object) = self {
            object.remove(name);
        }
    }

    fn segment(&self) -> String {
        match self {
            Self::Object(object) => {
                URL_SAFE_NO_PAD.encode(Value::Object(object.clone()).to_string())
            }
            Self::Bytes(bytes) => URL_SAFE_NO_PAD.encode(bytes),
        }
    }
}

/// The same bytes with one bit another, in base64url.
fn flipped(signature: &str, place: usize) -> String {
    let mut bytes = URL_SAFE_NO_PAD.decode(signature).unwrap_or_default();
    let last = bytes.len().saturating_sub(1);
    if let Some(byte) = bytes.get_mut(place.min(last)) {
        *byte ^= 1;
    }
    URL_SAFE_NO_PAD.encode(bytes)
}

fn decoded(segment: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(segment).ok()?;
    serde_json::from_slice(&bytes).ok()
}

#[cfg(test)]
mod tests {
    use url::Url;

    use super::*;
    use crate::exchange::OwnRequest;
    use crate::exchange::catalog::case;

    fn token() -> SecretString {
        let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"RS256","kid":"k1"}"#);
        let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"silver@example.com"}"#);
        SecretString::from(format!("{header}.{claims}.c2ln"))
    }

    fn material<'m>(own: &'m OwnRequest, base: &'m Url) -> Material<'m> {
        Material {
            issuer: "https://example.okta.com/oauth2/aus1",
            audience: "api://default",
            client_id: "0oa1",
            app: base,
            scope: "http://myapp.com/scp/silver",
            own,
            other: None,
            listener: None,
            base,
            keys: None,
            trusted: None,
            now: 1_700_000_000,
        }
    }

    fn prepared(token: &SecretString, recipe: &[Change]) -> Result<SecretString, NoRecipe> {
        let base = Url::parse("https://api.example/v2").unwrap();
        prepare(token, recipe, &material(&OwnRequest::default(), &base))
    }

    #[test]
    fn a_change_that_changes_nothing_is_known() {
        let own = OwnRequest {
            path: "/planets".to_owned(),
            ..OwnRequest::default()
        };
        let base = Url::parse("https://api.example/v2").unwrap();
        let unchanged = |id: &str, scope: &str| {
            let material = Material {
                scope,
                ..material(&own, &base)
            };
            case(id).unchanged(&material)
        };
        assert_eq!(unchanged("scope_dots", "http://myapp.com/scp/silver"), None);
        let same = unchanged("scope_dots", "orders:read");
        assert_eq!(same.as_deref(), Some("scope in the form dots"));
        let same = unchanged("scope_upper", "ORDERS");
        assert_eq!(same.as_deref(), Some("scope in the form upper"));
        assert_eq!(unchanged("scope_upper", "orders:read"), None);
    }

    fn made(recipe: &[Change]) -> (Map<String, Value>, Map<String, Value>, String) {
        let made = prepared(&token(), recipe).expect("a token");
        let segments: Vec<&str> = made.expose_secret().split('.').collect();
        let [header, payload, signature] = segments[..] else {
            panic!("three segments");
        };
        let decoded = |segment| decoded(segment).expect("an object");
        (decoded(header), decoded(payload), signature.to_owned())
    }

    fn of_case(id: &str) -> (Map<String, Value>, Map<String, Value>, String) {
        made(&case(id).credential.as_ref().expect("a credential").recipe)
    }

    #[test]
    fn a_recipe_changes_what_it_says_and_nothing_else() {
        let (_, claims, signature) = of_case("a_tampered_token_is_refused");
        assert_eq!(claims["tampered"], true);
        assert_eq!(claims["sub"], "silver@example.com");
        assert_eq!(signature, "c2ln");
        let (header, _, signature) = of_case("a_token_without_signature_is_refused");
        assert_eq!(header["alg"], "none");
        assert_eq!(header["kid"], "k1");
        assert_eq!(signature, "");
    }

    #[test]
    fn what_the_genuine_token_says_is_at_hand() {
        let made = |id: &str| {
            let recipe = &case(id).credential.as_ref().expect("a credential").recipe;
            let made = prepared(&token(), recipe).expect("a token");
            made.expose_secret().to_owned()
        };
        let twice = made("alg_twice");
        let header = twice.split('.').next().expect("a header");
        let header = URL_SAFE_NO_PAD.decode(header).expect("base64url");
        let wanted = br#"{"alg":"RS256","kid":"k1","alg":"none"}"#;
        assert_eq!(header, wanted);
        let genuine = token();
        let genuine = genuine
            .expose_secret()
            .split('.')
            .nth(1)
            .expect("a payload");
        let in_json = made("forged_within_json");
        assert!(in_json.contains(&format!("\"payload\":\"{genuine}\"")));
    }

    #[test]
    fn texts_of_a_recipe_are_filled_in() {
        let text = "[{ set-claim = { name = 'exp', value = '{now-3600}' } }, \
                    { set-claim = { name = 'iss', value = '{issuer.beginning}' } }, \
                    { set-claim = { name = 'aud', value = ['{audience}', '{null}'] } }]";
        let recipe: toml::Table = toml::from_str(&format!("recipe = {text}")).unwrap();
        let recipe: Vec<Change> = recipe["recipe"].clone().try_into().unwrap();
        let (_, claims, _) = made(&recipe);
        assert_eq!(claims["exp"], 1_699_996_400);
        assert_eq!(claims["iss"], "https://example.okta.com/oauth2/a");
        assert_eq!(claims["aud"], serde_json::json!(["api://default", null]));
    }

    #[test]
    fn an_opaque_token_is_not_sent_as_if_it_were_changed() {
        let opaque = SecretString::from("opaque");
        let change = [Change::Sign(SignedBy::Nothing)];
        assert_eq!(prepared(&opaque, &change).unwrap_err(), NoRecipe::Opaque);
        let same = prepared(&opaque, &[]).expect("the token");
        assert_eq!(same.expose_secret(), "opaque");
    }

    #[test]
    fn without_the_key_of_the_issuer_nothing_is_signed_by_it() {
        let change = [Change::Sign(SignedBy::Trusted(Algorithm::RS256))];
        assert_eq!(
            prepared(&token(), &change).unwrap_err(),
            NoRecipe::NoTrustedKey
        );
    }
}
