//! A store with nobody else at it: what may be moved, replaced and rebuilt.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::beside::{Holder, SHM, WAL, beside, bytes, others};
use super::held::Linked;
use super::log::store_id;
use super::open::{OtherName, Store, absolute, shown};

/// Nobody else can open the store until this is dropped.
pub struct Alone {
    path: PathBuf,
    /// None where the file is no database any more: nobody can have that open.
    conn: Option<Linked>,
}

/// Who has a store open besides this program.
pub fn who_has_open(path: &Path) -> Result<Vec<Holder>> {
    Ok(others(&absolute(path)?))
}

impl Alone {
    /// Takes the store for itself.
    ///
    /// # Errors
    /// Others have it open; the sentence names them.
    pub fn take(path: &Path) -> Result<Alone> {
        let path = absolute(path)?;
        if path.symlink_metadata().is_err() {
            bail!("There is no store at {}.", shown(&path));
        }
        refuse_others(&path)?;
        match alone(&path) {
            Ok(conn) => Ok(Alone { path, conn: Some(conn) }),
            Err(error) => match error.downcast_ref().and_then(rusqlite::Error::sqlite_error_code) {
                Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Ok(Alone { path, conn: None }),
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                    refuse_others(&path)?;
                    bail!("Another program has the store {} open. End it, then try again.", shown(&path))
                }
                _ => Err(error).with_context(|| format!("The store {} cannot be taken alone", shown(&path))),
            },
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn conn(&self) -> Option<&Linked> {
        self.conn.as_ref()
    }

    /// The store's id and its last operation, if it can be read.
    pub fn log(&self) -> Option<(String, i64)> {
        let conn = self.conn.as_ref()?;
        let last = conn.query_row("SELECT coalesce(max(seq), 0) FROM operation", [], |row| row.get(0)).ok()?;
        Some((store_id(conn).ok()?, last))
    }

    /// Writes back what lies beside the file, so that the file is all of the store.
    ///
    /// # Errors
    /// The file is damaged, or there is no room.
    pub(super) fn write_back(&self) -> Result<()> {
        let Some(conn) = &self.conn else { bail!("The store {} is no database any more.", shown(&self.path)) };
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        if bytes(&beside(&self.path, WAL)) > 0 {
            bail!("What lies beside the store {} cannot be written back.", shown(&self.path));
        }
        Ok(())
    }

    /// Takes away what lies beside the file and holds nothing.
    fn leave_nothing_beside(&self) -> Result<()> {
        for part in [WAL, SHM].map(|suffix| beside(&self.path, suffix)) {
            match std::fs::remove_file(&part) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Puts the file aside under a name that is free. What lies beside it goes with it where it cannot be written back;
    /// else the file stands under both names until another takes the first.
    pub(super) fn put_aside(&self, aside: &Path) -> Result<()> {
        if self.write_back().is_ok() {
            self.leave_nothing_beside()?;
            return Ok(std::fs::hard_link(&self.path, aside)?);
        }
        // A log without its file, or under another one, would be the worst: the file goes first.
        std::fs::rename(&self.path, aside)?;
        for suffix in [WAL, SHM] {
            match std::fs::rename(beside(&self.path, suffix), beside(aside, suffix)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
                _ => {}
            }
        }
        Ok(())
    }

    /// Rebuilds the file without what was freed in it. Answers its bytes before and after.
    ///
    /// # Errors
    /// It takes room for the file twice over; where that is not there, the store is as it was.
    pub fn compact(&self) -> Result<(u64, u64)> {
        self.write_back()?;
        let before = bytes(&self.path);
        if let Some(conn) = &self.conn {
            conn.execute_batch("VACUUM").context("The store cannot be compacted")?;
        }
        self.write_back()?;
        self.leave_nothing_beside()?;
        Ok((before, bytes(&self.path)))
    }
}

/// # Errors
/// Somebody has it open.
fn refuse_others(path: &Path) -> Result<()> {
    let others: Vec<String> = others(path).iter().map(ToString::to_string).collect();
    if !others.is_empty() {
        bail!("The store {} is open in {}. End that, then try again.", shown(path), others.join(", "));
    }
    Ok(())
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let name = if self.name.is_empty() { "a program" } else { &self.name };
        write!(f, "{} (process {})", crate::model::Shown(name), self.pid)
    }
}

/// A connection that shares the file with none. It leaves what lies beside the file as it is when it closes: by then the
/// names may be another file's.
fn alone(path: &Path) -> Result<Linked> {
    let conn =
        Linked::open(path, || anyhow::Ok(Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?))?;
    conn.busy_timeout(Duration::from_secs(1))?;
    conn.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    conn.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    conn.execute_batch("BEGIN IMMEDIATE; ROLLBACK")?;
    if conn.hold.is_open_elsewhere() {
        return Err(OtherName { store: shown(path) }.into());
    }
    Ok(conn)
}

impl Store {
    /// Moves a store to a free name, also to another disk. Nothing of it stays where it was.
    ///
    /// # Errors
    /// Others have it open; something is there; it cannot be written there. The store is where it was.
    pub fn move_to(from: &Path, to: &Path) -> Result<Store> {
        let to = absolute(to)?;
        let alone = Alone::take(from)?;
        super::new_store::refuse_what_is_there(&to)?;
        alone.write_back()?;
        let gone = || format!("The store {} cannot be moved to {}", shown(&alone.path), shown(&to));
        let parcel = tempfile::TempPath::try_from_path(&alone.path)?;
        match parcel.persist_noclobber(&to) {
            Ok(()) => super::unfinished::sync_folder(&to).with_context(gone)?,
            Err(not) => {
                let error = not.error;
                // Dropped, it would be removed.
                not.path.keep().with_context(gone)?;
                if error.kind() != std::io::ErrorKind::CrossesDevices {
                    return Err(error).with_context(gone);
                }
                let Some(conn) = &alone.conn else { return Err(error).with_context(gone) };
                super::NewStore::copied(conn, &alone.path, &to)?.place()?;
                std::fs::remove_file(&alone.path).with_context(gone)?;
            }
        }
        alone.leave_nothing_beside()?;
        drop(alone);
        Store::open(&to)
    }
}
