//! Asking before something is done that looks like a mistake.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use super::acting::watched;
use super::failure::Failure;
use super::report::{ReportArgs, say};
use crate::engine::{Command, Engine, Error, Mode, Outcome};

/// Whether somebody is there to answer: what comes through the standard input leaves nobody.
pub(super) fn can_ask(input: Option<&Path>) -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal() && input != Some(Path::new("-"))
}

/// Asks on stderr; anything but a yes is a no.
pub(super) fn agreed(question: &str) -> Result<bool, Failure> {
    let unread = |error: io::Error| Failure::new(format!("Your answer could not be read: {error}."));
    let mut stderr = io::stderr().lock();
    write!(stderr, "{question} [y/N] ").and_then(|()| stderr.flush()).map_err(unread)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(unread)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

/// How a command is run that may look like a mistake.
pub(super) struct Careful<'a> {
    pub report: &'a ReportArgs,
    /// It is done whatever it looks like.
    pub yes: bool,
    /// The file that it comes from.
    pub input: Option<&'a Path>,
}

impl Careful<'_> {
    /// Runs a command; where it looks like a mistake, whoever asked for it says first that it is none.
    ///
    /// # Errors
    /// As those of the engine; and where nobody is there to ask, or the answer is no.
    pub fn run(&self, engine: &mut Engine, command: &Command, out: &mut dyn Write) -> Result<Outcome, Failure> {
        self.attempt(engine, command, out)?.map_err(Failure::from)
    }

    /// The same, with what the engine refuses apart from other failures.
    pub fn attempt(
        &self,
        engine: &mut Engine,
        command: &Command,
        out: &mut dyn Write,
    ) -> Result<Result<Outcome, Error>, Failure> {
        if self.yes || self.report.dry_run() {
            return watched(engine, |engine| engine.run(command, &self.report.mode()));
        }
        let looked = match engine.run(command, &Mode::DryRun) {
            Ok(looked) if !looked.warnings.is_empty() => looked,
            // A refusal is told as that of the real run, which the log has.
            _ => return watched(engine, |engine| engine.run(command, &Mode::Real)),
        };
        let asks = can_ask(self.input);
        if !asks {
            if self.report.json() {
                self.report.write_looked_at(&looked, out)?;
            }
            let said = looked.warnings.join(" ");
            return Err(Failure::new(format!("It looks wrong and was not done. {said} To do it all the same: --yes")));
        }
        looked.warnings.iter().for_each(|warning| say(warning));
        if !agreed("Do it all the same?")? {
            return Err(Failure::new("It was not done, as you answered."));
        }
        watched(engine, |engine| engine.run(command, &Mode::AsPreviewed(looked.fingerprint)))
    }
}
