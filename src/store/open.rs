//! Opening a store: the checks before anything is written, and the settings of each connection (store.md, "Opening").
//!
//! # Locking
//! One SQLite file in WAL mode: any number of readers beside one writer at a time. The file is never opened past SQLite
//! once a connection is open, since closing it would drop this process's POSIX locks; `stat` does not open it.
//!
//! # The log beside the file
//! What was committed lies in `-wal` until it is written back. The last connection that closes does so, if it may write the
//! file; so readers are opened for writing, too, and `query_only` keeps them from it. What a killed program left is
//! written back by whoever opens the store next. Who may not write it has ways of their own: see [`super::access`].
//!
//! # Compatibility
//! `application_id` says that a file is a store, `user_version` which format it has. A file that is neither, or is newer
//! than this program, is refused and nothing is written to it.

use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::Reader;
use super::access::{Access, ReadOnly, is_read_only, may_write};
use super::beside::{JOURNAL, WAL, beside, bytes};
use super::held::{Hold, Identity, Linked, identity};
use super::migrate;
use super::shape;
use crate::model::Shown;
use crate::model::time::{Clock, system_clock};

/// "STWD": the mark of a steward store in SQLite's `application_id`.
pub(super) const APPLICATION_ID: i32 = 0x5354_5744;

/// Where that lies in the file (SQLite's "Database File Format", section 1.3).
pub(super) const MARK_AT: u64 = 68;

/// The longest text or blob that a connection takes, in bytes.
const MAX_LENGTH: i32 = 64 << 20;

/// Pages in the write-ahead log after which it is put into the file, 16 MB: SQLite's own thousand would write the pages of
/// the indexes that an ingest comes back to again and again as often.
const WAL_PAGES: i32 = 4000;

/// Kilobytes of the store that a reader keeps in memory. It reads a page here and there, or all of it once in order, and a
/// workbench has several: what is read again comes from the machine's own cache of the file.
const READER_CACHE: i64 = 16_384;

/// A store whose file was checked; opens the writer and readers.
#[derive(Debug, Clone)]
pub struct Store {
    path: PathBuf,
    /// Device and inode of the file that was checked: a store that was moved or replaced is not written to.
    file: Identity,
    pub(super) access: Access,
}

/// A file that was looked at and is a store, of this program's format or an older one.
pub(super) struct Opened {
    // Before the store, since a private copy goes with it.
    pub conn: Linked,
    pub store: Store,
    pub version: i32,
}

impl Store {
    /// Opens an existing store of this program's format.
    ///
    /// # Errors
    /// A sentence with a remedy for a file that is missing, empty, no database, another program's, newer, truncated; and
    /// [`OlderFormat`](super::OlderFormat), to which nothing is written.
    pub fn open(path: &Path) -> Result<Store> {
        let Opened { store, version, .. } = Store::look_at(path, false)?;
        if version < migrate::FORMAT { Err(store.older(version)) } else { Ok(store) }
    }

    /// Looks at what is there; what cannot be written is only looked at where it is not `to_write`. Closing the connection
    /// writes nothing to a store of an older format.
    pub(super) fn look_at(path: &Path, to_write: bool) -> Result<Opened> {
        let path = absolute(path)?;
        if !path.exists() {
            bail!("There is no store at {}. Make one with: steward init --store PATH", shown(&path));
        }
        if path.is_dir() {
            bail!("{} is a folder, not a store. Name a file.", shown(&path));
        }
        if !path.is_file() {
            bail!("{} is a pipe, a device or a socket, not a store. Name a file.", shown(&path));
        }
        let mut store = Store::at(&path)?;
        store.find_access(to_write)?;
        match store.check() {
            // It has another name that only showed once it was open under this one.
            Err(error) if !to_write && error.is::<OtherName>() => {
                store.access = Access::copy(&store, ReadOnly::OtherName)?;
                let (conn, version) = store.check()?;
                Ok(Opened { conn, store, version })
            }
            checked => checked.map(|(conn, version)| Opened { conn, store, version }),
        }
    }

