//! What an answer lets pages do: read it, show what was sent, put it into a frame.

use super::Look;

/// The header by which CORS lets pages read an answer.
const READERS: &str = "access-control-allow-origin";
/// The header by which CORS lets a page read an answer to a request with cookies.
const WITH_COOKIES: &str = "access-control-allow-credentials";

impl Look<'_> {
    /// Whether CORS lets the page of another origin read it that the request came from: by its
    /// name, or as it lets all.
    pub(super) fn is_read_by_pages(&self) -> bool {
        self.has_word(READERS, "*") || self.is_read_by_that_page()
    }

    /// Whether CORS lets that page read an answer to a request with cookies: a permission for every
    /// page (`*`) does not count there (Fetch, "CORS check").
    pub(super) fn is_read_with_cookies(&self) -> bool {
        self.is_read_by_that_page() && self.has_word(WITH_COOKIES, "true")
    }

    fn is_read_by_that_page(&self) -> bool {
        let mut sent = self.said.headers.iter();
        let origin = sent.find(|(name, _)| name.eq_ignore_ascii_case("origin"));
        origin.is_some_and(|(_, origin)| self.has_word(READERS, origin))
    }

    /// Whether a page has a text with markup in it that was sent, as it was sent.
    pub(super) fn shows_markup(&self) -> bool {
        let kind = self.answer.header("content-type");
        let is_page = kind.is_none_or(|kind| kind.to_ascii_lowercase().contains("html"));
        let sent = self.said.parameters.iter().map(|(_, value)| value);
        let mut marked = sent.filter(|value| value.contains('<'));
        is_page && marked.any(|value| self.answer.body.contains(value.as_str()))
    }

    /// Whether browsers show it in frames of its own origin at most. `frame-ancestors` counts
    /// before the older header (CSP Level 3 section 6.4.2.2).
    pub(super) fn is_kept_from_frames(&self) -> bool {
        let policies = self
            .answer
            .headers
            .get_all("content-security-policy")
            .iter();
        let policies = policies.filter_map(|policy| policy.to_str().ok());
        let policies: Vec<String> = policies.map(str::to_ascii_lowercase).collect();
        let directives = policies.iter().flat_map(|policy| policy.split([';', ',']));
        let ancestors: Vec<&str> = directives
            .filter_map(|directive| directive.trim().strip_prefix("frame-ancestors"))
            .collect();
        let is_open = |ancestors: &&str| {
            const EVERYBODY: [&str; 5] = ["*", "http:", "https:", "http://*", "https://*"];
            let mut sources = ancestors.split_ascii_whitespace();
            sources.any(|source| EVERYBODY.contains(&source))
        };
        if ancestors.is_empty() {
            let older = "x-frame-options";
            return self.has_word(older, "deny") || self.has_word(older, "sameorigin");
        }
        !ancestors.iter().all(is_open)
    }
}
