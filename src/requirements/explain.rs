//! Why a sign-in ended without tokens: the cause, by the audit; without one, where to look first.

mod asker;

use self::asker::Asker;
pub(super) use self::asker::near_misses;
use super::context::Context;
use super::effective_access::Computed;
use super::likely::likely;
use super::provider;
use crate::escape::joined;
use crate::management::status::Words;
use crate::model::{Allowed, OpenIdConnectScopes};
use crate::observation::{AuthorizationKey, Denial, NotSeen, Seen};

/// The cause of a denial in a sentence, or the candidates in the order of their likelihood.
pub(super) fn explain(context: &Context<'_>, key: &AuthorizationKey, denial: Denial) -> String {
    if let Some(swap) = context.swapped(&key.user) {
        return swap.cause();
    }
    if context.no_management_api() {
        return provider::likely(denial).to_owned();
    }
    match cause(context, key, denial) {
        Ok(causes) if !causes.is_empty() => format!("cause: {}", causes.join("; ")),
        Ok(_) => format!(
            "the audit shows no cause; {}",
            likely_for(context, key, denial)
        ),
        Err(reason) => format!(
            "no audit ({}); {}",
            reason.reason,
            likely_for(context, key, denial)
        ),
    }
}

/// Where to look: of a user without a group, no group is the cause.
fn likely_for(context: &Context<'_>, key: &AuthorizationKey, denial: Denial) -> String {
    let user = context.model.user(&key.user);
    let has_a_group = user.is_none_or(|user| user.group_names().next().is_some());
    if denial == Denial::NotAssigned && !has_a_group {
        return "likely: step 4c: the client is not assigned to the user".to_owned();
    }
    likely(denial, key.flow)
}

/// What lets a user come as far as the access policy whom nothing assigns: what that lacks is no
/// cause, since to add it would open the API to the user.
pub(super) fn let_through(reason: Denial, denial: Denial) -> Option<String> {
    (reason == Denial::NotAssigned && denial == Denial::Policy).then(|| {
        "the access policy was asked, so that something lets the user use the client: step 4c: \
         Federation Broker Mode, or an assignment of the user, of a group of the user or of \
         Everyone"
            .to_owned()
    })
}

/// By which rule tokens came, as far as the audit knows; for findings about too much.
pub(super) fn granted_by(context: &Context<'_>, key: &AuthorizationKey) -> String {
    if let Some(swap) = context.swapped(&key.user) {
        return swap.words();
    }
    let computed = context.computed(key, OpenIdConnectScopes::AlwaysCovered);
    match computed {
        Ok(Computed::Granted { rule, policy }) => {
            format!("; cause: rule `{rule}` of policy `{policy}` gives them")
        }
        Ok(other) => format!("; by the audited set-up it should be {}", other.words()),
        Err(_) => String::new(),
    }
}

fn cause(context: &Context<'_>, key: &AuthorizationKey, denial: Denial) -> Seen<Vec<String>> {
    match denial {
        Denial::Policy | Denial::NotAssigned | Denial::Unknown => access(context, key),
        Denial::UnknownScope => unknown_scope(context, key),
        Denial::ResponseType => response_type(context, key),
        Denial::RedirectUri => redirect_uri(context),
        Denial::Client => client(context),
        Denial::Network => network(context),
        Denial::Consent => consent(context),
        Denial::SignIn | Denial::NamedPage | Denial::Page => user_status(context, key),
        Denial::ClientSecret => authentication(context),
        Denial::ClaimEvaluation
        | Denial::NoRefreshToken
        | Denial::NoClientSecret
        | Denial::NoClientKey
        | Denial::NotRedeemed
        | Denial::Unredeemable
        | Denial::ProofOfPossession
        | Denial::AskedToSignIn
        | Denial::NoneAsked
        | Denial::AtAnotherAddress
        | Denial::Other => other(context),
    }
}

/// What an error without a class of its own may come from.
fn other(context: &Context<'_>) -> Seen<Vec<String>> {
    let server = context.seen.org.server.as_ref().map_err(Clone::clone)?;
    let mut causes = Vec::new();
    match server {
        None => causes.push("no authorization server of the org has the issuer".to_owned()),
        Some(server) if !server.status.is_active() => {
            causes.push(format!("the authorization server is {}", server.status));
        }
        Some(_) => {}
    }
    causes.extend(client(context)?);
    Ok(causes)
}

