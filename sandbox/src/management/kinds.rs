//! The kinds of objects of the Management API: where they are kept, and what Okta does otherwise
//! with each.

use axum::http::StatusCode;

use super::error::ApiError;
use super::page::Limits;
use crate::state::org::{
    Application, AuthorizationServer, Claim, ClientSecret, Group, GroupRule, Org, Policy, Rule,
    Scope, SignInPolicy, SignInRule, Stamps, Status, Table, TrustedOrigin, User,
};

/// The ids of what an object is in, from the outside in: an authorization server, a policy of it.
pub(super) type Within<'a> = &'a [&'a str];

/// An object of one of the kinds.
pub(super) trait Object: Sized {
    /// What Okta does with the kind.
    const HABITS: Habits;

    /// Its id.
    fn id(&self) -> &str;

    /// The objects of the kind, or 404 for what they are in.
    fn table<'a>(org: &'a Org, within: Within<'_>) -> Result<&'a Table<Self>, ApiError>;

    /// The same, to be changed.
    fn table_mut<'a>(org: &'a mut Org, within: Within<'_>)
    -> Result<&'a mut Table<Self>, ApiError>;

    /// The number by which objects of the kind are in an order: 1, 2, …
    fn place(&mut self) -> Option<&mut u32> {
        None
    }

    /// What says whether it takes part, and when that changed.
    fn switch(&mut self) -> Option<(&mut Status, &mut Stamps)> {
        None
    }
}

/// What Okta does with a kind of object, where kinds differ.
#[derive(Debug, Clone, Copy)]
pub(super) struct Habits {
    /// The name of the kind in Okta's texts.
    pub(super) name: &'static str,
    /// What making an object answers.
    pub(super) made: StatusCode,
    /// How many items a list shows; without limits it always comes whole.
    pub(super) limits: Option<Limits>,
    /// Whether lists take `filter` and `search`.
    pub(super) filtered: bool,
    /// Whether a PUT replaces the object.
    pub(super) replaced: bool,
    /// What `lifecycle/activate` and `deactivate` answer, where they are.
    pub(super) lifecycle: Option<Lifecycle>,
}

/// What activating and deactivating answers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lifecycle {
    /// 204.
    NoContent,
    /// 200 with `{}`.
    EmptyObject,
    /// 200 with the object.
    Shown,
}

impl Habits {
    /// What the org itself holds: lists have pages and take filters.
    const fn of_org(name: &'static str, limits: Limits) -> Self {
        Self {
            name,
            made: StatusCode::OK,
            limits: Some(limits),
            filtered: true,
            replaced: true,
            lifecycle: None,
        }
    }

    /// What something else holds: lists come whole.
    const fn of_part(name: &'static str, made: StatusCode) -> Self {
        Self {
            name,
            made,
            limits: None,
            filtered: false,
            replaced: true,
            lifecycle: None,
        }
    }
}

macro_rules! kinds {
    ($($kind:ident in [$($outer:ident),*].$objects:ident [$($more:ident)*] => $habits:expr;)*) => {
        $(impl Object for $kind {
            const HABITS: Habits = $habits;

            fn id(&self) -> &str {
                &self.id
            }

            fn table<'a>(org: &'a Org, within: Within<'_>) -> Result<&'a Table<Self>, ApiError> {
                let [$($outer),*] = within else {
                    return Err(ApiError::internal());
                };
                $(let org = find(&org.$outer, $outer)?;)*
                Ok(&org.$objects)
            }

            fn table_mut<'a>(
                org: &'a mut Org,
                within: Within<'_>,
            ) -> Result<&'a mut Table<Self>, ApiError> {
                let [$($outer),*] = within else {
                    return Err(ApiError::internal());
                };
                $(let org = find_mut(&mut org.$outer, $outer)?;)*
                Ok(&mut org.$objects)
            }

            $(kinds! { @ $more })*
        })*
    };
    (@ ordered) => {
        fn place(&mut self) -> Option<&mut u32> {
            Some(&mut self.priority)
        }
    };
    (@ switched) => {
        fn switch(&mut self) -> Option<(&mut Status, &mut Stamps)> {
            Some((&mut self.status, &mut self.stamps))
        }
    };
}

kinds! {
    Group in [].groups [] => Habits::of_org("UserGroup", Limits::of(10_000, 10_000));
    GroupRule in [].group_rules [switched] => Habits {
        lifecycle: Some(Lifecycle::NoContent),
        ..Habits::of_org("GroupRule", Limits::of(50, 200))
    };
    User in [].users [] => Habits::of_org("User", Limits::of(200, 200));
    Application in [].applications [switched] => Habits {
        lifecycle: Some(Lifecycle::EmptyObject),
        ..Habits::of_org("AppInstance", Limits::of(20, 200))
    };
    // The name of the kind in Okta's texts is not on record; this is the one of its API
    // description.
    ClientSecret in [applications].secrets [switched] => Habits {
        replaced: false,
        lifecycle: Some(Lifecycle::Shown),
        ..Habits::of_part("OAuth2ClientSecret", StatusCode::CREATED)
    };
    TrustedOrigin in [].trusted_origins [switched] => Habits {
        lifecycle: Some(Lifecycle::Shown),
        ..Habits::of_org("TrustedOrigin", Limits::of(20, 200))
    };
    SignInPolicy in [].sign_in_policies [] => Habits {
        replaced: false,
        ..Habits::of_part("Policy", StatusCode::OK)
    };
    SignInRule in [sign_in_policies].rules [switched] => Habits {
        lifecycle: Some(Lifecycle::NoContent),
        ..Habits::of_part("PolicyRule", StatusCode::OK)
    };
    AuthorizationServer in [].servers [switched] => Habits {
        limits: Some(Limits::of(200, 200)),
        lifecycle: Some(Lifecycle::NoContent),
        ..Habits::of_part("AuthorizationServer", StatusCode::CREATED)
    };
    Scope in [servers].scopes [] => Habits {
        limits: Some(Limits::without_links(usize::MAX)),
        filtered: true,
        ..Habits::of_part("OAuth2Scope", StatusCode::CREATED)
    };
    Claim in [servers].claims [] => Habits::of_part("OAuth2Claim", StatusCode::CREATED);
    Policy in [servers].policies [ordered switched] => Habits {
        lifecycle: Some(Lifecycle::NoContent),
        ..Habits::of_part("Policy", StatusCode::CREATED)
    };
    Rule in [servers, policies].rules [ordered switched] => Habits {
        lifecycle: Some(Lifecycle::NoContent),
        ..Habits::of_part("PolicyRule", StatusCode::CREATED)
    };
}

/// The object with the id, or 404 with the name Okta gives its kind.
pub(super) fn find<'a, T: Object>(table: &'a Table<T>, id: &str) -> Result<&'a T, ApiError> {
    let object = table.get(id);
    object.ok_or_else(|| ApiError::not_found(id, T::HABITS.name))
}

/// The same, to be changed.
pub(super) fn find_mut<'a, T: Object>(
    table: &'a mut Table<T>,
    id: &str,
) -> Result<&'a mut T, ApiError> {
    let object = table.get_mut(id);
    object.ok_or_else(|| ApiError::not_found(id, T::HABITS.name))
}

/// Whether an object other than `own` is like this.
pub(super) fn is_taken<T: Object>(
    table: &Table<T>,
    own: Option<&T>,
    is_like_this: impl Fn(&T) -> bool,
) -> bool {
    let is_other = |other: &T| own.is_none_or(|own| own.id() != other.id());
    let mut objects = table.values();
    objects.any(|other| is_other(other) && is_like_this(other))
}
