//! Stores that one may read and not write: how they are read without a byte being written beside them.
//!
//! Where others have the store open, what they share beside it is joined, for reading alone: what is read is what they write.
//! Else the file and what lies beside it are copied to a private folder, and read there; a file with two names always is,
//! since what lies beside the other name is not known. A file on a medium that nobody can write is read as it lies there.

use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, bail};
use nix::sys::stat::{major, minor};
use nix::sys::statvfs::{FsFlags, statvfs};
use nix::unistd::{AccessFlags, eaccess, geteuid};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::beside::{JOURNAL, SHM, WAL, beside, bytes, log_identity};
use super::copies;
use super::held::{Hold, Identity, Linked};
use super::open::{OtherName, Store};
use super::reader::Reader;
use super::unfinished::Unfinished;
use crate::model::time::{self, Micros};

/// How the file of a store is reached.
#[derive(Debug, Clone)]
pub(super) enum Access {
    /// As whoever may write it.
    Write,
    /// The file is a private copy, which goes with the last one who has it.
    Private(#[expect(dead_code, reason = "kept for what its end does")] Arc<Unfinished>),
    Read(ReadOnly, How),
}

/// Why a store is only read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadOnly {
    /// Its file or folder may not be written.
    Rights,
    /// Its file has several names.
    Links,
    /// Somebody has it open under another name.
    OtherName,
}

#[derive(Debug, Clone)]
pub(super) enum How {
    /// With those who have it open. A connection is kept, so that what they share stays where it is.
    Joined(#[expect(dead_code, reason = "kept open")] Arc<Mutex<Linked>>),
    /// From a medium that nobody can write.
    Immutable,
    /// From a private copy.
    Copied { folder: Arc<Unfinished>, at: Micros },
}

/// Tries to copy a store that others write to meanwhile.
const TRIES: usize = 5;

/// What was written within this time is not told apart by the time that the file system notes.
const TICK: Duration = Duration::from_millis(50);

impl Access {
    /// Whether the file itself is opened beside others, by its name.
    pub fn shares(&self) -> bool {
        matches!(self, Access::Write | Access::Read(_, How::Joined(_)))
    }

    pub fn open(&self, path: &Path) -> rusqlite::Result<Connection> {
        match self {
            Access::Read(_, How::Joined(_)) => open_read_only(path, "readonly_shm=1"),
            Access::Read(_, How::Immutable) => open_read_only(path, "immutable=1"),
            Access::Write | Access::Private(_) | Access::Read(_, How::Copied { .. }) => {
                let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
                Connection::open_with_flags(path, flags)
            }
        }
    }

