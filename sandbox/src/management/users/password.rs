//! The default password policy of an org.

/// The requirements, in the words of the refusal.
pub(super) const REQUIREMENTS: &str = "Password requirements were not met. Password requirements: at least 8 characters, a lowercase letter, an uppercase letter, a number, no parts of your username.";

/// The shortest part of a username that a password must not hold.
const SHORTEST_PART: usize = 4;

/// Whether the password may be set for the user.
pub(super) fn is_acceptable(password: &str, login: &str) -> bool {
    let has = |condition: fn(char) -> bool| password.chars().any(condition);
    let lower = password.to_lowercase();
    let login = login.to_lowercase();
    let mut parts = login.split(|character: char| ",.-_#@".contains(character));
    password.chars().count() >= 8
        && has(char::is_lowercase)
        && has(char::is_uppercase)
        && has(|character| character.is_ascii_digit())
        && !parts.any(|part| part.len() >= SHORTEST_PART && lower.contains(part))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::good("Abcd1234", true)]
    #[case::short("Abc1234", false)]
    #[case::no_upper("abcd1234", false)]
    #[case::no_lower("ABCD1234", false)]
    #[case::no_digit("Abcdefgh", false)]
    #[case::holds_the_name("Xy9Silver", false)]
    fn a_password_must_meet_the_policy(#[case] password: &str, #[case] acceptable: bool) {
        let login = "silver@example.com";
        assert_eq!(is_acceptable(password, login), acceptable);
    }
}
