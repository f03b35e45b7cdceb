//! The program: the command line does its part, and where it asks for the workbench, that opens here, because `cli` and
//! `tui` do not know each other.

use std::io::{self, Write};
use std::process::ExitCode;

use steward::cli::{self, Next};
use steward::engine::{Actor, Context};
use steward::store::Store;
use steward::tui;

fn main() -> ExitCode {
    match cli::run() {
        Next::Exit(code) => ExitCode::from(code),
        Next::Workbench { store, actor } => workbench(&store, actor),
    }
}

fn workbench(store: &Store, actor: Actor) -> ExitCode {
    match tui::run(store, Context::new(actor), &tui::Options::default()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where stderr is gone there is nobody to tell.
            let _ = writeln!(io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}
