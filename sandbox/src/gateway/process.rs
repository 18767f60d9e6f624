//! The process of a gateway, which ends with anyone who started it.

use std::io;
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::{interval, timeout};

use super::GatewayError;

/// A shell that ends the gateway and removes its folder when it reads the end of its input, which
/// comes with the end of this process as well, however that ends. Some gateways wait for whoever
/// holds a connection, which is often the one that waits for them: those are killed.
const UNTIL_THE_END: &str = r#""$0" "$@" & gateway=$!; read -r _; kill -TERM "$gateway"
timeout "$GATEWAY_GRACE" tail -f -s 0.05 --pid="$gateway" /dev/null || kill -KILL "$gateway"
wait; cd / && rm -rf -- "$GATEWAY_FOLDER""#;
/// How many seconds a gateway has to end.
const GRACE: u8 = 20;
const STARTS_WITHIN: Duration = Duration::from_secs(60);
const LOOK_EVERY: Duration = Duration::from_millis(20);
const LAST_LINES: usize = 5;

pub(super) struct Process {
    shell: Child,
    folder: TempDir,
}

impl Process {
    /// Starts a program in a folder of its own, where its log is.
    pub(super) fn start(
        program: &Path,
        arguments: impl Iterator<Item = String>,
        folder: TempDir,
    ) -> io::Result<Self> {
        Self::start_with(GRACE, program, arguments, folder)
    }

    fn start_with(
        grace: u8,
        program: &Path,
        arguments: impl Iterator<Item = String>,
        folder: TempDir,
    ) -> io::Result<Self> {
        let log = std::fs::File::create(folder.path().join("log"))?;
        let shell = Command::new("sh")
            .args(["-c", UNTIL_THE_END])
            .arg(program)
            .args(arguments)
            .current_dir(folder.path())
            .env("GATEWAY_FOLDER", folder.path())
            .env("GATEWAY_GRACE", grace.to_string())
            .stdin(Stdio::piped())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        Ok(Self { shell, folder })
    }

    /// Waits until something takes connections at the address.
    pub(super) async fn until_it_listens(&self, address: SocketAddr) -> Result<(), GatewayError> {
        let listens = async {
            let mut look = interval(LOOK_EVERY);
            while TcpStream::connect(address).await.is_err() {
                look.tick().await;
            }
        };
        let listens = timeout(STARTS_WITHIN, listens).await;
        listens.map_err(|_| GatewayError::Start {
            reason: self.last_lines(),
        })
    }

    /// What it said at last.
    fn last_lines(&self) -> String {
        let log = std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
        let lines: Vec<&str> = log.lines().collect();
        lines[lines.len().saturating_sub(LAST_LINES)..].join("\n")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        // It fails only where the shell has gone already.
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    /// What is done when this process is killed, which closes the shell's input.
    #[rstest]
    #[case::that_ends_when_told("echo ready; exec tail -f /dev/null")]
    #[case::that_does_not_listen("trap '' TERM; echo ready; tail -f /dev/null")]
    #[case::that_has_ended("echo ready")]
    fn nothing_is_left_of_a_gateway_whose_starter_is_gone(#[case] gateway: &str) {
        let folder = TempDir::new().unwrap();
        let arguments = ["-c".to_owned(), gateway.to_owned()];
        let arguments = arguments.into_iter();
        let mut process = Process::start_with(1, Path::new("sh"), arguments, folder).unwrap();
        while process.last_lines().is_empty() {
            std::thread::yield_now();
        }
        drop(process.shell.stdin.take());
        process.shell.wait().unwrap();
        assert!(!process.folder.path().exists());
    }
}
