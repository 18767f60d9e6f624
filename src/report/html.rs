//! One HTML page with everything in it and nothing loaded from elsewhere.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::value::Serde;
use minijinja::{Environment, escape_formatter};
use serde::Serialize;

use super::pictures::pictures;
use super::record::{Record, RecordedResult, Run};
use super::terminal::rows;
use crate::escape;

const PAGE: &str = include_str!("page.html");
/// More pictures than a page should carry are left in their folder.
const MOST_PICTURES: usize = 40;

#[derive(Serialize)]
struct Page<'a> {
    run: &'a Run,
    results: &'a [RecordedResult],
    matrix: Vec<MatrixRow>,
    met: usize,
    not_met: usize,
    advised: usize,
    not_checked: usize,
    pictures: Vec<Shown>,
}

#[derive(Serialize)]
struct Shown {
    name: String,
    png_base64: String,
}

#[derive(Serialize)]
struct MatrixRow {
    user: String,
    request: String,
    tokens: String,
    cells: Vec<(String, String)>,
}

/// Renders a record; its pictures are taken from their folder beside it.
pub(super) fn render(record: &Record, directory: &Path) -> Result<String, minijinja::Error> {
    let mut environment = Environment::new();
    // Every text that the page shows goes through here, whatever it is of.
    environment.set_formatter(|out, state, value| match value.as_str() {
        Some(text) => out.write_str(&escape::html(text)).map_err(Into::into),
        None => escape_formatter(out, state, value),
    });
    environment.add_template("page.html", PAGE)?;
    let rows = rows(record).into_iter().map(|row| MatrixRow {
        user: row.user.to_owned(),
        request: row.request.clone(),
        tokens: row.tokens,
        cells: row
            .cells
            .into_iter()
            .map(|(path, text)| (path.to_owned(), text))
            .collect(),
    });
    let results = &record.results;
    let count = |test: fn(&RecordedResult) -> bool| results.iter().filter(|r| test(r)).count();
    let page = Page {
        run: &record.run,
        results,
        matrix: rows.collect(),
        met: count(RecordedResult::is_met),
        not_met: count(|result| result.is_not_met() && result.is_required()),
        advised: count(|result| result.is_not_met() && !result.is_required()),
        not_checked: count(|result| !result.is_met() && !result.is_not_met()),
        pictures: shown(record, directory),
    };
    environment.get_template("page.html")?.render(Serde(page))
}

fn shown(record: &Record, directory: &Path) -> Vec<Shown> {
    let pictures = pictures(record, directory).into_iter().take(MOST_PICTURES);
    let shown = pictures.map(|picture| Shown {
        png_base64: STANDARD.encode(picture.png),
        name: picture.name,
    });
    shown.collect()
}
