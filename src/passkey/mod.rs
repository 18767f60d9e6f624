//! Passkeys of test users: a key that a browser's virtual authenticator signs with, in a file.
//!
//! The file holds the parameters of `WebDriver`'s "Add Credential" (Web Authentication Level 2,
//! section 11.5) by the names they have there, so that nothing is translated on the way. What is
//! in it signs its user in: it is for its owner alone, and never shown.

mod attestation;
mod file;

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use aws_lc_rs::rand::{SecureRandom as _, SystemRandom};
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};
use url::Host;

pub use attestation::Attestation;

use crate::text_file::TextFileError;

/// The length of a credential id in bytes: at least 16 are to be unguessable (Web Authentication,
/// "Credential ID").
const ID_BYTES: usize = 32;
/// The length in bytes of the handle of a user whom no org has named yet.
const HANDLE_BYTES: usize = 15;
/// Signatures are counted from here, 2026-01-01, in seconds since 1970.
const COUNTED_FROM: i64 = 1_767_225_600;
/// So many signatures a second are counted: more than pages can ask for.
const COUNTED_A_SECOND: i64 = 4;

/// The passkey of a test user. Its copies count their signatures together.
#[derive(Clone)]
pub struct Passkey {
    credential_id: Vec<u8>,
    relying_party: String,
    user_handle: Vec<u8>,
    /// PKCS#8, in base64url.
    private_key: SecretString,
    /// The count of the last signature that is known of.
    counted: Arc<AtomicI32>,
}

/// Why there is no passkey; nothing that is in a file is said.
#[derive(Debug, thiserror::Error)]
pub enum PasskeyError {
    /// The file cannot be read.
    #[error(transparent)]
    File(#[from] TextFileError),
    /// Everybody on this machine could sign in as the user.
    #[error(
        "every user of this machine can use the passkey in `{file}`: run `chmod 600 {file}`",
        file = file.display()
    )]
    OpenToOthers {
        /// The file.
        file: PathBuf,
    },
    /// The file is something else.
    #[error("`{}` is not a passkey file of `okta-e2e passkey`: {problem}", file.display())]
    NotOne {
        /// The file.
        file: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// There is a file already.
    #[error(
        "`{}` exists, and a passkey is never overwritten: name another file, or enroll the passkey \
         that is in it with --enroll",
        .0.display()
    )]
    Exists(PathBuf),
    /// The file cannot be written.
    #[error("cannot write `{}`: {reason}", file.display())]
    Unwritable {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// Browsers take names alone for a relying party.
    #[error("`{0}` is no host name, and a passkey is for a host name: `example.okta.com`")]
    RelyingParty(String),
    /// The key cannot be made or used.
    #[error("the cryptographic library could not make or use a P-256 key")]
    Key,
    /// An org's challenge that is not the base64url of anything.
    #[error("the org's challenge is not base64url")]
    Challenge,
}

