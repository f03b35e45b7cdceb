//! The program: the command line does its part, and where it asks for the workbench, that opens here, because `cli` and
//! `tui` do not know each other.

use std::process::ExitCode;

use steward::cli::{self, Next};
use steward::engine::Actor;
use steward::store::Store;

fn main() -> ExitCode {
    match cli::run() {
        Next::Exit(code) => ExitCode::from(code),
        Next::Workbench { store, actor } => workbench(store, actor),
    }
}

/// To be wired to `steward::tui::run`.
fn workbench(_store: Store, _actor: Actor) -> ExitCode {
    ExitCode::FAILURE
}
