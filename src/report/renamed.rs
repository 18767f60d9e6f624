//! Requirements that had another name once: `fixtures/renamed-requirements.toml`.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// For each group of requirements, the names of before and today's.
type Table = BTreeMap<String, BTreeMap<String, String>>;

/// A table that cannot be read renames nothing; a test reads it.
static TABLE: LazyLock<Table> = LazyLock::new(|| toml::from_str(FILE).unwrap_or_default());

const FILE: &str = include_str!("../../fixtures/renamed-requirements.toml");

/// The name that a trial of an earlier run has today, its subject kept.
pub(super) fn today(name: &str) -> Cow<'_, str> {
    let renamed = name.split_once("::").and_then(|(group, rest)| {
        let (requirement, subject) = rest.split_at(rest.find('[').unwrap_or(rest.len()));
        let new = TABLE.get(group)?.get(requirement)?;
        Some(format!("{group}::{new}{subject}"))
    });
    renamed.map_or(Cow::Borrowed(name), Cow::Owned)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::with_a_subject(
        "step_5_authorize::the_scopes_are_told_as_granted[SILVER by code]",
        "step_5_authorize::the_scopes_are_reported_as_granted[SILVER by code]"
    )]
    #[case::without_one(
        "step_3c_access_policy::an_active_policy_speaks_of_the_client",
        "step_3c_access_policy::an_active_policy_applies_to_the_client"
    )]
    #[case::of_another_group(
        "protocol::the_scopes_are_told_as_granted",
        "protocol::the_scopes_are_told_as_granted"
    )]
    #[case::never_renamed("access::silver_reads_planets", "access::silver_reads_planets")]
    fn a_name_of_before_is_read_as_todays(#[case] before: &str, #[case] now: &str) {
        assert_eq!(today(before), now);
    }

    /// What was renamed to something that was renamed again would be found by neither name.
    #[test]
    fn the_table_can_be_read_and_leads_on_at_most_once() {
        let table: Table = toml::from_str(FILE).expect("a table");
        assert!(!table.is_empty());
        for names in table.values() {
            for (old, new) in names {
                assert!(!names.contains_key(new), "{old} leads to {new}");
                assert_eq!(names.values().filter(|it| *it == new).count(), 1, "{new}");
            }
        }
    }
}
