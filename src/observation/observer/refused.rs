//! What to check where the sign-in page refuses a user.

use crate::browser::Refusal;

/// By what the page says, and by whether the user signed in earlier in this run: what was typed then
/// was right.
pub(super) fn what_to_check(user: &str, kind: Refusal, has_signed_in: bool) -> String {
    let is_of_credentials = matches!(
        kind,
        Refusal::Credentials | Refusal::UnknownUser | Refusal::WrongPassword | Refusal::LockedOut
    );
    if has_signed_in && is_of_credentials {
        return format!(
            "{user} signed in earlier in this run, so that TEST_USER_{user}_USERNAME and \
             TEST_USER_{user}_PASSWORD were right: was the user locked, suspended or given another \
             password meanwhile (Directory > People, Reports > System Log)?"
        );
    }
    let credentials = format!("check TEST_USER_{user}_USERNAME and TEST_USER_{user}_PASSWORD");
    match kind {
        Refusal::WrongCode => format!("check TEST_USER_{user}_TOTP_SECRET"),
        Refusal::WrongPassword => format!("check TEST_USER_{user}_PASSWORD"),
        Refusal::LockedOut => {
            format!("unlock the user (Directory > People), and check TEST_USER_{user}_PASSWORD")
        }
        Refusal::Credentials | Refusal::UnknownUser => format!(
            "{credentials}, and in Directory > People that the user is active: Okta says the same \
             of a user who is locked out"
        ),
        _ => format!("{credentials}, and look at the screenshot in the report"),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::at_first(Refusal::Credentials, false, "check TEST_USER_GOLD_USERNAME")]
    #[case::later(Refusal::Credentials, true, "GOLD signed in earlier in this run")]
    #[case::a_password_later(Refusal::WrongPassword, true, "GOLD signed in earlier in this run")]
    #[case::a_code_later(Refusal::WrongCode, true, "check TEST_USER_GOLD_TOTP_SECRET")]
    fn what_was_right_before_is_not_to_be_checked(
        #[case] kind: Refusal,
        #[case] has_signed_in: bool,
        #[case] says: &str,
    ) {
        let said = what_to_check("GOLD", kind, has_signed_in);
        assert!(said.starts_with(says), "{said}");
    }
}
