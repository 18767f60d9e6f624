//! Texts of rows, in which `{name}` stands for something of the run.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Fills a template; what is no name that anybody knows stays as it is, since JSON has braces too.
pub(super) fn fill(template: &str, known: &dyn Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(template.len());
    let mut rest = template;
    while let Some(start) = rest.find('{') {
        filled.push_str(&rest[..start]);
        rest = &rest[start..];
        let value = name_at_start(rest).and_then(|name| Some((name.len() + 2, known(name)?)));
        let (length, value) = value.unwrap_or((1, "{".to_owned()));
        filled.push_str(&value);
        rest = &rest[length..];
    }
    filled.push_str(rest);
    filled
}

/// Whether a template has this name in it, whole or a form of it.
pub(super) fn names(template: &str, name: &str) -> bool {
    let starts = template.match_indices('{').map(|(start, _)| start);
    let mut names = starts.filter_map(|start| name_at_start(&template[start..]));
    names.any(|found| found.split('.').next() == Some(name))
}

/// The names in a template that stand for a form of a value: `scope.dots`.
pub(super) fn forms_in(template: &str) -> impl Iterator<Item = &str> {
    let starts = template.match_indices('{').map(|(start, _)| start);
    let names = starts.filter_map(|start| name_at_start(&template[start..]));
    names.filter(|name| name.contains('.'))
}

fn name_at_start(text: &str) -> Option<&str> {
    let end = text.find('}')?;
    let name = &text[1..end];
    let is_name = |c: char| c.is_ascii_alphanumeric() || ".-+*".contains(c);
    (!name.is_empty() && name.chars().all(is_name)).then_some(name)
}

/// A form of a value: `beginning`, `end`, `upper`, `dots`, `half`, `star`, `parent`, `percent`,
/// `encoded`, `encoded-upper`, `twice-encoded`, `full-width`, `wide`; of a path, `segment`, its
/// last; of a user, `basic`: without a password (RFC 7617 section 2); of an address, `origin`,
/// `authority`,
/// `other-scheme`, `with-port`, `other-port` and `subdomain`; of base64url, `unused-bit`.
/// It may be the value itself.
pub(super) fn form(value: &str, form: &str) -> Option<String> {
    /// So many characters are left out at an end.
    const LEFT_OUT: usize = 3;
    let count = value.chars().count();
    let characters = value.chars();
    let or_itself = |formed: Option<String>| formed.unwrap_or_else(|| value.to_owned());
    let formed = match form {
        "beginning" => characters.take(count.saturating_sub(LEFT_OUT)).collect(),
        "end" => characters.skip(LEFT_OUT).collect(),
        "upper" => value.to_ascii_uppercase(),
        "dots" => value.replace('.', "x"),
        // A multiple of four: what is left of base64url can be decoded whatever it was.
        "half" => characters.take(count / 8 * 4).collect(),
        "origin" => origin(value)?.to_owned(),
        "authority" => origin(value)?.split_once("://")?.1.to_owned(),
        "other-scheme" => or_itself(other_scheme(value)),
        "with-port" => or_itself(with_port(value)),
        "other-port" => or_itself(other_port(value)),
        "subdomain" => or_itself(subdomain(value)),
        "unused-bit" => with_unused_bit(value)?,
        "star" => or_itself(parent(value).map(|(parent, mark)| format!("{parent}{mark}*"))),
        "parent" => or_itself(parent(value).map(|(parent, _)| parent.to_owned())),
        "percent" => value.replace(':', "%3A").replace('/', "%2F"),
        "encoded" => or_itself(letter_replaced(value, |letter| format!("%{letter:02x}"))),
        "encoded-upper" => {
            let upper = value.to_ascii_uppercase();
            letter_replaced(&upper, |letter| format!("%{letter:02x}")).unwrap_or(upper)
        }
        "twice-encoded" => or_itself(letter_replaced(value, |letter| format!("%25{letter:02x}"))),
        "full-width" => or_itself(letter_replaced(value, full_width)),
        "wide" => wide(value),
        "segment" => value.rsplit('/').next().unwrap_or(value).to_owned(),
        "basic" => STANDARD.encode(format!("{value}:")),
        _ => return None,
    };
    Some(formed)
}

/// Scheme, host and port of an address, as they are written.
fn origin(address: &str) -> Option<&str> {
    let host = address.find("://")? + "://".len();
    let end = address[host..].find('/').map(|end| host + end);
    Some(&address[..end.unwrap_or(address.len())])
}

/// `https` for `http`, and the other way about.
fn other_scheme(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    let other = match scheme {
        "http" => "https",
        "https" => "http",
        _ => return None,
    };
    Some(format!("{other}://{rest}"))
}

/// The same address with its scheme's own port; none, where it has a port.
fn with_port(address: &str) -> Option<String> {
    let origin = origin(address)?;
    let (scheme, host) = origin.split_once("://")?;
    let port = match scheme {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    (!host.contains(':')).then(|| format!("{origin}:{port}{}", &address[origin.len()..]))
}

/// The same address at another port.
fn other_port(address: &str) -> Option<String> {
    let origin = origin(address)?;
    let rest = &address[origin.len()..];
    let (scheme, authority) = origin.split_once("://")?;
    let host = authority.split(':').next()?;
    Some(format!("{scheme}://{host}:8444{rest}"))
}

/// The same address at a host below its own.
fn subdomain(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://")?;
    Some(format!("{scheme}://okta-e2e.{rest}"))
}

/// The last letter of base64url with its lowest bit another, which stands for nothing unless the
/// number of letters is a multiple of four (RFC 4648 section 3.5).
fn with_unused_bit(text: &str) -> Option<String> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = text.chars().next_back()?;
    let at = LETTERS
        .iter()
        .position(|letter| char::from(*letter) == last)?;
    let before = &text[..text.len() - last.len_utf8()];
    Some(format!("{before}{}", char::from(LETTERS[at ^ 1])))
}

