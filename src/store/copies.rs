//! Whole copies of a store, while others read and write it.
//!
//! The file is copied as any file is, by the system, which is some times as fast as asking SQLite for one page after the
//! other. Others may write back pages of the log into the file meanwhile, so that the bytes of it are of no one moment: the log
//! that lies beside it is copied, too, and put over them.
//!
//! # Why that is the store at one moment
//! A read transaction is open all the while. What is written back during it is no newer than what it sees, and stays in the log,
//! since a log is begun anew only when nobody needs what is in it: so every page that changes in the file is in the copy of the
//! log, in its last state or a later one. Where all of the log was written back before, it may be begun anew, but then nothing
//! is written back: the file alone is the store, and a log that changed its beginning while it was copied is left away.

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::Path;

use anyhow::{Result, bail};
use nix::errno::Errno;
use nix::fcntl::copy_file_range;
use nix::unistd::geteuid;
use rusqlite::{Connection, OpenFlags};

use super::beside::{JOURNAL, WAL, beside, bytes};
use super::held::{Hold, Linked};

/// Bytes that are copied at once. What was copied goes to the disk while it is checked, and is synced when it gets its name.
const BLOCK: usize = 16 << 20;

/// Bytes that are compared at once.
const COMPARED: usize = 1 << 20;

/// Bytes of a log that say which one it is.
const LOG_HEADER: usize = 32;

/// Copies what a store holds at this moment into a new file, for its owner alone.
pub(super) fn copy(from: &Linked, path: &Path, to: &Path) -> Result<()> {
    from.execute_batch("BEGIN")?;
    // Reads, so that the transaction is one.
    let copied = from
        .query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))
        .map_err(anyhow::Error::from)
        .and_then(|()| Ok(copy_parts(&from.hold, path, to)?));
    from.execute_batch("COMMIT")?;
    copied?;
    put_together(to)
}

/// The file with what lies beside it, as they are.
pub(super) fn copy_parts(hold: &Hold, path: &Path, to: &Path) -> io::Result<()> {
    copy_log(&beside(path, WAL), &beside(to, WAL))?;
    // Of who was killed while a store had no log: it belongs to the file.
    if let Some(from) = open_beside(&beside(path, JOURNAL))? {
        copy_bytes(&from, &new_file(&beside(to, JOURNAL))?)?;
    }
    copy_bytes(&*hold.file()?, &new_file(to)?)
}

/// What lies beside a store is no file that SQLite locks. Where there is nothing in it, it need not be readable.
fn open_beside(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        _ if bytes(path) == 0 => Ok(None),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        opened => opened.map(Some),
    }
}

fn copy_log(from: &Path, to: &Path) -> io::Result<()> {
    let Some(log) = open_beside(from)? else { return Ok(()) };
    let before = header(&log);
    if before.is_none() {
        return Ok(());
    }
    let copied = new_file(to)?;
    copy_bytes(&log, &copied)?;
    if header(&log) != before {
        std::fs::remove_file(to)?;
    }
    Ok(())
}

fn header(log: &File) -> Option<[u8; LOG_HEADER]> {
    let mut header = [0; LOG_HEADER];
    log.read_exact_at(&mut header, 0).ok().map(|()| header)
}

fn new_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)
}

/// Copies all bytes of a file into an empty one.
fn copy_bytes(from: &File, mut to: &File) -> io::Result<()> {
    let mut at: i64 = 0;
    let mut held = Vec::new();
    loop {
        let copied = match by_the_system(from, to, at) {
            Some(copied) => copied?,
            None => {
                held.resize(BLOCK, 0);
                let read = from.read_at(&mut held, u64::try_from(at).map_err(io::Error::other)?)?;
                to.write_all(&held[..read])?;
                read
            }
        };
        if copied == 0 {
            return Ok(());
        }
        at += i64::try_from(copied).map_err(io::Error::other)?;
    }
}

/// The next block; none where this cannot be done by the system alone.
fn by_the_system(from: &File, to: &File, at: i64) -> Option<io::Result<usize>> {
    let mut place = at;
    match copy_file_range(from, Some(&mut place), to, None, BLOCK) {
        Err(Errno::EXDEV | Errno::ENOSYS | Errno::EOPNOTSUPP | Errno::EINVAL | Errno::EPERM) => None,
        done => Some(done.map_err(io::Error::from)),
    }
}

/// Puts a copied log into its file.
pub(super) fn put_together(copy: &Path) -> Result<()> {
    let conn = Connection::open_with_flags(copy, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
    // Until it has its name the copy is nobody's: where this is cut off it is thrown away, and at the end it is synced once.
    conn.pragma_update(None, "synchronous", "OFF")?;
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    conn.close().map_err(|(_, error)| error)?;
    if bytes(&beside(copy, WAL)) > 0 || bytes(&beside(copy, JOURNAL)) > 0 {
        bail!("what lay beside it cannot be written back");
    }
    Ok(())
}

/// Whether a file at a path is the same copy, byte by byte, and nobody but its owner, who asks, can have changed it.
pub(super) fn is_the_same(copy: &Path, there: &Path) -> bool {
    let owned =
        |meta: &Metadata| meta.uid() == geteuid().as_raw() && meta.mode() & 0o7777 == 0o600 && meta.nlink() == 1;
    let Ok(meta) = there.symlink_metadata() else { return false };
    meta.is_file() && owned(&meta) && meta.len() == bytes(copy) && have_the_same_bytes(copy, there).unwrap_or(false)
}

fn have_the_same_bytes(one: &Path, other: &Path) -> io::Result<bool> {
    let (one, other) = (File::open(one)?, File::open(other)?);
    let (mut of_one, mut of_other) = (vec![0; COMPARED], vec![0; COMPARED]);
    let mut at = 0;
    loop {
        let read = one.read_at(&mut of_one, at)?;
        if read == 0 {
            return Ok(other.read_at(&mut of_other, at)? == 0);
        }
        match other.read_exact_at(&mut of_other[..read], at) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(false),
            done => done?,
        }
        if of_one[..read] != of_other[..read] {
            return Ok(false);
        }
        at += read as u64;
    }
}
