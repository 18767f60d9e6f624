//! What an answer says of who gave it, where that is not the server that was asked.

use reqwest::header::{HeaderMap, SERVER};

use crate::escape::excerpt;

/// So much of a body is looked through for a title.
const MOST_READ: usize = 20_000;

/// What the server calls itself, for the end of a sentence.
pub(crate) fn server(headers: &HeaderMap) -> String {
    let named = headers.get(SERVER).and_then(|name| name.to_str().ok());
    named.map_or_else(String::new, |name| format!(", by `{name}`"))
}

/// Who answered with a page, for the end of a sentence; nothing where it was none.
pub(crate) fn page(body: &[u8], headers: &HeaderMap) -> String {
    let title = title(&String::from_utf8_lossy(body));
    title.map_or_else(String::new, |title| {
        let server = server(headers);
        format!(
            ", with the page \"{}\"{}",
            excerpt(&title),
            excerpt(&server)
        )
    })
}

/// The title of a page, or its first heading.
pub(crate) fn title(page: &str) -> Option<String> {
    let end = page.char_indices().nth(MOST_READ).map(|(end, _)| end);
    let page = &page[..end.unwrap_or(page.len())];
    // In ASCII alone, so that places in both are the same.
    let small = page.to_ascii_lowercase();
    let inside = |name: &str| {
        let from = small.find(&format!("<{name}"))?;
        let from = from + small[from..].find('>')? + 1;
        let to = from + small[from..].find(&format!("</{name}"))?;
        let words: Vec<&str> = page[from..to].split_whitespace().collect();
        (!words.is_empty()).then(|| words.join(" "))
    };
    inside("title").or_else(|| inside("h1"))
}
