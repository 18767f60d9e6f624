//! Short names of scopes, for names of trials and tables.

use std::collections::BTreeMap;

/// What the parts of a scope's name are separated by: URLs, URNs and dotted names.
const SEPARATORS: [char; 3] = ['/', ':', '.'];

/// The last part of each name; of names that end alike, as many parts as it takes to tell each from
/// all the others, and the whole name where that is the end of another.
pub(super) fn short_names(names: &[&str]) -> Vec<String> {
    let mut ends: BTreeMap<&str, usize> = BTreeMap::new();
    for end in names.iter().flat_map(|name| ends_of(name)) {
        *ends.entry(end).or_default() += 1;
    }
    let is_alone = |end: &&str| ends.get(end) == Some(&1);
    let short = |name: &&str| ends_of(name).find(is_alone).unwrap_or(name).to_owned();
    names.iter().map(short).collect()
}

/// The last part of a name, the last two, and so on.
pub(super) fn ends_of(name: &str) -> impl Iterator<Item = &str> {
    let trimmed = name.trim_end_matches(SEPARATORS);
    let inside = trimmed.rmatch_indices(SEPARATORS);
    let starts = inside.map(|(at, separator)| at + separator.len());
    // Of `scp//silver` no part is blank.
    let starts = starts.filter(move |start| !trimmed[*start..].starts_with(SEPARATORS));
    let ends = starts.map(move |start| &trimmed[start..]);
    ends.chain([trimmed]).filter(|end| !end.is_empty())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::urls(
        &["http://myapp.com/scp/silver", "http://myapp.com/scp/gold"],
        &["silver", "gold"]
    )]
    #[case::kinds(&["orders:read", "invoices:read"], &["orders:read", "invoices:read"])]
    #[case::some_alike(
        &["orders:read", "orders:write", "invoices:read"],
        &["orders:read", "write", "invoices:read"]
    )]
    #[case::urls_alike(
        &["https://api.example/auth/drive.readonly", "https://api.example/auth/mail.readonly"],
        &["drive.readonly", "mail.readonly"]
    )]
    #[case::the_end_of_another(&["read", "orders:read"], &["read", "orders:read"])]
    #[case::slash_behind(&["a/x/", "b/y/"], &["x", "y"])]
    #[case::slash_alone(&["a/x", "a/x/"], &["a/x", "a/x/"])]
    #[case::separators_alone(&[":", "/"], &[":", "/"])]
    fn a_short_name_is_as_long_as_it_takes(#[case] names: &[&str], #[case] short: &[&str]) {
        assert_eq!(short_names(names), short);
    }
}
