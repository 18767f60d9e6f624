//! What a page says, made fit to be quoted as soon as it was seen.

use super::Observer;
use crate::browser::{Evidence, Landing};

impl Observer<'_> {
    /// A landing with what its page says made fit to be quoted.
    pub(super) fn quoted(&self, landing: Landing) -> Landing {
        let quote = |text: String| self.secrets.quote(&text);
        let shown = |evidence: Evidence| Evidence {
            url: quote(evidence.url),
            title: quote(evidence.title),
            text: quote(evidence.text),
            ..evidence
        };
        match landing {
            Landing::Redirected { .. } => landing,
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
                evidence,
            } => Landing::Refused {
                kind,
                text: quote(text),
                evidence: shown(evidence),
            },
            Landing::Stopped {
                kind,
                heading,
                evidence,
            } => Landing::Stopped {
                kind,
                heading: quote(heading),
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
}
