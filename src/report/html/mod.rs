//! One HTML page with everything in it and nothing loaded from elsewhere.

mod figures;
mod view;

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Serde;
use minijinja::{Environment, Value, context, escape_formatter};
use sha2::{Digest as _, Sha256};

use self::view::{Page, ROOMS};
use super::changes::Changes;
use super::console_page::console_page;
use super::pictures::pictures;
use super::record::Record;
use crate::escape;

const PAGE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// More pictures than a page should carry are left in their folder.
const MOST_PICTURES: usize = 40;

/// So many changes are shown at once; more are folded by their kind, and what to fix stays in
/// sight.
const FEW_CHANGES: usize = 6;

/// A page without its pictures is no longer than this, so that it can be mailed and opened
/// anywhere.
const MOST_BYTES: usize = 500_000;
/// So much of a text is in a row of a list; the record has all of it.
const MOST_IN_ROW: usize = 2 * escape::MOST_IN_TERMINAL;

/// Renders a record; its pictures are taken from their folder beside it.
pub(super) fn render(
    record: &Record,
    directory: &Path,
    changes: Option<&Changes>,
) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    // Every text that the page shows goes through here, whatever it is of; what a macro made of
    // such texts is markup already.
    environment.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if !value.is_safe() => out.write_str(&escape::html(text)).map_err(Into::into),
        _ => escape_formatter(out, state, value),
    });
    environment.add_filter("console_page", |api: &str, issuer: &str| {
        console_page(api, issuer).map_or(Value::UNDEFINED, Value::from)
    });
    environment.add_filter("as_json", as_json);
    environment.add_filter("in_row", |text: &Value| {
        escape::ends(&text.to_string(), MOST_IN_ROW)
    });
    environment.add_template("page.html", PAGE)?;
    let template = environment.get_template("page.html")?;
    let (pictures, bytes_of_pictures, left_out) = kept(record, directory);
    let mut page = Page::new(record);
    let mut html = String::new();
    for room in ROOMS {
        page.fit(room);
        html = template.render(context! {
            page => Serde(&page),
            record => record.file_name(),
            room => room,
            changes => Serde(changes),
            same => changes.is_some_and(Changes::is_empty),
            few_changes => changes.is_some_and(|changes| changes.len() <= FEW_CHANGES),
            pictures => pictures.clone(),
            left_out => left_out,
            style => Value::from_safe_string(STYLE.to_owned()),
            script => Value::from_safe_string(SCRIPT.to_owned()),
            script_hash => script_hash(),
        })?;
        if html.len() <= MOST_BYTES + bytes_of_pictures {
            break;
        }
    }
    Ok(html)
}

/// A value as the token or the answer has it; a text stays as it is.
fn as_json(value: Value) -> Value {
    match value.as_str() {
        Some(_) => value,
        None => serde_json::to_string(&value).map_or(value, Value::from),
    }
}

/// The page runs this script and no other (Content Security Policy Level 3, section 2.3.1).
fn script_hash() -> String {
    format!("sha256-{}", STANDARD.encode(Sha256::digest(SCRIPT)))
}

/// The pictures that the page carries, how many bytes they are, and how many pictures it leaves in
/// their folder.
fn kept(record: &Record, directory: &Path) -> (Value, usize, usize) {
    let pictures = pictures(record, directory);
    let left_out = pictures.len().saturating_sub(MOST_PICTURES);
    let kept = pictures.into_iter().take(MOST_PICTURES);
    let kept = kept.map(|picture| (picture.name, STANDARD.encode(picture.png)));
    let kept: Vec<(String, String)> = kept.collect();
    let bytes = kept.iter().map(|(_, png)| png.len()).sum();
    // Base64 has no character that means anything in HTML.
    let kept = kept.into_iter().map(|(name, png)| {
        context! { name => name, png_base64 => Value::from_safe_string(png) }
    });
    (kept.collect(), bytes, left_out)
}
