//! `steward` without a command: the workbench, which `main` runs; where there is no store yet, its first run.

use std::io::{self, IsTerminal};

use super::Next;
use super::demo;
use super::failure::Failure;
use super::session::{Session, not_with_lent_rights};
use crate::store::Store;

pub(super) fn open(session: &Session, plain: bool) -> Result<Next, Failure> {
    let terminal = io::stdin().is_terminal() && io::stdout().is_terminal();
    if !plain && !terminal {
        return Err(Failure::new(
            "The workbench needs a terminal. steward --help lists the commands that need none; steward --plain is the \
             workbench as lines of text.",
        ));
    }
    // A terminal that cannot move its cursor, or does not say what it is, gets lines of text unasked.
    let plain = plain || std::env::var_os("TERM").is_none_or(|term| term.is_empty() || term == "dumb");
    let (path, actor) = (session.path()?, session.actor()?);
    if path.exists() {
        return Ok(Next::Workbench { store: Store::open(&path)?, actor, plain });
    }
    not_with_lent_rights("A new store")?;
    Ok(Next::FirstRun { path, demo: demo::path()?, actor, plain })
}
