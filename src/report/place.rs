//! Where a finding is fixed in the Admin Console, with the names of what is there: "the user" says
//! which one.
//!
//! One and the same change fixes all findings of a cause, whatever the objects are called, so a
//! cause is known by the place without its names. They stand in quotes behind the word that they
//! belong to, and can be taken out again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::requirements::rests_on::{GROUPS, POLICIES, RULES, SETTINGS};
use crate::requirements::{Observed, Subject};

/// So many objects of one kind are named where one change is made to all of them.
const MOST_NAMED: usize = 3;

/// The names of objects, by the word for their kind.
pub(super) type Names = BTreeMap<&'static str, BTreeSet<String>>;

const KINDS: [&str; 5] = ["group", "policy", "rule", "scope", "user"];

/// A word for an object that is no more than a word, or has its names behind it already.
static PLACE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let names = "`[^`]*`(?:(?:, | and )`[^`]*`)*(?: and [0-9]+ more)?";
    let kinds = KINDS.join("|");
    Regex::new(&format!(r"\bthe ({kinds})(?: ({names}))?( >|[:,;]|$)")).ok()
});

/// What is known of the names of the objects that a finding is about.
pub(super) fn names_of(
    subject: Option<&Subject>,
    observed: &Observed,
    login: impl Fn(&str) -> Option<String>,
) -> Names {
    let part = |part: fn(&Subject) -> &Option<String>| subject.and_then(|it| part(it).clone());
    let listed =
        |name: &str| -> BTreeSet<String> { observed.list(name).map(str::to_owned).collect() };
    let one = |name: Option<String>| name.into_iter().collect::<BTreeSet<String>>();
    let user = part(|subject| &subject.user);
    let login = user.as_deref().and_then(login);
    let groups = listed(GROUPS);
    let groups = if groups.is_empty() {
        one(part(|subject| &subject.group))
    } else {
        groups
    };
    let of_rules: Vec<(&str, &str)> = [RULES, SETTINGS]
        .into_iter()
        .flat_map(|name| observed.list(name))
        .filter_map(rule_and_policy)
        .collect();
    let mut rules: BTreeSet<String> = of_rules
        .iter()
        .map(|(rule, _)| (*rule).to_owned())
        .collect();
    if rules.is_empty() {
        rules = one(part(|subject| &subject.rule));
    }
    let policies = of_rules.iter().map(|(_, policy)| (*policy).to_owned());
    let policies = listed(POLICIES).into_iter().chain(policies).collect();
    let known = [
        ("group", groups),
        ("policy", policies),
        ("rule", rules),
        ("scope", one(part(|subject| &subject.scope))),
        ("user", one(login.or(user))),
    ];
    known
        .into_iter()
        .filter(|(_, names)| !names.is_empty())
        .collect()
}

/// The names of a rule and of its policy, from the words for both.
fn rule_and_policy(words: &str) -> Option<(&str, &str)> {
    let (_, behind) = words.split_once("rule `")?;
    let (rule, policy) = behind.split_once("` of policy `")?;
    Some((rule, policy.trim_end_matches('`')))
}

/// The place with these names behind the words for what has them.
pub(super) fn named(place: &str, names: &Names) -> String {
    with(place, |kind| {
        names.get(kind).map(quoted).unwrap_or_default()
    })
}

/// The place without any names.
pub(super) fn nameless(place: &str) -> String {
    with(place, |_| String::new())
}

/// The names that stand in a place.
pub(super) fn names_in(place: &str) -> Names {
    let mut names = Names::new();
    let found = PLACE
        .iter()
        .flat_map(|pattern| pattern.captures_iter(place));
    for found in found {
        let kind = KINDS.into_iter().find(|kind| *kind == &found[1]);
        let Some((kind, list)) = kind.zip(found.get(2)) else {
            continue;
        };
        let own = list.as_str().split('`').skip(1).step_by(2);
        names
            .entry(kind)
            .or_default()
            .extend(own.map(str::to_owned));
    }
    names
}

