//! Takes a step of the script to the engine, as the person whose step it is and at the time of the step.

use std::sync::Arc;

use anyhow::{Context as _, anyhow, bail};
use sha2::{Digest, Sha256};

use super::files::File;
use super::script::{Act, Parcel, Step};
use crate::engine::{
    Actor, Command, Context, Delivery, Engine, Error, Import, ImportRow, IngestOutcome, Mode, Outcome,
};
use crate::exchange::CsvRecords;
use crate::model::record::{Cell, Fault, Record};
use crate::model::time::Micros;
use crate::store::Store;

/// Plays one step; a delivery answers what it did.
pub(super) fn play(store: &Store, admin: &str, step: Step, at: Micros) -> Result<Option<IngestOutcome>, Error> {
    let mut engine = Engine::open(store, surroundings(step.who.unwrap_or(admin), at))?;
    match step.act {
        Act::Run(command) => run(&mut engine, &command),
        Act::Refused(command) => refused(engine.run(&command, &Mode::Real)),
        Act::Import(into, file) => run(&mut engine, &import(into, file)?),
        Act::Deliver(parcel) => deliver(&mut engine, &parcel, at).map(Some),
    }
}

/// A person, and a clock that stands.
pub(super) fn surroundings(login: &str, at: Micros) -> Context {
    Context::at(Actor::new(login), Arc::new(move || at))
}

fn run(engine: &mut Engine, command: &Command) -> Result<Option<IngestOutcome>, Error> {
    engine.run(command, &Mode::Real)?;
    Ok(None)
}

fn refused(result: Result<Outcome, Error>) -> Result<Option<IngestOutcome>, Error> {
    match result {
        Err(Error::Refused(_)) => Ok(None),
        Err(error) => Err(error),
        Ok(done) => Err(anyhow!("the demo expects a refusal, but: {}", done.summary).into()),
    }
}

fn deliver(engine: &mut Engine, parcel: &Parcel, at: Micros) -> Result<IngestOutcome, Error> {
    let delivery = Delivery {
        source: parcel.feed.source.into(),
        table: parcel.feed.table.into(),
        key_column: parcel.feed.key_column.into(),
        entity: None,
        delivery_id: Some(parcel.delivery_id.into()),
        sha256: Sha256::digest(parcel.file.bytes).iter().map(|byte| format!("{byte:02x}")).collect(),
        file_name: parcel.file.name.rsplit('/').next().map(Into::into),
        submitted: Some(at - parcel.under_way),
        keep_unchanged: parcel.keep_unchanged,
        again: false,
    };
    engine.ingest(&delivery, &mut records(parcel.file)?, false, &mut |_, _| true)
}

fn import(into: Import, file: File) -> Result<Command, Error> {
    let rows = records(file)?.map(import_row).collect::<anyhow::Result<_>>().context(file.name)?;
    Ok(Command::Import { into, rows })
}

fn import_row(record: Result<Record, Fault>) -> anyhow::Result<ImportRow> {
    let Record { line, fields } = record.map_err(|fault| anyhow!("line {}: {}", fault.line, fault.problem))?;
    let fields = fields.into_iter().map(|(name, cell)| match cell {
        Cell::Text(text) => Ok((name.to_string(), text)),
        Cell::NotText(_) => bail!("line {line}: {name} is not UTF-8"),
    });
    Ok(ImportRow { line, fields: fields.collect::<anyhow::Result<_>>()? })
}

fn records(file: File) -> Result<CsvRecords<&'static [u8]>, Error> {
    Ok(CsvRecords::new(file.bytes).map_err(|problem| anyhow!("{}: {problem}", file.name))?)
}
