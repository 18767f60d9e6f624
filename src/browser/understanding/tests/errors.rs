//! What an error of a key that nobody knows keeps from being typed.

use super::*;

/// Typing more may do what the error says.
#[rstest]
#[case::before_anything(Fields::NONE, true)]
#[case::after_the_name(Fields { username: true, ..Fields::NONE }, false)]
fn nothing_more_is_typed_beside_an_error_that_nobody_knows(
    #[case] typed: Fields,
    #[case] is_typed: bool,
) {
    let mut case = Case {
        typed,
        ..Case::default()
    };
    case.page.password = true;
    let said = heard(&[
        "remediation:challenge-authenticator",
        "message:of.next.year",
    ]);
    let verdict = case.verdict(&said);
    assert_eq!(
        matches!(verdict, Some(Verdict::Fill(_))),
        is_typed,
        "{verdict:?}"
    );
}

/// What stands before the org refuses in the same form.
#[rstest]
#[case::of_the_org("has:network-policy", Refusal::NotAllowed)]
#[case::of_a_firewall("http:403", Refusal::Other)]
fn a_refusal_of_a_firewall_is_no_policy(#[case] key: &str, #[case] expected: Refusal) {
    let verdict = Case::default().verdict(&heard(&["http:403", "error:Forbidden", key]));
    let is_it = matches!(&verdict, Some(Verdict::Refused(kind, _)) if *kind == expected);
    assert!(is_it, "{verdict:?}");
}

impl Case {
    pub(super) fn asked(&self) -> Asked {
        if self.typed == Fields::NONE {
            Asked::Nothing
        } else {
            Asked::Now
        }
    }
}
