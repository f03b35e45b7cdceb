//! `steward export`: what waits for a receiver goes into a file or to the standard output, and counts as sent.

use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};

use crate::engine::{self, Mode};
use crate::exchange::{Format, OutgoingFile, OutgoingRecords, file_problem};
use crate::model::record::{OutgoingRecord, Receiver};

use super::failure::{Done, Failure};
use super::ingest::FormatName;
use super::report::ReportArgs;
use super::session::{Session, shown_path};

#[derive(Debug, clap::Args)]
pub(super) struct Export {
    /// The key of the source system that receives
    #[arg(long, value_name = "KEY")]
    source: String,
    /// Only what belongs to this table
    #[arg(long)]
    table: Option<String>,
    /// ndjson: an object a record; csv: a row a value, with an apostrophe before what a spreadsheet would run
    ///
    /// [default: by the file's extension: .ndjson and .jsonl are ndjson, all else csv; ndjson without a file]
    #[arg(long)]
    format: Option<FormatName>,
    /// The file to make; - is the standard output
    #[arg(long, value_name = "FILE", default_value = "-")]
    out: PathBuf,
    #[command(flatten)]
    report: ReportArgs,
}

impl Export {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let export = engine::Export { source: self.source.clone(), table: self.table.clone() };
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
            let outcome = engine.export(&export, &Mode::Real, &mut values)?;
            return Ok(self.report.write(&outcome, &mut io::stderr().lock())?);
        }
        let mut file = OutgoingFile::create(&self.out, self.format())
            .map_err(|error| Failure::new(format!("{}: {}", shown_path(&self.out), file_problem(&error))))?;
        let outcome = engine.export(&export, &Mode::Real, &mut file)?;
        Ok(self.report.write(&outcome, out)?)
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
