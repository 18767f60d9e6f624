//! Why nothing is typed where what is typed would go elsewhere.

use url::Url;

use crate::browser::Danger;

/// What is known beside the place where the browser is.
#[derive(Clone, Copy)]
pub(super) struct Beside<'a> {
    pub(super) has_submitted: bool,
    pub(super) redirect_uri: &'a Url,
    /// The host of the org's authorization endpoint.
    pub(super) org: &'a str,
    /// Where a page sent what was typed, if one did.
    pub(super) leak: Option<&'a str>,
}

/// Why nothing was typed. The user's other requests would lead to the same place.
pub(super) fn untrusted(danger: Danger, origin: &str, beside: Beside<'_>) -> String {
    let Beside {
        has_submitted,
        redirect_uri,
        org,
        leak,
    } = beside;
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let allow = if leak.is_some_and(|leak| leak.contains(origin)) {
        "It was sent what was typed: see what_the_user_types_goes_to_the_org_alone, and allow it \
         only if you know whose it is"
            .to_owned()
    } else if looks_like(host, org) {
        format!(
            "Its name is nearly that of the org, `{org}`, and may be somebody else's, made to look \
             like it: find out who leads the user there, and whose it is, before you allow it"
        )
    } else if origin == redirect_uri.origin().ascii_serialization() {
        // Nobody signs in at the client: to allow it would let the client have the passwords.
        format!(
            "That is where the client is, and the address is not its redirect URI \
             `{redirect_uri}`: what changes where the org redirects to?"
        )
    } else {
        allow(origin)
    };
    match danger {
        Danger::Page if has_submitted => format!(
            "after the password the browser went on to `{host}`, which is not the org's: nothing \
             was typed there. {allow}"
        ),
        Danger::Page => format!(
            "the sign-in page is at `{host}`, not at the org: a routing rule? Nothing was typed. \
             {allow}"
        ),
        Danger::Form => format!(
            "the sign-in form would send the password to `{host}`, not to the org: nothing was \
             submitted. {allow}"
        ),
        Danger::Window => format!(
            "the sign-in form opens its answer from `{host}` in another window, where it cannot be \
             followed: nothing was submitted; let the form have no `target`"
        ),
        Danger::Address => format!(
            "the sign-in form would put the password into an address of `{host}`, which ends in \
             logs and histories: nothing was submitted; let the form use POST"
        ),
    }
}

/// Whether a name may be taken for that of the org: it has all of that in it, or differs from it by
/// a letter or two.
fn looks_like(host: &str, org: &str) -> bool {
    const FEW: usize = 2;
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    name != org && (name.contains(org) || distance(name, org) <= FEW)
}

/// How many letters are to be put in, left out or changed to make one word of another.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (place, letter) in one.chars().enumerate() {
        let mut before = row[0];
        row[0] = place + 1;
        for (at, same) in other.iter().enumerate() {
            let changed = before + usize::from(letter != *same);
            before = row[at + 1];
            row[at + 1] = changed.min(before + 1).min(row[at] + 1);
        }
    }
    row[other.len()]
}

/// How an origin is allowed: of `mailto:`, `javascript:` and pages that a script made there is
/// none.
fn allow(origin: &str) -> String {
    if origin.starts_with("https://") || origin.starts_with("http://") {
        return format!("To allow it: OKTA_E2E_TRUSTED_ORIGINS={origin}");
    }
    "No such address can be allowed: let the sign-in page, and the `action` of its form, be at an \
     address of the org"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::of_a_server("https://idp.example", true)]
    #[case::where_the_client_is("http://localhost:8080", false)]
    #[case::a_mail("mailto:", false)]
    #[case::a_script("javascript:", false)]
    #[case::a_page_of_a_script("blob:", false)]
    fn only_an_origin_can_be_allowed(#[case] origin: &str, #[case] can_be: bool) {
        let redirect_uri = Url::parse("http://localhost:8080/callback").expect("a URL");
        for danger in [Danger::Page, Danger::Form] {
            let said = untrusted(danger, origin, beside(&redirect_uri));
            assert_eq!(said.contains("OKTA_E2E_TRUSTED_ORIGINS="), can_be, "{said}");
        }
    }

    fn beside(redirect_uri: &Url) -> Beside<'_> {
        Beside {
            has_submitted: false,
            redirect_uri,
            org: "acme.okta.com",
            leak: None,
        }
    }

    /// Nobody is advised to trust what looks like the org, or what has just got a password.
    #[rstest]
    #[case::another("https://login.acme.com", None, true)]
    #[case::a_preview("https://acme.oktapreview.com", None, true)]
    #[case::one_letter("https://acme.0kta.com", None, false)]
    #[case::the_org_as_a_part("https://acme.okta.com.sign-in.example:8443", None, false)]
    #[case::a_host_that_got_it("https://a.example", Some("https://a.example"), false)]
    #[case::while_another_got_it("https://a.example", Some("https://b.example"), true)]
    fn what_is_advised_to_be_trusted(
        #[case] origin: &str,
        #[case] leak: Option<&str>,
        #[case] is: bool,
    ) {
        let redirect_uri = Url::parse("http://localhost:8080/callback").expect("a URL");
        let beside = Beside {
            leak,
            ..beside(&redirect_uri)
        };
        let said = untrusted(Danger::Page, origin, beside);
        assert_eq!(said.contains("OKTA_E2E_TRUSTED_ORIGINS="), is, "{said}");
    }
}