    /// The file at an absolute path, whatever it is, as who may write it opens it.
    pub(super) fn at(path: &Path) -> Result<Store> {
        let cannot = || format!("The store {} cannot be read", shown(path));
        Ok(Store { file: identity(path).with_context(cannot)?, path: path.to_path_buf(), access: Access::Write })
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A read-only connection by the machine's clock.
    pub fn reader(&self) -> Result<Reader> {
        self.reader_at(system_clock())
    }

    /// A read-only connection to which "now" is what `clock` says.
    pub fn reader_at(&self, clock: Clock) -> Result<Reader> {
        let conn = self.connect()?;
        conn.pragma_update(None, "query_only", true)?;
        conn.pragma_update(None, "cache_size", -READER_CACHE)?;
        Reader::new(conn, self, clock)
    }

    /// The connection that writes. Of a store that one may only read it reads, and what is to be written is refused when it
    /// begins.
    pub(super) fn writer(&self) -> Result<Linked> {
        let conn = self.connect()?;
        if self.read_only().is_some() {
            return Ok(conn);
        }
        let mode = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get::<_, String>(0));
        let mode = mode.map_err(|error| self.unreadable(error))?;
        if mode != "wal" {
            bail!(
                "The store {} cannot use write-ahead logging here (SQLite says {mode}). Keep it on a local disk.",
                self
            );
        }
        conn.pragma_update(None, "synchronous", "FULL")?;
        conn.pragma_update(None, "journal_size_limit", 64 << 20)?;
        conn.pragma_update(None, "wal_autocheckpoint", WAL_PAGES)?;
        // SQLite would prepare most statements anew each time they are bound, in case another value asked for another plan.
        // None does: codes, which partial indexes are chosen by, stand in the statements themselves.
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
        Ok(conn)
    }

    /// Refuses to write to a file that was moved or replaced since it was opened, that has a second name, or that is read-only.
    ///
    /// # Errors
    /// A sentence that says which.
    pub fn check_writable(&self) -> Result<()> {
        if let Some(problem) = self.lost() {
            bail!("{problem} It takes no more writes: start steward again.");
        }
        let links = std::fs::metadata(&self.path)?.nlink();
        if links > 1 {
            // Each name has a log of its own beside it, and neither knows of the other.
            bail!(
                "The store {self} has {links} names (hard links), and what is written under one is lost under another. \
                 It takes no writes so: keep one name and remove the others. find FOLDER -samefile FILE lists them."
            );
        }
        if self.read_only() == Some(ReadOnly::OtherName) {
            return Err(OtherName { store: self.to_string() }.into());
        }
        // Asked of the mode bits, since SQLite would let root write in spite of them.
        if is_read_only(&self.path) && self.is_mine() {
            bail!("The store {self} is read-only. To change it, give its owner the right to write: chmod u+w");
        }
        if self.read_only().is_some() || !may_write(&self.path) {
            bail!("You may read the store {self}, and not write to it: it is read-only to you. {ASK}");
        }
        Ok(())
    }

    /// What became of the file since it was opened, if it is not under its name any more.
    pub fn lost(&self) -> Option<String> {
        match identity(&self.path) {
            Ok(file) if file == self.file => None,
            Ok(_) => Some(format!("The store {self} was replaced by another file while it was open.")),
            Err(_) => Some(format!("The store {self} was removed or renamed while it was open.")),
        }
    }

    /// Opens a connection and reads by it.
    ///
    /// # Errors
    /// The file cannot be read; somebody has it open under another name.
    pub(super) fn connect(&self) -> Result<Linked> {
        let mut conn = self.link(|path| self.access.open(path))?;
        configure(&mut conn)?;
        conn.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(|error| self.unreadable(error))?;
        self.mark(&conn)?;
        Ok(conn)
    }

    fn link(&self, open: impl FnOnce(&Path) -> rusqlite::Result<Connection>) -> Result<Linked> {
        let path = self.read_path();
        Linked::open(path, || open(path).map_err(|error| self.unreadable(error))).map_err(|error| match error
            .downcast_ref::<std::io::Error>(
        ) {
            Some(problem) => self.not_openable(problem),
            None => error,
        })
    }

    /// Marks the file as open under this name.
    fn mark(&self, conn: &Linked) -> Result<()> {
        match self.access.shares() && conn.hold.mark() {
            true => Err(OtherName { store: self.to_string() }.into()),
            false => Ok(()),
        }
    }

