//! The order of the model's rules among the found ones.

use crate::model::{AccessRule, Allowed};

/// The scope that every rule has, so that it says nothing of what a rule is for.
const OPENID: &str = "openid";

/// Which rule of the model each found one is, by what it gives and to whom; foreign rules left out.
pub(super) fn places<'f>(
    wanted: &[&AccessRule],
    found: impl Iterator<Item = &'f AccessRule>,
) -> Vec<(usize, &'f AccessRule)> {
    found
        .filter_map(|rule| Some((place(wanted, rule)?, rule)))
        .collect()
}

/// The rule of the model that a found one is most like.
fn place(wanted: &[&AccessRule], found: &AccessRule) -> Option<usize> {
    let likeness = |wanted: &AccessRule| {
        let is_for_same = share(&wanted.groups, &found.groups, "");
        let gives_same = wanted.scopes == found.scopes;
        let is_like = gives_same || (is_for_same && share(&wanted.scopes, &found.scopes, OPENID));
        is_like.then_some((gives_same, is_for_same))
    };
    let alike = wanted.iter().enumerate();
    let alike = alike.filter_map(|(place, wanted)| Some((likeness(wanted)?, place)));
    // Of those that are equally like it, the first.
    let best = alike.rev().max_by_key(|(likeness, _)| *likeness);
    best.map(|(_, place)| place)
}

/// Whether both name something, apart from this.
fn share(one: &Allowed, other: &Allowed, apart_from: &str) -> bool {
    match (one, other) {
        (Allowed::Only(one), Allowed::Only(other)) => {
            one.intersection(other).any(|name| name != apart_from)
        }
        _ => false,
    }
}

/// Whether the rules are in the order of the model; none where no two of them can be compared.
/// Rules without a common grant type never stand in each other's way.
pub(super) fn is_kept(found: &[(usize, &AccessRule)]) -> Option<bool> {
    let pairs = found.iter().enumerate().flat_map(|(index, first)| {
        let later = found.iter().skip(index + 1);
        later.map(move |second| (first, second))
    });
    let compared = pairs.filter(|((here, first), (there, second))| {
        here != there && !first.grant_types.is_disjoint(&second.grant_types)
    });
    let kept = compared.map(|((here, _), (there, _))| here < there);
    kept.reduce(|all, one| all && one)
}

#[cfg(test)]
mod tests;
