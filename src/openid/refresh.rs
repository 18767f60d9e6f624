//! A page that leads on by itself: by `Refresh`, in its headers or in its head, by a script, or by
//! a frame in it.

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

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

/// The addresses that a page loads by itself: those that its scripts go to and those of its frames.
/// What a script has as data is none.
#[must_use]
pub fn loaded_by_page(page: &str) -> Vec<String> {
    let mut loaded = Vec::new();
    let mut is_script = false;
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    for Ok(token) in Tokenizer::new_with_emitter(page, emitter) {
        match token {
            Token::StartTag(tag) => {
                is_script = tag.name.as_slice() == b"script";
                loaded.extend(framed(&tag));
            }
            Token::EndTag(_) => is_script = false,
            Token::String(text) if is_script => {
                loaded.extend(gone_to(&String::from_utf8_lossy(&text)));
            }
            _ => {}
        }
    }
    loaded
}

/// What a frame shows.
fn framed(tag: &StartTag<()>) -> Option<String> {
    const FRAMES: [&[u8]; 2] = [b"frame", b"iframe"];
    let source = tag.attributes.get(b"src".as_slice())?;
    let is_frame = FRAMES.contains(&tag.name.as_slice());
    is_frame.then(|| String::from_utf8_lossy(&source.value).into_owned())
}

/// The texts that a script assigns to `location`, or goes to by one of its methods.
fn gone_to(script: &str) -> Vec<String> {
    const WAYS: [&str; 5] = [".href", ".replace", ".assign", "=", "("];
    let mut rest = script.split("location");
    rest.next();
    let gone = rest.filter_map(|rest| {
        let mut rest = rest.trim_start();
        let before = rest;
        while let Some(next) = WAYS.iter().find_map(|way| rest.strip_prefix(way)) {
            rest = next.trim_start();
        }
        let quote = rest
            .chars()
            .next()
            .filter(|first| "\"'`".contains(*first))?;
        let text = rest[1..].split(quote).next()?;
        (rest != before).then(|| unescaped(text))
    });
    gone.collect()
}

/// A text of a script without its escapes: `\/`, `\x3a` and `\u003a`.
fn unescaped(text: &str) -> String {
    let mut read = String::new();
    let mut rest = text;
    while let Some((plain, escaped)) = rest.split_once('\\') {
        read.push_str(plain);
        let length = match escaped.chars().next() {
            Some('x') => 2,
            Some('u') => 4,
            _ => 0,
        };
        let number = escaped.get(1..=length).filter(|_| length > 0);
        let letter = number.and_then(|number| u32::from_str_radix(number, 16).ok());
        let letter = letter.and_then(char::from_u32);
        read.extend(letter);
        rest = letter.map_or(escaped, |_| &escaped[length + 1..]);
    }
    read + rest
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

    #[rstest]
    #[case::assigned(
        "<script>location = 'https://a.example/?b=1'</script>",
        &["https://a.example/?b=1"]
    )]
    #[case::of_a_window(
        "<script>window.location.href=\"https:\\/\\/a.example\\x2f\"</script>",
        &["https://a.example/"]
    )]
    #[case::by_a_method("<script>top.location.replace( `/\\u0061` )</script>", &["/a"])]
    #[case::a_frame("<iframe name=x src='https://a.example/'></iframe>", &["https://a.example/"])]
    #[case::data("<script>var data = {location: 'https://a.example/'};</script>", &[])]
    #[case::compared("<script>if (location.hash) { go('https://a.example/') }</script>", &[])]
    #[case::no_script("<p>location = 'https://a.example/'</p>", &[])]
    #[case::a_picture("<img src='https://a.example/'>", &[])]
    fn a_page_loads_or_not(#[case] page: &str, #[case] expected: &[&str]) {
        assert_eq!(loaded_by_page(page), expected);
    }
}
