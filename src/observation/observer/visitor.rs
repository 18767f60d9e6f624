//! One test user at the authorization server: who it is, and what its visits come to.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use jiff::Timestamp;
use url::Url;

use super::Picture;
use super::probe_servers::Servers;
use super::refused::what_to_check;
use super::untrusted::{Beside, untrusted};
use crate::browser::{Evidence, Known, KnownBy, Landing, Refusal, StopPage};
use crate::config::TestUserCredentials;
use crate::escape;
use crate::observation::{
    Authorization, AuthorizationKey, Denial, Need, NotSeen, Outcome, Seen, Symptom,
};
use crate::openid::{BrowserEndpoint, CarriedSession, Metadata};
use crate::totp::Totp;

/// What one user's requests came to.
#[derive(Default)]
pub(super) struct UserSeeing {
    pub(super) authorizations: Vec<(AuthorizationKey, Seen<Authorization>)>,
    pub(super) pictures: Vec<Picture>,
    pub(super) sign_ins: usize,
    pub(super) requests: usize,
    /// Where what was typed went beside the org; none: that could not be told.
    pub(super) sent_elsewhere: Option<BTreeSet<String>>,
    pub(super) unread: BTreeSet<String>,
    pub(super) retries: Vec<String>,
    pub(super) durations: Vec<(Need, Duration)>,
    /// The session that the browser had, where it is known without the browser too.
    pub(super) session: Option<Arc<CarriedSession>>,
}

/// A session that can be carried.
pub(super) struct Held {
    pub(super) session: Arc<CarriedSession>,
    /// Whether its secret cookies are for the org alone.
    pub(super) is_kept: bool,
    /// Whether something was granted in it by plain HTTP.
    pub(super) is_known: bool,
}

/// The session of a user's browser, as far as it can be carried to plain HTTP.
#[derive(Default)]
pub(super) enum Carried {
    /// It was not asked for.
    #[default]
    Unasked,
    /// This.
    Session(Held),
    /// It cannot be carried, or is good for nothing elsewhere.
    BrowserAlone,
}

/// A user at the authorization server: who, and what has happened so far.
pub(super) struct Visitor<'a> {
    pub(super) name: &'a str,
    pub(super) credentials: &'a TestUserCredentials,
    /// Where the client is.
    pub(super) redirect_uri: &'a Url,
    /// Kept for all of the user's browsers: no code is used twice.
    pub(super) totp: Option<Totp>,
    pub(super) metadata: &'a Metadata,
    pub(super) endpoint: &'a BrowserEndpoint,
    /// The other servers that sign probes.
    pub(super) servers: &'a Servers,
    pub(super) signed_in: Option<Timestamp>,
    /// Whether a password was submitted of which no answer came: it is typed once more at most.
    pub(super) lost_a_password: bool,
    /// What the sign-in page said of the client after the password: that the user is not assigned.
    /// The password is not typed for the next request to hear it again.
    pub(super) not_assigned: Option<String>,
    /// Why the password is not typed again, after a visit in which it was typed and that ended
    /// elsewhere than at the redirect URI. A session may be there all the same.
    pub(super) spent: Option<String>,
    /// Where a page sent what any user of the run typed into it, if one did: nobody else types.
    pub(super) leak: &'a OnceLock<String>,
    /// Why the rest of the user's requests is not made: credentials that were refused must not be
    /// typed again, and a page that never comes would be waited for again.
    pub(super) refused: Option<NotSeen>,
    pub(super) carried: Carried,
    pub(super) seeing: UserSeeing,
}

