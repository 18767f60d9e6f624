//! What an authenticator signs, verified as a relying party does it (Web Authentication Level 2,
//! section 7), for keys of P-256 alone.

use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1, UnparsedPublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ciborium::Value as Cbor;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

/// Bits of the flags: the user was there, was verified, and a new credential follows.
const PRESENT: u8 = 0b0000_0001;
const VERIFIED: u8 = 0b0000_0100;
const NEW: u8 = 0b0100_0000;
/// Hash of the relying party, flags, counter.
const HEAD_BYTES: usize = 37;
/// The make of an authenticator, and the length of a credential's id.
const MAKE_BYTES: usize = 16;
/// ECDSA by P-256 and SHA-256, in COSE's register.
const ES256: i64 = -7;

/// Who asks for a signature.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RelyingParty<'a> {
    /// Its page: scheme, host and port.
    pub(crate) origin: &'a str,
    /// Its name: the page's host.
    pub(crate) id: &'a str,
    /// What is to be signed this time, in base64url.
    pub(crate) challenge: &'a str,
}

/// A key that is enrolled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Credential {
    /// In base64url.
    pub(crate) id: String,
    /// A point of the curve, uncompressed.
    point: Vec<u8>,
    /// The count of the last signature.
    pub(crate) count: u32,
}

/// What a browser sends for a credential that is enrolled, in base64 of either kind.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Assertion<'a> {
    pub(crate) client_data: &'a str,
    pub(crate) authenticator_data: &'a str,
    pub(crate) signature: &'a str,
}

/// Why something signed is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unverified {
    Malformed,
    Kind,
    Challenge,
    Origin,
    RelyingParty,
    UserPresence,
    UserVerification,
    Algorithm,
    Signature,
    Count,
}

#[derive(Deserialize)]
struct ClientData {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
}

/// The head of what an authenticator says.
struct Head {
    flags: u8,
    count: u32,
}

impl RelyingParty<'_> {
    /// Section 7.1: the credential that is enrolled by these, which its own key must have signed.
    pub(crate) fn enrol(
        &self,
        attestation: &str,
        client_data: &str,
    ) -> Result<Credential, Unverified> {
        let client_data = bytes(client_data)?;
        self.check_client(&client_data, "webauthn.create")?;
        let object: Cbor =
            ciborium::from_reader(&*bytes(attestation)?).map_err(|_| Unverified::Malformed)?;
        let data = part(&object, "authData").and_then(Cbor::as_bytes);
        let data = data.ok_or(Unverified::Malformed)?;
        let head = self.check_head(data)?;
        if head.flags & NEW == 0 {
            return Err(Unverified::Malformed);
        }
        let credential = new_credential(data, head.count)?;
        let statement = part(&object, "attStmt").ok_or(Unverified::Malformed)?;
        let own = part(statement, "sig").and_then(Cbor::as_bytes);
        match part(&object, "fmt").and_then(Cbor::as_text) {
            Some("none") => Ok(credential),
            Some("packed") if part(statement, "x5c").is_none() => {
                let signature = own.ok_or(Unverified::Malformed)?;
                credential.check(data, &client_data, signature)?;
                Ok(credential)
            }
            _ => Err(Unverified::Algorithm),
        }
    }

    /// Section 7.2: the count of the signature, which is to be kept.
    pub(crate) fn verify(
        &self,
        credential: &Credential,
        assertion: Assertion<'_>,
    ) -> Result<u32, Unverified> {
        let client_data = bytes(assertion.client_data)?;
        self.check_client(&client_data, "webauthn.get")?;
        let data = bytes(assertion.authenticator_data)?;
        let head = self.check_head(&data)?;
        if head.flags & VERIFIED == 0 {
            return Err(Unverified::UserVerification);
        }
        credential.check(&data, &client_data, &bytes(assertion.signature)?)?;
        let counts = head.count > 0 || credential.count > 0;
        if counts && head.count <= credential.count {
            return Err(Unverified::Count);
        }
        Ok(head.count)
    }

    fn check_client(&self, client_data: &[u8], kind: &str) -> Result<(), Unverified> {
        let told: ClientData =
            serde_json::from_slice(client_data).map_err(|_| Unverified::Malformed)?;
        let checks = [
            (told.kind == kind, Unverified::Kind),
            (told.challenge == self.challenge, Unverified::Challenge),
            (told.origin == self.origin, Unverified::Origin),
        ];
        checks
            .into_iter()
            .try_for_each(|(holds, wrong)| if holds { Ok(()) } else { Err(wrong) })
    }

    fn check_head(&self, data: &[u8]) -> Result<Head, Unverified> {
        let (party, rest) = data.split_at_checked(32).ok_or(Unverified::Malformed)?;
        let [flags, a, b, c, d, ..] = *rest else {
            return Err(Unverified::Malformed);
        };
        if party != &Sha256::digest(self.id)[..] {
            return Err(Unverified::RelyingParty);
        }
        if flags & PRESENT == 0 {
            return Err(Unverified::UserPresence);
        }
        Ok(Head {
            flags,
            count: u32::from_be_bytes([a, b, c, d]),
        })
    }
}

impl Credential {
    fn check(&self, data: &[u8], client_data: &[u8], signature: &[u8]) -> Result<(), Unverified> {
        let signed = [data, &Sha256::digest(client_data)].concat();
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_ASN1, &self.point);
        key.verify(&signed, signature)
            .map_err(|_| Unverified::Signature)
    }
}

