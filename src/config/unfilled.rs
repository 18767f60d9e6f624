//! A variable that whatever starts the run was to fill in, and did not: its value is still the name
//! of another, and would be typed into a page as it is.

use std::sync::LazyLock;

use regex::Regex;

use super::{Environment, names};

/// How such variables are written: by Azure Pipelines and Jenkins, in shells and Compose files, by
/// GitHub and GitLab, and by templates.
static UNFILLED: LazyLock<Regex> = LazyLock::new(|| {
    let forms = r"^(?:\$\([\w.-]+\)|\$\{[\w.-]+\}|\$?(?:\{\{[^{}]*\}\}|\[\[[^\[\]]*\]\]))$";
    Regex::new(forms).expect("it is one")
});

/// A line for each variable of a run that was not filled in.
pub(super) fn problems(environment: &Environment) -> impl Iterator<Item = String> {
    let own = environment
        .pairs()
        .filter(|(name, _)| names::concerns_a_run(name));
    let unfilled = own.filter(|(_, value)| UNFILLED.is_match(value.trim()));
    unfilled.map(|(name, value)| {
        let form: String = value
            .trim()
            .chars()
            .filter(|c| "$(){}[]".contains(*c))
            .collect();
        format!(
            "{name} is not filled in: its value is the name of another variable, in `{form}`. \
             Whatever starts the run has to know that one, such as a secret of the pipeline"
        )
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    const PASSWORD: &str = "TEST_USER_SILVER_PASSWORD";

    #[rstest]
    #[case::azure("$(SILVER_PASSWORD)", "`$()`")]
    #[case::shell("${SILVER_PASSWORD}", "`${}`")]
    #[case::github("${{ secrets.SILVER_PASSWORD }}", "`${{}}`")]
    #[case::gitlab("$[[ inputs.password ]]", "`$[[]]`")]
    #[case::template(" {{password}} ", "`{{}}`")]
    fn what_is_not_filled_in_is_named(#[case] value: &str, #[case] form: &str) {
        let problems: Vec<String> = problems(&[(PASSWORD, value)].into_iter().collect()).collect();
        assert_eq!(problems.len(), 1, "{problems:?}");
        assert!(
            problems[0].starts_with(PASSWORD) && problems[0].contains(form),
            "{problems:?}"
        );
        assert!(!problems[0].contains("SILVER_PASSWORD}"), "{problems:?}");
    }

    /// A password may have any of these signs.
    #[rstest]
    #[case::with_more(PASSWORD, "$(SILVER)1")]
    #[case::half("TEST_USER_SILVER_PASSWORD", "${SILVER")]
    #[case::several("TEST_USER_SILVER_PASSWORD", "$(one two)")]
    #[case::of_another_program("PS1", "${debian_chroot}")]
    fn what_may_be_meant_is_left_alone(#[case] name: &str, #[case] value: &str) {
        assert_eq!(problems(&[(name, value)].into_iter().collect()).count(), 0);
    }
}
