//! A page that leads on by itself: `Refresh`, in its headers or in its head.

use html5gum::{Token, Tokenizer};

/// Where a value of `Refresh` leads, if it names an address: `0; url=https://app.example/` (HTML
/// section 4.2.5.3, "Refresh state").
#[must_use]
pub fn refreshed(value: &str) -> Option<String> {
    let (_, rest) = value.split_once([';', ','])?;
    let rest = rest.trim_start();
    let named = match rest.get(..3) {
        Some(name) if name.eq_ignore_ascii_case("url") => {
            rest[3..].trim_start().strip_prefix('=').unwrap_or(rest)
        }
        _ => rest,
    };
    let named = named.trim().trim_matches(['"', '\'']).trim();
    (!named.is_empty()).then(|| named.to_owned())
}

/// The first address that the head of a page leads on to by itself.
#[must_use]
pub fn refreshed_by_page(page: &str) -> Option<String> {
    Tokenizer::new(page).find_map(|token| {
        let Ok(Token::StartTag(tag)) = token else {
            return None;
        };
        let attribute = |name: &[u8]| {
            let value = tag.attributes.get(name)?;
            Some(String::from_utf8_lossy(&value.value).into_owned())
        };
        let is_refresh = || {
            attribute(b"http-equiv")?
                .eq_ignore_ascii_case("refresh")
                .then_some(())
        };
        (tag.name.as_slice() == b"meta").then_some(())?;
        is_refresh()?;
        refreshed(&attribute(b"content")?)
    })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::at_once("0;url=https://a.example/", Some("https://a.example/"))]
    #[case::quoted(
        "5 ; URL = 'https://a.example/?x=1;y'",
        Some("https://a.example/?x=1;y")
    )]
    #[case::without_name("0, /next", Some("/next"))]
    #[case::itself("300", None)]
    #[case::nowhere("0; url=", None)]
    fn a_header_leads_on_or_not(#[case] value: &str, #[case] expected: Option<&str>) {
        assert_eq!(refreshed(value).as_deref(), expected);
    }

    #[rstest]
    #[case::meta(
        "<html><META HTTP-EQUIV=Refresh CONTENT='0; url=https://a.example/?a=1&amp;b=2'>",
        Some("https://a.example/?a=1&b=2")
    )]
    #[case::another("<meta http-equiv=\"content-type\" content=\"0; url=x\">", None)]
    #[case::in_a_comment("<!-- <meta http-equiv=refresh content='0; url=x'> -->", None)]
    #[case::none("<p>0; url=x</p>", None)]
    fn a_page_leads_on_or_not(#[case] page: &str, #[case] expected: Option<&str>) {
        assert_eq!(refreshed_by_page(page).as_deref(), expected);
    }
}