/// The credential behind the head: its make, its id with a length before it, its public key.
fn new_credential(data: &[u8], count: u32) -> Result<Credential, Unverified> {
    let malformed = Unverified::Malformed;
    let rest = data.get(HEAD_BYTES + MAKE_BYTES..).ok_or(malformed)?;
    let [high, low, rest @ ..] = rest else {
        return Err(malformed);
    };
    let length = u16::from_be_bytes([*high, *low]);
    let (id, key) = rest
        .split_at_checked(usize::from(length))
        .ok_or(malformed)?;
    let key: Cbor = ciborium::from_reader(key).map_err(|_| malformed)?;
    Ok(Credential {
        id: URL_SAFE_NO_PAD.encode(id),
        point: point(&key).ok_or(Unverified::Algorithm)?,
        count,
    })
}

/// The point of a key of P-256 in COSE's form (RFC 9053, section 7.1.1).
fn point(key: &Cbor) -> Option<Vec<u8>> {
    let entry = |name: i64| {
        let mut entries = key.as_map()?.iter();
        let found = entries.find(|(key, _)| *key == Cbor::from(name))?;
        Some(&found.1)
    };
    let is = |name, value: i64| entry(name) == Some(&Cbor::from(value));
    let is_p256 = is(1, 2) && is(3, ES256) && is(-1, 1);
    let coordinate = |name| entry(name).and_then(Cbor::as_bytes);
    let (x, y) = (coordinate(-2)?, coordinate(-3)?);
    is_p256.then(|| [&[4][..], x, y].concat())
}

fn part<'a>(map: &'a Cbor, name: &str) -> Option<&'a Cbor> {
    let mut entries = map.as_map()?.iter();
    let found = entries.find(|(key, _)| key.as_text() == Some(name));
    found.map(|(_, value)| value)
}

/// Okta's pages send base64; what is asked for is base64url.
fn bytes(text: &str) -> Result<Vec<u8>, Unverified> {
    let text = text.replace('-', "+").replace('_', "/");
    let decoded = STANDARD_NO_PAD.decode(text.trim_end_matches('='));
    decoded.map_err(|_| Unverified::Malformed)
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
    use base64::engine::general_purpose::STANDARD;
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    const PARTY: RelyingParty<'static> = RelyingParty {
        origin: "https://example.okta.com",
        id: "example.okta.com",
        challenge: "cdsZ1V10E0BGE4GcG3IK",
    };

    /// What an authenticator signs, with one thing after the other made wrong.
    struct Signing {
        kind: &'static str,
        challenge: &'static str,
        origin: &'static str,
        party: &'static str,
        flags: u8,
        count: u32,
        by_another_key: bool,
    }

    const RIGHT: Signing = Signing {
        kind: "webauthn.get",
        challenge: PARTY.challenge,
        origin: PARTY.origin,
        party: PARTY.id,
        flags: PRESENT | VERIFIED,
        count: 8,
        by_another_key: false,
    };

    fn pair() -> EcdsaKeyPair {
        EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key")
    }

    fn verified(signing: &Signing) -> Result<u32, Unverified> {
        let own = pair();
        let credential = Credential {
            id: "id".to_owned(),
            point: own.public_key().as_ref().to_vec(),
            count: 7,
        };
        let client = json!({
            "type": signing.kind, "challenge": signing.challenge, "origin": signing.origin,
        });
        let client = client.to_string();
        let mut data = Sha256::digest(signing.party).to_vec();
        data.push(signing.flags);
        data.extend(signing.count.to_be_bytes());
        let signed = [&data[..], &Sha256::digest(&client)].concat();
        let pair = if signing.by_another_key { pair() } else { own };
        let signature = pair.sign(&SystemRandom::new(), &signed).expect("signed");
        let assertion = Assertion {
            client_data: &STANDARD.encode(&client),
            authenticator_data: &STANDARD.encode(&data),
            signature: &URL_SAFE_NO_PAD.encode(signature.as_ref()),
        };
        PARTY.verify(&credential, assertion)
    }

    #[rstest]
    #[case::right(RIGHT, Ok(8))]
    #[case::enrolment(Signing { kind: "webauthn.create", ..RIGHT }, Err(Unverified::Kind))]
    #[case::of_before(Signing { challenge: "AAAA", ..RIGHT }, Err(Unverified::Challenge))]
    #[case::elsewhere(Signing { origin: "https://evil.example", ..RIGHT }, Err(Unverified::Origin))]
    #[case::for_another(Signing { party: "evil.example", ..RIGHT }, Err(Unverified::RelyingParty))]
    #[case::nobody_there(Signing { flags: VERIFIED, ..RIGHT }, Err(Unverified::UserPresence))]
    #[case::anybody(Signing { flags: PRESENT, ..RIGHT }, Err(Unverified::UserVerification))]
    #[case::another_key(Signing { by_another_key: true, ..RIGHT }, Err(Unverified::Signature))]
    #[case::a_copy(Signing { count: 7, ..RIGHT }, Err(Unverified::Count))]
    fn a_signature_is_taken_where_all_of_it_is_right(
        #[case] signing: Signing,
        #[case] expected: Result<u32, Unverified>,
    ) {
        assert_eq!(verified(&signing), expected);
    }

    #[test]
    fn what_is_no_base64_is_malformed() {
        assert_eq!(PARTY.enrol("!", "!"), Err(Unverified::Malformed));
    }
}