fn with(place: &str, names: impl Fn(&str) -> String) -> String {
    let Some(pattern) = PLACE.as_ref() else {
        return place.to_owned();
    };
    let replaced = pattern.replace_all(place, |found: &Captures<'_>| {
        let behind = match names(&found[1]) {
            names if names.is_empty() => names,
            names => format!(" {names}"),
        };
        format!("the {}{behind}{}", &found[1], &found[3])
    });
    replaced.into_owned()
}

/// Names in quotes, of which none can hold one.
fn quoted(names: &BTreeSet<String>) -> String {
    let first = names.iter().take(MOST_NAMED);
    let first: Vec<String> = first
        .map(|name| format!("`{}`", name.replace('`', "'")))
        .collect();
    match names.len().checked_sub(MOST_NAMED) {
        None | Some(0) => first.join(" and "),
        Some(more) => format!("{} and {more} more", first.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::requirements::rests_on::{rule_setting, rule_words};

    fn names(kind: &'static str, names: &[&str]) -> Names {
        let names = names.iter().map(|name| (*name).to_owned());
        [(kind, names.collect())].into()
    }

    #[rstest]
    #[case::one("Groups > the group > People", &["gold"], "Groups > the group `gold` > People")]
    #[case::last("Groups > the group", &["gold"], "Groups > the group `gold`")]
    #[case::two("the group: Edit", &["a", "b"], "the group `a` and `b`: Edit")]
    #[case::many("the group, or", &["a", "b", "c", "d"], "the group `a`, `b`, `c` and 1 more, or")]
    #[case::with_a_quote("the group > x", &["a`b"], "the group `a'b` > x")]
    #[case::unknown("the group > x", &[], "the group > x")]
    #[case::of_another_kind("the user > x", &["a"], "the user > x")]
    #[case::no_object("the group's users > x", &["a"], "the group's users > x")]
    fn names_stand_behind_the_word_and_can_be_taken_out(
        #[case] place: &str,
        #[case] groups: &[&str],
        #[case] wanted: &str,
    ) {
        let groups = names("group", groups);
        let filled = named(place, &groups);
        assert_eq!(filled, wanted);
        assert_eq!(nameless(&filled), place);
        assert_eq!(named(&filled, &groups), wanted);
    }

    #[test]
    fn the_names_of_a_place_are_read_again() {
        let place = "the user `a@x` and `b@x` > Profile, and the group `gold` > People";
        let mut wanted = names("user", &["a@x", "b@x"]);
        wanted.extend(names("group", &["gold"]));
        assert_eq!(names_in(place), wanted);
    }

    #[test]
    fn a_rule_is_called_by_its_name_and_its_policy_too() {
        let mut observed = Observed::default();
        observed.keep(
            SETTINGS,
            vec![rule_setting(&rule_words("P", "gold"), "scopes")],
        );
        observed.keep(POLICIES, vec!["Q".to_owned()]);
        let seen = names_of(None, &observed, |_| None);
        let place = "the policy > Edit, or the rule > Edit";
        assert_eq!(
            named(place, &seen),
            "the policy `P` and `Q` > Edit, or the rule `gold` > Edit"
        );
    }

    #[test]
    fn a_user_is_called_by_its_login_and_groups_by_what_was_seen() {
        let mut subject = Subject::user("SILVER");
        subject.group = Some("silver".to_owned());
        let mut observed = Observed::default();
        let login = |name: &str| (name == "SILVER").then(|| "s@example.com".to_owned());
        let seen = names_of(Some(&subject), &observed, login);
        assert_eq!(
            named("the user > the group", &seen),
            "the user `s@example.com` > the group `silver`"
        );
        observed.keep(GROUPS, vec!["gold".to_owned()]);
        let seen = names_of(Some(&subject), &observed, |_| None);
        assert_eq!(
            named("the user > the group", &seen),
            "the user `SILVER` > the group `gold`"
        );
    }
}
