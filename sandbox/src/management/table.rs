//! What all kinds of objects have in common: they are found by id, and some are in an order.

use super::error::ApiError;
use crate::state::org::{Policy, Rule, Table};

/// The object with the id, or 404 with the name Okta gives its kind.
pub(super) fn find<'a, T>(table: &'a Table<T>, id: &str, kind: &str) -> Result<&'a T, ApiError> {
    table.get(id).ok_or_else(|| ApiError::not_found(id, kind))
}

/// The same, to be changed.
pub(super) fn find_mut<'a, T>(
    table: &'a mut Table<T>,
    id: &str,
    kind: &str,
) -> Result<&'a mut T, ApiError> {
    table
        .get_mut(id)
        .ok_or_else(|| ApiError::not_found(id, kind))
}

/// Takes the object out.
pub(super) fn remove<T>(table: &mut Table<T>, id: &str, kind: &str) -> Result<T, ApiError> {
    table
        .shift_remove(id)
        .ok_or_else(|| ApiError::not_found(id, kind))
}

/// What is asked in the order of a number.
pub(super) trait Prioritised {
    fn priority(&self) -> u32;
    fn set_priority(&mut self, priority: u32);
}

impl Prioritised for Policy {
    fn priority(&self) -> u32 {
        self.priority
    }

    fn set_priority(&mut self, priority: u32) {
        self.priority = priority;
    }
}

impl Prioritised for Rule {
    fn priority(&self) -> u32 {
        self.priority
    }

    fn set_priority(&mut self, priority: u32) {
        self.priority = priority;
    }
}

/// Puts an object at the place its priority asks for, before the one that had it.
///
/// Priorities stay 1, 2, …: whatever comes after moves down. What Okta does with two rules of one
/// priority is not documented; this is what its Admin Console does when a rule is dragged.
pub(super) fn place<T: Prioritised>(table: &mut Table<T>, id: String, object: T) {
    table.shift_remove(&id);
    renumber(table);
    let before = object.priority();
    let position = table.values().filter(|other| other.priority() < before);
    let position = position.count();
    table.shift_insert(position, id, object);
    renumber_in_place(table);
}

/// Closes the gap that an object has left.
pub(super) fn renumber<T: Prioritised>(table: &mut Table<T>) {
    table.sort_by(|_, one, _, other| one.priority().cmp(&other.priority()));
    renumber_in_place(table);
}

fn renumber_in_place<T: Prioritised>(table: &mut Table<T>) {
    for (priority, object) in (1..).zip(table.values_mut()) {
        object.set_priority(priority);
    }
}