/// The assignment first, then the rules: the order in which Okta asks.
fn access(context: &Context<'_>, key: &AuthorizationKey) -> Seen<Vec<String>> {
    let user = &key.user;
    if !context.is_assigned(user)? {
        return Ok(vec![not_assigned(context, user)]);
    }
    let policies = context.all_policies()?;
    if policies.is_empty() {
        return Ok(vec![
            "the authorization server has no access policy".to_owned(),
        ]);
    }
    let asker = Asker::of(context, key);
    let told = asker.nearest(policies).into_iter();
    let told: Vec<String> = told
        .map(|(policy, rule, obstacles)| asker.told(policy, rule, &obstacles))
        .collect();
    if told.is_empty() {
        return Ok(vec!["the access policies have no rule".to_owned()]);
    }
    Ok(told)
}

fn not_assigned(context: &Context<'_>, user: &str) -> String {
    if let Some(status) = context.status_of_assignment(user) {
        return format!("the assignment of {user} to the client is {status}");
    }
    let own = context.person(user).groups;
    let assigned: Vec<String> = context
        .seen
        .org
        .client_groups
        .iter()
        .flatten()
        .map(|id| context.seen.org.group_name(id).to_owned())
        .collect();
    format!(
        "{user} is not assigned to the client: not directly, and it is in {}, while the client is \
         assigned to {}",
        listed(own.iter().map(String::as_str)),
        listed(assigned.iter().map(String::as_str))
    )
}

fn names(allowed: &Allowed) -> String {
    match allowed {
        Allowed::All => "all".to_owned(),
        Allowed::Only(names) => listed(names.iter().map(String::as_str)),
    }
}

/// Names in quotes; `Everyone` is left out, since everybody is in it.
fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names
        .into_iter()
        .filter(|name| *name != crate::model::EVERYONE)
        .map(|name| format!("`{name}`"))
        .collect();
    if names.is_empty() {
        "no group".to_owned()
    } else {
        joined(names)
    }
}

fn unknown_scope(context: &Context<'_>, key: &AuthorizationKey) -> Seen<Vec<String>> {
    let scopes = context.seen.org.scopes.as_ref().map_err(Clone::clone)?;
    let asked = key.scopes();
    let missing = asked
        .iter()
        .filter(|asked| !scopes.iter().any(|scope| scope.name == **asked));
    let own = || scopes.iter().filter(|scope| !scope.system);
    Ok(missing
        .map(|name| {
            let nearest = own().find(|scope| alike(&scope.name, name));
            let hint = nearest.map_or(String::new(), |scope| {
                format!("; it has `{}`, which is another one", scope.name)
            });
            format!("the authorization server has no scope `{name}`{hint}")
        })
        .collect())
}

/// Whether two names differ in case, scheme and final slash alone, or one is the end of the other.
fn alike(found: &str, wanted: &str) -> bool {
    let plain = |name: &str| {
        let name = name.to_lowercase();
        let name = name
            .split_once("://")
            .map_or(name.as_str(), |(_, rest)| rest);
        name.trim_end_matches('/').to_owned()
    };
    let (found, wanted) = (plain(found), plain(wanted));
    found == wanted || found.ends_with(&wanted) || wanted.ends_with(&found)
}

fn response_type(context: &Context<'_>, key: &AuthorizationKey) -> Seen<Vec<String>> {
    let client = super::client::client(context)?;
    let (settings, grant) = (&client.settings.oauth_client, key.flow.grant_type());
    let mut causes = Vec::new();
    if !settings.grant_types.iter().any(|own| own == grant) {
        causes.push(format!(
            "the client may use the grant types {:?} and not `{grant}`",
            settings.grant_types
        ));
    }
    let needed = key.flow.response_types().iter();
    let lacking: Vec<&&str> = needed
        .filter(|kind| !settings.response_types.iter().any(|own| own == **kind))
        .collect();
    if !lacking.is_empty() {
        causes.push(format!(
            "the client may use the response types {:?} and not {lacking:?}",
            settings.response_types
        ));
    }
    Ok(causes)
}

fn redirect_uri(context: &Context<'_>) -> Seen<Vec<String>> {
    let client = super::client::client(context)?;
    let sent = context.facts.redirect_uri.as_str();
    let registered = &client.settings.oauth_client.redirect_uris;
    if registered.iter().any(|uri| uri == sent) {
        return Ok(Vec::new());
    }
    let plain = |uri: &str| uri.trim_end_matches('/').to_lowercase();
    let nearest = registered.iter().find(|uri| plain(uri) == plain(sent));
    Ok(vec![match nearest {
        Some(uri) => format!("`{sent}` was sent and `{uri}` is registered: byte for byte another"),
        None => format!("`{sent}` was sent and {registered:?} are registered"),
    }])
}

