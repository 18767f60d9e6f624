//! The page that posts an answer by itself (OAuth 2.0 Form Post Response Mode).

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

/// A form that a page posts to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedForm {
    /// Where it is posted.
    pub action: String,
    /// Its fields, in their order.
    pub fields: Vec<(String, String)>,
}

impl PostedForm {
    /// The first form of a page that is posted; none, where it has none.
    #[must_use]
    pub fn read(page: &str) -> Option<Self> {
        let mut form: Option<Self> = None;
        let mut emitter = DefaultEmitter::default();
        // What stands in a script is no tag.
        emitter.naively_switch_states(true);
        for Ok(token) in Tokenizer::new_with_emitter(page, emitter) {
            match (token, &mut form) {
                (Token::StartTag(tag), None) if is(&tag, b"form") => form = Self::begun(&tag),
                (Token::StartTag(tag), Some(form)) if is(&tag, b"input") => form.add(&tag),
                (Token::EndTag(tag), Some(_)) if tag.name.as_slice() == b"form" => return form,
                _ => {}
            }
        }
        form
    }

    fn begun(tag: &StartTag<()>) -> Option<Self> {
        let method = attribute(tag, b"method").unwrap_or_default();
        method.eq_ignore_ascii_case("post").then(|| Self {
            action: attribute(tag, b"action").unwrap_or_default(),
            fields: Vec::new(),
        })
    }

    fn add(&mut self, tag: &StartTag<()>) {
        if let Some(name) = attribute(tag, b"name") {
            let value = attribute(tag, b"value").unwrap_or_default();
            self.fields.push((name, value));
        }
    }
}

fn is(tag: &StartTag<()>, name: &[u8]) -> bool {
    tag.name.as_slice() == name
}

fn attribute(tag: &StartTag<()>, name: &[u8]) -> Option<String> {
    let value = tag.attributes.get(name)?;
    Some(String::from_utf8_lossy(&value.value).into_owned())
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::as_okta_has_it(
        r#"<body><form id="appForm" method="POST" action="https://app.example/cb?a=1&amp;b=2">
           <input type="hidden" name="state" value="a&quot;&gt;b"></form></body>"#,
        Some(("https://app.example/cb?a=1&b=2", "a\">b"))
    )]
    #[case::otherwise_quoted(
        "<FORM ACTION='https://app.example/cb' METHOD=post><INPUT VALUE=x NAME=state></FORM>",
        Some(("https://app.example/cb", "x"))
    )]
    #[case::none_is_posted(
        r#"<form action="https://app.example/cb"><input name="state" value="x"></form>"#,
        None
    )]
    #[case::in_a_comment(
        r#"<!-- <form method="post" action="x"><input name="state"></form> -->"#,
        None
    )]
    #[case::in_a_script(r#"<script>'<form method="post" action="x">'</script>"#, None)]
    #[case::no_form("<p>Bad Request</p>", None)]
    fn a_form_is_read_as_a_browser_reads_it(
        #[case] page: &str,
        #[case] expected: Option<(&str, &str)>,
    ) {
        let read = PostedForm::read(page);
        let wanted = expected.map(|(action, state)| PostedForm {
            action: action.to_owned(),
            fields: vec![("state".to_owned(), state.to_owned())],
        });
        assert_eq!(read, wanted);
    }
}