impl Passkey {
    /// A new one, for the host that users sign in at, or a domain above it.
    ///
    /// # Errors
    /// [`PasskeyError::RelyingParty`] where that is no host name, an IP address say.
    pub fn make(relying_party: &str) -> Result<Self, PasskeyError> {
        let host = relying_party.to_ascii_lowercase();
        if !matches!(Host::parse(&host), Ok(Host::Domain(_))) {
            return Err(PasskeyError::RelyingParty(relying_party.to_owned()));
        }
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING);
        let document = pair.and_then(|pair| pair.to_pkcs8v1());
        let document = document.map_err(|_| PasskeyError::Key)?;
        Ok(Self {
            credential_id: random(ID_BYTES)?,
            relying_party: host,
            user_handle: random(HANDLE_BYTES)?,
            private_key: SecretString::from(URL_SAFE_NO_PAD.encode(document.as_ref())),
            counted: Arc::default(),
        })
    }

    /// The same for the user with this handle, as an org names the user.
    #[must_use]
    pub fn with_user_handle(self, user_handle: Vec<u8>) -> Self {
        Self {
            user_handle,
            ..self
        }
    }

    /// The host that it is for, with all hosts below it.
    #[must_use]
    pub fn relying_party(&self) -> &str {
        &self.relying_party
    }

    /// Whether browsers use it at this host (Web Authentication: the relying party is the host, or
    /// a domain that it ends with).
    #[must_use]
    pub fn is_for(&self, host: &str) -> bool {
        let above = host.strip_suffix(&self.relying_party);
        above.is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// The private key as it stands in the file: never to be written anywhere else.
    #[must_use]
    pub const fn secret(&self) -> &SecretString {
        &self.private_key
    }

    /// The parameters of "Add Credential"; secret.
    ///
    /// Each signature must count more than the one before (Web Authentication, section 6.1.1),
    /// whatever machine made that: so they are counted by the time, and from the last one of this
    /// run, if that is more.
    pub(crate) fn credential(&self, now: Timestamp) -> Value {
        let by_time = (now.as_second() - COUNTED_FROM).max(0) * COUNTED_A_SECOND;
        let by_time = i32::try_from(by_time).unwrap_or(i32::MAX);
        let mut credential = self.written();
        credential["signCount"] = json!(by_time.max(self.counted.load(Ordering::SeqCst)));
        credential
    }

    /// Notes the count of a signature.
    pub(crate) fn note_count(&self, count: u64) {
        let count = i32::try_from(count).unwrap_or(i32::MAX);
        self.counted.fetch_max(count, Ordering::SeqCst);
    }

    fn written(&self) -> Value {
        json!({
            "credentialId": URL_SAFE_NO_PAD.encode(&self.credential_id),
            "isResidentCredential": true,
            "rpId": self.relying_party,
            "userHandle": URL_SAFE_NO_PAD.encode(&self.user_handle),
            "privateKey": self.private_key.expose_secret(),
        })
    }

    fn key_pair(&self) -> Result<EcdsaKeyPair, PasskeyError> {
        let document = URL_SAFE_NO_PAD.decode(self.private_key.expose_secret());
        let document = document.map_err(|_| PasskeyError::Key)?;
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &document)
            .map_err(|_| PasskeyError::Key)
    }
}

/// Shows nothing of the key.
impl fmt::Debug for Passkey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Passkey({})", self.relying_party)
    }
}

fn random(length: usize) -> Result<Vec<u8>, PasskeyError> {
    let mut bytes = vec![0; length];
    let filled = SystemRandom::new().fill(&mut bytes);
    filled.map_err(|_| PasskeyError::Key)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::the_host("login.example.com", "login.example.com", true)]
    #[case::a_domain_above("example.com", "login.example.com", true)]
    #[case::a_domain_below("login.example.com", "example.com", false)]
    #[case::another_that_ends_alike("example.com", "evilexample.com", false)]
    #[case::another("example.com", "example.org", false)]
    #[case::capitals("Example.COM", "example.com", true)]
    fn a_passkey_is_for_its_host_and_those_below(
        #[case] relying_party: &str,
        #[case] host: &str,
        #[case] expected: bool,
    ) {
        let passkey = Passkey::make(relying_party).expect("a passkey");
        assert_eq!(passkey.is_for(host), expected);
    }

    #[rstest]
    #[case::an_address("127.0.0.1")]
    #[case::an_address_of_six("[::1]")]
    #[case::nothing("")]
    #[case::an_url("https://example.okta.com")]
    fn a_passkey_is_for_no_other_thing_than_a_host_name(#[case] relying_party: &str) {
        let made = Passkey::make(relying_party);
        assert!(matches!(made, Err(PasskeyError::RelyingParty(_))));
    }

    #[test]
    fn signatures_are_counted_by_the_time() {
        let passkey = Passkey::make("example.com").expect("a passkey");
        let counted = |time: &str| {
            let time: Timestamp = time.parse().expect("a time");
            passkey.credential(time)["signCount"].as_i64()
        };
        assert_eq!(counted("2025-01-01T00:00:00Z"), Some(0));
        assert_eq!(counted("2026-01-01T00:00:10Z"), Some(40));
        assert_eq!(counted("2099-01-01T00:00:00Z"), Some(i64::from(i32::MAX)));
        // Another browser within the same second goes on where the first one was.
        passkey.clone().note_count(43);
        assert_eq!(counted("2026-01-01T00:00:10Z"), Some(43));
        assert_eq!(counted("2026-01-01T00:00:11Z"), Some(44));
    }

    #[test]
    fn nothing_of_the_key_is_shown() {
        let passkey = Passkey::make("example.com").expect("a passkey");
        assert_eq!(format!("{passkey:?}"), "Passkey(example.com)");
    }
}
