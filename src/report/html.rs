//! One HTML page with everything in it and nothing loaded from elsewhere.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use minijinja::Environment;
use minijinja::value::Serde;
use serde::Serialize;

use super::record::{Record, RecordedResult, Run};
use super::terminal::rows;
use super::write::picture_folder;

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
    pictures: Vec<Picture>,
}

#[derive(Serialize)]
struct Picture {
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
        pictures: pictures(&picture_folder(record, directory)),
    };
    environment.get_template("page.html")?.render(Serde(page))
}

fn pictures(folder: &Path) -> Vec<Picture> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let mut files: Vec<_> = entries
        .filter_map(Result::ok)
        .map(|entry| entry.path())
        .collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "png"));
    files.sort();
    let picture = |file: &std::path::PathBuf| {
        let png = std::fs::read(file).ok()?;
        let name = file.file_stem()?.to_string_lossy().replace('_', " ");
        Some(Picture {
            name,
            png_base64: STANDARD.encode(png),
        })
    };
    files
        .iter()
        .take(MOST_PICTURES)
        .filter_map(picture)
        .collect()
}
