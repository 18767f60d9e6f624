//! What a page says, made fit to be quoted as soon as it was seen.

use super::Observer;
use crate::browser::{Evidence, Known, Landing};

impl Observer<'_> {
    /// A landing with what its page says made fit to be quoted.
    pub(super) fn quoted(&self, landing: Landing) -> Landing {
        let quote = |text: String| self.secrets.quote(&in_one_line(&text));
        let shown = |evidence: Evidence| Evidence {
            url: quote(evidence.url),
            title: quote(evidence.title),
            text: quote(evidence.text),
            ..evidence
        };
        match landing {
            Landing::Redirected { .. } | Landing::Elsewhere { .. } => landing,
            Landing::ErrorPage {
                heading,
                code,
                description,
                evidence,
            } => Landing::ErrorPage {
                heading: quote(heading),
                code: code.map(quote),
                description: description.map(quote),
                evidence: shown(evidence),
            },
            Landing::Refused {
                kind,
                text,
                known,
                evidence,
            } => Landing::Refused {
                kind,
                text: quote(text),
                known: self.quoted_keys(known),
                evidence: shown(evidence),
            },
            Landing::Stopped {
                kind,
                heading,
                known,
                evidence,
            } => Landing::Stopped {
                kind,
                heading: quote(heading),
                known: self.quoted_keys(known),
                evidence: shown(evidence),
            },
            Landing::Untrusted {
                danger,
                origin,
                evidence,
            } => Landing::Untrusted {
                danger,
                origin: quote(origin),
                evidence: shown(evidence),
            },
        }
    }

    fn quoted_keys(&self, mut known: Known) -> Known {
        for key in &mut known.keys {
            *key = self.secrets.quote(key);
        }
        known
    }
}

/// The lines of a page, one behind the other: a line break would be shown as what it is.
fn in_one_line(text: &str) -> String {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" / ")
}