/// What a visit came to that did not end at the redirect URI.
pub(super) fn ended(
    visitor: &mut Visitor<'_>,
    key: &AuthorizationKey,
    landing: Landing,
    has_submitted: bool,
) -> Seen<Outcome> {
    match landing {
        Landing::Redirected { .. } | Landing::Elsewhere { .. } => {
            Err(NotSeen::inconclusive("the browser was redirected"))
        }
        Landing::ErrorPage {
            heading,
            code,
            description,
            evidence,
        } => {
            let note = visitor.keep(key, evidence);
            let (code, text) = (code.unwrap_or_default(), description.unwrap_or_default());
            let lacks = lacks(visitor.metadata, key);
            let said = format!("Okta's error page \"{heading}\": {code} {text}{lacks}{note}");
            Ok(on_page(Denial::of_error_page(&code, &text), said))
        }
        Landing::Refused {
            kind,
            text,
            known,
            evidence,
        } => {
            let is = known.is.map_or_else(String::new, |is| format!(": it {is}"));
            let note = is + &visitor.keep(key, evidence) + &source(&known);
            let text = format!("the sign-in page says \"{text}\"{note}");
            visitor.refused_by(key, kind, text, has_submitted)
        }
        Landing::Stopped {
            kind: StopPage::SignIn,
            ..
        } if visitor.not_assigned.is_some() => {
            let text = visitor.not_assigned.clone().unwrap_or_default();
            Ok(on_page(Denial::NotAssigned, text))
        }
        Landing::Stopped {
            kind: StopPage::SignIn,
            ..
        } if visitor.spent.is_some() => {
            let why = visitor.spent.clone().unwrap_or_default();
            Err(visitor.give_up(why))
        }
        Landing::Stopped {
            kind,
            heading,
            known,
            evidence,
        } => Err(ended_at_page(
            visitor,
            key,
            (kind, has_submitted),
            heading,
            (&known, evidence),
        )),
        Landing::Untrusted {
            danger,
            origin,
            evidence,
        } => {
            let note = visitor.keep(key, evidence);
            let issuer = Url::parse(&visitor.metadata.issuer).ok();
            let org = issuer.as_ref().and_then(Url::host_str);
            let beside = Beside {
                has_submitted,
                redirect_uri: visitor.redirect_uri,
                org: org.unwrap_or_default(),
                leak: visitor.leak.get().map(String::as_str),
            };
            Err(visitor.give_up(untrusted(danger, &origin, beside) + &note))
        }
    }
}

/// Why no answer came: a page that the suite does not pass.
fn ended_at_page(
    visitor: &mut Visitor<'_>,
    key: &AuthorizationKey,
    (kind, has_submitted): (StopPage, bool),
    heading: String,
    (known, evidence): (&Known, Evidence),
) -> NotSeen {
    let shown = shown(&evidence, &heading);
    // The endpoint may answer a user who has signed in itself: the password was right then.
    let answers_itself = visitor.endpoint.is_at(&evidence.url);
    let says = if heading.is_empty() || heading == evidence.title {
        escape::beginning(&evidence.text, escape::MOST_IN_TERMINAL)
    } else {
        heading
    };
    let note = visitor.keep(key, evidence) + &source(known);
    let page = page(kind, &shown, &says);
    let is_named = known.is.is_some() || !says.is_empty();
    let mut reason = match kind {
        StopPage::HttpError(status @ 400..=499) if has_submitted && answers_itself => {
            NotSeen::failed(format!(
                "the org answers {status} to the authorize URL once {} has signed in: {shown} says \
                 \"{says}\"{}: may the client ask for the response type, the scopes and the \
                 redirect URI of the request?",
                visitor.name,
                lacks(visitor.metadata, key),
            ))
        }
        StopPage::HttpError(status @ 400..=499) if has_submitted => NotSeen::failed(format!(
            "{status} came after the password of {name}, from {shown}, which says \"{says}\": is \
             TEST_USER_{name}_PASSWORD right, and does a firewall stand before the sign-in page?",
            name = visitor.name,
        )),
        _ => stopped(kind, &page, known, key, is_named),
    };
    if matches!(kind, StopPage::HttpError(400..=499)) && !has_submitted {
        reason.reason.push_str(&lacks(visitor.metadata, key));
    }
    reason.reason.push_str(&note);
    // Nobody else is given a page that the suite's browser is to do something with.
    if !key.is_by_browser() {
        visitor.stopped_at(kind, &reason);
    }
    reason
}

/// A denial that a page tells, without a redirect.
fn on_page(denial: Denial, text: String) -> Outcome {
    Outcome::Denied {
        denial,
        text,
        response: None,
    }
}

/// A page by its heading, its title and its address, as far as it has them, without the parameters
/// of the request.
fn shown(evidence: &Evidence, heading: &str) -> String {
    let address = evidence.url.split(['?', '#']).next().unwrap_or_default();
    let place = [evidence.title.as_str(), address].into_iter();
    let is_news = |part: &&str| !part.is_empty() && *part != heading;
    let place: Vec<&str> = place.filter(is_news).collect();
    let page = if heading.is_empty() {
        "a page without heading".to_owned()
    } else {
        format!("\"{heading}\"")
    };
    if place.is_empty() {
        return page;
    }
    format!("{page} ({})", place.join(" at "))
}

