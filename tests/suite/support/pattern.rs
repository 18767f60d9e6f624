//! Names of trials, many at once: `*` stands for anything, and `!` before a pattern takes away.

use wildmatch::WildMatchPattern;

/// The names that a pattern fits and none takes away, in their order.
///
/// A pattern that fits none is a mistake.
pub(crate) fn selected(patterns: &[String], names: &[String]) -> Vec<String> {
    let fits_any = |list: &[&str], name: &str| list.iter().any(|pattern| fits(pattern, name));
    let taken: Vec<&str> = patterns
        .iter()
        .filter_map(|p| p.strip_prefix('!'))
        .collect();
    let given = patterns.iter().map(String::as_str);
    let given: Vec<&str> = given.filter(|pattern| !pattern.starts_with('!')).collect();
    for pattern in given.iter().chain(&taken) {
        assert!(
            names.iter().any(|name| fits(pattern, name)),
            "`{pattern}` fits no trial"
        );
    }
    let is_wanted = |name: &&String| fits_any(&given, name) && !fits_any(&taken, name);
    names.iter().filter(is_wanted).cloned().collect()
}

/// Whether a name is as the pattern has it.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    WildMatchPattern::<'*', '\0'>::new(pattern).matches(name)
}

#[test]
fn a_star_stands_for_anything() {
    assert!(fits("step_5::*[SILVER *]", "step_5::the_user[SILVER gold]"));
    assert!(fits("*", "anything"));
    assert!(!fits("step_5::*[GOLD]", "step_5::the_user[SILVER]"));
    assert!(!fits("access", "access::more"));
}
