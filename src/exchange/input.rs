//! An input that is read twice: once for its SHA-256, once for its records.
//!
//! A delivery is known by its bytes, so they are hashed before the first record is taken. What can be read only once,
//! such as a pipe, is spooled into a temporary file meanwhile. Nothing here looks into the bytes.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, Take, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Unreadable, named};

/// A delivered file, or what came through a pipe.
#[derive(Debug)]
pub struct Input {
    /// As it was given, for sentences.
    pub name: String,
    /// Of all its bytes, 64 hex digits.
    pub sha256: String,
    /// Its length in bytes when it was hashed.
    pub length: u64,
    file: File,
}

impl Input {
    /// Opens a file; `-` is the standard input.
    pub fn open(path: &Path) -> Result<Input, Unreadable> {
        if path == Path::new("-") {
            let name = "standard input".to_string();
            return spool(io::stdin().lock(), name.clone()).map_err(|error| refused(name, &error));
        }
        let name = path.display().to_string();
        let read = || {
            let file = named::open(path)?;
            let kind = file.metadata()?.file_type();
            if kind.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            }
            if kind.is_file() { hashed(file, name.clone()) } else { spool(file, name.clone()) }
        };
        read().map_err(|error| refused(name.clone(), &error))
    }

    /// Reads the hashed bytes from the beginning. What was appended to the file since then is not among them.
    pub fn reader(&mut self) -> Result<BufReader<Take<&File>>, Unreadable> {
        match self.file.rewind() {
            Ok(()) => Ok(BufReader::with_capacity(1 << 16, (&self.file).take(self.length))),
            Err(error) => Err(refused(self.name.clone(), &error)),
        }
    }

    /// A refusal of this input.
    pub fn refuse(&self, problem: impl Into<String>) -> Unreadable {
        Unreadable { input: self.name.clone(), problem: problem.into() }
    }
}

fn refused(input: String, error: &io::Error) -> Unreadable {
    Unreadable { input, problem: read_problem(error) }
}

/// What to do about a file that cannot be read, in a sentence.
pub fn read_problem(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "There is no such file. Check the path.".into(),
        io::ErrorKind::PermissionDenied => {
            "You may not read this file. Ask whoever owns it for the permission to read it.".into()
        }
        io::ErrorKind::IsADirectory => "This is a folder. Name a file in it.".into(),
        io::ErrorKind::TimedOut => {
            "It is a named pipe, and nobody opened it to write for ten seconds. Start what writes to it, and try again."
                .into()
        }
        io::ErrorKind::InvalidData => "It is not UTF-8 text.".into(),
        _ => format!("It could not be read: {error}."),
    }
}

fn hashed(mut file: File, name: String) -> io::Result<Input> {
    let mut hash = Sha256::new();
    let length = copy(&mut file, |part| {
        hash.update(part);
        Ok(())
    })?;
    Ok(Input { name, sha256: hex(&hash.finalize()), length, file })
}

fn spool(mut from: impl Read, name: String) -> io::Result<Input> {
    let mut file = tempfile::tempfile()?;
    let mut hash = Sha256::new();
    let length = copy(&mut from, |part| {
        hash.update(part);
        file.write_all(part)
    })?;
    Ok(Input { name, sha256: hex(&hash.finalize()), length, file })
}

/// Hands all bytes on in parts and answers how many they were.
fn copy(from: &mut impl Read, mut to: impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<u64> {
    let mut buffer = vec![0; 1 << 16];
    let mut length = 0;
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(length),
            Ok(n) => {
                to(&buffer[..n])?;
                length += n as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    #[test]
    fn a_file_is_hashed_and_read_from_its_beginning_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("abc.csv");
        std::fs::write(&path, "abc").unwrap();
        let mut input = Input::open(&path).unwrap();
        assert_eq!((input.sha256.as_str(), input.length), (ABC, 3));
        std::fs::write(&path, "abcdef").unwrap();
        for _ in 0..2 {
            let mut text = String::new();
            input.reader().unwrap().read_to_string(&mut text).unwrap();
            assert_eq!(text, "abc");
        }
    }

    #[test]
    fn a_pipe_is_spooled() {
        let mut input = spool(&b"abc"[..], "standard input".into()).unwrap();
        assert_eq!(input.sha256, ABC);
        let mut text = String::new();
        input.reader().unwrap().read_to_string(&mut text).unwrap();
        assert_eq!(text, "abc");
    }

    #[test]
    fn what_cannot_be_opened_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let missing = Input::open(&folder.path().join("lost.csv")).unwrap_err().to_string();
        assert!(missing.contains("lost.csv: There is no such file."), "{missing}");
        let directory = Input::open(folder.path()).unwrap_err();
        assert_eq!(directory.problem, "This is a folder. Name a file in it.");
    }
}
