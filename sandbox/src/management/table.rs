//! Objects among others of their kind, some in an order: policies and rules are asked by priority.

use super::kinds::Object;
use crate::state::org::Table;

/// Puts an object among the others: at the place its priority asks for, before the one that had it,
/// or at the end.
///
/// Priorities stay 1, 2, …: whatever comes after moves down. What Okta does with two rules of one
/// priority is not documented; this is what its Admin Console does when a rule is dragged.
pub(super) fn place<T: Object>(table: &mut Table<T>, mut object: T) {
    let id = object.id().to_owned();
    let Some(wanted) = object.place().map(|place| *place) else {
        table.insert(id, object);
        return;
    };
    table.shift_remove(&id);
    let wanted = usize::try_from(wanted).unwrap_or(usize::MAX);
    let position = wanted.saturating_sub(1).min(table.len());
    table.shift_insert(position, id, object);
    renumber(table);
}

/// Takes an object out, and closes the gap that it leaves.
pub(super) fn remove<T: Object>(table: &mut Table<T>, id: &str) {
    table.shift_remove(id);
    renumber(table);
}

fn renumber<T: Object>(table: &mut Table<T>) {
    let places = table.values_mut().filter_map(Object::place);
    for (number, place) in (1..).zip(places) {
        *place = number;
    }
}