/// What is before the last mark that parts the words of a scope, and the mark.
fn parent(scope: &str) -> Option<(&str, char)> {
    let at = scope.rfind(['/', ':', '.'])?;
    Some((&scope[..at], scope[at..].chars().next()?))
}

/// A path with the first letter of its last segment written another way.
fn letter_replaced(path: &str, written: impl Fn(u8) -> String) -> Option<String> {
    let (before, last) = path.rsplit_once('/')?;
    let (letter, rest) = last.as_bytes().split_first()?;
    let rest = std::str::from_utf8(rest).ok()?;
    let letter = letter.is_ascii_alphabetic().then(|| written(*letter))?;
    Some(format!("{before}/{letter}{rest}"))
}

/// A letter in its full width, as UTF-8 that is percent-encoded.
fn full_width(letter: u8) -> String {
    let mut bytes = [0; 4];
    let bytes = widened(char::from(letter)).encode_utf8(&mut bytes).bytes();
    let encoded: Vec<String> = bytes.map(|byte| format!("%{byte:02x}")).collect();
    encoded.concat()
}

/// A text with its last letter in full width; one without a letter there is as it was.
fn wide(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    if let Some(last) = letters.last_mut().filter(|last| last.is_ascii_alphabetic()) {
        *last = widened(*last);
    }
    letters.into_iter().collect()
}

/// A letter in the full width of the fonts of East Asia (Unicode, U+FF01 to U+FF5E).
fn widened(letter: char) -> char {
    /// So far behind the letter itself.
    const FURTHER: u32 = 0xfee0;
    char::from_u32(u32::from(letter) + FURTHER).unwrap_or(letter)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("{base}{path}", "<base><path>")]
    #[case("{\"alg\":\"{path}\"}", "{\"alg\":\"<path>\"}")]
    #[case("{nobody}{path", "{nobody}{path")]
    #[case("", "")]
    fn what_is_known_is_filled_in(#[case] template: &str, #[case] filled: &str) {
        let known = |name: &str| {
            ["base", "path"]
                .contains(&name)
                .then(|| format!("<{name}>"))
        };
        assert_eq!(fill(template, &known), filled);
    }

    #[test]
    fn a_template_says_what_it_names() {
        assert!(names("{base}{other}/..{path}", "other"));
        assert!(names("{other.upper}", "other"));
        assert!(!names("{another}", "other"));
    }

    #[test]
    fn forms_of_a_value() {
        assert_eq!(form("https://a.b", "beginning").unwrap(), "https://");
        assert_eq!(form("https://a.b", "end").unwrap(), "ps://a.b");
        assert_eq!(form("http://a.b/x", "dots").unwrap(), "http://axb/x");
        assert_eq!(form("abcdefgh", "half").unwrap(), "abcd");
        assert_eq!(form("/v2/moons", "encoded").unwrap(), "/v2/%6doons");
        assert_eq!(form("/v2/moons", "encoded-upper").unwrap(), "/V2/%4dOONS");
        assert_eq!(form("/moons", "twice-encoded").unwrap(), "/%256doons");
        assert_eq!(form("/1", "encoded").unwrap(), "/1");
        assert_eq!(form("/moons", "full-width").unwrap(), "/%ef%bd%8doons");
        assert_eq!(form("a:read", "wide").unwrap(), "a:rea\u{ff44}");
        assert_eq!(form("/v2/moons", "segment").unwrap(), "moons");
        assert_eq!(form("silver", "basic").unwrap(), "c2lsdmVyOg==");
        assert_eq!(form("http://a.b/x", "star").unwrap(), "http://a.b/*");
        assert_eq!(form("moons:read", "star").unwrap(), "moons:*");
        assert_eq!(form("moons", "star").unwrap(), "moons");
        assert_eq!(form("http://a.b/x", "parent").unwrap(), "http://a.b");
        assert_eq!(form("a:b/c", "percent").unwrap(), "a%3Ab%2Fc");
        assert_eq!(
            form("http://a:1/b", "other-port").unwrap(),
            "http://a:8444/b"
        );
        assert_eq!(form("https://a", "other-port").unwrap(), "https://a:8444");
        assert_eq!(
            form("https://a/b", "subdomain").unwrap(),
            "https://okta-e2e.a/b"
        );
        assert_eq!(form("http://a:1/b/c", "origin").unwrap(), "http://a:1");
        assert_eq!(form("http://a:1", "authority").unwrap(), "a:1");
        assert_eq!(form("http://a/b", "other-scheme").unwrap(), "https://a/b");
        assert_eq!(form("a:read", "other-scheme").unwrap(), "a:read");
        assert_eq!(form("http://a/b", "with-port").unwrap(), "http://a:80/b");
        assert_eq!(form("https://a", "with-port").unwrap(), "https://a:443");
        assert_eq!(form("http://a:1/b", "with-port").unwrap(), "http://a:1/b");
        assert_eq!(form("AQ", "unused-bit").unwrap(), "AR");
        assert_eq!(form("abcd", "none"), None);
    }
}
