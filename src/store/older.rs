//! Stores of an older format: nothing is written to them but by their admin, who brings them up to date, and a private copy can
//! be brought up to date and read.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context, Result};
use rusqlite::{Connection, OptionalExtension};

use super::access::Access;
use super::copies::copy;
use super::migrate::{self, FORMAT};
use super::open::{Opened, Store};
use super::unfinished::Unfinished;

/// Why a store of an older format was not opened. It is as it was.
#[derive(Debug, thiserror::Error)]
#[error(
    "The store {store} has format {version}, and this steward works with format {FORMAT}. It stays as it is: an admin of it \
     brings it up to date with steward upgrade. Until then list, show, explain, verify, digest and send --dry-run read a copy of \
     it with --upgraded-copy."
)]
pub struct OlderFormat {
    pub store: String,
    pub version: i32,
}

impl Store {
    /// Opens an existing store to write to it. If `login` is an admin of it, an older one is brought up to this program's
    /// format first; what may take long is told before it is done.
    ///
    /// # Errors
    /// Those of [`Store::open`], and [`OlderFormat`] for whoever is no admin.
    pub fn open_to_write(path: &Path, login: &str, tell: &mut dyn FnMut(&str)) -> Result<Store> {
        let Opened { store, conn, version } = Store::look_at(path, true)?;
        if version < FORMAT {
            if !is_admin(&conn, login)? {
                return Err(store.older(version));
            }
            drop(conn);
            let stays = || format!("The store {store} has format {version} and was not brought to format {FORMAT}");
            migrate::upgrade(&store, true, tell).with_context(stays)?;
        }
        Ok(store)
    }

    /// Opens an existing store to read it; of an older one, a private copy that is brought up to date and goes when the
    /// last one who reads it does. Answers whether it is one.
    ///
    /// # Errors
    /// Those of [`Store::open`]; the copy cannot be made.
    pub fn open_upgraded_copy(path: &Path) -> Result<(Store, bool)> {
        let Opened { store, conn, version } = Store::look_at(path, false)?;
        if version == FORMAT {
            return Ok((store, false));
        }
        let cannot =
            || format!("No private copy of the store {store} can be made in {}", std::env::temp_dir().display());
        let folder = Unfinished::begin(&std::env::temp_dir().join("steward-copy.db")).with_context(cannot)?;
        copy(&conn, store.read_path(), folder.file()).with_context(cannot)?;
        let mut private = Store::at(folder.file())?;
        private.access = Access::Private(Arc::new(folder));
        migrate::upgrade(&private, false, &mut |_| {})?;
        Ok((private, true))
    }

    pub(super) fn older(&self, version: i32) -> anyhow::Error {
        OlderFormat { store: self.to_string(), version }.into()
    }
}

/// People are kept alike in every format.
fn is_admin(conn: &Connection, login: &str) -> Result<bool> {
    let sql = "SELECT roles FROM system_user WHERE login = ? AND active = 1";
    let roles: Option<String> = conn.query_row(sql, [login], |row| row.get(0)).optional()?;
    Ok(roles.is_some_and(|roles| roles.split(',').any(|role| role.trim() == "admin")))
}
