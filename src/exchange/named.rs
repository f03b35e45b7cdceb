//! Files that a person named to be read: opened with that person's rights, and never waited for without end.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::sync::mpsc;
use std::time::Duration;

use super::rights;

/// How long a named pipe is waited for until somebody writes to it: as long as for another writer of the store.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens a file to be read. A named pipe opens once somebody has it open to write.
///
/// # Errors
/// As [`File::open`]; `TimedOut` where for ten seconds nobody opens a named pipe to write.
pub fn open(path: &Path) -> io::Result<File> {
    open_within(path, PATIENCE)
}

/// Reads a file's text whole, as [`open`] opens it.
pub fn text(path: &Path) -> io::Result<String> {
    io::read_to_string(open(path)?)
}

fn open_within(path: &Path, patience: Duration) -> io::Result<File> {
    let is_pipe = rights::as_person(|| path.metadata()).is_ok_and(|found| found.file_type().is_fifo());
    if !is_pipe {
        return rights::as_person(|| File::open(path));
    }
    // To open it waits for its writer, which nothing but an end of the program cuts off: so another thread does.
    let (opened, told) = mpsc::channel();
    let path = path.to_owned();
    std::thread::spawn(move || opened.send(rights::as_person(|| File::open(path))));
    told.recv_timeout(patience).unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;

    #[test]
    fn a_pipe_is_read_once_somebody_writes_and_else_not_waited_for_without_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        mkfifo(&path, Mode::S_IRWXU).unwrap();
        assert_eq!(open_within(&path, Duration::from_millis(50)).unwrap_err().kind(), io::ErrorKind::TimedOut);
        let other = folder.path().join("other");
        mkfifo(&other, Mode::S_IRWXU).unwrap();
        let writer = std::thread::spawn({
            let other = other.clone();
            move || {
                std::thread::sleep(Duration::from_millis(100));
                std::fs::write(other, "a,b\n")
            }
        });
        assert_eq!(text(&other).unwrap(), "a,b\n");
        writer.join().unwrap().unwrap();
    }
}
