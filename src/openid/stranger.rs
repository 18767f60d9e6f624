//! Whether an answer is one of the authorization server, or of what stands before it: a firewall or
//! a proxy answers in words of its own.

use reqwest::StatusCode;
use serde_json::Value;
use url::{Url, form_urlencoded};

use super::Answer;
use super::http::JSON_LIMIT_BYTES;
use crate::transport::stranger;

/// What an answer with an error has: RFC 6749 section 5.2, and Okta's own errors.
const ERRORS: [&str; 2] = ["error", "errorCode"];

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
        let says = match stranger::title(text) {
            Some(title) => format!("the page \"{title}\""),
            None if text.is_empty() => "nothing".to_owned(),
            None => format!("`{text}`"),
        };
        format!("{says}{}", stranger::server(&self.headers))
    }

    /// Whether something answered in place of the server that was asked for a document with one of
    /// these members: it leads elsewhere, wants to be signed in to itself (RFC 9110 section 15.5.8,
    /// RFC 6585 section 6), or calls another document a success.
    #[must_use]
    pub fn is_in_place_of(&self, asked: &Url, members: &[&str]) -> bool {
        match self.status {
            StatusCode::PROXY_AUTHENTICATION_REQUIRED
            | StatusCode::NETWORK_AUTHENTICATION_REQUIRED => true,
            status if status.is_redirection() => self.leads_away(asked),
            // A document that is too long to be read as JSON here is a document all the same.
            status if status.is_success() && self.body.len() <= JSON_LIMIT_BYTES => {
                let has_one = |body: Value| members.iter().any(|name| body.get(name).is_some());
                !self.json().is_some_and(has_one)
            }
            _ => false,
        }
    }

    /// Whether it is a redirect to another host: one to the same may be the server's own.
    fn leads_away(&self, asked: &Url) -> bool {
        let target = self.header("location").map(|target| asked.join(target));
        let target = target.and_then(Result::ok);
        target.is_some_and(|target| target.host_str() != asked.host_str())
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use reqwest::header::{HeaderMap, HeaderValue, LOCATION, SERVER};
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
    #[case::metadata(200, r#"{"issuer":"https://a.example"}"#, "", false)]
    #[case::without_its_issuer(200, r#"{"token_endpoint":"https://a.example"}"#, "", false)]
    #[case::portal(200, "<title>Sign in to the network</title>", "", true)]
    #[case::json_of_a_portal(200, r#"{"login":"https://portal.example"}"#, "", true)]
    #[case::blank(200, "", "", true)]
    #[case::elsewhere(302, "", "https://portal.example/login", true)]
    #[case::the_same_host(301, "", "https://a.example/other", false)]
    #[case::a_path(308, "", "/other", false)]
    #[case::proxy(407, "", "", true)]
    #[case::network(511, "<h1>Network Authentication Required</h1>", "", true)]
    #[case::not_found(404, "<h1>Not Found</h1>", "", false)]
    fn what_answers_in_place_of_a_server_is_known(
        #[case] status: u16,
        #[case] body: &str,
        #[case] location: &str,
        #[case] is: bool,
    ) {
        let mut answer = answer(status, body);
        let location = HeaderValue::from_str(location).expect("a header");
        if !location.is_empty() {
            answer.headers.insert(LOCATION, location);
        }
        let asked = Url::parse("https://a.example/.well-known/openid-configuration");
        let asked = asked.expect("a URL");
        assert_eq!(
            answer.is_in_place_of(&asked, &["issuer", "token_endpoint"]),
            is
        );
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
