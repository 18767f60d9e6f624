//! What an authenticator says when a passkey is enrolled (Web Authentication Level 2, sections 6.5
//! and 8.2).

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::KeyPair as _;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ciborium::Value;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use url::Origin;

use super::{Passkey, PasskeyError};

/// The user is present and verified, and what follows tells of a new credential.
const FLAGS: u8 = 0b0100_0101;
/// An authenticator that does not say of what make it is.
const AAGUID: [u8; 16] = [0; 16];
/// ECDSA by P-256 and SHA-256, in COSE's register.
const ES256: i64 = -7;

/// What is sent to an org to enroll a passkey, both in base64 as Okta's documents have it.
#[derive(Debug, Clone)]
pub struct Attestation {
    /// The attestation object.
    pub attestation: String,
    /// What a browser adds: the challenge and the page it was answered on.
    pub client_data: String,
}

impl Passkey {
    /// Answers an org's challenge to enroll, as a browser does on a page of this origin.
    ///
    /// The statement is signed by the passkey itself ("packed", without certificates), as the one
    /// in Okta's documents is (Factors API, "Activate `WebAuthn` Factor").
    ///
    /// # Errors
    /// [`PasskeyError::Challenge`], [`PasskeyError::Key`].
    pub fn attest(&self, challenge: &str, page: &Origin) -> Result<Attestation, PasskeyError> {
        let challenge = URL_SAFE_NO_PAD.decode(challenge.trim_end_matches('='));
        let challenge = challenge.map_err(|_| PasskeyError::Challenge)?;
        let client_data = json!({
            "type": "webauthn.create",
            "challenge": URL_SAFE_NO_PAD.encode(challenge),
            "origin": page.ascii_serialization(),
            "crossOrigin": false,
        });
        let client_data = client_data.to_string();
        let data = self.authenticator_data()?;
        let mut signed = data.clone();
        signed.extend(Sha256::digest(&client_data));
        let signature = self.key_pair()?.sign(&SystemRandom::new(), &signed);
        let signature = signature.map_err(|_| PasskeyError::Key)?;
        let statement = map([
            ("alg", Value::from(ES256)),
            ("sig", Value::Bytes(signature.as_ref().to_vec())),
        ]);
        let object = map([
            ("fmt", Value::from("packed")),
            ("attStmt", statement),
            ("authData", Value::Bytes(data)),
        ]);
        Ok(Attestation {
            attestation: STANDARD.encode(encoded(&object)?),
            client_data: STANDARD.encode(client_data),
        })
    }

    /// Section 6.1, with the new credential.
    fn authenticator_data(&self) -> Result<Vec<u8>, PasskeyError> {
        let length = u16::try_from(self.credential_id.len()).map_err(|_| PasskeyError::Key)?;
        let mut data = Sha256::digest(&self.relying_party).to_vec();
        data.push(FLAGS);
        data.extend(0_u32.to_be_bytes());
        data.extend(AAGUID);
        data.extend(length.to_be_bytes());
        data.extend(&self.credential_id);
        data.extend(encoded(&self.public_key()?)?);
        Ok(data)
    }

    /// In COSE's form (RFC 9053, section 7.1.1).
    fn public_key(&self) -> Result<Value, PasskeyError> {
        let pair = self.key_pair()?;
        let point = pair.public_key().as_ref();
        let [4, coordinates @ ..] = point else {
            return Err(PasskeyError::Key);
        };
        let (x, y) = coordinates.split_at(coordinates.len() / 2);
        let entries = [
            (1, Value::from(2)),
            (3, Value::from(ES256)),
            (-1, Value::from(1)),
            (-2, Value::Bytes(x.to_vec())),
            (-3, Value::Bytes(y.to_vec())),
        ];
        let entries = entries.map(|(name, value)| (Value::from(name), value));
        Ok(Value::Map(entries.to_vec()))
    }
}

fn map<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Map(
        entries
            .map(|(name, value)| (Value::from(name), value))
            .to_vec(),
    )
}

fn encoded(value: &Value) -> Result<Vec<u8>, PasskeyError> {
    let mut bytes = Vec::new();
    let written = ciborium::into_writer(value, &mut bytes);
    written.map_err(|_| PasskeyError::Key)?;
    Ok(bytes)
}