    /// A private copy of a store, to be read in its stead.
    pub fn copy(store: &Store, why: ReadOnly) -> Result<Access> {
        let folder = std::env::temp_dir();
        let cannot = || format!("No private copy of the store {store} can be made in {}", folder.display());
        let unfinished = Unfinished::begin(&folder.join("steward-copy.db")).with_context(cannot)?;
        let hold = Hold::take(store.path()).map_err(|problem| store.not_openable(&problem))?;
        for suffix in [WAL, JOURNAL] {
            let part = beside(store.path(), suffix);
            if bytes(&part) > 0 && eaccess(&part, AccessFlags::R_OK).is_err() {
                bail!(
                    "You may read the store {store}, and not what lies beside it ({suffix}), which holds a part of it. Ask its \
                     owner for that right."
                );
            }
        }
        for attempt in 0..TRIES {
            if attempt > 0 {
                std::thread::sleep(TICK * 2);
            }
            let (before, begun) = (state(store.path()), SystemTime::now());
            unfinished.clear().with_context(cannot)?;
            copies::copy_parts(&hold, store.path(), unfinished.file()).with_context(cannot)?;
            if state(store.path()) == before && before.iter().flatten().all(|part| part.is_older_than(begun)) {
                let at = time::now();
                return Ok(Access::Read(why, How::Copied { folder: Arc::new(unfinished), at }));
            }
        }
        bail!(
            "The store {store} can only be read by way of a copy, and others write to it all the while. Try again, or ask its \
             owner for the right to read what lies beside it ({SHM} and {WAL})."
        )
    }
}

fn open_read_only(path: &Path, how: &str) -> rusqlite::Result<Connection> {
    let mut uri = String::from("file:");
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'/' | b'.' | b'-' | b'_' | b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' => uri.push(char::from(*byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str("?mode=ro&");
    uri.push_str(how);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    Connection::open_with_flags(uri, flags)
}

/// What changes of a file when somebody writes to it.
#[derive(Debug, PartialEq, Eq)]
struct Part {
    file: Identity,
    length: u64,
    modified: SystemTime,
}

impl Part {
    /// Whether its last change is so long ago that another one would show. A clock may be wrong either way.
    fn is_older_than(&self, moment: SystemTime) -> bool {
        let apart = moment.duration_since(self.modified).or_else(|_| self.modified.duration_since(moment));
        apart.is_ok_and(|apart| apart > TICK)
    }
}

/// The file and what lies beside it that is copied.
fn state(path: &Path) -> [Option<Part>; 3] {
    ["", WAL, JOURNAL].map(|suffix| {
        let meta = beside(path, suffix).metadata().ok()?;
        Some(Part { file: (meta.dev(), meta.ino()), length: meta.len(), modified: meta.modified().ok()? })
    })
}

/// Whether nobody at all has the right to write a file: of root that cannot be asked, who may write anything.
pub(super) fn is_read_only(path: &Path) -> bool {
    path.metadata().is_ok_and(|meta| meta.permissions().readonly())
}

/// Whether a store's file may be written, and what lies beside it made.
pub(super) fn may_write(path: &Path) -> bool {
    let write = |path: &Path| eaccess(path, AccessFlags::W_OK).is_ok();
    let is_there = [WAL, SHM].iter().all(|suffix| write(&beside(path, suffix)));
    !is_read_only(path) && write(path) && (is_there || path.parent().is_some_and(write))
}

/// Whether the file system is read-only itself, not merely where it is mounted here: others could write to that.
fn is_on_read_only_medium(path: &Path) -> bool {
    let mounted = statvfs(path).is_ok_and(|system| system.flags().contains(FsFlags::ST_RDONLY));
    let Some(meta) = path.metadata().ok().filter(|_| mounted) else { return false };
    let device = format!("{}:{}", major(meta.dev()), minor(meta.dev()));
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").unwrap_or_default();
    mounts.lines().any(|line| medium_is_read_only(line, &device))
}

/// `36 25 8:1 /at /mnt ro,noatime shared:1 - ext4 /dev/sda1 ro,errors=continue`: the last words are of the medium.
fn medium_is_read_only(line: &str, device: &str) -> bool {
    let of_device = line.split(' ').nth(2) == Some(device);
    let options = line.split_once(" - ").and_then(|(_, medium)| medium.split(' ').nth(2));
    of_device && options.is_some_and(|options| options.split(',').any(|option| option == "ro"))
}

impl Reader {
    /// That the store is only read, and how, in sentences; none where it is not.
    pub fn read_only_told(&self) -> Vec<String> {
        self.store.read_only_told()
    }
}

impl Store {
    /// Finds out how the file can be reached.
    ///
    /// # Errors
    /// It can only be read and is `to_write`; it cannot be read at all.
    pub(super) fn find_access(&mut self, to_write: bool) -> Result<()> {
        let links = self.path().metadata().map_or(1, |meta| meta.nlink());
        let why = match links > 1 {
            true => ReadOnly::Links,
            false if !may_write(self.path()) => ReadOnly::Rights,
            false => {
                let hold = Hold::take(self.path()).map_err(|problem| self.not_openable(&problem))?;
                if !hold.is_open_elsewhere() {
                    return Ok(());
                }
                ReadOnly::OtherName
            }
        };
        if to_write {
            self.check_writable()?;
            return Err(OtherName { store: self.to_string() }.into());
        }
        self.access = match why {
            ReadOnly::Rights => self.join().map_or_else(|| self.alone(), |how| Ok(Access::Read(why, how)))?,
            ReadOnly::Links | ReadOnly::OtherName => Access::copy(self, why)?,
        };
        Ok(())
    }

