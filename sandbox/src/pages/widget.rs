//! Okta's own widget: served as it is from the folder that holds its npm package.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use axum::extract::{Path as UrlPath, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use minijinja::{Value, context};

use crate::options::SignInPage;
use crate::state::AppState;

/// Where the files of the widget are served, as on Okta's own servers.
pub(crate) const ROUTE: &str = "/assets/js/sdk/okta-signin-widget/{*file}";

/// The same without the part that differs.
const ROOT: &str = "/assets/js/sdk/okta-signin-widget";

/// The files of the package are below this folder of it.
const FILES: &str = "dist";

/// The script and the style of one generation of the widget.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Bundle {
    script: &'static str,
    style: &'static str,
}

impl Bundle {
    /// Of Classic Engine.
    pub(crate) const CLASSIC: Self = Self {
        script: "js/okta-sign-in.classic.min.js",
        style: "css/okta-sign-in.min.css",
    };

    /// The bundle that a page is made of.
    pub(crate) fn of(page: SignInPage) -> Option<Self> {
        match page {
            SignInPage::Builtin => None,
            SignInPage::Classic => Some(Self::CLASSIC),
            SignInPage::Gen2 => Some(Self {
                script: "js/okta-sign-in.oie.min.js",
                style: "css/okta-sign-in.min.css",
            }),
            SignInPage::Gen3 => Some(Self {
                script: "js/okta-sign-in.next.js",
                style: "css/okta-sign-in.next.css",
            }),
        }
    }

    /// Where a page finds it; a script that `is_missing` it looks for in vain.
    pub(super) fn addresses(self, is_missing: bool) -> Value {
        let script = if is_missing {
            "js/gone.js"
        } else {
            self.script
        };
        context! {
            root => ROOT,
            script => format!("{ROOT}/{script}"),
            style => format!("{ROOT}/{}", self.style),
        }
    }
}

/// The file that is missing from the folder for a page; none if the page can be served.
pub(crate) fn missing(page: SignInPage, folder: &Path) -> Option<PathBuf> {
    let bundle = Bundle::of(page)?;
    let files = [bundle.script, bundle.style];
    let mut paths = files.map(|file| folder.join(FILES).join(file)).into_iter();
    paths.find(|path| !path.is_file())
}

/// A file of the widget.
pub(crate) async fn file(
    State(state): State<Arc<AppState>>,
    UrlPath(file): UrlPath<String>,
) -> Response {
    let Some(path) = state
        .widget
        .as_deref()
        .and_then(|folder| path(folder, &file))
    else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let kind = content_type(&path);
    let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
    let Ok(Ok(bytes)) = read else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "public, max-age=31536000"),
    ];
    (headers, bytes).into_response()
}

/// The file below the folder, never beside it.
fn path(folder: &Path, file: &str) -> Option<PathBuf> {
    let file = Path::new(file);
    let is_below = file
        .components()
        .all(|part| matches!(part, Component::Normal(_)));
    is_below.then(|| folder.join(FILES).join(file))
}

fn content_type(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json" | "map") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("gif") => "image/gif",
        Some("woff") => "font/woff",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::a_file("js/a.js", true)]
    #[case::the_folder_above("../package.json", false)]
    #[case::further_above("js/../../../secret", false)]
    #[case::the_root("/etc/passwd", false)]
    fn nothing_beside_the_package_is_served(#[case] file: &str, #[case] is_served: bool) {
        assert_eq!(path(Path::new("/package"), file).is_some(), is_served);
    }
}
