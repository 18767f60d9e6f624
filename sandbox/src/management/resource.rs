//! What all kinds of objects have in common: they are listed, made, shown, replaced and deleted,
//! and most can be switched off. Where Okta treats one kind otherwise, its `Habits` say so.

use serde_json::Value;

use super::call::{Answer, Call};
use super::error::ApiError;
use super::filter;
use super::kinds::{Lifecycle, Object, Within, find, find_mut};
use super::page::Limits;
use super::table::{place, remove};
use crate::state::org::{Org, Status, Table};

/// A call, and what its objects are in.
pub(super) struct At<'a> {
    pub(super) call: &'a Call,
    pub(super) org: &'a Org,
    pub(super) within: Within<'a>,
}

impl<'a> At<'a> {
    /// What the org itself holds.
    pub(super) fn org(call: &'a Call, org: &'a Org) -> Self {
        let within = &[];
        Self { call, org, within }
    }
}

/// A kind of object that is seen.
pub(super) trait Shown: Object {
    /// The object as it is shown alone.
    fn show(&self, at: &At<'_>) -> Value;

    /// The object as it is shown in a list.
    fn show_in_list(&self, at: &At<'_>) -> Value {
        self.show(at)
    }

    /// Whether a search for `q` finds the object.
    fn is_found_by(&self, _at: &At<'_>, _q: &str) -> bool {
        true
    }
}

/// A kind of object that is changed in the ways all are.
pub(super) trait Resource: Shown {
    /// The object that was sent, found to be fit: a new one, or one in place of `own`.
    fn checked(at: &At<'_>, own: Option<&Self>) -> Result<Self, ApiError>;

    /// The objects of the kind that the call asks for.
    fn list(at: &At<'_>) -> Result<Answer, ApiError> {
        listed::<Self>(at, Self::HABITS.limits)
    }

    /// The object as the answer to its making shows it.
    fn show_made(&self, at: &At<'_>) -> Value {
        self.show(at)
    }

    /// Puts the object among the others.
    fn keep(self, table: &mut Table<Self>) {
        place(table, self);
    }

    /// Whether the object may be deleted.
    fn check_deletion(&self, _org: &Org) -> Result<(), ApiError> {
        Ok(())
    }

    /// What its deletion changes elsewhere.
    fn after_deletion(_org: &mut Org, _id: &str) {}
}

/// Answers a call about objects of the kind, given the rest of its path.
pub(super) fn crud<T: Resource>(
    call: &Call,
    org: &mut Org,
    within: Within<'_>,
    path: &[&str],
) -> Result<Answer, ApiError> {
    let table = T::table(org, within)?;
    let at = At { call, org, within };
    match (call.method.as_str(), path) {
        ("GET", []) => T::list(&at),
        ("GET", [id]) => Ok(Answer::ok(find(table, id)?.show(&at))),
        ("POST", []) => {
            let made = T::checked(&at, None)?;
            let shown = keep(call, org, within, made, T::show_made)?;
            Ok(Answer::new(T::HABITS.made, Some(shown)))
        }
        ("PUT", [id]) if T::HABITS.replaced => {
            let replaced = T::checked(&at, Some(find(table, id)?))?;
            keep(call, org, within, replaced, T::show).map(Answer::ok)
        }
        ("DELETE", [id]) => {
            find(table, id)?.check_deletion(org)?;
            remove(T::table_mut(org, within)?, id);
            T::after_deletion(org, id);
            Ok(Answer::no_content())
        }
        ("POST", [id, "lifecycle", "activate"]) => {
            switch::<T>(call, org, within, id, Status::Active)
        }
        ("POST", [id, "lifecycle", "deactivate"]) => {
            switch::<T>(call, org, within, id, Status::Inactive)
        }
        _ => Err(ApiError::method_not_allowed()),
    }
}

/// Puts an object among the others, and shows it as it is there.
fn keep<T: Resource>(
    call: &Call,
    org: &mut Org,
    within: Within<'_>,
    object: T,
    show: fn(&T, &At<'_>) -> Value,
) -> Result<Value, ApiError> {
    let id = object.id().to_owned();
    object.keep(T::table_mut(org, within)?);
    let kept = find(T::table(org, within)?, &id)?;
    Ok(show(kept, &At { call, org, within }))
}

fn switch<T: Resource>(
    call: &Call,
    org: &mut Org,
    within: Within<'_>,
    id: &str,
    to: Status,
) -> Result<Answer, ApiError> {
    let lifecycle = T::HABITS.lifecycle;
    let lifecycle = lifecycle.ok_or_else(ApiError::method_not_allowed)?;
    let object = find_mut(T::table_mut(org, within)?, id)?;
    if let Some((status, stamps)) = object.switch() {
        *status = to;
        stamps.touch(call.now);
    }
    let object = find(T::table(org, within)?, id)?;
    Ok(match lifecycle {
        Lifecycle::NoContent => Answer::no_content(),
        Lifecycle::EmptyObject => Answer::empty_object(),
        Lifecycle::Shown => Answer::ok(object.show(&At { call, org, within })),
    })
}

/// A page of the objects that `q` finds.
pub(super) fn listed<T: Shown>(at: &At<'_>, limits: Option<Limits>) -> Result<Answer, ApiError> {
    let q = at.call.parameter("q").unwrap_or_default();
    let objects = T::table(at.org, at.within)?.values();
    let found = objects.filter(|object| object.is_found_by(at, q));
    let mut shown: Vec<Value> = found.map(|object| object.show_in_list(at)).collect();
    if T::HABITS.filtered {
        shown = filter::apply(at.call, shown)?;
    }
    match limits {
        Some(limits) => at.call.page(shown, limits),
        None => Ok(Answer::ok(shown.into())),
    }
}
