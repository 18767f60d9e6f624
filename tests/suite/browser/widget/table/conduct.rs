//! What may be typed, clicked and posted on the way, on whatever page.

use okta_sandbox::{Event, Facts};
use serde_json::Value;

use super::expected::Engine;

/// Fields that take who signs in.
const NAME_FIELDS: [&str; 3] = ["identifier", "username", "okta-signin-username"];

/// Fields that take the password, where that is asked for.
const PASSWORD_FIELDS: [&str; 3] = ["credentials.passcode", "password", "okta-signin-password"];

/// Controls that lead on and do nothing else: those that submit, skip, decline to be kept signed
/// in, show the list of methods and choose from it.
const CONTROLS: [&str; 11] = [
    "save",
    "okta-signin-submit",
    "skip",
    "skip-link",
    "button",
    "do-not-stay-signed-in-btn",
    "authenticator-button",
    "switchAuthenticator",
    "identifier",
    "credentials.passcode",
    // The bare button of the form by which the widget's second generation redirects.
    "INPUT",
];

/// What a sign-in posts, by the last part of its path.
const STEPS: [&str; 4] = ["introspect", "identify", "challenge/answer", "authn"];

/// What a page posts by itself, whoever looks at it.
const BY_ITSELF: [&str; 2] = ["poll", "poll/cancel"];

/// What happened on a visit.
pub(super) struct Conduct<'a> {
    pub(super) engine: Engine,
    pub(super) row: &'a Facts,
    pub(super) login: &'a str,
    pub(super) password: &'a str,
    pub(super) has_app: bool,
    pub(super) is_signed_in: bool,
    pub(super) events: &'a [Event],
}

/// A post, its path below the API.
struct Post<'a> {
    path: &'a str,
    body: &'a Value,
    /// Whether a click came before it; if none did, the page posted it by itself.
    is_clicked: bool,
}

