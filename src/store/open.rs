//! Opening a store: the checks before anything is written, and the settings of each connection (store.md, "Opening").
//!
//! # Locking
//! One SQLite file in WAL mode: any number of readers beside one writer at a time. The file is never opened past SQLite
//! once a connection is open, since closing it would drop this process's POSIX locks; `stat` does not open it.
//!
//! # The log beside the file
//! What was committed lies in `-wal` until it is written back. The last connection that closes does so, if it may write the
//! file; so readers are opened for writing, too, and `query_only` keeps them from it. What a killed program left is
//! written back by whoever opens the store next.
//!
//! # Compatibility
//! `application_id` says that a file is a store, `user_version` which format it has. A file that is neither, or is newer
//! than this program, is refused and nothing is written to it.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::{FileExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::Reader;
use super::alone::Alone;
use super::beside::{JOURNAL, SHM, WAL, beside, bytes};
use super::copies;
use super::migrate;
use super::shape;
use super::unfinished::{self, Unfinished};
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
    file: (u64, u64),
    /// The folder of a private copy, which goes with the last one who reads it.
    pub(super) copy: Option<Arc<Unfinished>>,
}

/// A file that was looked at and is a store, of this program's format or an older one.
pub(super) struct Opened {
    pub store: Store,
    pub conn: Connection,
    pub version: i32,
}

impl Store {
    /// Opens an existing store of this program's format.
    ///
    /// # Errors
    /// A sentence with a remedy for a file that is missing, empty, no database, another program's, newer, truncated; and
    /// [`OlderFormat`](super::OlderFormat), to which nothing is written.
    pub fn open(path: &Path) -> Result<Store> {
        let Opened { store, version, .. } = Store::look_at(path)?;
        if version < migrate::FORMAT { Err(store.older(version)) } else { Ok(store) }
    }

    /// Looks at what is there. Closing the connection writes nothing to a store of an older format.
    pub(super) fn look_at(path: &Path) -> Result<Opened> {
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
        let store = Store::at(&path)?;
        let (conn, version) = store.check()?;
        Ok(Opened { store, conn, version })
    }

    /// The file at an absolute path, whatever it is.
    pub(super) fn at(path: &Path) -> Result<Store> {
        Ok(Store { file: identity(path)?, path: path.to_path_buf(), copy: None })
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
        let conn = self.connect(self.access())?;
        conn.pragma_update(None, "query_only", true)?;
        conn.pragma_update(None, "cache_size", -READER_CACHE)?;
        Reader::new(conn, self, clock)
    }

    /// The connection that writes.
    pub(super) fn writer(&self) -> Result<Connection> {
        self.check_writable()?;
        let conn = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
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
        Ok(conn)
    }

    /// Refuses to write to a file that was moved or replaced since it was opened, that has a second name, or that is read-only.
    pub(super) fn check_writable(&self) -> Result<()> {
        if let Some(problem) = self.lost() {
            bail!("{problem} Nothing was written: start steward again.");
        }
        let links = std::fs::metadata(&self.path)?.nlink();
        if links > 1 {
            // Each name has a log of its own beside it, and neither knows of the other.
            bail!(
                "The store {self} has {links} names (hard links), and what is written under one is lost under another. \
                 Nothing was written: keep one name and remove the others. find FOLDER -samefile FILE lists them."
            );
        }
        // Asked of the mode bits, since SQLite would let root write in spite of them.
        if self.is_read_only() {
            bail!("The store {self} is read-only. To change it, give its owner the right to write: chmod u+w");
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

    pub(super) fn connect(&self, access: OpenFlags) -> Result<Connection> {
        let mut conn = Connection::open_with_flags(&self.path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)
            .map_err(|error| self.unreadable(error))?;
        configure(&mut conn)?;
        Ok(conn)
    }

    /// How a connection opens the file that does not write rows. For reading alone, SQLite could not write back what lies
    /// beside the file when the connection is the last one to close. Where the file may not be written, SQLite itself
    /// turns to reading; the mode bits are asked for root's sake, which may write anything.
    fn access(&self) -> OpenFlags {
        match self.is_read_only() {
            true => OpenFlags::SQLITE_OPEN_READ_ONLY,
            false => OpenFlags::SQLITE_OPEN_READ_WRITE,
        }
    }

    fn is_read_only(&self) -> bool {
        std::fs::metadata(&self.path).is_ok_and(|meta| meta.permissions().readonly())
    }

    /// The format of the file, once it is known to be a store of this program's or an older format. What a store of this
    /// format has beside it, and nobody is at, is written back.
    fn check(&self) -> Result<(Connection, i32)> {
        // Another program's database may have a journal, which opening it for writing would play back.
        let access = match beside(&self.path, JOURNAL).exists() && !self.is_marked() {
            true => OpenFlags::SQLITE_OPEN_READ_ONLY,
            false => self.access(),
        };
        let conn = Connection::open_with_flags(&self.path, access).map_err(|error| self.unreadable(error))?;
        // Until it is known what this is, closing it writes nothing.
        let nothing_beside = bytes(&beside(&self.path, WAL)) == 0;
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
        conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, version < migrate::FORMAT && !nothing_beside)?;
        Ok((conn, version))
    }

    /// Whether the first page of the file has the mark of a store. It is read past SQLite, and only where a journal lies beside
    /// it: a store has none but while it is brought into WAL mode, which nobody else does at the same time.
    fn is_marked(&self) -> bool {
        let mut mark = [0; 4];
        let read = File::open(&self.path).and_then(|file| file.read_exact_at(&mut mark, MARK_AT));
        read.is_ok() && i32::from_be_bytes(mark) == APPLICATION_ID
    }

    fn unreadable(&self, error: rusqlite::Error) -> anyhow::Error {
        match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => {
                anyhow::anyhow!("{self} is not a database. Nothing was changed: name the store's file.")
            }
            Some(ErrorCode::DatabaseCorrupt) => anyhow::anyhow!(
                "The store {self} is damaged or truncated. Nothing was changed: put a backup in its place."
            ),
            Some(ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => anyhow::anyhow!(
                "You may not open the store {self}: that takes the right to read and write the file and its folder, \
                 where others stand beside it. Ask its owner."
            ),
            Some(ErrorCode::ReadOnly) => anyhow::anyhow!(
                "You may read the store {self}, and not write to it. Ask its owner for the right to change it."
            ),
            _ => anyhow::Error::new(error).context(format!("The store {self} cannot be read")),
        }
    }
}

impl std::fmt::Display for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&shown(&self.path))
    }
}

