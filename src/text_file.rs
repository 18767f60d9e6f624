//! Reads a small text file that a user wrote: whole, in time, and as UTF-8.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Duration;

/// No file that a person edits is larger.
const MOST_BYTES: u64 = 1024 * 1024;
/// A named pipe may take a moment to be filled, by a password manager that asks first, say.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a file cannot be used; nothing that is in it is said.
#[derive(Debug, thiserror::Error)]
pub enum TextFileError {
    /// It is not there.
    #[error("there is no file `{}`", .0.display())]
    Missing(PathBuf),
    /// It cannot be read: a directory, a link to nothing, one for others alone.
    #[error("cannot read `{}`: {reason}", file.display())]
    Unreadable {
        /// The file.
        file: PathBuf,
        /// What the operating system said.
        reason: String,
    },
    /// It is not such a text.
    #[error("{}, line {line}: {problem}", file.display())]
    NoText {
        /// The file.
        file: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong, and what to do.
        problem: String,
    },
}

/// The text of a file, with `\n` at the end of its lines and without a byte order mark.
///
/// # Errors
/// [`TextFileError`]; a file that is not there is [`TextFileError::Missing`].
pub fn read(file: &Path) -> Result<String, TextFileError> {
    read_within(PATIENCE, file)
}

fn read_within(patience: Duration, file: &Path) -> Result<String, TextFileError> {
    let unreadable = |reason: String| TextFileError::Unreadable {
        file: file.to_owned(),
        reason,
    };
    let bytes = match bytes(patience, file.to_owned()) {
        Ok(Ok(bytes)) => bytes,
        // A link that leads nowhere is a mistake, not a file that nobody made.
        Ok(Err(error)) if is_not_found(&error) && file.symlink_metadata().is_err() => {
            return Err(TextFileError::Missing(file.to_owned()));
        }
        Ok(Err(error)) if is_not_found(&error) => {
            return Err(unreadable("it is a link to a file that is gone".to_owned()));
        }
        Ok(Err(error)) if file.is_dir() => {
            return Err(unreadable(format!("it is a folder, not a file ({error})")));
        }
        Ok(Err(error)) => return Err(unreadable(error.to_string())),
        Err(_) => {
            return Err(unreadable(format!(
                "its end was not reached within {patience:?}"
            )));
        }
    };
    if bytes.len() as u64 > MOST_BYTES {
        return Err(unreadable(format!("it is larger than {MOST_BYTES} bytes")));
    }
    of_bytes(file, &bytes)
}

/// The text that the bytes of a file are; see [`read`].
///
/// # Errors
/// [`TextFileError::NoText`] with the line: UTF-16, other encodings, control characters.
pub fn of_bytes(file: &Path, bytes: &[u8]) -> Result<String, TextFileError> {
    let text = decoded(bytes).map_err(|(line, problem)| TextFileError::NoText {
        file: file.to_owned(),
        line,
        problem: problem.to_owned(),
    })?;
    for (index, line) in text.lines().enumerate() {
        if let Some(unwanted) = line.chars().find(|c| c.is_control() && *c != '\t') {
            let code = u32::from(unwanted);
            return Err(TextFileError::NoText {
                file: file.to_owned(),
                line: index + 1,
                problem: format!("it holds the control character U+{code:04X}; remove it"),
            });
        }
    }
    Ok(text)
}

/// Windows writes `\r\n`, and a byte order mark before the first line.
fn decoded(bytes: &[u8]) -> Result<String, (usize, &'static str)> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err((1, "the file is UTF-16; save it as UTF-8"));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let before = &bytes[..error.valid_up_to()];
        let line = before.split(|byte| *byte == b'\n').count();
        (line, "a character is not UTF-8; save the file as UTF-8")
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Ok(text.replace("\r\n", "\n"))
}

fn is_not_found(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

/// Read aside: opening a pipe that nobody writes to would wait for ever.
fn bytes(patience: Duration, file: PathBuf) -> Result<io::Result<Vec<u8>>, mpsc::RecvTimeoutError> {
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let read = File::open(file)
            .and_then(|open| open.take(MOST_BYTES + 1).read_to_end(&mut bytes))
            .map(|_| bytes);
        // Whoever asked may have given up.
        let _ = sender.send(read);
    });
    receiver.recv_timeout(patience)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case::plain(b"a\nb", Ok("a\nb"))]
    #[case::windows(b"\xef\xbb\xbfa\r\nb\r\n", Ok("a\nb\n"))]
    #[case::utf_16(b"\xff\xfea\0", Err("x, line 1: the file is UTF-16"))]
    #[case::latin_1(b"a\nb\n\xe9", Err("x, line 3: a character is not UTF-8"))]
    #[case::nul(b"a\nb\0c", Err("x, line 2: it holds the control character U+0000"))]
    #[case::old_mac(b"a\rb", Err("x, line 1: it holds the control character U+000D"))]
    #[case::escape(
        b"a\n\n\x1b[31m",
        Err("x, line 3: it holds the control character U+001B")
    )]
    fn a_text_is_utf_8_without_control_characters(
        #[case] bytes: &[u8],
        #[case] expected: Result<&str, &str>,
    ) {
        let found = of_bytes(Path::new("x"), bytes).map_err(|error| error.to_string());
        match (&found, expected) {
            (Ok(text), Ok(expected)) => assert_eq!(text, expected),
            (Err(said), Err(expected)) => assert!(said.starts_with(expected), "{said}"),
            _ => panic!("{found:?}"),
        }
    }

    #[test]
    fn what_is_no_file_is_said() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir(at("folder")).expect("a folder");
        std::os::unix::fs::symlink(at("gone"), at("link")).expect("a link");
        std::fs::write(at("large"), vec![b'#'; 2 * 1024 * 1024]).expect("a file");
        let cases = [
            ("none", "there is no file"),
            ("folder", "it is a folder"),
            ("link", "a link to a file that is gone"),
            ("large", "larger than 1048576 bytes"),
        ];
        for (name, says) in cases {
            let said = read(&at(name)).expect_err("no file").to_string();
            assert!(said.contains(says), "{said}");
        }
        assert!(matches!(read(&at("none")), Err(TextFileError::Missing(_))));
    }

    #[test]
    fn a_pipe_is_read_when_it_is_filled() {
        let folder = tempfile::tempdir().expect("a folder");
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.expect("mkfifo runs").success());
        let writer = pipe.clone();
        let writer = std::thread::spawn(move || std::fs::write(writer, "A='b'\n"));
        assert_eq!(read(&pipe).expect("a text"), "A='b'\n");
        writer.join().expect("no panic").expect("written");
        let unfilled = read_within(Duration::from_millis(1), &pipe);
        let said = unfilled.expect_err("nobody writes").to_string();
        assert!(
            said.contains("its end was not reached within 1ms"),
            "{said}"
        );
    }
}
