//! `steward send`: what waits for a receiver goes into a file or to the standard output, and counts as sent.
//!
//! `steward export --source` is the same by its older name.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::engine::{self, Engine, Mode, Outcome};
use crate::exchange::{Format, OutgoingFile, OutgoingRecords, file_problem};
use crate::model::record::{OutgoingRecord, Receiver};
use crate::model::text::{counted, shell_word};
use crate::model::{Shown, time};
use crate::store::Sent;

use super::acting::watched;
use super::failure::{Done, Failure};
use super::ingest::FormatName;
use super::report::{ReportArgs, say};
use super::session::{Session, shown_path};
use super::upgrade::Copied;

#[derive(Debug, clap::Args)]
pub(super) struct Send {
    /// The key of the source system that receives
    #[arg(long, value_name = "KEY")]
    source: String,
    /// Only what belongs to this table
    #[arg(long)]
    table: Option<String>,
    /// ndjson: an object a record; csv: a row a value; both with every text as it is stored
    ///
    /// [default: by the file's extension: .ndjson and .jsonl are ndjson, all else csv; ndjson without a file]
    #[arg(long)]
    format: Option<FormatName>,
    /// The file to make; - is the standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    /// Queue the values in force that the receiver never got, and send nothing: for one that was bound, or a key that was
    /// added, after they came
    #[arg(long, conflicts_with_all = ["format", "out"])]
    backfill: bool,
    #[command(flatten)]
    copied: Copied,
    #[command(flatten)]
    report: ReportArgs,
}

impl Send {
    /// By the name that the command had before.
    pub(super) fn run_as_export(&self, session: &Session, out: &mut dyn Write) -> Done {
        say("export --source is called send now: steward send --source KEY");
        self.run(session, out)
    }

    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let export = engine::Export { source: self.source.clone(), table: self.table.clone() };
        if self.copied.is_wanted() {
            return self.rehearse_on_a_copy(&export, session, out);
        }
        if self.backfill {
            return self.queue_missing(&export, session, out);
        }
        let to_stdout = self.out == Path::new("-");
        if self.report.dry_run() {
            let outcome = session.engine()?.export(&export, &Mode::DryRun, &mut Nowhere)?;
            return Ok(self.report.write(&outcome, out)?);
        }
        if to_stdout && self.report.json() {
            let problem = "The outcome and the values would both go to the standard output. Name a file: --out FILE";
            return Err(Failure::new(problem));
        }
        let mut engine = session.engine()?;
        if to_stdout {
            let mut values = OutgoingRecords::new(self.format(), &mut *out, io::stdout().is_terminal())?;
            let outcome = watched(&mut engine, |engine| engine.export(&export, &Mode::Real, &mut values))??;
            self.report.write(&outcome, &mut io::stderr().lock())?;
            return self.tell_if_nothing_went(&outcome, &engine);
        }
        let mut file = OutgoingFile::create(&self.out, self.format()).map_err(|error| {
            let sent = match error.kind() {
                io::ErrorKind::AlreadyExists => self.sent(&engine).unwrap_or_default(),
                _ => String::new(),
            };
            Failure::new(format!("{}: {}{sent}", shown_path(&self.out), file_problem(&error)))
        })?;
        let outcome = watched(&mut engine, |engine| engine.export(&export, &Mode::Real, &mut file))??;
        self.report.write(&outcome, out)?;
        self.tell_if_nothing_went(&outcome, &engine)
    }

    /// What is sent counts as sent in the store that it is sent from. A copy goes with what was counted in it, and the same
    /// values would be sent again: so from a copy nothing is sent, and it is only told what would be.
    fn rehearse_on_a_copy(&self, export: &engine::Export, session: &Session, out: &mut dyn Write) -> Done {
        if self.backfill || !self.report.dry_run() {
            return Err(Failure::new(
                "Nothing is sent from a copy: it would not count as sent in the store, and be sent again. With --dry-run it is \
                 told what would be sent; steward list ledger --csv --upgraded-copy writes out values; steward upgrade brings \
                 the store up to date.",
            ));
        }
        let outcome = session.engine_of_copy()?.export(export, &Mode::DryRun, &mut Nowhere)?;
        Ok(self.report.write(&outcome, out)?)
    }

    /// Who was cut off before the outcome came asks again, and finds that nothing waits any more.
    fn tell_if_nothing_went(&self, outcome: &Outcome, engine: &Engine) -> Done {
        if outcome.changed == 0 && !self.report.json() {
            say(self.sent(engine)?.trim_start());
        }
        Ok(())
    }

    /// What counts as sent already, in a sentence.
    fn sent(&self, engine: &Engine) -> Result<String, Failure> {
        let (to, last) = (Shown(&self.source), engine.store().reader()?.last_sent(&self.source)?);
        Ok(match last {
            None => format!(" Nothing counts as sent to {to} yet."),
            Some(Sent { operation, at, values }) => format!(
                " What counts as sent to {to} last: {} by operation {operation} of {}; to send them again: steward undo \
                 {operation}",
                counted(values, "value"),
                time::short_local(at)
            ),
        })
    }

    fn queue_missing(&self, export: &engine::Export, session: &Session, out: &mut dyn Write) -> Done {
        let mut engine = session.engine()?;
        let outcome = watched(&mut engine, |engine| engine.backfill(export, &self.report.mode()))??;
        self.report.write(&outcome, out)?;
        if outcome.operation.is_some() && !self.report.json() {
            let source = shell_word(&Shown(&export.source).to_string());
            say(&format!("To send them: steward send --source {source}"));
        }
        Ok(())
    }

    fn format(&self) -> Format {
        match self.format {
            Some(format) => format.into(),
            None if self.out == Path::new("-") => Format::Ndjson,
            None => Format::guess(&self.out),
        }
    }
}

/// Of a dry run.
struct Nowhere;

impl Receiver for Nowhere {
    fn take(&mut self, _: &OutgoingRecord) -> io::Result<()> {
        Ok(())
    }

    fn finish(&mut self) -> io::Result<()> {
        Ok(())
    }
}