/// A new store that has no name yet: what is killed before it has one leaves neither half a store nor a name that is taken.
#[derive(Debug)]
pub struct NewStore {
    store: Store,
    path: PathBuf,
    unfinished: Unfinished,
}

impl NewStore {
    /// Makes the file of a new store, readable by its owner alone, and its tables.
    ///
    /// # Errors
    /// A sentence where something is there already or the folder cannot be written.
    pub fn begin(path: &Path) -> Result<NewStore> {
        let path = absolute(path)?;
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).with_context(|| format!("The folder {} cannot be made", shown(folder)))?;
        }
        refuse_what_is_there(&path)?;
        let make = |file: &Path| {
            OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
            migrate::fresh(&Store::at(file)?)
        };
        NewStore::made(path, make)
    }

    /// Copies what a store holds at this moment, whoever else reads and writes it. Where `path` is taken, that is told when the
    /// copy is to have its name.
    ///
    /// # Errors
    /// The store cannot be read, or the copy not be written.
    pub fn copy_of(from: &Store, path: &Path) -> Result<NewStore> {
        NewStore::copied(&from.connect(from.access())?, path)
    }

    pub(super) fn copied(from: &Connection, path: &Path) -> Result<NewStore> {
        NewStore::made(absolute(path)?, |file| copies::copy(from, file))
    }

    fn made(path: PathBuf, make: impl FnOnce(&Path) -> Result<()>) -> Result<NewStore> {
        let cannot = || format!("The store {} cannot be made", shown(&path));
        let unfinished = Unfinished::begin(&path).with_context(cannot)?;
        make(unfinished.file()).with_context(cannot)?;
        Ok(NewStore { store: Store::at(unfinished.file())?, path, unfinished })
    }

    /// Takes away what killed programs had begun in a folder under names that begin so.
    ///
    /// # Errors
    /// The folder is no path.
    pub fn sweep_all(folder: &Path, begins: &str) -> Result<()> {
        unfinished::sweep_all(&absolute(folder)?, begins);
        Ok(())
    }

    /// Refuses a name that something has already.
    ///
    /// # Errors
    /// Something has it, or what lies beside a store has.
    pub fn refuse_taken(path: &Path) -> Result<()> {
        refuse_what_is_there(&absolute(path)?)
    }

    /// The store while it has no name.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Gives the store its name. No connection to it may be open.
    ///
    /// # Errors
    /// As [`NewStore::begin`].
    pub fn place(self) -> Result<Store> {
        refuse_what_is_there(&self.path)?;
        match self.unfinished.place(&self.path) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => return Err(there_already(&self.path)),
            placed => placed.with_context(|| format!("The store {} cannot be made", shown(&self.path)))?,
        }
        Store::at(&self.path)
    }
}

impl NewStore {
    /// Gives the store the name of another one, with which nobody else is; that one is put aside under a free name, which is
    /// answered. No connection to the new one may be open.
    ///
    /// # Errors
    /// The names cannot be changed. Where the former one was damaged it may have its new name by then, and none have the old.
    pub fn replace(self, former: Alone) -> Result<PathBuf> {
        let name = |nth: u32| {
            beside(&self.path, &format!(".before-restore{}", if nth > 1 { format!(".{nth}") } else { String::new() }))
        };
        let aside = (1..).map(name).find(|name| name.symlink_metadata().is_err()).unwrap_or_else(|| name(1));
        let cannot = || format!("The store {} cannot be put aside as {}", shown(&self.path), shown(&aside));
        former.put_aside(&aside).with_context(cannot)?;
        self.unfinished.replace(&self.path).with_context(|| {
            format!("The former store is {}, and the new one cannot be given its name", shown(&aside))
        })?;
        Ok(aside)
    }
}

/// What was left beside a store that is gone would be taken for the new one's. What killed programs had begun under the name
/// is taken away, since who is refused begins nothing that would do so.
pub(super) fn refuse_what_is_there(path: &Path) -> Result<()> {
    unfinished::sweep(path);
    if path.symlink_metadata().is_ok() {
        return Err(there_already(path));
    }
    for part in [WAL, SHM, JOURNAL].map(|suffix| beside(path, suffix)) {
        if part.symlink_metadata().is_ok() {
            bail!(
                "There is no store at {}, but {} of one that was there. It may hold work: move it away, or name another path.",
                shown(path),
                shown(&part)
            );
        }
    }
    Ok(())
}

fn there_already(path: &Path) -> anyhow::Error {
    anyhow::anyhow!("There is a file at {} already. Open it, or name another path.", shown(path))
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

fn identity(path: &Path) -> Result<(u64, u64)> {
    let meta = std::fs::metadata(path).with_context(|| format!("The store {} cannot be read", shown(path)))?;
    Ok((meta.dev(), meta.ino()))
}

pub(super) fn shown(path: &Path) -> String {
    Shown(&path.to_string_lossy()).to_string()
}
