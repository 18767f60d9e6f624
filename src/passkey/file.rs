//! The file of a passkey: for its owner alone, and made once.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use secrecy::SecretString;
use serde::Deserialize;
use tempfile::NamedTempFile;

use super::{Passkey, PasskeyError};
use crate::text_file;

/// For its owner alone.
const MODE: u32 = 0o600;
/// What lets anyone at all read a file.
const OTHERS: u32 = 0o007;

/// What a file holds.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written {
    credential_id: String,
    is_resident_credential: bool,
    rp_id: String,
    user_handle: String,
    private_key: SecretString,
}

impl Passkey {
    /// Reads a file that `okta-e2e passkey` made.
    ///
    /// # Errors
    /// [`PasskeyError`] where it is missing, open to every user of this machine, or something else.
    pub fn read(file: &Path) -> Result<Self, PasskeyError> {
        let text = text_file::read(file)?;
        let mode = fs::metadata(file).map_or(0, |metadata| metadata.permissions().mode());
        if mode & OTHERS != 0 {
            return Err(PasskeyError::OpenToOthers {
                file: file.to_owned(),
            });
        }
        parse(&text).map_err(|problem| PasskeyError::NotOne {
            file: file.to_owned(),
            problem,
        })
    }

    /// Writes it to a file that is not there yet.
    ///
    /// # Errors
    /// [`PasskeyError::Exists`], [`PasskeyError::Unwritable`].
    pub fn write_new(&self, file: &Path) -> Result<(), PasskeyError> {
        let opened = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(MODE)
            .open(file);
        let written = opened.and_then(|mut opened| opened.write_all(self.text().as_bytes()));
        written.map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => PasskeyError::Exists(file.to_owned()),
            _ => unwritable(file, &error),
        })
    }

    /// Writes the same passkey over its own file: what an org calls its user has become known.
    ///
    /// # Errors
    /// [`PasskeyError::Unwritable`]; the file is then as it was.
    pub fn write_again(&self, file: &Path) -> Result<(), PasskeyError> {
        let folder = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        // Such a file is made for its owner alone.
        let written =
            NamedTempFile::new_in(folder.unwrap_or(Path::new("."))).and_then(|mut new| {
                new.write_all(self.text().as_bytes())?;
                new.persist(file).map_err(|error| error.error)
            });
        written.map_err(|error| unwritable(file, &error)).map(drop)
    }

    fn text(&self) -> String {
        format!("{:#}\n", self.written())
    }
}

fn unwritable(file: &Path, error: &io::Error) -> PasskeyError {
    PasskeyError::Unwritable {
        file: file.to_owned(),
        reason: error.to_string(),
    }
}

/// What is wrong is said by its line: the words of a reader would quote what is in it.
fn parse(text: &str) -> Result<Passkey, String> {
    let written: Written = serde_json::from_str(text)
        .map_err(|error| format!("line {} is not what it writes", error.line()))?;
    let bytes = |name: &str, text: &str| {
        let decoded = URL_SAFE_NO_PAD.decode(text.trim_end_matches('='));
        decoded.map_err(|_| format!("`{name}` is not base64url"))
    };
    if !written.is_resident_credential {
        return Err("`isResidentCredential` is not true".to_owned());
    }
    let passkey = Passkey {
        credential_id: bytes("credentialId", &written.credential_id)?,
        relying_party: written.rp_id,
        user_handle: bytes("userHandle", &written.user_handle)?,
        private_key: written.private_key,
        counted: Arc::default(),
    };
    let is_usable = passkey.key_pair().is_ok();
    is_usable
        .then_some(passkey)
        .ok_or_else(|| "`privateKey` is not the PKCS#8 of a P-256 key, in base64url".to_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use secrecy::ExposeSecret as _;
    use tempfile::TempDir;

    use super::*;

    fn made() -> (TempDir, std::path::PathBuf, Passkey) {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("silver.passkey");
        let passkey = Passkey::make("example.okta.com").expect("a passkey");
        passkey.write_new(&file).expect("written");
        (folder, file, passkey)
    }

    #[test]
    fn a_file_is_for_its_owner_alone_and_is_read_again() {
        let (_folder, file, passkey) = made();
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, MODE);
        let read = Passkey::read(&file).expect("a passkey");
        assert_eq!(read.written(), passkey.written());
    }

    #[test]
    fn a_file_is_never_overwritten_by_another_passkey() {
        let (_folder, file, passkey) = made();
        let refused = passkey.write_new(&file);
        assert!(matches!(refused, Err(PasskeyError::Exists(_))));
        let named = passkey.clone().with_user_handle(vec![1, 2, 3]);
        named.write_again(&file).expect("written");
        let read = Passkey::read(&file).expect("a passkey");
        assert_eq!(read.written(), named.written());
        let mode = fs::metadata(&file).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, MODE);
    }

    #[rstest]
    #[case::readable_by_all(0o604, true)]
    #[case::writable_by_all(0o602, true)]
    #[case::readable_by_a_group(0o640, false)]
    fn a_file_that_is_open_to_everybody_is_refused(#[case] mode: u32, #[case] is_refused: bool) {
        let (_folder, file, _) = made();
        fs::set_permissions(&file, fs::Permissions::from_mode(mode)).expect("changed");
        let read = Passkey::read(&file);
        assert_eq!(
            matches!(read, Err(PasskeyError::OpenToOthers { .. })),
            is_refused
        );
        assert_eq!(read.is_ok(), !is_refused);
    }

    /// What is in a file may be a secret, be it the right file or not.
    #[rstest]
    #[case::no_json(|_: &str| "hidden".to_owned(), "line 1")]
    #[case::another_field(|text: &str| text.replace("rpId", "hidden"), "line")]
    #[case::another_type(|text: &str| text.replace("true", "\"hidden\""), "line")]
    #[case::no_resident_key(|text: &str| text.replace("true", "false"), "isResidentCredential")]
    #[case::no_base64(
        |text: &str| text.replace("Handle\": \"", "Handle\": \"hidden!"),
        "userHandle"
    )]
    #[case::a_part(|text: &str| text[..text.len() / 2].to_owned(), "line")]
    fn a_broken_file_is_named_and_not_shown(
        #[case] broken: fn(&str) -> String,
        #[case] says: &str,
    ) {
        let (_folder, file, passkey) = made();
        let text = broken(&fs::read_to_string(&file).expect("a text"));
        fs::write(&file, text).expect("written");
        let Err(error) = Passkey::read(&file) else {
            panic!("it is no passkey")
        };
        let error = error.to_string();
        assert!(error.contains(says), "{error}");
        assert!(error.contains("silver.passkey"), "{error}");
        assert!(!error.contains("hidden"), "{error}");
        assert!(!error.contains(passkey.secret().expose_secret()), "{error}");
    }

    #[test]
    fn another_key_than_one_of_p_256_is_refused() {
        let (_folder, file, passkey) = made();
        let text = fs::read_to_string(&file).expect("a text");
        let key = passkey.secret().expose_secret();
        fs::write(&file, text.replace(key, "AAAA")).expect("written");
        let error = Passkey::read(&file).expect_err("no key").to_string();
        assert!(error.contains("privateKey"), "{error}");
    }
}
