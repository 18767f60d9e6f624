use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rstest::rstest;

use super::*;

/// Too short for parts, and with everything in it that somebody escapes.
const PASSWORD: &str = "ž&<\">' /+?~";
/// Long enough for parts.
const LONG: &str = "Lq7-correct horse battery";

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn knowing(secrets: Secrets, texts: &[&str]) -> Secrets {
    for text in texts {
        secrets.add(&secret(text));
    }
    secrets
}

fn each(text: &str, write: fn(char) -> String) -> String {
    text.chars().map(write).collect()
}

fn bytes(text: &str, write: fn(u8) -> String) -> String {
    text.bytes().map(write).collect()
}

fn percent(text: &str) -> String {
    bytes(text, |byte| format!("%{byte:02x}"))
}

fn list(numbers: impl Iterator<Item = u32>, between: &str) -> String {
    let numbers: Vec<String> = numbers.map(|number| number.to_string()).collect();
    numbers.join(between)
}

fn json(text: &str) -> String {
    let units = text.encode_utf16().map(|unit| format!("\\u{unit:04X}"));
    units.collect()
}

fn in_digits() -> (Rule, Vec<String>) {
    (
        Rule::Hexadecimal,
        vec![
            bytes(PASSWORD, |byte| format!("{byte:02x}")),
            bytes(PASSWORD, |byte| format!("{byte:02X}")),
        ],
    )
}

fn in_numbers() -> (Rule, Vec<String>) {
    (
        Rule::Numbers,
        vec![
            format!("[{}]", list(PASSWORD.bytes().map(u32::from), ",")),
            list(PASSWORD.chars().map(u32::from), ", "),
        ],
    )
}

/// For every rule, texts in which only this rule finds the secret.
fn table() -> Vec<(Rule, Vec<String>)> {
    let form: String = url::form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect();
    let numbers = |text: &str| each(text, |c| format!("&#{};", u32::from(c)));
    let hex = each(PASSWORD, |c| format!("&#x{:X};", u32::from(c)));
    let shown = each(PASSWORD, |c| format!("\\u{{{:x}}}", u32::from(c)));
    let inside = |before: &str| STANDARD.encode(format!("{before}{PASSWORD}{before}"));
    let of_url = |before: &str| URL_SAFE_NO_PAD.encode(format!("{before}\u{3f}{PASSWORD}\u{fe}"));
    vec![
        (
            Rule::Case,
            vec![
                PASSWORD.replace('ž', "Ž"),
                "TOKEN-ABCDE".into(),
                "token-abcde".into(),
            ],
        ),
        (
            Rule::Percent,
            vec![percent(PASSWORD), form.replace('+', "%20"), form.clone()],
        ),
        (Rule::Form, vec![PASSWORD.replace(' ', "+")]),
        (
            Rule::Markup,
            vec![
                "ž&amp;&lt;&quot;&gt;&#39; /+?~".into(),
                "ž&amp;&lt;&quot;&gt;&apos;&nbsp;&sol;&plus;&quest;~".into(),
                numbers(PASSWORD),
                hex,
            ],
        ),
        (
            Rule::Json,
            vec![
                "ž&<\\\">' /+?~".into(),
                "ž&<\\\">' \\/+?~".into(),
                json(PASSWORD),
                bytes(PASSWORD, |byte| format!("\\x{byte:02x}")),
            ],
        ),
        (Rule::Shown, vec![shown]),
        (Rule::Base64, vec![inside(""), inside("a"), inside("abc")]),
        (Rule::Base64Url, vec![of_url(""), of_url("ab")]),
        in_digits(),
        in_numbers(),
        (
            Rule::Broken,
            vec![
                "ž&<\"\r\n>' /+?~".into(),
                "ž&\u{200b}<\">\u{ad}' /+\u{2028}?~\u{feff}".into(),
                "ž·&·<·\"·>·'· ·/·+·?·~".into(),
                "ž\n&\n<\n\"\n>\n'\n \n/\n+\n?\n~".into(),
            ],
        ),
        (
            Rule::Nested,
            vec![
                percent(&percent(PASSWORD)),
                STANDARD.encode(json(PASSWORD)),
                json(&percent(PASSWORD)),
            ],
        ),
        (
            Rule::Parts,
            vec![
                LONG[..16].into(),
                LONG[5..21].into(),
                LONG[9..].into(),
                LONG[1..17].into(),
            ],
        ),
    ]
}

fn known() -> [&'static str; 3] {
    [PASSWORD, LONG, "Token-aBcDe"]
}

#[test]
fn every_form_of_a_secret_is_taken_out() {
    let secrets = knowing(Secrets::default(), &known());
    for (rule, texts) in table() {
        for text in texts {
            let clean = secrets.redact(&format!("before: {text}; after"));
            assert_eq!(
                clean.matches(REDACTED).count(),
                1,
                "{rule:?}: {text} became {clean}"
            );
            // In base64, what is beside a secret is left, be it up to three letters on each side.
            let left = clean.len() - REDACTED.len();
            assert!(left <= "before: YWJjYWJj; after".len(), "{rule:?}: {clean}");
            assert!(
                clean.starts_with("before: ") && clean.ends_with("; after"),
                "{clean}"
            );
        }
    }
}

