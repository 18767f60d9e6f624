//! What the names of claims, and of members of answers, tell of what they hold.

/// What the name of a claim has in it that holds a secret.
const OF_SECRETS: [&str; 5] = ["password", "passwd", "passphrase", "secret", "privatekey"];

/// Whether something is called as what holds a secret.
pub(crate) fn is_of_a_secret(name: &str) -> bool {
    let name = plain(name);
    OF_SECRETS.iter().any(|word| name.contains(word))
}

/// A name in small letters, without what stands between its words.
pub(crate) fn plain(name: &str) -> String {
    let last = name.rsplit(['/', ':']).next().unwrap_or(name);
    let letters = last.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}
