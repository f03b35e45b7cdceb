//! `steward` without a command: the workbench, which `main` runs.

use std::io::{self, IsTerminal};

use super::Next;
use super::failure::Failure;
use super::session::Session;

pub(super) fn open(session: &Session) -> Result<Next, Failure> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(Failure::new("The workbench needs a terminal. steward --help lists the commands that need none."));
    }
    Ok(Next::Workbench { store: session.store()?, actor: session.actor() })
}
