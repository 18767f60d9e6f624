//! Service clients: their variables, by the NAME that the org model has for each.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use secrecy::SecretString;

use super::reader::{self, Reader};
use super::{ServiceCredentials, names};

/// The service clients that the environment has variables of.
pub(super) fn read(reader: &mut Reader<'_>) -> BTreeMap<String, ServiceCredentials> {
    let set = reader.environment.pairs().map(|(name, _)| name);
    let names: BTreeSet<&str> = set.filter_map(names::service_of).collect();
    let mut services = BTreeMap::new();
    for name in names {
        let client_secret = reader.secret(&format!("SERVICE_{name}_CLIENT_SECRET"));
        let private_key = key_of(reader, name);
        let Some(client_id) = reader.text(&format!("SERVICE_{name}_CLIENT_ID")) else {
            reader.problem(format!(
                "SERVICE_{name}_CLIENT_ID is not set, but the secret or key of the service is: set \
                 both or none"
            ));
            continue;
        };
        let credentials = ServiceCredentials {
            client_id,
            client_secret,
            private_key,
        };
        services.insert(name.to_owned(), credentials);
    }
    services
}

fn key_of(reader: &mut Reader<'_>, name: &str) -> Option<SecretString> {
    let variable = format!("SERVICE_{name}_PRIVATE_KEY");
    let file = reader.text(&variable)?;
    match private_key(Path::new(&file)) {
        Ok(key) => Some(key),
        Err(problem) => {
            reader.problem(format!("{variable}: {problem}"));
            None
        }
    }
}

/// The private key in a PEM file, whatever else is in it; nothing of it is said.
///
/// # Errors
/// A sentence, when the file cannot be read or holds no RSA key without passphrase.
pub fn private_key(file: &Path) -> Result<SecretString, String> {
    reader::private_key(file)
}