/// What the metadata says against the request, if it does.
fn lacks(metadata: &Metadata, key: &AuthorizationKey) -> String {
    let lacks = metadata.lacks_response_type(key.flow);
    lacks.map_or_else(String::new, |lacks| format!("; {lacks}"))
}

/// By what a page was understood, for those who read of it.
fn source(known: &Known) -> String {
    match known.by {
        KnownBy::Keys => format!(" (known by {})", known.keys.join(", ")),
        KnownBy::WordsAlone => " (known by its words alone: this browser does not show what the \
                                org's server said)"
            .to_owned(),
        KnownBy::Page if known.keys.is_empty() => String::new(),
        KnownBy::Page => {
            let keys = known.keys.join(", ");
            format!(" (known by its form; the org's server said {keys})")
        }
    }
}

/// Which page it is, and who answered what in place of one.
fn page(kind: StopPage, shown: &str, says: &str) -> String {
    match kind {
        StopPage::HttpError(status) if says.is_empty() => {
            format!("the org answers {status} to the authorize URL: {shown} says nothing")
        }
        StopPage::HttpError(status) => {
            format!("the org answers {status} to the authorize URL: {shown} says \"{says}\"")
        }
        _ => format!("automated sign-in cannot go past the page {shown}"),
    }
}

fn stopped(
    kind: StopPage,
    page: &str,
    known: &Known,
    key: &AuthorizationKey,
    is_named: bool,
) -> NotSeen {
    let is = known.is.map(|is| format!(": it {is}"));
    let policy = known
        .policy
        .map(|policy| format!("; asked for by {policy}"));
    let advice = match kind {
        StopPage::HttpError(400..=499) => {
            "no sign-in page came. Is OKTA_OAUTH2_ISSUER the Issuer URI of the authorization \
             server, and is it the org that answers there, or a firewall or proxy before it?"
        }
        StopPage::HttpError(_) => "the org failed; run it again, and see the org's status page",
        _ => known
            .change
            .unwrap_or("look at the screenshot in the report"),
    };
    let advice = advice.replace("{user}", key.user.as_str());
    let (is, policy) = (is.unwrap_or_default(), policy.unwrap_or_default());
    let denial = match kind {
        StopPage::Consent => Denial::Consent,
        _ if is_named => Denial::NamedPage,
        _ => Denial::Page,
    };
    let symptom = Symptom::NoTokens {
        key: key.clone(),
        denial,
    };
    NotSeen::failed(format!("{page}{is}{policy}: {advice}")).with(symptom)
}

impl<'a> Visitor<'a> {
    /// The server that a request goes to.
    ///
    /// # Errors
    /// [`NotSeen`] where it is another one, of which nothing is known.
    pub(super) fn server_of(
        &self,
        key: &AuthorizationKey,
    ) -> Seen<(&'a Metadata, &'a BrowserEndpoint)> {
        match key.probe().and_then(|probe| self.servers.get(&probe)) {
            None => Ok((self.metadata, self.endpoint)),
            Some(Ok(server)) => Ok((&server.metadata, &server.endpoint)),
            Some(Err(reason)) => Err(reason.clone()),
        }
    }
}

