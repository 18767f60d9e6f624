//! Step 4c: what to do about a user who may not use the client, or who may and should not.

use super::context::Context;
use super::step_4c_assignment::{PLACE, quoted, through};
use super::trial::Fix;
use crate::escape;
use crate::management::found::FoundAssignment;
use crate::model::{Client, EVERYONE, TestUser};
use crate::observation::AuthorizationKey;

/// How to fix the assignment of a user: by a group, each user of the group loses it, so that who is
/// in a group of the model by mistake is taken out of it.
pub(super) fn mend_assignment(
    context: &Context<'_>,
    wanted: bool,
    assignment: Option<&FoundAssignment>,
    through: &[String],
    user: &str,
) -> Fix {
    let way = assignment.map_or("", |way| way.scope.as_str());
    if let Some(asleep) = assignment.filter(|_| wanted) {
        return mend_status(asleep.status.as_str());
    }
    if !wanted && way == "GROUP" && !through.is_empty() {
        return mend_groups(&context.model.client, through, user);
    }
    match (wanted, way) {
        (true, _) => Fix::new(
            format!("{PLACE}: Assign to People, or to a group of the user"),
            "POST /api/v1/apps/{appId}/users",
        ),
        (false, "") => Fix::new(
            "Applications > Applications > the client > General > App Assignment: Federation \
             Broker Mode off",
            "PUT /api/v1/apps/{appId} with settings.implicitAssignment false",
        ),
        (false, "USER") => Fix::new(
            format!("{PLACE} > People: remove the user"),
            "DELETE /api/v1/apps/{appId}/users/{userId}",
        ),
        (false, _) => mend_anything(context),
    }
}

/// What to do about a user who may not use the client, and should be asked about its rules: by the
/// group that the model assigns, or directly where it has none.
pub(super) fn mend_lacking(context: &Context<'_>, user: &str) -> Fix {
    let wanted = context.model.user(user).into_iter();
    let mut own = wanted.flat_map(TestUser::group_names);
    let client = &context.model.client;
    let is_assigned = |own: &&str| client.assigned_group_names().any(|group| group == *own);
    match own.find(is_assigned) {
        Some(group) => Fix::new(
            format!(
                "step 4c: {PLACE} > Assign > Assign to Groups > {group}; step 2: the user must be \
                 in it"
            ),
            "PUT /api/v1/apps/{appId}/groups/{groupId}",
        ),
        None => Fix::new(
            format!("step 4c: {PLACE} > Assign > Assign to People > the user"),
            "POST /api/v1/apps/{appId}/users",
        ),
    }
}

/// What to do about an assignment that is there and does not take part.
pub(super) fn mend_status(status: &str) -> Fix {
    Fix::new(
        format!(
            "{PLACE} > the user: the assignment is {status}: remove it and assign the user, or a \
             group of the user, again; Reports > System Log says what made it so"
        ),
        "GET /api/v1/apps/{appId}/users/{userId}",
    )
}

/// What to do about a user whom groups assign: out of those that the model assigns the client to,
/// and the client off every other one.
fn mend_groups(client: &Client, through: &[String], user: &str) -> Fix {
    let is_own = |group: &&String| {
        let mut own = client.assigned_group_names();
        own.any(|own| own == *group && own != EVERYONE)
    };
    let (own, others): (Vec<&String>, Vec<&String>) = through.iter().partition(is_own);
    let Out {
        mut clicks,
        mut calls,
    } = out_of_groups(own, user);
    if !others.is_empty() {
        clicks.push(format!("{PLACE} > Groups: remove {}", quoted(&others)));
        calls.push("DELETE /api/v1/apps/{appId}/groups/{groupId}".to_owned());
    }
    Fix::new(clicks.join("; "), calls.join("; "))
}

/// What to click and to call.
pub(super) struct Out {
    pub(super) clicks: Vec<String>,
    pub(super) calls: Vec<String>,
}

/// How to take a user out of groups.
pub(super) fn out_of_groups<'g>(groups: impl IntoIterator<Item = &'g String>, user: &str) -> Out {
    let each = groups.into_iter().map(|group| {
        (
            format!("step 2: Directory > Groups > `{group}` > People > remove the user"),
            format!("DELETE /api/v1/groups/{{groupId of {group}}}/users/{user}"),
        )
    });
    let (clicks, calls) = each.unzip();
    Out { clicks, calls }
}

/// What to do about a user who may use the client and should not: what the audit shows, or where to
/// look.
pub(super) fn mend_unwanted(context: &Context<'_>, key: &AuthorizationKey) -> Fix {
    let found = context
        .seen
        .org
        .user(&key.user)
        .ok()
        .and_then(Option::as_ref);
    let way = found.and_then(|found| Some((found, found.assignment.as_ref().ok()?.as_ref()?)));
    if let Some((found, way)) = way {
        let through = through(context, found);
        return mend_assignment(context, false, Some(way), &through, &found.user.id);
    }
    mend_anything(context)
}

/// Where to look for what lets a user use the client, where nobody knows.
fn mend_anything(context: &Context<'_>) -> Fix {
    let own = context.model.client.assigned_group_names();
    let own = own.filter(|group| *group != EVERYONE);
    let own = own.map(|group| format!("`{group}`"));
    Fix::new(
        format!(
            "step 2: Directory > People > the user > Groups: take the user out of every group to \
             which the model assigns the client ({}); step 4c: {PLACE}: remove the user, and every \
             other group that the user is in; General > App Assignment: Federation Broker Mode off",
            escape::list(own)
        ),
        "GET /api/v1/users/{userId}/groups, and GET /api/v1/apps/{appId}/groups",
    )
}