#[test]
fn every_rule_is_needed_for_something() {
    let table = table();
    for rule in Rule::ALL {
        let (_, texts) = table
            .iter()
            .find(|(of, _)| *of == rule)
            .expect("a case of the rule");
        let secrets = knowing(Secrets::without(rule), &known());
        for text in texts {
            let leaked = secrets.redact(&format!("before {text} after"));
            assert!(
                !leaked.contains(REDACTED),
                "{rule:?} is not needed for {text}: {leaked}"
            );
        }
    }
}

#[test]
fn base64_hides_nothing_at_any_offset() {
    let secrets = knowing(Secrets::default(), &known());
    let form: String = url::form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect();
    for before in ["", "1", "12", "123", "0oa1:"] {
        // RFC 6749 section 2.3.1: what `Basic` holds is form-encoded first.
        for inside in [PASSWORD, &form] {
            let text = format!("{before}{inside}{before}");
            for encoded in [STANDARD.encode(&text), URL_SAFE_NO_PAD.encode(&text)] {
                let clean = secrets.redact(&format!("Basic {encoded}, Bearer x"));
                assert!(clean.contains(REDACTED), "{before}: {clean}");
                assert!(clean.len() < 50, "{before}: {clean}");
            }
        }
    }
}

#[test]
fn the_header_of_a_token_is_no_secret() {
    let header = URL_SAFE_NO_PAD.encode(r#"{"kid":"a-key-of-many-tokens","alg":"RS256"}"#);
    let claims = URL_SAFE_NO_PAD.encode(r#"{"sub":"silver@example.com","iat":1700000000}"#);
    let token = format!("{header}.{claims}.{}", "Ab1_".repeat(40));
    let secrets = knowing(Secrets::default(), &[&token]);
    assert_eq!(secrets.redact(&header), header);
    assert_eq!(secrets.redact(&token), format!("{header}.{REDACTED}"));
    assert_eq!(
        secrets
            .redact(&token.to_uppercase())
            .matches(REDACTED)
            .count(),
        1
    );
    for start in (0..claims.len() - PART).step_by(3) {
        let clean = secrets.redact(&claims[start..start + PART]);
        assert!(clean.contains(REDACTED), "{clean}");
    }
}

#[test]
fn names_are_never_touched_and_their_secrets_are_doubted() {
    let words = [
        "access::silver_reads_planets[silver]",
        "http://myapp.com/scp/silver",
    ];
    let secrets = Secrets::default();
    secrets.protect(words);
    for (name, value) in [
        ("TEST_USER_SILVER_PASSWORD", "planets"),
        ("TEST_USER_GOLD_PASSWORD", "myapp.com/scp/silver"),
        ("OKTA_CLIENT_TOKEN", "http://myapp.com/scp/silver-and-more"),
    ] {
        secrets.add_variables([(name, value)].into_iter());
    }
    for word in words {
        assert_eq!(secrets.redact(word), word);
    }
    assert!(
        !secrets
            .redact("http://myapp.com/scp/silver-and-more")
            .contains("and-more")
    );
    let variables = [
        ("TEST_USER_SILVER_PASSWORD", "planets"),
        ("TEST_USER_GOLD_PASSWORD", "short"),
        ("TEST_USER_NONE_PASSWORD", "long enough"),
        ("TEST_USER_NONE_USERNAME", "silver"),
        ("OTHER_TOKEN", "x"),
    ];
    let doubts = secrets.doubts(variables.into_iter());
    assert_eq!(doubts.len(), 2, "{doubts:?}");
    assert!(doubts[0].starts_with("TEST_USER_SILVER_PASSWORD is part of a name"));
    assert!(doubts[1].starts_with("TEST_USER_GOLD_PASSWORD is shorter than 8 characters"));
    assert!(!doubts[1].contains("short,"));
}

#[rstest]
#[case::alone(
    "the password is tiny1, they say",
    "the password is [redacted], they say"
)]
#[case::in_a_word("tiny123 is another", "tiny123 is another")]
#[case::prefix_of_another("tiny1-and-a-longer-one", "[redacted]")]
fn a_short_secret_is_taken_out_where_it_is_a_word(#[case] text: &str, #[case] clean: &str) {
    let secrets = knowing(Secrets::default(), &["tiny1", "tiny1-and-a-longer-one"]);
    assert_eq!(secrets.redact(text), clean);
}

#[test]
fn where_a_text_is_cut_no_part_of_a_secret_is_left() {
    let secrets = knowing(Secrets::default(), &["Kept-9876"]);
    for shift in 0..24 {
        let text = format!("{}{}", "x".repeat(shift), "Kept-9876 ".repeat(40_000));
        let field = secrets.field(&text, 16_000);
        assert!(
            !field.contains("Kept") && !field.contains("9876"),
            "{shift}"
        );
        assert!(field.contains(" characters more) …"), "{shift}");
        let quoted = secrets.quote(&text);
        assert!(!quoted.contains("Kept"), "{shift}");
        assert!(quoted.ends_with(" characters more)"), "{shift}");
    }
    assert_eq!(secrets.quote("Kept-9876\n"), "[redacted]\\u{a}");
}

#[test]
fn a_clone_knows_what_is_learned_later() {
    let secrets = Secrets::default();
    let clone = secrets.clone();
    secrets.add(&secret("a-token-of-later"));
    assert_eq!(clone.redact("a-token-of-later"), REDACTED);
    assert!(!format!("{clone:?}").contains("token-of"));
}
