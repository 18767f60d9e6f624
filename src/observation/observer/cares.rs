//! What an answer does not take care of, by its headers and its page.

mod pages;
mod told;

use serde_json::Value;
use url::Url;

use super::answered::Said;
use crate::exchange::{ANOTHER_HEADER, ANOTHER_HOST, Care};
use crate::openid::{Answer, Metadata, Response};

/// Okta's keys rotate four times a year (Okta's API reference, "Key rotation").
const LONGEST_AGE: u64 = 92 * 24 * 60 * 60;

/// So many letters of a large alphabet are 96 bits, and of hexadecimal numbers 64.
const FEWEST: usize = 16;

/// What an answer is looked at with.
struct Look<'a> {
    answer: &'a Answer,
    said: &'a Said<'a>,
    response: Option<&'a Response>,
    metadata: &'a Metadata,
}

/// What the answer does not take care of.
pub(super) fn careless(
    answer: &Answer,
    said: &Said<'_>,
    response: Option<&Response>,
    metadata: &Metadata,
) -> Vec<Care> {
    let look = Look {
        answer,
        said,
        response,
        metadata,
    };
    let mut cares = Care::ALL.to_vec();
    cares.retain(|care| !look.takes(*care));
    cares
}

/// Whether an answer says that another issuer gave it, or does not say which one although it must
/// (RFC 9207 section 2.4).
pub(super) fn names_another(response: &Response, metadata: &Metadata) -> bool {
    match response.get("iss") {
        Some(named) => named != metadata.issuer,
        None => metadata.promises_issuer(),
    }
}

/// Whether a code can be guessed by trying: of so few letters (RFC 6749 section 10.10 has 128
/// bits).
pub(super) fn is_short(code: &str) -> bool {
    code.len() < FEWEST
}

/// Whether one code tells another: in fewer letters than nobody can guess they are different.
pub(super) fn are_alike(code: &str, other: &str) -> bool {
    let pairs = code.bytes().zip(other.bytes());
    let different = pairs.filter(|(one, another)| one != another).count();
    different + code.len().abs_diff(other.len()) < FEWEST
}

