//! An org's own words for *not assigned* and for *denied*, as the model has them.

use toml::Spanned;
use url::Url;

use super::Observer;
use crate::browser::{Evidence, Known, Landing, Refusal, StopPage};
use crate::observation::Denial;

impl Observer<'_> {
    /// A page that says in the model's words that the user is not assigned is known to say so,
    /// unless it is known to say something else.
    ///
    /// `signed_in`: a password was submitted, so that it is said of this user.
    pub(super) fn in_own_words(&self, landing: Landing, signed_in: bool) -> Landing {
        let Some(text) = unknown_text(&landing).filter(|_| signed_in) else {
            return landing;
        };
        match said(&self.model.client.not_assigned, &text) {
            Some(words) => not_assigned(landing, words),
            None => landing,
        }
    }

    /// What the page of another server than the org says, it says of itself: it is no refusal of this
    /// client, and no mistake in it.
    pub(super) fn of_this_client(&self, landing: Landing) -> Landing {
        match landing {
            Landing::ErrorPage {
                heading, evidence, ..
            } if !self.is_of_org(&evidence) => Landing::Stopped {
                kind: StopPage::Unknown,
                heading,
                known: Known {
                    is: Some("is the error page of another server than the org"),
                    change: Some(
                        "see its text and the screenshot in the report, and whether that provider \
                         and the org are set up for each other (Security > Identity Providers)",
                    ),
                    ..Known::default()
                },
                evidence,
            },
            Landing::Refused {
                kind,
                text,
                known,
                evidence,
            } if !self.is_of_org(&evidence) => Landing::Refused {
                kind: match kind {
                    Refusal::NotAssigned | Refusal::NotAllowed => Refusal::Other,
                    kind => kind,
                },
                text: format!("{text} (said by {}, not by the org)", host(&evidence)),
                known,
                evidence,
            },
            Landing::Stopped {
                kind,
                heading,
                known,
                evidence,
            } if known.policy.is_some() && !self.is_of_org(&evidence) => Landing::Stopped {
                kind,
                heading,
                known: Known {
                    policy: Some("a policy of that server, to which the org leads the user"),
                    change: Some(
                        "have that server ask {user} for no more than a password, or exclude the \
                         test users from what leads there (Security > Identity Providers > \
                         Routing rules); no policy of the client changes it",
                    ),
                    ..known
                },
                evidence,
            },
            of_org => of_org,
        }
    }

    fn is_of_org(&self, evidence: &Evidence) -> bool {
        let at = Url::parse(&evidence.url).ok();
        at.is_none_or(|at| self.access.is_of_org(&at))
    }

    /// The class of an error that came to the redirect URI: what is known to say something else is
    /// not asked of the model.
    pub(super) fn denial(&self, error: &str, description: &str) -> Denial {
        let denial = Denial::of_error(error, description);
        let client = &self.model.client;
        if denial != Denial::Unknown {
            denial
        } else if said(&client.not_assigned, description).is_some() {
            Denial::NotAssigned
        } else if said(&client.denied, description).is_some() {
            Denial::Policy
        } else {
            denial
        }
    }
}

/// Who says what a page says.
fn host(evidence: &Evidence) -> String {
    let at = Url::parse(&evidence.url).ok();
    let host = at.as_ref().and_then(Url::host_str);
    host.unwrap_or("another server").to_owned()
}

/// The first of these words that stand in a text.
fn said(words: &[Spanned<String>], text: &str) -> Option<String> {
    let text = plain(text);
    let mut words = words.iter().map(|words| plain(words.get_ref()));
    words.find(|words| text.contains(words.as_str()))
}

/// What a page says of which nothing is known.
fn unknown_text(landing: &Landing) -> Option<String> {
    match landing {
        Landing::Refused {
            kind: Refusal::Other | Refusal::NotAllowed,
            text,
            ..
        } => Some(text.clone()),
        Landing::Stopped {
            kind: StopPage::Unknown,
            evidence,
            ..
        } => Some(evidence.said_since.clone()),
        Landing::ErrorPage {
            heading,
            description,
            ..
        } => Some(format!("{heading} {}", description.as_deref()?)),
        _ => None,
    }
}

fn not_assigned(landing: Landing, words: String) -> Landing {
    let (known, evidence) = match landing {
        Landing::Refused {
            known, evidence, ..
        }
        | Landing::Stopped {
            known, evidence, ..
        } => (known, evidence),
        Landing::ErrorPage { evidence, .. } | Landing::Untrusted { evidence, .. } => {
            (Known::default(), evidence)
        }
        Landing::Redirected { .. } | Landing::Elsewhere { .. } => {
            (Known::default(), Evidence::default())
        }
    };
    Landing::Refused {
        kind: Refusal::NotAssigned,
        text: words,
        known,
        evidence,
    }
}

/// A text without what a page may draw in another way: capitals, and how lines are broken.
fn plain(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    words.join(" ").to_lowercase()
}
