//! The program: the command line does its part, and where it asks for the workbench, that opens here, because `cli` and
//! `tui` do not know each other.

use std::io::{self, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use steward::cli::{self, Next};
use steward::engine::{Actor, Context, Engine};
use steward::model::Shown;
use steward::store::Store;
use steward::tui::first_run::{Choice, Make, Missing};
use steward::tui::plain::{self, Ends};
use steward::tui::theme::Theme;
use steward::tui::{self, Options, settings};

fn main() -> ExitCode {
    let done = match cli::run() {
        Next::Exit(code) => return ExitCode::from(code),
        Next::Workbench { store, actor, plain } => workbench(&store, actor, plain),
        Next::FirstRun { path, demo, actor, plain } => first_run(path, demo, actor, plain),
        Next::Settings { theme: Some(name), .. } => show_theme(&name),
        Next::Settings { check, theme: None } => show_settings(check),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Where stderr is gone there is nobody to tell.
            let _ = writeln!(io::stderr(), "steward: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn workbench(store: &Store, actor: Actor, plain: bool) -> anyhow::Result<()> {
    let options = Options { commands: cli::commands(), ..settings::read()?.into() };
    if plain {
        on_lines(|ends| plain::run(store, Context::new(actor), options, ends))
    } else {
        tui::run(store, Context::new(actor), options)
    }
}

/// Asks what to do where there is no store, and goes on with what was chosen.
fn first_run(path: PathBuf, demo: PathBuf, actor: Actor, plain: bool) -> anyhow::Result<()> {
    let options = Options { commands: cli::commands(), ..settings::read()?.into() };
    let missing = Missing { path, demo: demo.clone(), make: maker(demo, actor.clone()) };
    if !plain {
        return tui::first_run(&missing, Context::new(actor), options);
    }
    on_lines(|mut ends| match plain::first_run(&missing, &mut ends)? {
        Some(store) => plain::run(&store, Context::new(actor), options, ends),
        None => Ok(()),
    })
}

/// How each choice of the first run becomes a store.
fn maker(demo: PathBuf, actor: Actor) -> Make {
    Arc::new(move |choice| match choice {
        Choice::Empty(path) => Ok(Engine::create(path, Context::new(actor.clone()))?.store().clone()),
        Choice::Demo => cli::demo_store(&demo, &actor.login),
        Choice::Other(path) => Store::open(path),
    })
}

/// Runs the workbench of lines between stdin and stdout.
fn on_lines(work: impl FnOnce(Ends) -> anyhow::Result<()>) -> anyhow::Result<()> {
    let prompt = io::stdin().is_terminal() && io::stdout().is_terminal();
    let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
    work(Ends { input: &mut input, output: &mut output, prompt })
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
    print(&text)?;
    // A file that keeps the workbench from starting is told here, too, below what could stand in it.
    settings::read().map(drop)
}

fn show_theme(name: &str) -> anyhow::Result<()> {
    print(Theme::text(name).map_err(anyhow::Error::msg)?)
}

/// Prints to stdout; that its reader went away is no error.
fn print(text: &str) -> anyhow::Result<()> {
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}
