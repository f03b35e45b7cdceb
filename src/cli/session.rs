//! Which store, and who acts.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::engine::{Actor, Context, Engine};
use crate::exchange::rights;
use crate::model::{Row, Shown, Table};
use crate::store::{Opener, ReadOnly, Reader, Store};
use etcetera::BaseStrategy;

use super::failure::Failure;
use super::identity;
use super::report::say;
use super::upgrade::Copied;

/// The arguments that every command takes.
#[derive(Debug, clap::Args)]
pub(super) struct Session {
    /// The store's file [default: $STEWARD_STORE, else steward/steward.db in your data folder; the demo's is demo.db there]
    #[arg(long, global = true, value_name = "PATH")]
    store: Option<PathBuf>,
    /// Act for somebody else; only an admin may, and it is recorded
    #[arg(long = "as", global = true, value_name = "NAME")]
    on_behalf_of: Option<String>,
    /// Whether the command only says what would happen.
    #[arg(skip)]
    pub(super) dry_run: bool,
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

    /// Who is at the keyboard.
    pub(super) fn actor(&self) -> Result<Actor, Failure> {
        identity::actor(self.on_behalf_of.clone())
    }

    /// Reads; whoever it is for has to be known, although everybody reads the same.
    pub(super) fn reader(&self) -> Result<Reader, Failure> {
        let store = Store::open(&self.path()?)?;
        tell_of_other_names(&store);
        self.reads(store.reader()?)
    }

    /// Reads an older store by way of a copy, if that is wanted. Answers whether it is one.
    pub(super) fn reader_of(&self, copied: &Copied) -> Result<(Reader, bool), Failure> {
        if !copied.is_wanted() {
            return Ok((self.reader()?, false));
        }
        not_with_lent_rights("--upgraded-copy")?;
        let (store, is_copy) = Store::open_upgraded_copy(&self.path()?)?;
        Ok((self.reads(store.reader()?)?, is_copy))
    }

    fn reads(&self, reader: Reader) -> Result<Reader, Failure> {
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

    /// Writes, or says what would be written. Who is at the keyboard brings an older store up to date by it, if they may.
    pub(super) fn engine(&self) -> Result<Engine, Failure> {
        let path = self.path()?;
        let store = if self.dry_run { Store::open(&path)? } else { self.open_to_write(&path, &mut |_| {})? };
        Ok(Engine::open(&store, Context::new(self.actor()?))?)
    }

    /// Says what would be written to an older store, by a private copy that is brought up to date.
    pub(super) fn engine_of_copy(&self) -> Result<Engine, Failure> {
        let (store, _) = Store::open_upgraded_copy(&self.path()?)?;
        Ok(Engine::open(&store, Context::new(self.actor()?))?)
    }

    /// The path of the store where who is at the keyboard is an admin of it: for what is done to its file.
    pub(super) fn admins_path(&self) -> Result<PathBuf, Failure> {
        let (path, login) = (self.path()?, self.actor()?.login);
        let store = Store::open(&path)?;
        store.check_writable()?;
        let users = store.reader()?.users()?;
        let is_admin = |roles: &str| roles.split(',').any(|role| role.trim() == "admin");
        if users.iter().any(|user| user.active && user.login == login && is_admin(&user.roles)) {
            return Ok(path);
        }
        Err(Failure::new(format!("\"{}\" is no admin of the store {}. Ask one.", Shown(&login), shown_path(&path))))
    }

    /// Brings an older store up to date; answers whether there was anything to do.
    pub(super) fn upgrade(&self) -> Result<bool, Failure> {
        let mut upgraded = false;
        self.open_to_write(&self.path()?, &mut |_| upgraded = true)?;
        Ok(upgraded)
    }

    /// What has to be done to a store first is told where errors are told.
    fn open_to_write(&self, path: &Path, heard: &mut dyn FnMut(&str)) -> Result<Store, Failure> {
        let mut tell = |sentence: &str| {
            heard(sentence);
            // Where stderr is gone there is nobody to tell.
            let _ = writeln!(io::stderr(), "{sentence}");
        };
        let actor = self.actor()?;
        let opener = Opener { login: &actor.login, mapped: actor.mapped_from.is_some() };
        Ok(Store::open_to_write(path, opener, &mut tell)?)
    }
}

/// Our folder among the person's data, by the XDG rules.
pub(super) fn data_folder() -> Result<PathBuf, Failure> {
    match etcetera::choose_base_strategy() {
        Ok(folders) => Ok(folders.data_dir().join("steward")),
        Err(_) => Err(Failure::new("Your home folder is not known. Name the store's file: steward --store PATH")),
    }
}

/// Refuses what makes, moves or replaces a store's files where the program has a group's rights that the person lacks: they
/// would come to be that person's, or get where the group may write and the person may not.
pub(super) fn not_with_lent_rights(what: &str) -> Result<(), Failure> {
    if !rights::are_lent() {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{what} is for whoever looks after the store's files, and this program has a group's rights to them that you have not. \
         Run it as a member of the group, such as: sudo -g GROUP steward …"
    )))
}

/// Where a file has several names, who reads it under one may not see what was written under another, and is told.
pub(super) fn tell_of_other_names(store: &Store) {
    if matches!(store.read_only(), Some(ReadOnly::Links | ReadOnly::OtherName)) {
        store.read_only_told().iter().for_each(|said| say(said));
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