impl Visitor<'_> {
    /// Whether the password may be typed for a request: not for one that is about the session that
    /// is there, nor for the next after it was typed and no answer to the client came of it.
    pub(super) fn may_type_for(&self, key: &AuthorizationKey) -> bool {
        !key.needs_session() && self.not_assigned.is_none() && self.spent.is_none()
    }

    /// Whether a password of which no answer came may be typed again: once in a run, since the org
    /// may have counted each as a failed attempt.
    pub(super) fn may_type_again(&mut self) -> bool {
        if self.lost_a_password {
            self.refused = Some(NotSeen::failed(format!(
                "the password of {} was submitted twice, and no answer came: it is not typed again \
                 in this run; see the org's System Log before you run it again",
                self.name
            )));
            return false;
        }
        self.lost_a_password = true;
        true
    }

    /// Whether a page asks for a name, and not whether the user whose session there is goes on: one
    /// that offers that says who it is.
    pub(super) fn asks_for_a_name(&self, kind: StopPage, evidence: &Evidence) -> bool {
        let (text, username) = (evidence.text.to_lowercase(), &self.credentials.username);
        let name = username.split('@').next().unwrap_or(username);
        kind == StopPage::SignIn && !text.contains(&name.to_lowercase())
    }

    /// Makes no more requests of the user, and says why.
    fn give_up(&mut self, why: String) -> NotSeen {
        let reason = NotSeen::failed(why);
        self.refused = Some(reason.clone());
        reason
    }

    /// What a refusal of the sign-in page comes to.
    fn refused_by(
        &mut self,
        key: &AuthorizationKey,
        kind: Refusal,
        text: String,
        has_submitted: bool,
    ) -> Seen<Outcome> {
        if kind == Refusal::RateLimited {
            return Err(self.give_up(format!("{text}: wait a minute")));
        }
        match kind {
            Refusal::NotAssigned => Ok(self.not_assigned(key, text, has_submitted)),
            // Okta says so of policies, network zones and threats alike.
            Refusal::NotAllowed => {
                if has_submitted {
                    self.turned_away_by_a_policy(key, &text);
                }
                Ok(on_page(Denial::Unknown, text))
            }
            Refusal::Other => {
                let mend = "look at the screenshot in the report";
                Err(self.refuse_because(key, &text, mend, Denial::Unknown))
            }
            _ => Err(self.refuse(key, kind, &text)),
        }
    }

    /// Notes that the user is not assigned. That is said of the client, whatever the scopes: the
    /// user's other requests are made without the password, and where the page asks for it again,
    /// this is the answer.
    fn not_assigned(
        &mut self,
        key: &AuthorizationKey,
        text: String,
        has_submitted: bool,
    ) -> Outcome {
        if has_submitted {
            let words = key.words();
            let again = format!("{text} (after {words}: the password is typed once)");
            self.not_assigned = Some(again);
        }
        on_page(Denial::NotAssigned, text)
    }

    /// Notes that a policy turned the user away after the password. It asks for this client,
    /// whatever the scopes, so that the next request would only have the password typed again.
    fn turned_away_by_a_policy(&mut self, key: &AuthorizationKey, text: &str) {
        let mend = "see Security > Authentication Policies of the client, and Reports > System Log";
        let _reason = self.refuse_because(key, text, mend, Denial::Unknown);
    }

    /// Notes what a page on which a robot must stop means for the user's other requests.
    fn stopped_at(&mut self, kind: StopPage, reason: &NotSeen) {
        match kind {
            // The next request would lead to the same page, or wait as long for it.
            StopPage::Enrolment
            | StopPage::SecondFactor
            | StopPage::ExpiredPassword
            | StopPage::Device
            | StopPage::Provider
            | StopPage::Profile
            | StopPage::Captcha
            | StopPage::AnotherForm
            | StopPage::Unavailable
            | StopPage::Closed
            | StopPage::Blank
            | StopPage::Unknown
            | StopPage::HttpError(500..) => self.refused = Some(reason.clone()),
            // What one request is refused for, another flow or other scopes need not be.
            StopPage::HttpError(_)
            | StopPage::Consent
            | StopPage::RequestExpired
            | StopPage::SignIn => {}
        }
    }

    /// Notes that the org refused the credentials: once more may lock the user.
    fn refuse(&mut self, key: &AuthorizationKey, kind: Refusal, text: &str) -> NotSeen {
        let mend = what_to_check(self.name, kind, self.signed_in.is_some());
        self.refuse_because(key, text, &mend, Denial::SignIn)
    }

    fn refuse_because(
        &mut self,
        key: &AuthorizationKey,
        text: &str,
        mend: &str,
        denial: Denial,
    ) -> NotSeen {
        let (user, key) = (self.name, key.clone());
        let symptom = Symptom::NoTokens { key, denial };
        let words = format!("{user} could not sign in: {text}; {mend}");
        let reason = NotSeen::failed(words).with(symptom);
        self.refused = Some(reason.clone());
        reason
    }

    /// Keeps the picture of a page; says why there is none.
    fn keep(&mut self, key: &AuthorizationKey, evidence: Evidence) -> String {
        if let Some(png) = evidence.screenshot_png {
            let name = format!("{} {}", key.subject(), key.flow.grant_type());
            self.seeing.pictures.push(Picture { name, png });
        }
        let why = evidence.left_out;
        why.map_or_else(String::new, |why| format!(" (no screenshot: {why})"))
    }
}
