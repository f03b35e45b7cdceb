//! The program: the command line does its part, and where it asks for the workbench, that opens here, because `cli` and
//! `tui` do not know each other.

use std::io::{self, Write};
use std::process::ExitCode;

use steward::cli::{self, Next};
use steward::engine::{Actor, Context};
use steward::model::Shown;
use steward::store::Store;
use steward::tui::{self, settings};

fn main() -> ExitCode {
    let done = match cli::run() {
        Next::Exit(code) => return ExitCode::from(code),
        Next::Workbench { store, actor } => workbench(&store, actor),
        Next::Settings { check } => show_settings(check),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where stderr is gone there is nobody to tell.
            let _ = writeln!(io::stderr(), "{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn workbench(store: &Store, actor: Actor) -> anyhow::Result<()> {
    let settings = settings::read()?;
    tui::run(store, Context::new(actor), settings.into())
}

/// Prints where the settings lie and the documented file, or with `check` whether they can be read.
fn show_settings(check: bool) -> anyhow::Result<()> {
    let path =
        settings::path().ok_or_else(|| anyhow::anyhow!("Your home folder is not known: set XDG_CONFIG_HOME."))?;
    let shown = Shown(&path.to_string_lossy()).to_string();
    let there = path.exists();
    let text = if !check {
        let state = if there { "is read" } else { "is not there: these are the defaults" };
        format!("# {shown} {state}\n\n{}", settings::document())
    } else {
        settings::read()?;
        if there { format!("{shown} is in order.\n") } else { format!("{shown} is not there; the defaults hold.\n") }
    };
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
