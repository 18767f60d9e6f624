//! What one user's browser has typed and waited for, on all visits.

use std::collections::BTreeSet;

use url::Url;

use super::page::Page;
use super::typed::Typed;

/// What one user's browser has typed and waited for, on all visits.
#[derive(Debug, Default)]
pub(super) struct Account {
    /// How often a password was submitted, whatever came of it.
    pub(super) passwords_submitted: usize,
    /// The secrets that were typed.
    pub(super) typed: Typed,
    /// When that began, in milliseconds since 1970; none: nothing was typed.
    pub(super) typed_at: Option<f64>,
    /// Whether the user was named: what asks for a password from then on asks this user.
    pub(super) is_named: bool,
    /// The lines of the pages on which something was submitted, without the numbers in them.
    lines: Option<BTreeSet<String>>,
    /// Error pages that said that something was still to come, and nothing came.
    waited_for: BTreeSet<(u16, String, String)>,
}

impl Account {
    /// Notes what a page says on which something is submitted.
    pub(super) fn note_page(&mut self, text: &str) {
        let lines = text.lines().map(plain);
        self.lines.get_or_insert_default().extend(lines);
    }

    /// The lines of a text that stood on no page on which something was submitted.
    pub(super) fn said_since(&self, text: &str) -> String {
        let Some(known) = &self.lines else {
            return String::new();
        };
        let is_new = |line: &&str| !known.contains(&plain(line));
        let lines: Vec<&str> = text.lines().filter(is_new).collect();
        lines.join("\n")
    }

    /// Notes an error page that was waited for in vain.
    pub(super) fn note_in_vain(&mut self, page: &Page) {
        if page.busy {
            self.waited_for.extend(error_page(page));
        }
    }

    /// Whether a page says that something is still to come, as far as that can be believed: the
    /// same error page, waited for once in vain, says so for ever.
    pub(super) fn believes_busy(&self, page: &Page) -> bool {
        page.busy && error_page(page).is_none_or(|page| !self.waited_for.contains(&page))
    }
}

/// A line as it is known again, where it counts as well.
fn plain(line: &str) -> String {
    let line = line.replace(|one: char| one.is_ascii_digit(), "");
    line.trim().to_lowercase()
}

/// What a page with an error status is known again by: status, path and title.
fn error_page(page: &Page) -> Option<(u16, String, String)> {
    let url = Url::parse(&page.href).ok().filter(|_| page.status >= 400)?;
    Some((page.status, url.path().to_owned(), page.title.clone()))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    fn page(status: u16, path: &str, title: &str) -> Page {
        Page {
            href: format!("https://org.example.com{path}?state=1"),
            status,
            title: title.to_owned(),
            busy: true,
            ..Page::default()
        }
    }

    #[rstest]
    #[case::the_same(page(400, "/authorize", "Sorry"), false)]
    #[case::another_status(page(429, "/authorize", "Sorry"), true)]
    #[case::another_path(page(400, "/sign-in", "Sorry"), true)]
    #[case::another_title(page(400, "/authorize", "One moment"), true)]
    fn an_error_page_is_waited_for_once(#[case] next: Page, #[case] is_busy: bool) {
        let mut account = Account::default();
        let first = page(400, "/authorize", "Sorry");
        assert!(account.believes_busy(&first));
        account.note_in_vain(&first);
        assert_eq!(account.believes_busy(&next), is_busy);
        assert!(!account.believes_busy(&Page {
            busy: false,
            ..next
        }));
    }

    #[test]
    fn what_stood_on_the_page_before_was_not_said_since() {
        let mut account = Account::default();
        assert_eq!(account.said_since("No ticket"), "", "nothing is known");
        account.note_page("Sign in\nNo ticket? Call 4711 (12:03)");
        let now = "NO TICKET? Call 4711 (12:04)\nYou have no ticket";
        assert_eq!(account.said_since(now), "You have no ticket");
    }

    #[test]
    fn a_page_that_is_no_error_is_waited_for_each_time() {
        let mut account = Account::default();
        let page = page(200, "/authorize", "Verifying");
        account.note_in_vain(&page);
        assert!(account.believes_busy(&page));
    }
}
