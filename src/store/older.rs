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
use super::write::ENGINE_USER;
use crate::model::setting::{ALLOWED, MAPPED_USERS};

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

/// Why a store of an older format was not brought up to date by somebody whom nobody vouches for.
#[derive(Debug, thiserror::Error)]
#[error(
    "This user is one of a user namespace, in which whoever may write the store could act as any of its people. The store {store} \
     stays as it is: bring it up to date outside of it."
)]
pub struct Unvouched {
    pub store: String,
}

/// Who opens a store to write to it.
#[derive(Debug, Clone, Copy)]
pub struct Opener<'o> {
    pub login: &'o str,
    /// The login is that of a number in a user namespace, in which everybody may be anybody.
    pub mapped: bool,
}

impl Store {
    /// Opens an existing store to write to it. For an admin of it, an older one is brought up to this program's format first;
    /// what may take long is told before it is done.
    ///
    /// # Errors
    /// Those of [`Store::open`], [`OlderFormat`] for whoever is no admin, and [`Unvouched`] for who may be another one.
    pub fn open_to_write(path: &Path, opener: Opener, tell: &mut dyn FnMut(&str)) -> Result<Store> {
        let Opened { store, conn, version } = Store::look_at(path, true)?;
        if version < FORMAT {
            if !is_admin(&conn, opener.login)? {
                return Err(store.older(version));
            }
            if opener.mapped && !may_be_mapped(&conn)? {
                return Err(Unvouched { store: store.to_string() }.into());
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

/// As the engine has it for writing: where there is nobody else to pass for, or it is allowed.
fn may_be_mapped(conn: &Connection) -> Result<bool> {
    let people = "SELECT count(*) FROM system_user WHERE active = 1 AND id <> ?";
    let people: i64 = conn.query_row(people, [ENGINE_USER], |row| row.get(0))?;
    let settings = "SELECT EXISTS (SELECT 1 FROM sqlite_master WHERE name = 'setting')";
    if people < 2 || !conn.query_row(settings, [], |row| row.get::<_, bool>(0))? {
        return Ok(people < 2);
    }
    let allowed = "SELECT EXISTS (SELECT 1 FROM setting WHERE key = ? AND value = ?)";
    Ok(conn.query_row(allowed, [MAPPED_USERS.key, ALLOWED], |row| row.get(0))?)
}

/// People are kept alike in every format.
fn is_admin(conn: &Connection, login: &str) -> Result<bool> {
    let sql = "SELECT roles FROM system_user WHERE login = ? AND active = 1";
    let roles: Option<String> = conn.query_row(sql, [login], |row| row.get(0)).optional()?;
    Ok(roles.is_some_and(|roles| roles.split(',').any(|role| role.trim() == "admin")))
}
