//! `steward demo`: a store with a believable agency's data, then the workbench.
//!
//! The demo has a file of its own beside the default store, whatever `STEWARD_STORE` says, so that nobody's work is
//! mixed up with it; `--store` puts it elsewhere. A demo that is there is opened as it is, never written over.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::demo::{self, DemoSummary};
use crate::model::time;
use crate::store::Store;

use super::failure::Failure;
use super::session::{Session, data_folder, shown_path};
use super::{Next, stats};

/// SQLite's files of one store.
const SUFFIXES: [&str; 3] = ["-shm", "-wal", ""];

pub(super) fn run(session: &Session, plain: bool, out: &mut dyn Write) -> Result<Next, Failure> {
    let path = match session.given_path() {
        Some(path) => path,
        None => path()?,
    };
    if path.exists() {
        writeln!(out, "The demo {} is there already; remove the file to begin anew.", shown_path(&path))?;
    } else {
        writeln!(out, "{}", make(&path, &session.actor()?.login)?)?;
    }
    let store = Store::open(&path)?;
    if plain || io::stdin().is_terminal() && io::stdout().is_terminal() {
        return Ok(Next::Workbench { store, actor: session.actor()?, plain });
    }
    stats::write(&store.reader()?, out)?;
    writeln!(out, "Open it in a terminal with: steward --store {}", shown_path(&path))?;
    Ok(Next::Exit(0))
}

/// Where the demo lies unless `--store` says otherwise.
pub(super) fn path() -> Result<PathBuf, Failure> {
    Ok(data_folder()?.join("demo.db"))
}

/// The demo at `path`, made for its first admin if it is not there yet: for the workbench's first run.
///
/// # Errors
/// A sentence where it cannot be made or opened.
pub fn make_or_open(path: &Path, login: &str) -> anyhow::Result<Store> {
    if !path.exists() {
        make(path, login).map_err(|failure| match failure {
            Failure::Sentence(sentence) => anyhow::anyhow!(sentence),
            Failure::BrokenPipe => anyhow::anyhow!("The demo could not be made."),
        })?;
    }
    Store::open(path)
}

/// Builds under another name first, so that an interrupted demo is never taken for a whole one.
fn make(path: &Path, login: &str) -> Result<DemoSummary, Failure> {
    let draft = with(path, ".draft");
    let cannot = |error: io::Error| Failure::new(format!("The demo {} cannot be made: {error}.", shown_path(path)));
    for suffix in SUFFIXES {
        match std::fs::remove_file(with(&draft, suffix)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(cannot(error)),
            _ => {}
        }
    }
    // Six weeks of deliveries and decisions, played into a store under the draft's name.
    let (_, summary) = demo::create(&draft, login, time::now())?;
    for suffix in SUFFIXES {
        if with(&draft, suffix).exists() {
            std::fs::rename(with(&draft, suffix), with(path, suffix)).map_err(cannot)?;
        }
    }
    Ok(summary)
}

fn with(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}
