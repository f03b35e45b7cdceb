//! `steward export`: what waits for a receiver goes into a file or to the standard output, and counts as sent.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::engine::{self, Receiver};
use crate::exchange::{Format, OutgoingRecords};
use crate::model::record::OutgoingRecord;

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
            let outcome = session.engine()?.export(&export, true, &mut Nowhere)?;
            return Ok(self.report.write(&outcome, out)?);
        }
        if to_stdout && self.report.json() {
            let problem = "The outcome and the values would both go to the standard output. Name a file: --out FILE";
            return Err(Failure::new(problem));
        }
        let mut engine = session.engine()?;
        if to_stdout {
            let mut values = OutgoingRecords::new(self.format(), &mut *out, io::stdout().is_terminal())?;
            let outcome = engine.export(&export, false, &mut values)?;
            return Ok(self.report.write(&outcome, &mut io::stderr().lock())?);
        }
        let mut file = NewFile::create(&self.out, self.format())
            .map_err(|error| Failure::new(format!("{}: {}", shown_path(&self.out), sentence(&error))))?;
        let outcome = engine.export(&export, false, &mut file)?;
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

fn sentence(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::AlreadyExists => "There is such a file already. Move it away, or name another.".into(),
        io::ErrorKind::NotFound => "Its folder does not exist. Make it, or name another.".into(),
        _ => format!("It cannot be made: {error}."),
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

impl<W: Write> Receiver for OutgoingRecords<W> {
    fn take(&mut self, record: &OutgoingRecord) -> io::Result<()> {
        self.write(record)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.flush()
    }
}

/// A file that has its name only when it is whole, and never takes the place of another: that one may not have been
/// sent on yet. Readable by its owner alone, like the store.
struct NewFile {
    path: PathBuf,
    records: OutgoingRecords<BufWriter<std::fs::File>>,
    file: Option<NamedTempFile>,
}

impl NewFile {
    fn create(path: &Path, format: Format) -> io::Result<NewFile> {
        if path.symlink_metadata().is_ok() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = NamedTempFile::new_in(folder)?;
        let records = OutgoingRecords::new(format, BufWriter::new(file.reopen()?), false)?;
        Ok(NewFile { path: path.to_path_buf(), records, file: Some(file) })
    }
}

impl Receiver for NewFile {
    fn take(&mut self, record: &OutgoingRecord) -> io::Result<()> {
        self.records.write(record)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.records.flush()?;
        if let Some(file) = self.file.take() {
            file.as_file().sync_all()?;
            file.persist_noclobber(&self.path)?;
        }
        Ok(())
    }
}
