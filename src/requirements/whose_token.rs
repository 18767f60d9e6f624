//! Step 5: whose the access token is, by its ids and by the name beside them.

use serde_json::Value;

use super::claims::{Checked, View, Wrong, equal};
use super::found::Code;
use crate::escape::excerpt;
use crate::model::Provider;
use crate::observation::NotSeen;

/// The first of these claims that is there; none is: the first.
pub(super) fn first_there(view: &View<'_>, claims: &'static [&'static str]) -> &'static str {
    let mut there = claims.iter().filter(|claim| view.claim(claim).is_some());
    there.next().or(claims.first()).copied().unwrap_or_default()
}

/// `uid` is the user's id in the directory, where it is known; else the `sub` of the ID token,
/// which is compared with the directory itself. Others than Okta have `sub` in both.
pub(super) fn user_id(view: &View<'_>) -> Checked {
    let claim = first_there(view, view.context.model.provider.user_claims());
    let id = view.claim(claim);
    names_nobody_else(view)?;
    view.is_as_in_document(claim)?;
    view.is_as_in_document("sub")?;
    let found = view.context.seen.org.user(&view.answer.key.user).ok();
    let found = found.and_then(Option::as_ref);
    match (found, subject_of_id_token(view)) {
        (Some(found), _) => equal(claim, id, &found.user.id),
        (None, Some(subject)) => {
            equal(&format!("{claim} (as the ID token's sub)"), id, subject)?;
            is_named_as_who_signed_in(view);
            Ok(())
        }
        (None, None) => {
            view.cannot_tell(&format!(
                "no audit and no ID token to compare `{claim}` with"
            ));
            Ok(())
        }
    }
}

/// Whose id it is, an audit alone can tell; without one, the name beside it does: by default, `sub`
/// of Okta's access tokens is the login. What other name it has may be the user's too, or that of
/// somebody else.
fn is_named_as_who_signed_in(view: &View<'_>) {
    let (context, user) = (view.context, view.answer.key.user.as_str());
    let (Provider::Okta, Some(login)) = (context.model.provider, context.login(user)) else {
        return;
    };
    let name = view
        .claim("sub")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if are_of_one_name(name, &login) {
        return;
    }
    let why = format!(
        "the tokens name {}, and TEST_USER_{user}_USERNAME is {}: no audit tells whether both are \
         one user; set OKTA_CLIENT_TOKEN for one",
        excerpt(name),
        excerpt(&login)
    );
    // An id is nobody's name: there is nothing odd about it, and nothing to be told by it.
    let is_id = name.is_empty() || view.token.text("uid") == Some(name);
    view.cannot_see(if is_id {
        NotSeen::not_configured(why)
    } else {
        NotSeen::inconclusive(why)
    });
}

/// Whether both are one login, whatever its case; of one, what stands before `@` may do.
fn are_of_one_name(one: &str, other: &str) -> bool {
    let (one, other) = (one.to_lowercase(), other.to_lowercase());
    let begins = |long: &str, short: &str| {
        let before = long.split_once('@').map(|(before, _)| before);
        !short.is_empty() && before == Some(short)
    };
    one == other || begins(&one, &other) || begins(&other, &one)
}

fn subject_of_id_token<'a>(view: &View<'a>) -> Option<&'a str> {
    let token = view.answer.tokens.id_token.as_ref()?.as_ref().ok()?;
    token.text("sub")
}

/// `sub` is neither the login of another test user nor the `sub` of that one's ID token: an API
/// that goes by it takes the one for the other, whatever a provider promises of access tokens.
fn names_nobody_else(view: &View<'_>) -> Checked {
    let (context, user) = (view.context, view.answer.key.user.as_str());
    let Some(subject) = view.claim("sub").and_then(Value::as_str) else {
        return Ok(());
    };
    let by_login = context.test_user_called(subject);
    let by_login = by_login.map(|other| (other, named_as_another(view, subject, other)));
    // Two users with one `sub` in their ID tokens are found there.
    let own = subject_of_id_token(view);
    let mut others = context.seen.subjects();
    let by_subject = others.find(|(other, theirs)| {
        *other != user && *theirs == subject && own.is_some_and(|own| own != subject)
    });
    let by_subject = by_subject.map(|(other, _)| {
        let told = format!("`{subject}`, which the ID token of {other} has as its `sub`");
        (other, told)
    });
    match by_login.filter(|(other, _)| *other != user).or(by_subject) {
        None => Ok(()),
        Some((_, told)) => Err(Wrong::new(format!("sub: that of {user}"), told)
            .by(Code::AccessTokenOfAnother)
            .required()),
    }
}

/// What it comes of that the name is another's: where the ids are that one's too, so is the session.
fn named_as_another(view: &View<'_>, subject: &str, other: &str) -> String {
    let user = &view.answer.key.user;
    let named = format!("`{subject}`, the login of {other}");
    let mut theirs = view.context.seen.subjects();
    let is_theirs = theirs.any(|(whose, id)| whose == other && view.token.text("uid") == Some(id));
    if is_theirs {
        return format!("{named}, whose `uid` it has too: the token is of {other}'s session");
    }
    format!(
        "{named}: the assignment of {user} to the client has that name (Applications > \
         Applications > the client > Assignments > {user} > Edit)"
    )
}

pub(super) fn subject(view: &View<'_>) -> Checked {
    let login = view
        .context
        .login(&view.answer.key.user)
        .unwrap_or_default();
    let found = view.claim("sub");
    // Okta takes a login in any case, and tells it as it was made.
    let is_same = |found: &str| found.to_lowercase() == login.to_lowercase();
    match found.and_then(Value::as_str) {
        Some(found) if is_same(found) => Ok(()),
        _ => equal("sub", found, &login),
    }
}
