//! What of an org survives a restart: everything that the Management API made, its keys, its API
//! token and its ports, in one file of a folder. Sessions and codes do not.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Request, State};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::Response;
use serde::{Deserialize, Serialize};

use crate::error::okta_error;
use crate::state::AppState;
use crate::state::org::Org;

/// The form of the file; a later one is not read as if it were this.
const VERSION: u32 = 2;

const FILE: &str = "org.json";

/// Why an org could not be kept, or not be had again.
#[derive(Debug, thiserror::Error)]
#[error("cannot keep the org in `{}`: {reason}", path.display())]
pub struct KeepError {
    /// The file or folder.
    path: PathBuf,
    /// What is wrong with it.
    reason: String,
}

/// The ports of an org, which are a part of its issuers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ports {
    /// Where everybody reaches it.
    pub(crate) public: u16,
    /// Where programs of this machine reach it without TLS; 0 where that is the same.
    pub(crate) local: u16,
}

impl Ports {
    /// The same, unless another port is asked for; 0 asks for none.
    pub(crate) fn asked(self, port: u16) -> Self {
        match port {
            0 => self,
            public => Self { public, ..self },
        }
    }
}

/// What was kept.
#[derive(Debug, Deserialize)]
pub(crate) struct Kept {
    version: u32,
    pub(crate) ports: Ports,
    pub(crate) api_token: String,
    pub(crate) org: Org,
}

/// The same, as it is written.
#[derive(Serialize)]
struct Keeping<'a> {
    version: u32,
    ports: Ports,
    api_token: &'a str,
    org: &'a Org,
}

/// Keeps an org in a folder.
pub(crate) struct Keeper {
    folder: PathBuf,
    ports: Ports,
    state: Arc<AppState>,
    /// One at a time, so that no older state replaces a newer one.
    writing: Mutex<()>,
}

/// What the folder holds, if anything; the folder is made where there is none.
pub(crate) fn open(folder: &Path) -> Result<Option<Kept>, KeepError> {
    let failed = |path: &Path, reason: &dyn std::fmt::Display| KeepError {
        path: path.to_owned(),
        reason: reason.to_string(),
    };
    make(folder).map_err(|error| failed(folder, &error))?;
    let file = folder.join(FILE);
    let text = match std::fs::read_to_string(&file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(|error| failed(&file, &error))?,
    };
    let unfit = |reason: &str| {
        let advice = "remove it to begin anew, or use the version that wrote it";
        failed(&file, &format!("{reason}; {advice}"))
    };
    let kept: Kept = serde_json::from_str(&text).map_err(|error| unfit(&error.to_string()))?;
    if kept.version != VERSION {
        return Err(unfit("it is of another version"));
    }
    Ok(Some(kept))
}

/// For its owner alone, and for no repository.
fn make(folder: &Path) -> io::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(folder)?;
    write(&folder.join(".gitignore"), b"*\n")
}

impl Keeper {
    pub(crate) fn new(folder: PathBuf, ports: Ports, state: Arc<AppState>) -> Self {
        Self {
            folder,
            ports,
            state,
            writing: Mutex::new(()),
        }
    }

    /// Writes everything as it is now.
    pub(crate) fn keep(&self) -> Result<(), KeepError> {
        let _one = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.folder.join(FILE);
        self.text()
            .and_then(|text| write(&path, &text))
            .map_err(|error| KeepError {
                path,
                reason: error.to_string(),
            })
    }

    fn text(&self) -> io::Result<Vec<u8>> {
        let keeping = Keeping {
            version: VERSION,
            ports: self.ports,
            api_token: &self.state.api_token,
            org: &self.state.org(),
        };
        Ok(serde_json::to_vec_pretty(&keeping)?)
    }
}

/// Whole or not at all, readable by its owner alone.
fn write(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let draft = file.with_extension("draft");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    options.open(&draft)?.write_all(bytes)?;
    std::fs::rename(&draft, file)
}

/// Keeps what a request changed before it is answered; what is not kept is an error of the org's.
pub(crate) async fn gate(
    State(keeper): State<Arc<Keeper>>,
    request: Request,
    next: Next,
) -> Response {
    let changes = *request.method() != Method::GET;
    let response = next.run(request).await;
    match changes.then(|| keeper.keep()) {
        Some(Err(error)) => okta_error(
            StatusCode::INTERNAL_SERVER_ERROR,
            "E0000009",
            &error.to_string(),
        ),
        _ => response,
    }
}
