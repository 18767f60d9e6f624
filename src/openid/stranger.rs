//! Whether an answer is one of the authorization server, or of what stands before it: a firewall or
//! a proxy answers in words of its own.

use serde_json::Value;
use url::form_urlencoded;

use super::Answer;

/// What an answer with an error has: RFC 6749 section 5.2, and Okta's own errors.
const ERRORS: [&str; 2] = ["error", "errorCode"];
/// So much of a body is looked through for a title.
const MOST_READ: usize = 20_000;

impl Answer {
    /// Whether a token endpoint may have given it: JSON, and where it refuses, with an error (RFC
    /// 6749 sections 5.1 and 5.2).
    #[must_use]
    pub fn is_of_a_token_endpoint(&self) -> bool {
        if self.is_a_form_of_tokens() {
            return true;
        }
        let Some(Value::Object(body)) = self.json() else {
            return false;
        };
        self.status.is_success() || ERRORS.iter().any(|name| body.contains_key(*name))
    }

    /// Whether it brings tokens in the manner of a form, which no client of OAuth 2.0 reads.
    #[must_use]
    pub fn is_a_form_of_tokens(&self) -> bool {
        let mut pairs = form_urlencoded::parse(self.body.as_bytes());
        self.status.is_success() && pairs.any(|(name, _)| name == "access_token")
    }

    /// Whether it is in words for people, or in none, where Okta answers with JSON.
    #[must_use]
    pub fn is_for_people(&self) -> bool {
        self.json().is_none()
    }

    /// Who answered what, for the end of a sentence: the title of a page, or the first of a text,
    /// and what the server calls itself. It is quoted as it came.
    #[must_use]
    pub fn quoted(&self) -> String {
        let text = self.body.trim();
        let says = match title(text) {
            Some(title) => format!("the page \"{title}\""),
            None if text.is_empty() => "nothing".to_owned(),
            None => format!("`{text}`"),
        };
        let server = self.header("server");
        let server = server.map_or_else(String::new, |server| format!(", by `{server}`"));
        format!("{says}{server}")
    }
}

/// The title of a page, or its first heading.
fn title(page: &str) -> Option<String> {
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

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use reqwest::StatusCode;
    use reqwest::header::{HeaderMap, HeaderValue, SERVER};
    use rstest::rstest;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        Answer {
            status: StatusCode::from_u16(status).expect("a status"),
            headers: HeaderMap::new(),
            body: body.to_owned(),
            at: Timestamp::now(),
        }
    }

    #[rstest]
    #[case::oauth(400, r#"{"error":"invalid_grant"}"#, true)]
    #[case::okta(401, r#"{"errorCode":"E0000015"}"#, true)]
    #[case::tokens(200, r#"{"token_type":"Bearer"}"#, true)]
    #[case::form(200, "token_type=bearer&access_token=a.b.c", true)]
    #[case::form_of_a_refusal(400, "error=invalid_grant&access_token=", false)]
    #[case::page(403, "<h1>Access Denied</h1>", false)]
    #[case::page_of_success(200, "<title>Sign in to the network</title>", false)]
    #[case::of_a_gateway(403, r#"{"message":"Forbidden"}"#, false)]
    #[case::blank(403, "", false)]
    #[case::text(404, "\"not found\"", false)]
    fn a_token_endpoint_answers_with_json_of_its_own(
        #[case] status: u16,
        #[case] body: &str,
        #[case] is: bool,
    ) {
        assert_eq!(answer(status, body).is_of_a_token_endpoint(), is);
    }

    #[rstest]
    #[case::title(
        "<HTML><Head><TITLE lang=en>\n Access  Denied</TITLE>",
        "the page \"Access Denied\""
    )]
    #[case::heading(
        "<html><title></title><h1>403 Forbidden</h1>",
        "the page \"403 Forbidden\""
    )]
    #[case::text("RBAC: access denied\n", "`RBAC: access denied`")]
    #[case::unfinished("<title>x", "`<title>x`")]
    #[case::blank(" ", "nothing")]
    fn who_answered_is_quoted(#[case] body: &str, #[case] quoted: &str) {
        assert_eq!(answer(403, body).quoted(), quoted);
    }

    #[test]
    fn a_server_that_names_itself_is_named() {
        let mut answer = answer(404, "<h1>Not Found</h1>");
        let nginx = HeaderValue::from_static("nginx");
        answer.headers.insert(SERVER, nginx);
        assert_eq!(answer.quoted(), "the page \"Not Found\", by `nginx`");
    }
}
