//! A store that is being made: a new one, or a copy of another. It has its name once it is whole.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::alone::Alone;
use super::beside::{JOURNAL, SHM, WAL, beside};
use super::copies;
use super::held::Linked;
use super::migrate;
use super::open::{Store, absolute, shown};
use super::unfinished::{self, Unfinished};

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
        NewStore::copied(&from.connect()?, from.read_path(), path)
    }

    /// The same by way of an open connection to the file at `read`.
    pub(super) fn copied(from: &Linked, read: &Path, path: &Path) -> Result<NewStore> {
        NewStore::made(absolute(path)?, |file| copies::copy(from, read, file))
    }

    pub(super) fn made(path: PathBuf, make: impl FnOnce(&Path) -> Result<()>) -> Result<NewStore> {
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
