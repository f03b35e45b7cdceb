//! `steward ingest`

use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use crate::engine::{Delivery, Doubt, Engine, IngestOutcome, LOOKED_INTO, Look, SharedKeys};
use crate::exchange::{Format, Input, Records, json_line, key_column};
use crate::model::text::{counted, grouped};
use crate::model::time::Micros;
use crate::model::{Shown, sentence};

use super::acting;
use super::agreed::{agreed, can_ask};
use super::failure::{Done, Failure};
use super::parsers;
use super::report::{part, say, was_done};
use super::session::Session;

#[derive(Debug, clap::Args)]
pub(super) struct Ingest {
    /// The delivered file; - is the standard input
    file: PathBuf,
    /// The key of the source system that delivers
    #[arg(long, value_name = "KEY")]
    source: String,
    /// The table that the records belong to
    #[arg(long)]
    table: String,
    /// The column with the source's own key of a record
    #[arg(long, value_name = "COLUMN")]
    key: String,
    /// What the records are, where the table does not say it
    #[arg(long, value_name = "TYPE")]
    entity: Option<String>,
    /// The source's own id of this delivery
    #[arg(long, value_name = "ID")]
    delivery: Option<String>,
    /// When the source submitted it; UTC unless it has an offset [default: now]
    #[arg(long, value_name = "TIME", value_parser = parsers::time)]
    submitted: Option<Micros>,
    /// [default: by the extension: .ndjson and .jsonl are ndjson, all else csv]
    #[arg(long)]
    format: Option<FormatName>,
    /// Keep a row for each value that did not change, too
    #[arg(long)]
    keep_unchanged: bool,
    /// Take the delivery in although it is the same as the one before
    #[arg(long)]
    again: bool,
    /// Take it in without a question where its keys or its source look wrong
    #[arg(long)]
    yes: bool,
    /// Do not wait where another run is taking the same delivery in
    #[arg(long)]
    no_wait: bool,
    /// Show what would happen, and change nothing
    #[arg(long)]
    dry_run: bool,
    /// Print the outcome as one JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(super) enum FormatName {
    Csv,
    Ndjson,
}

impl From<FormatName> for Format {
    fn from(name: FormatName) -> Format {
        match name {
            FormatName::Csv => Format::Csv,
            FormatName::Ndjson => Format::Ndjson,
        }
    }
}

#[derive(Serialize)]
struct Report<'a> {
    dry_run: bool,
    #[serde(flatten)]
    outcome: &'a IngestOutcome,
    doubts: &'a [Doubt],
}

/// Of a delivery that was only looked at.
#[derive(Serialize)]
struct Doubted<'a> {
    taken_in: bool,
    #[serde(flatten)]
    keys: SharedKeys,
    doubts: &'a [Doubt],
}

