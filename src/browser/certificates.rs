//! What a browser trusts beside the platform's certificates: a store of the run's own, in the
//! driver's folder, and gone with that. Nothing else is trusted for it.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::Duration;

use tokio::process::Command;
use tokio::time::timeout;

use super::config::BrowserConfig;
use super::error::{BrowserError, first_line};

/// Mozilla's tool for such stores, in Debian's `libnss3-tools`.
const TOOL: &str = "certutil";
/// Each takes a call of its own. A file with more is a bundle of the authorities of the Web, which
/// browsers have of their own.
const MOST: usize = 20;
const DEADLINE: Duration = Duration::from_secs(10);

/// Makes a home for browsers in which the configured certificates are trusted (Chromium on Linux
/// reads `.pki/nssdb` there); nothing where no such are configured.
pub(super) async fn home(
    folder: &Path,
    config: &BrowserConfig,
) -> Result<Option<PathBuf>, BrowserError> {
    let certificates: Vec<&[u8]> = config.certificates.in_der().collect();
    if certificates.is_empty() || certificates.len() > MOST {
        return Ok(None);
    }
    let mut places = config.search_path.iter().map(|folder| folder.join(TOOL));
    let tool = places.find(|place| place.is_file());
    let tool = tool.ok_or(BrowserError::NoCertificateTool)?;
    let home = folder.join("home");
    let store = home.join(".pki/nssdb");
    std::fs::create_dir_all(&store)?;
    let database = format!("sql:{}", store.display());
    run(&tool, &["-N", "-d", &database, "--empty-password"]).await?;
    for (index, certificate) in certificates.into_iter().enumerate() {
        let file = home.join(format!("{index}.der"));
        std::fs::write(&file, certificate)?;
        let (name, file) = (format!("okta-e2e {index}"), file.display().to_string());
        // Trusted to certify servers, and for nothing else.
        run(
            &tool,
            &["-A", "-d", &database, "-t", "C,,", "-n", &name, "-i", &file],
        )
        .await?;
    }
    Ok(Some(home))
}

async fn run(tool: &Path, arguments: &[&str]) -> Result<(), BrowserError> {
    let mut command = Command::new(tool);
    command
        .args(arguments)
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let reason = match timeout(DEADLINE, command.output()).await {
        Ok(Ok(Output { status, .. })) if status.success() => return Ok(()),
        Ok(Ok(output)) => first_line(&String::from_utf8_lossy(&output.stderr)),
        Ok(Err(error)) => error.to_string(),
        Err(_) => format!("it did not end within {DEADLINE:?}"),
    };
    Err(BrowserError::Certificates { reason })
}
