//! Why nothing is typed where what is typed would go elsewhere.

use url::Url;

use crate::browser::Danger;

/// Why nothing was typed. The user's other requests would lead to the same place.
pub(super) fn untrusted(
    danger: Danger,
    origin: &str,
    has_submitted: bool,
    redirect_uri: &Url,
) -> String {
    let host = origin.split_once("://").map_or(origin, |(_, host)| host);
    let allow = if origin == redirect_uri.origin().ascii_serialization() {
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
            let said = untrusted(danger, origin, false, &redirect_uri);
            assert_eq!(said.contains("OKTA_E2E_TRUSTED_ORIGINS="), can_be, "{said}");
        }
    }
}
