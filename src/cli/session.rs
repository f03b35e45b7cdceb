//! Which store, and who acts.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy;
use nix::unistd::{User, getuid};

use crate::engine::{Actor, Context, Engine};
use crate::model::{Row, Shown, Table};
use crate::store::{Reader, Store};

use super::failure::Failure;

/// The arguments that every command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Session {
    /// The store's file [default: $STEWARD_STORE, else steward/steward.db in your data folder; the demo's is demo.db there]
    #[arg(long, global = true, value_name = "PATH")]
    store: Option<PathBuf>,
    /// Act for somebody else; only an admin may, and it is recorded
    #[arg(long = "as", global = true, value_name = "NAME")]
    on_behalf_of: Option<String>,
}

impl Session {
    /// The path that `--store` gave.
    pub(super) fn given_path(&self) -> Option<PathBuf> {
        self.store.clone()
    }

    /// The path of the store: `--store`, else `STEWARD_STORE`, else `steward.db` in the data folder.
    pub(super) fn path(&self) -> Result<PathBuf, Failure> {
        let from_environment = || std::env::var_os("STEWARD_STORE").filter(|path| !path.is_empty()).map(PathBuf::from);
        match self.given_path().or_else(from_environment) {
            Some(path) => Ok(path),
            None => Ok(data_folder()?.join("steward.db")),
        }
    }

    /// The operating system's user, whatever the environment says; a uid without a name stands for itself.
    pub(super) fn actor(&self) -> Actor {
        let uid = getuid();
        let login = match User::from_uid(uid) {
            Ok(Some(user)) => user.name,
            _ => uid.to_string(),
        };
        Actor { login, on_behalf_of: self.on_behalf_of.clone() }
    }

    pub(super) fn store(&self) -> Result<Store, Failure> {
        opened(&self.path()?)
    }

    /// Reads; whoever it is for has to be known, although everybody reads the same.
    pub(super) fn reader(&self) -> Result<Reader, Failure> {
        let reader = self.store()?.reader()?;
        if let Some(login) = &self.on_behalf_of
            && !reader.users()?.iter().any(|user| user.login == *login)
        {
            let login = Shown(login);
            return Err(Failure::new(format!(
                "\"{login}\" is not a user of this store. steward user list lists those that are."
            )));
        }
        Ok(reader)
    }

    pub(super) fn engine(&self) -> Result<Engine, Failure> {
        Ok(Engine::open(&self.store()?, Context::new(self.actor()))?)
    }
}

/// Opens a store; what has to be done to it first is told where errors are told.
pub(super) fn opened(path: &Path) -> Result<Store, Failure> {
    // Where stderr is gone there is nobody to tell.
    let mut tell = |sentence: &str| drop(writeln!(io::stderr(), "{sentence}"));
    Ok(Store::open_and_tell(path, &mut tell)?)
}

/// Our folder among the person's data, by the XDG rules.
pub(super) fn data_folder() -> Result<PathBuf, Failure> {
    match etcetera::choose_base_strategy() {
        Ok(folders) => Ok(folders.data_dir().join("steward")),
        Err(_) => Err(Failure::new("Your home folder is not known. Name the store's file: steward --store PATH")),
    }
}

/// A path in a sentence.
pub(super) fn shown_path(path: &Path) -> String {
    Shown(&path.to_string_lossy()).to_string()
}

/// The row that a person names: by its name, number or GUID.
pub(super) fn row_named(reader: &Reader, table: Table, name: &str) -> Result<Row, Failure> {
    reader.find(table, name)?.ok_or_else(|| {
        let info = table.info();
        let name = Shown(name);
        Failure::new(format!("There is no {} {name}. steward list {} lists what there is.", info.one, info.name))
    })
}
