//! `steward demo`: a store with a believable agency's data, then the workbench.
//!
//! The demo has a file of its own beside the default store, whatever `STEWARD_STORE` says, so that nobody's work is
//! mixed up with it; `--store` puts it elsewhere. A demo that is there is opened as it is, never written over.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::store::Store;

use super::failure::{Done, Failure};
use super::session::{Session, data_folder, make_data_folder};
use super::{Next, stats};

pub(super) fn run(session: &Session, out: &mut dyn Write) -> Result<Next, Failure> {
    let path = match session.given_path() {
        Some(path) => path,
        None => data_folder()?.join("demo.db"),
    };
    let store = if path.exists() {
        writeln!(out, "The demo {} is there already; remove the file to begin anew.", path.display())?;
        Store::open(&path)?
    } else {
        make(&path, session)?
    };
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        return Ok(Next::Workbench { store, actor: session.actor() });
    }
    writeln!(out, "The demo store is {}", store.path.display())?;
    stats::write(&store.reader()?, out)?;
    writeln!(out, "Open it in a terminal with: steward --store {}", store.path.display())?;
    Ok(Next::Exit(0))
}

/// Builds under another name first, so that an interrupted demo is never taken for a whole one.
fn make(path: &Path, session: &Session) -> Result<Store, Failure> {
    make_data_folder(path)?;
    let draft = PathBuf::from(format!("{}.draft", path.display()));
    remove(&draft)?;
    {
        let store = Store::create(&draft, &session.actor().login)?;
        build(&store, session)?;
    }
    std::fs::rename(&draft, path).map_err(|error| cannot("written", path, &error))?;
    Ok(Store::open(path)?)
}

/// To be wired to `crate::demo` in main: fills the new store by the real engine.
fn build(_store: &Store, _session: &Session) -> Done {
    Err(Failure::new("This build carries no demo data."))
}

/// Removes what an interrupted demo left behind.
fn remove(draft: &Path) -> Done {
    for suffix in ["", "-wal", "-shm"] {
        match std::fs::remove_file(format!("{}{suffix}", draft.display())) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(cannot("removed", draft, &error)),
            _ => {}
        }
    }
    Ok(())
}

fn cannot(what: &str, path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("The demo {} could not be {what}: {error}.", path.display()))
}
