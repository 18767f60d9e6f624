//! The page that posts an answer by itself (OAuth 2.0 Form Post Response Mode).

use html5gum::{DefaultEmitter, StartTag, Token, Tokenizer};

/// A form of a page, such as one that posts an answer to a client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostedForm {
    /// Where it is sent.
    pub action: String,
    /// Whether it is posted; else its fields stand in the query.
    pub is_posted: bool,
    /// Whether its fields come as a client reads them: in no other encoding than that of forms.
    pub is_readable: bool,
    /// Its fields, in their order.
    pub fields: Vec<(String, String)>,
}

impl PostedForm {
    /// The first form of a page that is posted; none, where it has none.
    #[must_use]
    pub fn read(page: &str) -> Option<Self> {
        Self::each(page).into_iter().find(|form| form.is_posted)
    }

    /// Every form of a page, in their order.
    #[must_use]
    pub fn each(page: &str) -> Vec<Self> {
        let mut forms: Vec<Self> = Vec::new();
        let mut is_open = false;
        let mut emitter = DefaultEmitter::default();
        // What stands in a script is no tag.
        emitter.naively_switch_states(true);
        for Ok(token) in Tokenizer::new_with_emitter(page, emitter) {
            match token {
                Token::StartTag(tag) if is(&tag, b"form") && !is_open => {
                    forms.push(Self::begun(&tag));
                    is_open = true;
                }
                Token::StartTag(tag) if is(&tag, b"input") && is_open => {
                    forms.last_mut().into_iter().for_each(|form| form.add(&tag));
                }
                Token::EndTag(tag) if tag.name.as_slice() == b"form" => is_open = false,
                _ => {}
            }
        }
        forms
    }

    fn begun(tag: &StartTag<()>) -> Self {
        let method = attribute(tag, b"method").unwrap_or_default();
        let encoding = attribute(tag, b"enctype").unwrap_or_default();
        let others = ["multipart/form-data", "text/plain"];
        Self {
            is_readable: !others
                .iter()
                .any(|other| encoding.eq_ignore_ascii_case(other)),
            action: attribute(tag, b"action").unwrap_or_default(),
            is_posted: method.eq_ignore_ascii_case("post"),
            fields: Vec::new(),
        }
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
            is_posted: true,
            is_readable: true,
            fields: vec![("state".to_owned(), state.to_owned())],
        });
        assert_eq!(read, wanted);
    }

    /// Form Post Response Mode section 2; what is no encoding is that of forms (HTML, "enctype").
    #[rstest]
    #[case::none("", true)]
    #[case::of_forms(" enctype=application/x-www-form-urlencoded", true)]
    #[case::of_files(" ENCTYPE=Multipart/form-data", false)]
    #[case::of_texts(" enctype=text/plain", false)]
    #[case::no_encoding(" enctype=x", true)]
    fn a_client_reads_the_fields_or_not(#[case] encoding: &str, #[case] is: bool) {
        let page = format!("<form method=post action=x{encoding}><input name=code></form>");
        let form = PostedForm::read(&page).expect("a form");
        assert_eq!(form.is_readable, is);
    }

    #[test]
    fn every_form_of_a_page_is_read() {
        let page = "<form action=/search><input name=q></form>\
                    <form method=post action='https://app.example/'><input name=code value=1>";
        let read = PostedForm::each(page);
        let seen: Vec<_> = read
            .iter()
            .map(|form| (form.action.as_str(), form.is_posted, form.fields.len()))
            .collect();
        assert_eq!(
            seen,
            [("/search", false, 1), ("https://app.example/", true, 1)]
        );
    }
}