impl Conduct<'_> {
    /// Everything that should not have happened.
    pub(super) fn wrong(&self) -> Vec<String> {
        let mut wrong = self.wrong_fields();
        wrong.extend(self.wrong_controls());
        wrong.extend(self.wrong_posts());
        wrong.extend(self.wrong_count());
        wrong.extend(self.twice());
        let sent = self.events.iter().filter_map(|event| match event {
            Event::SentElsewhere { body } => Some(format!("sent to another provider: {body}")),
            _ => None,
        });
        wrong.extend(sent);
        wrong
    }

    /// Everything that was posted, but for what a page asks again and again by itself.
    fn posts(&self) -> Vec<Post<'_>> {
        let mut is_clicked = false;
        let mut posts = Vec::new();
        for event in self.events {
            match event {
                Event::Clicked { .. } => is_clicked = true,
                Event::Posted { path, body, .. } => {
                    let below = ["/idp/idx/", "/api/v1/"];
                    let mut paths = below.iter().filter_map(|api| path.strip_prefix(api));
                    let path = paths.next().unwrap_or_default();
                    if BY_ITSELF.iter().any(|own| path.ends_with(own)) {
                        continue;
                    }
                    posts.push(Post {
                        path,
                        body,
                        is_clicked: std::mem::take(&mut is_clicked),
                    });
                }
                _ => {}
            }
        }
        posts
    }

    /// Nothing but name, password and code is typed, each where it belongs.
    fn wrong_fields(&self) -> Vec<String> {
        let typed = self.events.iter().filter_map(|event| match event {
            Event::Typed { field, text } => Some((field.as_str(), text.as_str())),
            _ => None,
        });
        let is_code = |text: &str| self.has_app && text.len() == 6;
        let is_right = |(field, text): (&str, &str)| {
            text.is_empty()
                || (text == self.login && NAME_FIELDS.contains(&field))
                || (text == self.password && PASSWORD_FIELDS.contains(&field))
                || (is_code(text) && field == PASSWORD_FIELDS[0])
        };
        let wrong = typed.filter(|typed| !is_right(*typed));
        wrong
            .map(|(field, text)| format!("typed {text:?} into `{field}`"))
            .collect()
    }

    /// A control that is marked as nothing of the kind is right where what came of it was.
    fn wrong_controls(&self) -> Vec<String> {
        let is_marked = |control: &str| {
            let mut marks = control.split_whitespace();
            marks.any(|mark| CONTROLS.contains(&mark))
        };
        let mut wrong = Vec::new();
        let mut open: Option<&str> = None;
        for event in self.events {
            match event {
                Event::Clicked { control } => {
                    wrong.extend(open.take());
                    open = Some(control.as_str()).filter(|it| !is_marked(it));
                }
                Event::Posted { .. } => open = None,
                _ => {}
            }
        }
        wrong.extend(open);
        wrong
            .iter()
            .map(|control| format!("clicked `{control}`"))
            .collect()
    }

    /// Nothing is asked of the org but the steps of a sign-in and what leads past a page.
    fn wrong_posts(&self) -> Vec<String> {
        let leads = self.engine.answers(self.row).iter();
        let leads: Vec<&str> = leads.flat_map(|answer| &answer.leads).copied().collect();
        let is_right = |post: &Post<'_>| {
            !post.is_clicked
                || STEPS.contains(&post.path)
                || leads.iter().any(|lead| fits(lead, post))
        };
        let posts = self.posts();
        let wrong = posts.iter().filter(|post| !is_right(post));
        wrong
            .map(|post| format!("posted to `{}`: {}", post.path, post.body))
            .collect()
    }

    /// The password is posted once where it is asked for, and never where it is not.
    fn wrong_count(&self) -> Option<String> {
        let posts = self.posts();
        let posted: usize = posts
            .iter()
            .map(|post| occurrences(post.body, self.password))
            .sum();
        let is_asked = self.row.is_after_password || self.is_signed_in;
        let right = match self.engine {
            Engine::Classic => 1..=1,
            Engine::Identity if is_asked => 1..=1,
            Engine::Identity => 0..=0,
        };
        let places = posts
            .iter()
            .filter(|post| occurrences(post.body, self.password) > 0);
        let places: Vec<&str> = places.map(|post| post.path).collect();
        let is_in_place = places.iter().all(|path| STEPS.contains(path));
        let is_right = right.contains(&posted) && is_in_place;
        (!is_right).then(|| format!("the password was posted {posted} times, to {places:?}"))
    }

    /// Nothing is submitted twice.
    fn twice(&self) -> Vec<String> {
        let posts = self.posts();
        let mine: Vec<&Post<'_>> = posts.iter().filter(|post| post.is_clicked).collect();
        let mut again = Vec::new();
        for (place, post) in mine.iter().enumerate() {
            let before = mine[..place].iter();
            if before
                .into_iter()
                .any(|other| other.path == post.path && other.body == post.body)
            {
                again.push(format!("posted twice to `{}`", post.path));
            }
        }
        again
    }
}

/// Whether a post is the call that leads on: its path, and what is chosen in it.
fn fits(lead: &str, post: &Post<'_>) -> bool {
    match lead.split_once(' ') {
        None => post.path.trim_start_matches("authn/") == lead,
        Some((path, key)) => {
            let chosen = post
                .body
                .pointer("/authenticator/id")
                .and_then(Value::as_str);
            let id = format!("aut-{}", key.replace('_', "-"));
            post.path == path && chosen == Some(id.as_str())
        }
    }
}

/// How often a text is a value in what was posted.
fn occurrences(value: &Value, text: &str) -> usize {
    match value {
        Value::String(value) => usize::from(value.contains(text)),
        Value::Array(values) => values.iter().map(|value| occurrences(value, text)).sum(),
        Value::Object(members) => members.values().map(|value| occurrences(value, text)).sum(),
        _ => 0,
    }
}
