//! Bad input is refused with its place and what is allowed.

use rstest::rstest;

use crate::model::OrgModel;

const MODEL: &str = include_str!("../../../fixtures/org.toml");
const WHO: &str = "reason = \"the old portal\"\nowner = \"identity\"\nuntil = 2027-01-31\n";

fn parsed(entry: &str) -> Result<OrgModel, String> {
    let text = format!("{MODEL}\n{entry}");
    OrgModel::parse("org.toml".as_ref(), &text).map_err(|error| error.to_string())
}

fn entry(lines: &str) -> String {
    format!("[[accepted]]\n{lines}\n{WHO}")
}

#[rstest]
#[case::by_subject(
    "finding = \"redirect-uri-extra\"\nsubject = \"https://a.example\"",
    "https://a.example"
)]
#[case::of_the_whole("finding = \"client-inactive\"", "")]
#[case::breach(
    "finding = \"scope-given-to-others\"\nscope = \"openid\"\nwhom = \"members of `a`\"",
    "openid to members of `a`"
)]
fn an_entry_says_what_it_is_about(#[case] lines: &str, #[case] about: &str) {
    let model = parsed(&entry(lines)).expect("the model is right");
    let accepted = &model.accepted[0];
    assert_eq!(accepted.about(), about);
    assert_eq!(
        accepted.last_day(),
        jiff::civil::Date::new(2027, 1, 31).ok()
    );
}

#[rstest]
#[case::unknown(&entry("finding = \"redirect-uri-extras\""), "the nearest is `redirect-uri-extra`")]
#[case::breach_without_scope(
    &entry("finding = \"scope-given-to-others\"\nwhom = \"all\""), "`scope` must say which scope")]
#[case::breach_without_whom(
    &entry("finding = \"tokens-given\"\nscope = \"openid\""), "`whom` must say who gets it")]
#[case::breach_by_subject(
    &entry("finding = \"access-given\"\nsubject = \"silver\""), "name `scope` and `whom`")]
#[case::other_scope(
    &entry("finding = \"access-given\"\nscope = \"bronze\"\nwhom = \"anybody\""),
    "`scope` must be one of"
)]
#[case::scope_of_no_breach(
    &entry("finding = \"client-inactive\"\nscope = \"openid\""), "`scope` is for breaches alone")]
#[case::never(&entry("finding = \"password-sent-elsewhere\""), "cannot be accepted")]
#[case::more_than_its_groups(
    &entry("finding = \"user-in-another-group\""), "cannot be accepted")]
#[case::who_must_not_be_assigned(&entry("finding = \"user-assigned\""), "cannot be accepted")]
#[case::twice(
    &(entry("finding = \"client-inactive\"") + &entry("finding = \"client-inactive\"")),
    "accepted twice"
)]
#[case::time(
    "[[accepted]]\nfinding = \"client-inactive\"\nreason = \"r\"\nowner = \"o\"\nuntil = 2027-01-31T10:00:00Z",
    "`until` must be a day"
)]
#[case::no_reason(
    "[[accepted]]\nfinding = \"client-inactive\"\nreason = \" \"\nowner = \"o\"\nuntil = 2027-01-31",
    "`reason` must say something"
)]
#[case::no_owner(
    "[[accepted]]\nfinding = \"client-inactive\"\nreason = \"r\"\nuntil = 2027-01-31",
    "owner"
)]
fn what_cannot_be_accepted_is_refused(#[case] entry: &str, #[case] said: &str) {
    let refused = parsed(entry).expect_err("it is refused");
    assert!(refused.contains(said), "{refused}");
    assert!(refused.contains("line "), "{refused}");
}
