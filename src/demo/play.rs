//! Takes a step of the script to the engine, as the person whose step it is and at the time of the step.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::files::File;
use super::script::{Act, Parcel, Step};
use crate::engine::{
    Actor, Command, Context, Delivery, Engine, Error, Import, ImportRow, IngestOutcome, Mode, Outcome,
};
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
        Ok(done) => Err(anyhow::anyhow!("the demo expects a refusal, but: {}", done.summary).into()),
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
    };
    let mut records = records(parcel.file)?.into_iter();
    engine.ingest(&delivery, &mut records, false, &mut |_, _| true)
}

fn import(into: Import, file: File) -> Result<Command, Error> {
    let rows =
        records(file)?.into_iter().map(|record| import_row(record.map_err(|fault| anyhow::anyhow!(fault.problem))?));
    Ok(Command::Import { into, rows: rows.collect::<Result<_, Error>>()? })
}

fn import_row(record: Record) -> Result<ImportRow, Error> {
    let text = |cell| match cell {
        Cell::Text(text) => Ok(text),
        Cell::NotText(_) => Err(anyhow::anyhow!("line {} is not UTF-8", record.line)),
    };
    let fields = record.fields.into_iter().map(|(name, cell)| Ok((name.to_string(), text(cell)?)));
    Ok(ImportRow { line: record.line, fields: fields.collect::<Result<BTreeMap<_, _>, anyhow::Error>>()? })
}

/// The file's records. To be replaced by the reader of `exchange`.
fn records(file: File) -> Result<Vec<Result<Record, Fault>>, Error> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(file.bytes);
    let header: Vec<Arc<str>> = reader.headers().map_err(anyhow::Error::from)?.iter().map(Arc::from).collect();
    Ok(reader.byte_records().map(|row| record(&header, row)).collect())
}

fn record(header: &[Arc<str>], row: csv::Result<csv::ByteRecord>) -> Result<Record, Fault> {
    let row = row.map_err(|error| Fault { line: 0, problem: error.to_string(), raw: String::new() })?;
    let line = row.position().map_or(0, csv::Position::line);
    if row.len() != header.len() {
        let raw = row.iter().map(String::from_utf8_lossy).collect::<Vec<_>>().join(",");
        return Err(Fault { line, problem: format!("{} fields, but {} columns", row.len(), header.len()), raw });
    }
    let cell = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => Cell::Text(text.into()),
        Err(_) => Cell::NotText(bytes.into()),
    };
    Ok(Record { line, fields: header.iter().cloned().zip(row.iter().map(cell)).collect() })
}