    /// Joins those who have the store open.
    fn join(&self) -> Option<How> {
        let is_there = [WAL, SHM].iter().all(|suffix| beside(self.path(), suffix).exists());
        let open = || anyhow::Ok(open_read_only(self.path(), "readonly_shm=1")?);
        let conn = is_there.then(|| Linked::open(self.path(), open).ok()).flatten()?;
        let read = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()));
        let code = read.err().and_then(|error| error.sqlite_error_code());
        // What is no database is none in a copy, either.
        let joined = matches!(code, None | Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt));
        joined.then(|| How::Joined(Arc::new(Mutex::new(conn))))
    }

    /// Reads a store that nobody has open, as far as can be seen.
    fn alone(&self) -> Result<Access> {
        let beside = [WAL, JOURNAL].iter().any(|suffix| bytes(&beside(self.path(), suffix)) > 0);
        match !beside && is_on_read_only_medium(self.path()) {
            true => Ok(Access::Read(ReadOnly::Rights, How::Immutable)),
            false => Access::copy(self, ReadOnly::Rights),
        }
    }

    /// Why the store is only read, if it is.
    pub fn read_only(&self) -> Option<ReadOnly> {
        match &self.access {
            Access::Read(why, _) => Some(*why),
            Access::Write | Access::Private(_) => None,
        }
    }

    /// That the store is only read, and how, in sentences; none where it is not.
    pub fn read_only_told(&self) -> Vec<String> {
        let Access::Read(why, how) = &self.access else { return Vec::new() };
        let why = match why {
            ReadOnly::Rights => "You may read this store and not write to it.",
            ReadOnly::Links => "The file of this store has several names (hard links): it is only read.",
            ReadOnly::OtherName => "This store is open under another name of its file: it is only read.",
        };
        let copied = match how {
            How::Copied { at, .. } => Some(format!("What is shown is a private copy, made at {}.", time::rfc3339(*at))),
            How::Joined(_) | How::Immutable => None,
        };
        let may_lack = "What was written under the other name last may be missing.";
        let lacks = (self.read_only() != Some(ReadOnly::Rights)).then(|| may_lack.to_string());
        [Some(why.to_string()), copied, lacks].into_iter().flatten().collect()
    }

    /// Whether it is for who is at the keyboard to give the right to write.
    pub(super) fn is_mine(&self) -> bool {
        let me = geteuid();
        me.is_root() || self.path().metadata().is_ok_and(|meta| meta.uid() == me.as_raw())
    }

    /// Where the file is that is read.
    pub(super) fn read_path(&self) -> &Path {
        match &self.access {
            Access::Read(_, How::Copied { folder, .. }) => folder.file(),
            Access::Write | Access::Private(_) | Access::Read(..) => self.path(),
        }
    }

    /// The log beside the file that connections read, where it is others', too.
    pub(super) fn log_identity(&self) -> Option<Identity> {
        self.access.shares().then(|| log_identity(self.path())).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_medium_is_told_from_where_it_is_mounted() {
        for (case, line, expected) in [
            ("read-only itself", "36 25 8:1 / /mnt ro - ext4 /dev/sda1 ro,errors=continue", true),
            ("with optional words", "36 25 8:1 / /mnt ro shared:1 master:2 - iso9660 /dev/sr0 ro", true),
            ("only mounted so", "36 25 8:1 / /mnt ro,noatime shared:1 - ext4 /dev/sda1 rw,errors=remount-ro", false),
            ("another one", "36 25 8:2 / /mnt ro - ext4 /dev/sda2 ro", false),
            ("cut off", "36 25 8:1 / /mnt ro", false),
        ] {
            assert_eq!(medium_is_read_only(line, "8:1"), expected, "{case}");
        }
    }

    #[test]
    fn a_path_with_any_bytes_is_opened_as_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a?b#c%20d é&mode=rw.db");
        Connection::open(&path).unwrap().execute_batch("CREATE TABLE t (a)").unwrap();
        for how in ["immutable=1", "readonly_shm=1"] {
            let conn = open_read_only(&path, how).unwrap();
            assert!(conn.query_row("SELECT count(*) FROM t", [], |row| row.get::<_, i64>(0)).is_ok());
            assert!(conn.execute_batch("DROP TABLE t").is_err());
        }
    }

    #[test]
    fn what_was_written_just_now_is_not_known_to_be_still() {
        let now = SystemTime::now();
        let part = |modified| Part { file: (1, 1), length: 1, modified };
        for (case, modified, expected) in [
            ("just now", now, false),
            ("a tick ago", now - TICK, false),
            ("before", now - TICK * 2, true),
            ("by a clock that is a little ahead", now + TICK, false),
            ("by a clock that is far ahead", now + TICK * 2, true),
        ] {
            assert_eq!(part(modified).is_older_than(now), expected, "{case}");
        }
    }
}
