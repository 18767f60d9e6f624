//! Logins and passwords of test users.

use rand::Rng as _;
use rand::seq::{IndexedRandom as _, SliceRandom as _};

const LENGTH: usize = 24;
/// Without letters that are mistaken for one another; no name of a test user can be spelt.
const LOWER: &[u8] = b"abcdefghjkmnpqrstuvwxyz";
const UPPER: &[u8] = b"ABCDEFGHJKMNPQRSTUVWXYZ";
const DIGITS: &[u8] = b"23456789";

/// A password that Okta's default policy accepts: lower case, upper case and digits, over 8.
pub(super) fn password() -> String {
    let mut random = rand::rng();
    let mut letters: Vec<u8> = [LOWER, UPPER, DIGITS]
        .into_iter()
        .cycle()
        .take(LENGTH)
        .filter_map(|kind| kind.choose(&mut random).copied())
        .collect();
    letters.shuffle(&mut random);
    letters.into_iter().map(char::from).collect()
}

/// A login that nobody has, at a domain that is nobody's (RFC 2606).
pub(super) fn login(name: &str) -> String {
    let name = name.to_ascii_lowercase().replace('_', "-");
    format!(
        "okta-e2e-{name}-{:08x}@example.com",
        rand::rng().random::<u32>()
    )
}