fn client(context: &Context<'_>) -> Seen<Vec<String>> {
    let client = context.seen.org.client.as_ref().map_err(Clone::clone)?;
    let id = &context.facts.client_id;
    Ok(match client {
        None => vec![format!("the org has no client {id}: is it of another org?")],
        Some(client) if !client.status.is_active() => {
            vec![format!("the client {id} is {}", client.status)]
        }
        Some(_) => Vec::new(),
    })
}

fn authentication(context: &Context<'_>) -> Seen<Vec<String>> {
    let Some(found) = super::step_4a_client::other_method(context)? else {
        return other(context);
    };
    let wanted = context.model.client.token_endpoint_auth_method.name();
    let words = "the client authenticates by";
    let by_other_means = super::step_4a_client::authenticates_by_other_means(context)?.is_some();
    // A secret may be taken in the header and in the form alike.
    let or_else = if by_other_means {
        ""
    } else {
        "; or OKTA_OAUTH2_CLIENT_SECRET is not the client's"
    };
    Ok(vec![format!(
        "{words} `{found}` and not by `{wanted}`, as the run does by the model{or_else}"
    )])
}

fn network(context: &Context<'_>) -> Seen<Vec<String>> {
    let client = super::client::client(context)?;
    let network = client.settings.oauth_client.other.get("network");
    Ok(network
        .map(|network| format!("the client's settings.oauthClient.network is {network}"))
        .into_iter()
        .collect())
}

fn consent(context: &Context<'_>) -> Seen<Vec<String>> {
    let asking = super::step_4a_client::scopes_that_ask_for_consent(context)?;
    Ok(if asking.is_empty() {
        Vec::new()
    } else {
        vec![format!(
            "the client and the scopes {asking:?} require consent"
        )]
    })
}

fn user_status(context: &Context<'_>, key: &AuthorizationKey) -> Seen<Vec<String>> {
    let found = context.seen.org.user(&key.user)?;
    Ok(match found {
        None => vec!["the org has no user of that login".to_owned()],
        Some(found) if found.user.status.takes_part(Words::USER) != Some(true) => {
            vec![format!("{} is {}", key.user, found.user.status)]
        }
        Some(_) => Vec::new(),
    })
}

/// The reason with the cause of the denial after it.
pub(super) fn with_cause(reason: NotSeen, context: &Context<'_>) -> NotSeen {
    let Some(crate::observation::Symptom::NoTokens { key, denial }) = reason.symptom.as_deref()
    else {
        return reason;
    };
    let cause = match denial {
        // The page said what to check.
        Denial::SignIn => known_cause(context, key),
        // The page says what it asks for, before any rule is asked.
        Denial::NamedPage => cause_of_user(context, key),
        // The page refused in words of its own: what the rules withhold may be what it means, and
        // what they give is not.
        Denial::Unknown => cause_of_user(context, key).or_else(|| withheld(context, key)),
        denial => Some(explain(context, key, *denial)),
    };
    match cause {
        Some(cause) => NotSeen {
            reason: format!("{}; {cause}", reason.reason),
            ..reason
        },
        None => reason,
    }
}

/// What is wrong with the user, where that is known.
fn cause_of_user(context: &Context<'_>, key: &AuthorizationKey) -> Option<String> {
    if let Some(swap) = context.swapped(&key.user) {
        return Some(swap.cause());
    }
    let causes = user_status(context, key).ok()?;
    (!causes.is_empty()).then(|| format!("cause: {}", causes.join("; ")))
}

/// Why the user may not have what was asked for, where the audit shows it; where it shows that
/// nothing withholds it, what no audit shows.
fn withheld(context: &Context<'_>, key: &AuthorizationKey) -> Option<String> {
    let computed = context.computed(key, OpenIdConnectScopes::MustBeInRule);
    if matches!(computed, Ok(Computed::Granted { .. })) {
        return Some(format!(
            "the audit shows nothing that keeps it from {}; if that is what the page means, it is \
             of what is not audited: Security > Authentication Policies of the client, the Global \
             Session Policy, network zones",
            key.user
        ));
    }
    let causes = access(context, key).ok()?;
    (!causes.is_empty()).then(|| format!("cause: {}", causes.join("; ")))
}

/// What is known of a user whom the sign-in page refused, beside what the page said.
fn known_cause(context: &Context<'_>, key: &AuthorizationKey) -> Option<String> {
    if let Some(swap) = context.swapped(&key.user) {
        return Some(swap.cause());
    }
    Some(match &user_status(context, key).ok()?[..] {
        [] => context.active(&key.user),
        causes => format!("cause: {}", causes.join("; ")),
    })
}

#[cfg(test)]
mod tests;
