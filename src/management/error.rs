//! Why the Management API did not do what it was asked to.

use jiff::Timestamp;

use crate::transport::Unsendable;

/// Why a call failed, and what to do. No message holds a token.
#[derive(Debug, Clone, thiserror::Error)]
pub enum ManagementError {
    /// The address of the org cannot be used.
    #[error("OKTA_CLIENT_ORGURL {reason}")]
    OrgUrl {
        /// What is wrong and what to set.
        reason: String,
    },
    /// No header can carry the API token.
    #[error("{0}: set OKTA_CLIENT_TOKEN to an API token (Security > API > Tokens)")]
    Token(#[from] Unsendable),
    /// An id or a name cannot stand in a path.
    #[error("`{path}` cannot be asked for: `{segment}` is no id")]
    Segment {
        /// The path below `/api/v1/`.
        path: String,
        /// What would lead elsewhere.
        segment: String,
    },
    /// Nobody answers there, or not in time.
    #[error(
        "the org at {origin} does not answer: {reason}; check OKTA_CLIENT_ORGURL, the network and \
         HTTPS_PROXY"
    )]
    Unreachable {
        /// Scheme, host and port.
        origin: String,
        /// The innermost cause.
        reason: String,
    },
    /// It answers that it cannot work now.
    #[error(
        "the org at {origin} answers {status} to `{call}`{said}: it, or what stands before it, is \
         under maintenance or overloaded; run again later"
    )]
    Down {
        /// Scheme, host and port.
        origin: String,
        /// Method and path.
        call: String,
        /// The HTTP status.
        status: u16,
        /// Okta's sentence behind a colon; blank where it has none.
        said: String,
    },
    /// The token is wrong, expired or revoked: 401 `E0000011`.
    #[error(
        "the org at {origin} does not accept the API token ({code}): set OKTA_CLIENT_TOKEN to a \
         token of this org (Security > API > Tokens); a token dies after 30 days without use"
    )]
    NotAuthorized {
        /// Scheme, host and port.
        origin: String,
        /// Okta's error code.
        code: String,
    },
    /// The org has no API Access Management: 401 `E0000015`.
    #[error(
        "the org has no API Access Management (`{call}` answers E0000015), so it can have no \
         custom authorization server: ask Okta for the feature, or take an org that has it, such \
         as one of the Integrator Free Plan"
    )]
    FeatureMissing {
        /// Method and path.
        call: String,
    },
    /// The token's administrator may not do this: 403 `E0000006`, or a scope is lacking.
    #[error(
        "the token may not `{call}` ({code}): it has the rights of the administrator who made it, \
         {}",
        enough(call)
    )]
    Forbidden {
        /// Method and path.
        call: String,
        /// Okta's error code, or `insufficient_scope`.
        code: String,
    },
    /// What the call speaks of is not there: 404 `E0000007`.
    #[error("`{call}`: {summary}")]
    NotFound {
        /// Method and path.
        call: String,
        /// Okta's sentence.
        summary: String,
    },
    /// Okta does not do it.
    #[error(
        "`{call}` is refused with {status} {code}: {}",
        sentence(summary, causes)
    )]
    Rejected {
        /// Method and path.
        call: String,
        /// The HTTP status.
        status: u16,
        /// Okta's error code; blank where the answer has none.
        code: String,
        /// Okta's sentence.
        summary: String,
        /// What Okta says beside it.
        causes: Vec<String>,
    },
    /// Something answers, but not as an Okta org does.
    #[error(
        "{origin} does not answer as an Okta org does (`{call}` {reason}): if that is the org's \
         address, a VPN, a proxy or the sign-in page of a network answers in its place; if not, \
         set OKTA_CLIENT_ORGURL to https://{{org}}.okta.com, without `-admin`"
    )]
    NotAnOrg {
        /// Scheme, host and port.
        origin: String,
        /// Method and path.
        call: String,
        /// What came instead.
        reason: String,
    },
    /// An org answers with an object that lacks what Okta always names.
    #[error(
        "`{call}` answers with an object of Okta's that cannot be read ({reason}), so nothing can \
         be said of it: look at that answer, and at whatever stands between this machine and the \
         org (HTTPS_PROXY, a gateway)"
    )]
    Unreadable {
        /// Method and path.
        call: String,
        /// Which field is missing.
        reason: String,
    },
    /// Something else answers in the place of an org that answers other calls.
    #[error(
        "something else answers `{call}` than the org, which answers other calls: it {reason}. \
         Nothing can be said of it: see whether the org is in maintenance, and look at whatever \
         stands between this machine and the org (HTTPS_PROXY, a gateway)"
    )]
    Replaced {
        /// Method and path.
        call: String,
        /// What came instead.
        reason: String,
    },
    /// The rate limit stays exhausted.
    #[error(
        "the org's rate limit stays exhausted (`{call}`): {}, see that nothing else uses the org's \
         API, and run again",
        until(*resets)
    )]
    Exhausted {
        /// Method and path.
        call: String,
        /// When the org's count starts anew, where it says so.
        resets: Option<Timestamp>,
    },
    /// A list is longer than anything the suite reads.
    #[error("`{call}` lists more than the suite reads: {pages} pages, or 16 MiB in all of them")]
    TooLong {
        /// Method and path.
        call: String,
        /// The limit.
        pages: usize,
    },
}

impl ManagementError {
    /// The same of a server that is known to be an org: what it answered is broken, and its address
    /// is right.
    #[must_use]
    pub(super) fn of_an_org(self) -> Self {
        match self {
            Self::NotAnOrg { call, reason, .. } => Self::Replaced { call, reason },
            other => other,
        }
    }

    /// Whether the thing itself is not there.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }
}

/// Whose token is enough for a call.
fn enough(call: &str) -> &'static str {
    if call.starts_with("GET ") {
        "and to look, one of a Read-Only Administrator is enough (Security > Administrators), or \
         of a custom role that may view this"
    } else {
        "so make one as Super Administrator: it changes the org"
    }
}

/// How long to wait: as the org says, or a minute, which its limits are counted by.
fn until(resets: Option<Timestamp>) -> String {
    resets.map_or_else(
        || "wait a minute".to_owned(),
        |resets| format!("its count starts anew at {resets}: wait until then"),
    )
}

fn sentence(summary: &str, causes: &[String]) -> String {
    if causes.is_empty() {
        return summary.to_owned();
    }
    format!("{summary} ({})", causes.join("; "))
}