impl Ingest {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        let mut engine = session.engine()?;
        let mut input = Input::open(&self.file)?;
        let format = self.format();
        let delivery = Delivery {
            source: self.source.clone(),
            table: self.table.clone(),
            key_column: key_column(&mut input, format, &self.key)?.to_string(),
            entity: self.entity.clone(),
            delivery_id: self.delivery.clone(),
            sha256: input.sha256.clone(),
            file_name: file_name(&self.file),
            submitted: self.submitted,
            keep_unchanged: self.keep_unchanged,
            again: self.again,
        };
        let look = look_at(&mut engine, &delivery, &mut input, format)?;
        self.settle_doubts(&look, out)?;
        let outcome = self.take_in(&mut engine, &delivery, &look, &mut input)?;
        if !self.dry_run && !outcome.already_delivered {
            let (job, records) = (Shown(&outcome.job_id), counted(outcome.records, "record"));
            was_done(format!("{job} took in {records}"));
        }
        outcome.faults.iter().for_each(|fault| say(fault));
        if self.json {
            json_line(out, &Report { dry_run: self.dry_run, outcome: &outcome, doubts: &look.doubts })?;
        } else {
            self.write(&outcome, out)?;
            self.write_doubts(&look, out)?;
        }
        if outcome.stopped {
            let records = counted(outcome.records, "record");
            return Err(Failure::new(format!(
                "Stopped after {records}, as you asked. Deliver the same file again to go on from there."
            )));
        }
        Ok(())
    }

    /// Runs the ingest with a progress bar on stderr; Ctrl-C stops it after a chunk, or while it waits for its turn.
    fn take_in(
        &self,
        engine: &mut Engine,
        delivery: &Delivery,
        look: &Look,
        input: &mut Input,
    ) -> Result<IngestOutcome, Failure> {
        let interrupted = Arc::new(AtomicBool::new(false));
        acting::stop_on_interrupt(interrupted.clone())?;
        let bar = progress_bar(input.length);
        let name = input.name.clone();
        let reader = BufReader::with_capacity(1 << 16, bar.wrap_read(input.reader()?));
        let mut records = Records::new(self.format(), reader)
            .map_err(|problem| crate::exchange::Unreadable { input: name, problem })?;
        if !self.no_wait {
            let (stop, bar, mut told) = (interrupted.clone(), bar.clone(), String::new());
            engine.wait_for_turn(move |said| {
                if told != said {
                    bar.suspend(|| say(said));
                    told = said.to_string();
                }
                !stop.load(Ordering::Relaxed)
            });
        }
        let outcome = engine.ingest_looked_at(delivery, look, &mut records, self.dry_run, &mut |records, values| {
            bar.set_message(format!("{} records, {} values", grouped(records), grouped(values)));
            !interrupted.load(Ordering::Relaxed)
        });
        bar.finish_and_clear();
        Ok(outcome?)
    }

    /// Asks about what looks like a mistake before anything is written.
    fn settle_doubts(&self, look: &Look, out: &mut dyn Write) -> Done {
        if look.doubts.is_empty() || self.dry_run {
            return Ok(());
        }
        let asks = can_ask(Some(&self.file));
        if self.yes || asks {
            look.doubts.iter().for_each(|doubt| say(&doubt.said));
        }
        if self.yes || asks && agreed("Take it in as it is?")? {
            return Ok(());
        }
        if self.json {
            json_line(out, &Doubted { taken_in: false, keys: look.keys, doubts: &look.doubts })?;
        }
        if asks {
            return Err(Failure::new("The delivery was not taken in, as you answered."));
        }
        let said: Vec<&str> = look.doubts.iter().map(|doubt| doubt.said.as_str()).collect();
        let said = said.join(" ");
        Err(Failure::new(format!(
            "The delivery looks wrong and was not taken in. {said} To take it in as it is: --yes"
        )))
    }

    /// What a dry run found; a real one asked.
    fn write_doubts(&self, look: &Look, out: &mut dyn Write) -> Done {
        if look.doubts.is_empty() || !self.dry_run {
            return Ok(());
        }
        look.doubts.iter().try_for_each(|doubt| writeln!(out, "  looks wrong: {}", doubt.said))?;
        Ok(writeln!(out, "  without --dry-run you are asked about it, or --yes takes it in")?)
    }

    fn format(&self) -> Format {
        match self.format {
            Some(format) => format.into(),
            None => Format::guess(&self.file),
        }
    }

    fn write(&self, outcome: &IngestOutcome, out: &mut dyn Write) -> Done {
        let job = Shown(&outcome.job_id);
        if self.dry_run {
            writeln!(out, "Dry run, nothing was changed.")?;
        }
        if outcome.already_delivered {
            writeln!(
                out,
                "The same file was delivered before, as {job}; nothing was done. To take it in all the same: --again. What it gave:"
            )?;
        } else {
            let (source, table) = (Shown(&self.source), Shown(&self.table));
            writeln!(out, "{job}: {source} → {table}: {}", sentence(&outcome.job_status))?;
        }
        let (records, values) = (counted(outcome.records, "record"), counted(outcome.items, "value"));
        writeln!(out, "  {records} with {values}, in {:.1} s", outcome.seconds)?;
        let states = [
            part(outcome.applied, "applied"),
            part(outcome.unchanged, "unchanged"),
            part(outcome.waiting, "waiting"),
            part(outcome.held, "held"),
            part(outcome.failed, "failed"),
            part(outcome.rejected, "rejected"),
            part(outcome.superseded, "superseded"),
        ];
        let states: Vec<String> = states.into_iter().flatten().collect();
        if !states.is_empty() {
            writeln!(out, "  {}", states.join(" · "))?;
        }
        if outcome.records > 1 {
            let shared = outcome.keys.told().unwrap_or_else(|| "no two records share a key".into());
            writeln!(out, "  {shared}")?;
        }
        if outcome.identifiers > 0 {
            writeln!(out, "  {}", counted(outcome.identifiers, "new identifier"))?;
        }
        if outcome.proposed_maps > 0 {
            writeln!(out, "  {} without a map", counted(outcome.proposed_maps, "new code"))?;
        }
        for (n, state) in [(outcome.held, "held"), (outcome.failed, "failed")] {
            if n > 0 && !self.dry_run {
                writeln!(out, "  see what is {state}: steward list sync-items --filter \"job:{job} is:{state}\"")?;
            }
        }
        Ok(())
    }
}

/// Reads the delivery once before anything of it is taken.
fn look_at(engine: &mut Engine, delivery: &Delivery, input: &mut Input, format: Format) -> Result<Look, Failure> {
    let bar = progress_bar(input.length);
    bar.set_message("looking at the keys");
    let name = input.name.clone();
    let reader = BufReader::with_capacity(1 << 16, bar.wrap_read(input.reader()?));
    let records =
        Records::new(format, reader).map_err(|problem| crate::exchange::Unreadable { input: name, problem })?;
    let look = engine.look_at_delivery(delivery, &mut records.brief(&delivery.key_column, LOOKED_INTO));
    bar.finish_and_clear();
    Ok(look?)
}

/// Hidden by indicatif where stderr is no terminal.
fn progress_bar(bytes: u64) -> ProgressBar {
    let bar = ProgressBar::new(bytes);
    if let Ok(style) =
        ProgressStyle::with_template("{bar:30} {percent:>3} %  {msg}  {binary_bytes_per_sec}  {eta} left")
    {
        bar.set_style(style);
    }
    bar
}

fn file_name(path: &Path) -> Option<String> {
    let name = path.file_name().filter(|_| path != Path::new("-"))?;
    Some(name.to_string_lossy().into_owned())
}