impl Look<'_> {
    fn takes(&self, care: Care) -> bool {
        match care {
            Care::OwnIssuer => {
                let response = self.response;
                !response.is_some_and(|response| names_another(response, self.metadata))
            }
            Care::NoRepeat => !matches!(self.answer.status.as_u16(), 307 | 308),
            Care::NoStore => self.has_word("cache-control", "no-store"),
            Care::MaxAge => self.age("max-age").is_some_and(|age| age <= LONGEST_AGE),
            Care::NoReferrer => self.tells_the_next_page_nothing(),
            Care::NoPages => !self.is_read_by_pages(),
            Care::NoPagesWithCookies => !self.is_read_with_cookies(),
            Care::NoMarkup => !self.shows_markup(),
            Care::NoFrames => self.is_kept_from_frames(),
            Care::Json => self.is_json(),
            Care::OwnHost => !self.names_another_host(),
            Care::KeptCookies => self.keeps_its_cookies(),
            // Only where codes and messages come: in a session.
            Care::OwnCode | Care::OwnPage => true,
            Care::NoSharing => !self.is_shared(),
            Care::OwnHeaders => !self.answer.headers.contains_key(ANOTHER_HEADER),
            Care::Numbers => !self.is_told(told::is_of_no_number),
            Care::Texts => !self.is_told(told::is_of_no_text),
            Care::NothingUnasked => !self.is_told(told::is_unasked),
            Care::NoSecrets => !self.is_told(told::has_a_secret),
        }
    }

    /// Whether it is JSON that says so.
    fn is_told(&self, what: impl Fn(&Value) -> bool) -> bool {
        self.answer.json().is_some_and(|told| what(&told))
    }

    /// Of several words the last one counts that browsers know (Referrer Policy section 8.1).
    fn tells_the_next_page_nothing(&self) -> bool {
        const KNOWN: [&str; 8] = [
            "no-referrer",
            "no-referrer-when-downgrade",
            "origin",
            "origin-when-cross-origin",
            "same-origin",
            "strict-origin",
            "strict-origin-when-cross-origin",
            "unsafe-url",
        ];
        let known = self.words("referrer-policy");
        let known = known.filter(|word| KNOWN.contains(&word.as_str()));
        known.last().is_some_and(|word| word == "no-referrer")
    }

    /// `application/json` and its relatives, or a token in its place (RFC 9701).
    fn is_json(&self) -> bool {
        let kind = self.answer.header("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        let kind = kind.to_ascii_lowercase();
        kind.ends_with("jwt") || (kind.ends_with("json") && self.answer.json().is_some())
    }

    /// What stands before a server may be told the host in these, and nobody else.
    fn names_another_host(&self) -> bool {
        let headers = self.answer.headers.values();
        let mut texts = headers.map(|value| String::from_utf8_lossy(value.as_bytes()));
        self.answer.body.contains(ANOTHER_HOST) || texts.any(|text| text.contains(ANOTHER_HOST))
    }

    /// Seconds that a word of `Cache-Control` names.
    fn age(&self, wanted: &str) -> Option<u64> {
        let lines = self.answer.headers.get_all("cache-control").iter();
        let lines = lines.filter_map(|line| line.to_str().ok());
        let mut words = lines.flat_map(|line| line.split(','));
        words.find_map(|word| {
            let (name, value) = word.split_once('=')?;
            let is_wanted = name.trim().eq_ignore_ascii_case(wanted);
            let value = value.trim().trim_matches('"');
            is_wanted.then(|| value.parse().ok()).flatten()
        })
    }

    /// Whether a cache that many share keeps it: what says `public` or an age, and not that it is
    /// for one alone.
    fn is_shared(&self) -> bool {
        const FOR_ONE: [&str; 3] = ["no-store", "no-cache", "private"];
        let has = |word: &str| self.has_word("cache-control", word);
        let ages = ["s-maxage", "max-age"];
        let is_kept = ages
            .iter()
            .any(|name| self.age(name).is_some_and(|age| age > 0));
        (has("public") || is_kept) && !FOR_ONE.into_iter().any(has)
    }

    /// Whether a cookie goes to the hosts beside that of the issuer too.
    fn is_for_others(&self, words: &[String]) -> bool {
        let issuer = Url::parse(&self.metadata.issuer).ok();
        let host = issuer.as_ref().and_then(Url::host_str).unwrap_or_default();
        let mut domains = words.iter().filter_map(|word| word.strip_prefix("domain="));
        domains.any(|domain| {
            let domain = domain.trim_start_matches('.');
            !domain.is_empty() && !domain.eq_ignore_ascii_case(host)
        })
    }

    /// Short ones are no secrets, and those that are ended hold none.
    fn keeps_its_cookies(&self) -> bool {
        /// What cannot be guessed is no shorter.
        const SHORTEST: usize = 16;
        let is_https = self.metadata.issuer.starts_with("https:");
        let cookies = self.answer.headers.get_all("set-cookie").iter();
        let mut cookies = cookies.filter_map(|cookie| cookie.to_str().ok());
        cookies.all(|cookie| {
            let mut parts = cookie.split(';').map(str::trim);
            let pair = parts.next().unwrap_or_default();
            let value = pair.split_once('=').map_or("", |(_, value)| value);
            let words: Vec<String> = parts.map(str::to_ascii_lowercase).collect();
            let has = |wanted: &str| words.iter().any(|word| word == wanted);
            let is_kept = has("httponly") && (has("secure") || !is_https);
            let is_kept = is_kept && !self.is_for_others(&words);
            value.len() < SHORTEST || is_kept
        })
    }

    /// The words of a header, of every line of it, in small letters and without their values.
    fn words(&self, name: &str) -> impl Iterator<Item = String> {
        let lines = self.answer.headers.get_all(name).iter();
        let lines = lines.filter_map(|line| line.to_str().ok());
        let words = lines.flat_map(|line| line.split(','));
        words.map(|word| {
            let (name, _) = word.split_once('=').unwrap_or((word, ""));
            name.trim().to_ascii_lowercase()
        })
    }

    fn has_word(&self, header: &str, wanted: &str) -> bool {
        self.words(header).any(|word| word == wanted)
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use reqwest::StatusCode;
    use reqwest::header::{HeaderName, HeaderValue};
    use rstest::rstest;
    use serde_json::json;

    use super::*;

    const ISSUER: &str = "https://example.okta.com/oauth2/aus1";
    const SENT: &str = "</script><i id=x>";

    fn metadata(promises_issuer: bool) -> Metadata {
        let metadata = json!({
            "issuer": ISSUER,
            "authorization_endpoint": format!("{ISSUER}/v1/authorize"),
            "token_endpoint": format!("{ISSUER}/v1/token"),
            "jwks_uri": format!("{ISSUER}/v1/keys"),
            "authorization_response_iss_parameter_supported": promises_issuer,
        });
        serde_json::from_value(metadata).expect("metadata")
    }

    #[rstest]
    #[case::promised(true, "https://app.example/callback?error=x", true)]
    #[case::not_promised(false, "https://app.example/callback?error=x", false)]
    #[case::kept(
        true,
        "https://app.example/callback?iss=https%3A%2F%2Fexample.okta.com%2Foauth2%2Faus1",
        false
    )]
    fn an_issuer_that_is_promised_is_named(
        #[case] is_promised: bool,
        #[case] location: &str,
        #[case] is_wrong: bool,
    ) {
        let registered = Url::parse("https://app.example/callback").expect("a URL");
        let location = Url::parse(location).expect("a URL");
        let response = Response::parse(&registered, &location);
        assert_eq!(names_another(&response, &metadata(is_promised)), is_wrong);
    }

    #[rstest]
    #[case::six_digits("482913", true)]
    #[case::sixteen_letters("q7Xw0pZr5Kd2Vb8N", false)]
    fn a_code_of_few_letters_can_be_guessed(#[case] code: &str, #[case] short: bool) {
        assert_eq!(is_short(code), short);
    }

    fn takes(care: Care, status: u16, header: (&str, &str), body: &str) -> bool {
        takes_all(care, status, &[header], body)
    }

    fn takes_all(care: Care, status: u16, headers: &[(&str, &str)], body: &str) -> bool {
        let headers = headers.iter().map(|(name, value)| {
            let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
            (name, HeaderValue::from_str(value).expect("a value"))
        });
        let registered = Url::parse("https://app.example/callback").expect("a URL");
        let answer = Answer {
            status: StatusCode::from_u16(status).expect("a status"),
            headers: headers.collect(),
            body: body.to_owned(),
            at: Timestamp::now(),
        };
        let said = Said {
            registered: &registered,
            parameters: vec![("client_id".to_owned(), SENT.to_owned())],
            headers: vec![("Origin".to_owned(), "https://elsewhere.example".to_owned())],
            secrets: Vec::new(),
        };
        let location = answer
            .header("location")
            .map(|to| Url::parse(to).expect("a URL"));
        let response = location.map(|to| Response::parse(&registered, &to));
        !careless(&answer, &said, response.as_ref(), &metadata(false)).contains(&care)
    }

    #[rstest]
    #[case::no_issuer(
        Care::OwnIssuer,
        "location",
        "https://app.example/callback?error=x",
        true
    )]
    #[case::own_issuer(
        Care::OwnIssuer,
        "location",
        "https://app.example/callback?iss=https%3A%2F%2Fexample.okta.com%2Foauth2%2Faus1",
        true
    )]
    #[case::longer_issuer(
        Care::OwnIssuer,
        "location",
        "https://app.example/callback#iss=https%3A%2F%2Fexample.okta.com%2Foauth2%2Faus1%2F",
        false
    )]
    #[case::kept_by_nobody(Care::NoStore, "cache-control", "no-cache, No-Store", true)]
    #[case::kept_by_one(Care::NoStore, "cache-control", "no-cache, private", false)]
    #[case::for_an_hour(Care::MaxAge, "cache-control", "max-age=3600", true)]
    #[case::for_how_long(Care::MaxAge, "cache-control", "must-revalidate", false)]
    #[case::for_ten_years(Care::MaxAge, "cache-control", "public, max-age=315360000", false)]
    #[case::for_all(Care::NoSharing, "cache-control", "Public, max-age=0", false)]
    #[case::for_all_who_share(Care::NoSharing, "cache-control", "s-maxage=\"60\"", false)]
    #[case::for_one(Care::NoSharing, "cache-control", "private, max-age=60", true)]
    #[case::at_once_old(Care::NoSharing, "cache-control", "max-age=0", true)]
    #[case::of_no_cache(Care::NoSharing, "pragma", "no-cache", true)]
    #[case::of_the_host(
        Care::KeptCookies,
        "set-cookie",
        "sid=0123456789abcdef; HttpOnly; Secure; Domain=.example.okta.com",
        true
    )]
    #[case::of_the_domain(
        Care::KeptCookies,
        "set-cookie",
        "sid=0123456789abcdef; HttpOnly; Secure; Domain=okta.com",
        false
    )]
    #[case::made_up(Care::OwnHeaders, "x-okta-e2e", "1", false)]
    #[case::told_nothing(Care::NoReferrer, "referrer-policy", "no-referrer", true)]
    #[case::told_the_origin(Care::NoReferrer, "referrer-policy", "origin", false)]
    #[case::told_by_the_last(Care::NoReferrer, "referrer-policy", "no-referrer, unsafe-url", false)]
    #[case::told_by_the_last_known(
        Care::NoReferrer,
        "referrer-policy",
        "origin, no-referrer, x",
        true
    )]
    #[case::of_no_origin(Care::NoPages, "access-control-allow-origin", "null", true)]
    #[case::framed_by_nobody(
        Care::NoFrames,
        "content-security-policy",
        "Frame-Ancestors 'none'",
        true
    )]
    #[case::framed_by_every_host(
        Care::NoFrames,
        "content-security-policy",
        "frame-ancestors https://*",
        false
    )]
    #[case::a_cookie_for_servers(
        Care::KeptCookies,
        "set-cookie",
        "sid=102aaaaaaaaaaaaaaaaaaaa; path=/; secure; httponly",
        true
    )]
    #[case::a_cookie_for_scripts(
        Care::KeptCookies,
        "set-cookie",
        "sid=102aaaaaaaaaaaaaaaaaaaa; Path=/; Secure",
        false
    )]
    #[case::a_cookie_in_clear(
        Care::KeptCookies,
        "set-cookie",
        "sid=102aaaaaaaaaaaaaaaaaaaa; Path=/; HttpOnly",
        false
    )]
    #[case::a_cookie_without_a_secret(Care::KeptCookies, "set-cookie", "t=default; Path=/", true)]
    #[case::another_host(Care::OwnHost, "location", "https://elsewhere.example/login", false)]
    #[case::its_own_host(Care::OwnHost, "location", "https://example.okta.com/login", true)]
    #[case::of_a_trusted_page(
        Care::NoPages,
        "access-control-allow-origin",
        "https://app.example",
        true
    )]
    #[case::of_every_page(Care::NoPages, "access-control-allow-origin", "*", false)]
    #[case::of_that_page(
        Care::NoPages,
        "access-control-allow-origin",
        "https://elsewhere.example",
        false
    )]
    #[case::framed_by_itself(
        Care::NoFrames,
        "content-security-policy",
        "default-src 'self'; frame-ancestors 'self'",
        true
    )]
    #[case::framed_by_all(
        Care::NoFrames,
        "content-security-policy",
        "frame-ancestors https://app.example *",
        false
    )]
    #[case::the_older_header(Care::NoFrames, "x-frame-options", "SAMEORIGIN", true)]
    #[case::no_such_header(Care::NoFrames, "content-security-policy", "object-src 'none'", false)]
    fn a_header_takes_care_or_not(
        #[case] care: Care,
        #[case] name: &str,
        #[case] value: &str,
        #[case] is_taken: bool,
    ) {
        assert_eq!(takes(care, 302, (name, value), ""), is_taken);
    }

    #[rstest]
    #[case::as_sent("text/html; charset=utf-8", "<p></script><i id=x></p>", false)]
    #[case::as_text("text/html", "<p>&lt;/script&gt;&lt;i id=x&gt;</p>", true)]
    #[case::in_a_script("text/html", r"<script>var a = '<\/script><i id=x>'</script>", true)]
    #[case::no_page("application/json", "</script><i id=x>", true)]
    fn what_was_sent_is_text_or_not(#[case] kind: &str, #[case] body: &str, #[case] is_text: bool) {
        let header = ("content-type", kind);
        assert_eq!(takes(Care::NoMarkup, 400, header, body), is_text);
    }

    #[rstest]
    #[case::as_it_is("application/json", r#"{"active":false}"#, true)]
    #[case::with_a_charset("Application/JSON; charset=UTF-8", "{ }\r\n", true)]
    #[case::keys("application/jwk-set+json", r#"{"keys":[]}"#, true)]
    #[case::a_token("application/jwt", "a.b.c", true)]
    #[case::a_page("text/html", r#"{"active":false}"#, false)]
    #[case::with_a_mark("application/json", "\u{feff}{}", false)]
    #[case::with_more_behind("application/json", "{}<!-- -->", false)]
    fn an_answer_is_json_or_not(#[case] kind: &str, #[case] body: &str, #[case] is: bool) {
        assert_eq!(takes(Care::Json, 200, ("content-type", kind), body), is);
    }

    #[rstest]
    #[case::counted("code-of-the-org-00000001", "code-of-the-org-00000002", true)]
    #[case::the_same("Yk9dPq0sV3bTzW7nLxR2", "Yk9dPq0sV3bTzW7nLxR2", true)]
    #[case::short("a8Kd93", "q0Lw71", true)]
    #[case::random("Yk9dPq0sV3bTzW7nLxR2", "aB3dEf9hJ1kLmN0pQrS4", false)]
    #[case::of_one_session(
        "Yk9dPq0sV3bTzW7nLxR2.51b8a1e0.0oa1",
        "aB3dEf9hJ1kLmN0pQrS4.51b8a1e0.0oa1",
        false
    )]
    fn codes_are_alike_or_not(#[case] code: &str, #[case] other: &str, #[case] alike: bool) {
        assert_eq!(are_alike(code, other), alike);
    }

    #[test]
    fn a_form_is_not_sent_again() {
        let header = ("location", "https://app.example/callback");
        assert!(takes(Care::NoRepeat, 303, header, ""));
        assert!(!takes(Care::NoRepeat, 307, header, ""));
    }

    const WITH: (&str, &str) = ("access-control-allow-credentials", "true");

    #[rstest]
    #[case::every_page_without_cookies(&[("access-control-allow-origin", "*")], true)]
    #[case::every_page(&[("access-control-allow-origin", "*"), WITH], true)]
    #[case::that_page(&[("access-control-allow-origin", "https://elsewhere.example"), WITH], false)]
    fn a_page_reads_with_cookies_what_names_it(
        #[case] headers: &[(&'static str, &'static str)],
        #[case] is_taken: bool,
    ) {
        assert_eq!(
            takes_all(Care::NoPagesWithCookies, 200, headers, ""),
            is_taken
        );
    }
}
