//! `steward demo`: a store with a believable agency's data, then the workbench.
//!
//! The demo has a file of its own beside the default store, whatever `STEWARD_STORE` says, so that nobody's work is
//! mixed up with it; `--store` puts it elsewhere. A demo that is there is opened as it is, never written over.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::demo;
use crate::model::time;
use crate::store::Store;

use super::failure::{Done, Failure};
use super::session::{Session, data_folder, shown_path};
use super::{Next, stats};

/// SQLite's files of one store.
const SUFFIXES: [&str; 3] = ["-shm", "-wal", ""];

pub(super) fn run(session: &Session, out: &mut dyn Write) -> Result<Next, Failure> {
    let path = match session.given_path() {
        Some(path) => path,
        None => data_folder()?.join("demo.db"),
    };
    if path.exists() {
        writeln!(out, "The demo {} is there already; remove the file to begin anew.", shown_path(&path))?;
    } else {
        make(&path, session, out)?;
    }
    let store = Store::open(&path)?;
    if io::stdin().is_terminal() && io::stdout().is_terminal() {
        return Ok(Next::Workbench { store, actor: session.actor() });
    }
    stats::write(&store.reader()?, out)?;
    writeln!(out, "Open it in a terminal with: steward --store {}", shown_path(&path))?;
    Ok(Next::Exit(0))
}

/// Builds under another name first, so that an interrupted demo is never taken for a whole one.
fn make(path: &Path, session: &Session, out: &mut dyn Write) -> Done {
    let draft = with(path, ".draft");
    let cannot = |error: io::Error| Failure::new(format!("The demo {} cannot be made: {error}.", shown_path(path)));
    for suffix in SUFFIXES {
        match std::fs::remove_file(with(&draft, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(cannot(error)),
            _ => {}
        }
    }
    build(&draft, session, out)?;
    for suffix in SUFFIXES {
        if with(&draft, suffix).exists() {
            std::fs::rename(with(&draft, suffix), with(path, suffix)).map_err(cannot)?;
        }
    }
    Ok(())
}

/// Plays the demo's six weeks into a store at `path`, and says what is in it.
fn build(path: &Path, session: &Session, out: &mut dyn Write) -> Done {
    let (_, summary) = demo::create(path, &session.actor().login, time::now())?;
    writeln!(out, "{summary}")?;
    Ok(())
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
