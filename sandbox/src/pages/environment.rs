//! The templates and how values are escaped in them.

use std::fmt::Write as _;
use std::sync::LazyLock;

use minijinja::{Environment, Error, Value};

/// Names that end in `.html` are escaped as HTML.
const TEMPLATES: [(&str, &str); 8] = [
    ("sign_in.html", include_str!("sign_in.html")),
    ("widget.html", include_str!("widget.html")),
    ("classic.html", include_str!("classic.html")),
    ("error_classic.html", include_str!("error_classic.html")),
    ("error_themed.html", include_str!("error_themed.html")),
    ("form_post.html", include_str!("form_post.html")),
    ("provider.html", include_str!("provider.html")),
    ("post_message.html", include_str!("post_message.html")),
];

static ENVIRONMENT: LazyLock<Result<Environment<'static>, String>> = LazyLock::new(|| {
    let mut environment = Environment::new();
    environment.add_filter("js", |text: String| Value::from_safe_string(js(&text)));
    for (name, source) in TEMPLATES {
        let added = environment.add_template(name, source);
        added.map_err(|error| format!("`{name}`: {error}"))?;
    }
    Ok(environment)
});

/// The page made of a template and values.
pub(super) fn render(template: &str, values: Value) -> Result<String, String> {
    let environment = ENVIRONMENT.as_ref().map_err(Clone::clone)?;
    let text = |error: Error| error.to_string();
    let template = environment.get_template(template).map_err(text)?;
    template.render(values).map_err(text)
}

/// Escapes for a string in a script as Okta does: whatever is not a letter or digit as `\xHH`.
fn js(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() * 2);
    for unit in text.encode_utf16() {
        match u8::try_from(unit).ok().filter(u8::is_ascii_alphanumeric) {
            Some(plain) => escaped.push(char::from(plain)),
            None if unit <= 0xff => {
                // Writing to a `String` never fails.
                let _infallible = write!(escaped, "\\x{unit:02X}");
            }
            None => {
                let _infallible = write!(escaped, "\\u{unit:04X}");
            }
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use minijinja::context;

    use super::*;

    #[test]
    fn every_template_parses() {
        assert_eq!(ENVIRONMENT.as_ref().err(), None);
    }

    #[test]
    fn a_text_cannot_leave_its_string_in_a_script() {
        assert_eq!(js("a'</script>é€"), r"a\x27\x3C\x2Fscript\x3E\xE9\u20AC");
    }

    #[test]
    fn a_value_cannot_leave_its_attribute_in_a_page() {
        let fields = [("state", r#""><img src=x onerror=alert(1)>"#)];
        let values = context! { action => "http://localhost/", fields, nonce => "n" };
        let page = render("form_post.html", values).unwrap_or_default();
        assert!(page.contains("&lt;img"));
        assert!(!page.contains("<img"));
    }
}