    /// The format of the file, once it is known to be a store of this program's or an older format. What a store of this
    /// format has beside it, and nobody is at, is written back.
    fn check(&self) -> Result<(Linked, i32)> {
        // Another program's database may have a journal, which opening it for writing would play back.
        let strange = self.access.shares() && beside(&self.path, JOURNAL).exists() && !self.is_marked();
        let conn = self.link(|path| match strange {
            true => Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY),
            false => self.access.open(path),
        })?;
        // Until it is known what this is, closing it writes nothing.
        let nothing_beside = bytes(&beside(self.read_path(), WAL)) == 0;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
        let read = |pragma: &str| conn.query_row(&format!("PRAGMA {pragma}"), [], |row| row.get::<_, i32>(0));
        let schema_objects = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get::<_, i64>(0));
        let objects = schema_objects.map_err(|error| self.unreadable(error))?;
        let application = read("application_id").map_err(|error| self.unreadable(error))?;
        let version = read("user_version").map_err(|error| self.unreadable(error))?;
        if objects == 0 && application == 0 {
            bail!("{self} is empty: it is no store. Remove it and run steward init, or name another file.");
        }
        if application != APPLICATION_ID {
            bail!("{self} is another program's database, not a steward store. Nothing was changed: name another file.");
        }
        if version < 1 {
            bail!("The store {self} has format {version}, which no steward writes. Put a backup in its place.");
        }
        if version > migrate::FORMAT {
            bail!(
                "The store {self} has format {version}, and this program knows formats up to {}. \
                 Nothing was changed: open it with a newer steward.",
                migrate::FORMAT
            );
        }
        if let Some(problem) = shape::not_of_its_format(&conn, version)? {
            bail!(
                "The store {self} {problem}. Somebody changed the file past steward. Nothing was changed: put a backup in \
                 its place."
            );
        }
        self.mark(&conn)?;
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, version < migrate::FORMAT && !nothing_beside)?;
        Ok((conn, version))
    }

    /// Whether the first page of the file has the mark of a store. It is read past SQLite, and only where a journal lies beside
    /// it: a store has none but while it is brought into WAL mode, which nobody else does at the same time.
    fn is_marked(&self) -> bool {
        let mut mark = [0; 4];
        let hold = Hold::take(&self.path);
        let read = hold.and_then(|hold| hold.file()?.read_exact_at(&mut mark, MARK_AT));
        read.is_ok() && i32::from_be_bytes(mark) == APPLICATION_ID
    }

    pub(super) fn not_openable(&self, problem: &std::io::Error) -> anyhow::Error {
        match problem.kind() {
            std::io::ErrorKind::PermissionDenied => anyhow::anyhow!("You may not read the store {self}. {ASK}"),
            _ => anyhow::anyhow!("The store {self} cannot be read: {problem}"),
        }
    }

    pub(super) fn unreadable(&self, error: rusqlite::Error) -> anyhow::Error {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => {
                anyhow::anyhow!("{self} is not a database. Nothing was changed: name the store's file.")
            }
            Some(ErrorCode::DatabaseCorrupt) => anyhow::anyhow!(
                "The store {self} is damaged or truncated. Nothing was changed: put a backup in its place."
            ),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
                anyhow::anyhow!("You may not open the store {self}. {ASK}")
            }
            Some(ErrorCode::ReadOnly) => anyhow::anyhow!(
                "You may read the store {self}, and not write to it. Ask its owner for the right to change it."
            ),
            _ => anyhow::Error::new(error).context(format!("The store {self} cannot be read")),
        }
    }
}

/// What is to be done by whoever has no rights.
const ASK: &str = "Reading it takes the right to read the file and what lies beside it, and writing to it the right to \
                   write the file and its folder. Ask its owner.";

/// That a file is open under another name.
#[derive(Debug, thiserror::Error)]
#[error(
    "The store {store} is open under another name (another mount of the file, or a container's), and what is written under \
     one is lost under the other. It takes no writes so: use one name, or end those who use the other."
)]
pub(super) struct OtherName {
    pub store: String,
}

impl std::fmt::Display for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&shown(&self.path))
    }
}

/// Waits while somebody else writes. SQLite's own waiting sleeps longer and longer, so that it misses the short gaps between
/// the chunks of another's long work; this asks evenly, and gives up after ten seconds.
pub(super) fn wait(asked: i32) -> bool {
    const PAUSE: Duration = Duration::from_millis(4);
    const PATIENCE: i32 = 2500;
    if asked < PATIENCE {
        std::thread::sleep(PAUSE);
    }
    asked < PATIENCE
}

/// What every connection has in common.
fn configure(conn: &mut Connection) -> Result<()> {
    conn.busy_handler(Some(wait))?;
    for (pragma, value) in
        [("foreign_keys", 1), ("recursive_triggers", 1), ("trusted_schema", 0), ("cell_size_check", 1)]
    {
        conn.pragma_update(None, pragma, value)?;
    }
    conn.pragma_update(None, "temp_store", "MEMORY")?;
    conn.pragma_update(None, "cache_size", -65536)?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    conn.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_LENGTH)?;
    conn.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    conn.set_prepared_statement_cache_capacity(128);
    Ok(())
}

/// A relative path, or one that begins with `file:`, would mean something else to SQLite.
pub(super) fn absolute(path: &Path) -> Result<PathBuf> {
    let path = std::path::absolute(path).with_context(|| format!("{} is not a path", shown(path)))?;
    // SQLite follows links, and what it keeps beside the file lies beside what they lead to.
    Ok(path.canonicalize().unwrap_or(path))
}

pub(super) fn shown(path: &Path) -> String {
    Shown(&path.to_string_lossy()).to_string()
}
