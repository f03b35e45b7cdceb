//! One delivery: a job, its chunks, and what is said about it (engine.md, "One delivery").
//!
//! A delivery commits in chunks of about a tenth of a second, each an operation of its own, so that other people's writes get
//! in between and memory holds one chunk. Its job says how many records are taken: the same delivery given again goes on
//! from there. A dry run is the same code in one transaction that is taken back.

use std::time::Instant;

use uuid::Uuid;

use super::chunk::{Taken, take};
use super::chunk_size::{Cut, FIRST_CHUNK, LARGEST_CHUNK};
use super::ingest_outcome::{IngestOutcome, already, outcome, summary};
use super::look::Look;
use super::session::{Permission, Session};
use super::shared_keys::{Counted, SharedKeys};
use super::turn::Turn;
use super::{Context, Engine, Error, Refusal};
use crate::model::choice::Direction;
use crate::model::code;
use crate::model::record::{Fault, Record};
use crate::model::table::Table;
use crate::model::text::grouped;
use crate::model::time::{DAY, Micros, rfc3339};
use crate::store::{JobFact, Lease, NewJob, Process, Write};

/// What is delivered, except the records themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    pub source: String,
    pub table: String,
    pub key_column: String,
    pub entity: Option<String>,
    pub delivery_id: Option<String>,
    /// Of the input's bytes, 64 hex digits.
    pub sha256: String,
    pub file_name: Option<String>,
    /// When the source submitted it, UTC microseconds; the time of the run if none.
    pub submitted: Option<Micros>,
    /// Keep a row for each unchanged value too.
    pub keep_unchanged: bool,
    /// Take the delivery also where the source's last one was the same.
    pub again: bool,
}

/// Called after each chunk with the records and values taken so far; false stops the ingest after the chunk.
pub type Progress<'a> = &'a mut dyn FnMut(i64, i64) -> bool;

/// A job that takes records.
pub(super) struct Running {
    pub id: i64,
    pub source: String,
    pub table: String,
    pub submitted: Micros,
    /// Records taken before this chunk.
    pub records: i64,
}

enum Begun {
    Running(Running),
    /// Another run is at it.
    Taken(i64, Lease),
    Already(JobFact),
}

impl Engine {
    /// Takes a delivery in.
    ///
    /// # Errors
    /// Refused where the acting person may not, a name is empty or too long, the delivery id was used before with other
    /// bytes (`ST010`), or it was submitted more than a day ahead of the clock (`ST015`). Parts of the input that cannot be read become failed items and are no errors.
    pub fn ingest(
        &mut self,
        delivery: &Delivery,
        records: &mut dyn Iterator<Item = Result<Record, Fault>>,
        dry_run: bool,
        progress: Progress,
    ) -> Result<IngestOutcome, Error> {
        self.ingest_counted(delivery, Counted::new(records, &delivery.key_column, None), dry_run, progress)
    }

    /// Takes a delivery in after a look at it, whose keys need no counting any more.
    ///
    /// # Errors
    /// As [`Engine::ingest`]. Doubts refuse nothing: whether to go on was for the caller to ask.
    pub fn ingest_looked_at(
        &mut self,
        delivery: &Delivery,
        look: &Look,
        records: &mut dyn Iterator<Item = Result<Record, Fault>>,
        dry_run: bool,
        progress: Progress,
    ) -> Result<IngestOutcome, Error> {
        let counted = Counted::new(records, &delivery.key_column, Some(look.keys));
        self.ingest_counted(delivery, counted, dry_run, progress)
    }

    fn ingest_counted(
        &mut self,
        delivery: &Delivery,
        records: Counted,
        dry_run: bool,
        progress: Progress,
    ) -> Result<IngestOutcome, Error> {
        let started = Instant::now();
        let result = if dry_run {
            self.rehearse(delivery, records, progress)
        } else {
            self.take_in(delivery, records, progress)
        };
        if let (Err(Error::Refused(refusal)), false) = (&result, dry_run) {
            self.log_refusal(&format!("ingest from {}", delivery.source), refusal)?;
        }
        result.map(|outcome| IngestOutcome { seconds: started.elapsed().as_millis() as f64 / 1000.0, ..outcome })
    }

    /// Chunk by chunk, each its own transaction. Where it ends early, it is said what stands.
    fn take_in(&mut self, delivery: &Delivery, records: Counted, progress: Progress) -> Result<IngestOutcome, Error> {
        let mut stands = None;
        self.take_chunks(delivery, records, progress, &mut stands).map_err(|error| match (error, stands) {
            (Error::Failed(error), Some((job, taken))) => Error::Failed(anyhow::anyhow!(
                "{} took in {} records, which stand, and then it could not go on: {} To go on: the same command again, with \
                 the same file",
                Table::SyncJobs.row_name(job),
                grouped(taken),
                Error::Failed(error).step()
            )),
            (error, _) => error,
        })
    }

    /// `stands` is told the job, and how many of its records are taken.
    fn take_chunks(
        &mut self,
        delivery: &Delivery,
        mut records: Counted,
        progress: Progress,
        stands: &mut Option<(i64, i64)>,
    ) -> Result<IngestOutcome, Error> {
        let mut total = Taken::default();
        let mut cut = Cut::new(&self.context.chunks, FIRST_CHUNK);
        let mut running: Option<Running> = None;
        let mut turn: Option<Turn> = None;
        // Not an id that anything is exchanged by.
        let token = Uuid::now_v7();
        loop {
            let size = cut.size();
            let chunk_started = Instant::now();
            let mut write = self.writer.begin((self.context.clock)())?;
            let session = session(&mut write, &self.context)?;
            let mut job = match running.take() {
                Some(job) => still_ours(&mut write, job, token)?,
                None => match begin(&mut write, delivery)? {
                    Begun::Already(job) => return Ok(already(&job, records.shared_of_all())),
                    Begun::Taken(job, lease) => {
                        drop(write);
                        self.wait_for(job, &lease)?;
                        continue;
                    }
                    Begun::Running(job) => {
                        write.take_lease(job.id, &session.lease(token, write.stamp().at))?;
                        records.skip_taken(job.records);
                        job
                    }
                },
            };
            let chunk: Vec<_> = records.by_ref().take(size).collect();
            let last = chunk.len() < size;
            let from = job.records;
            let taken = take(&mut write, delivery, &mut job, chunk, last)?;
            if last && let Some(said) = records.shared().told() {
                write.say_of_job(job.id, &said)?;
            }
            if last {
                write.end_lease(job.id, token)?;
            }
            let summary = summary(&job, from, &taken);
            write.commit(&session.draft("ingest", &summary, None))?;
            *stands = Some((job.id, job.records));
            total.add(taken);
            if last {
                turn.take().into_iter().for_each(Turn::finish);
            } else if turn.is_none() {
                turn = Some(Turn::keep(self.writer.store(), self.context.clock.clone(), job.id, token)?);
            }
            let go_on = progress(total.records, total.items());
            if last || !go_on {
                drop(turn);
                return self.finished(job.id, total, !last, records.shared());
            }
            running = Some(job);
            cut.took(chunk_started.elapsed());
        }
    }

    /// All in one transaction that is taken back.
    fn rehearse(
        &mut self,
        delivery: &Delivery,
        mut records: Counted,
        progress: Progress,
    ) -> Result<IngestOutcome, Error> {
        let mut total = Taken::default();
        let mut write = self.writer.begin((self.context.clock)())?;
        session(&mut write, &self.context)?;
        let mut job = match begin(&mut write, delivery)? {
            Begun::Already(job) => return Ok(already(&job, records.shared_of_all())),
            Begun::Taken(job, lease) => {
                drop(write);
                self.wait_for(job, &lease)?;
                return self.rehearse(delivery, records, progress);
            }
            Begun::Running(job) => job,
        };
        records.skip_taken(job.records);
        let mut cut = Cut::new(&self.context.chunks, LARGEST_CHUNK);
        loop {
            let size = cut.size();
            let chunk: Vec<_> = records.by_ref().take(size).collect();
            let last = chunk.len() < size;
            total.add(take(&mut write, delivery, &mut job, chunk, last)?);
            let go_on = progress(total.records, total.items());
            if last || !go_on {
                let job = write.job(job.id)?.ok_or_else(|| anyhow::anyhow!("the job vanished"))?;
                return Ok(outcome(&job, total, !last, records.shared()));
            }
            cut.passed();
        }
    }

    fn finished(&mut self, job: i64, total: Taken, stopped: bool, keys: SharedKeys) -> Result<IngestOutcome, Error> {
        let write = self.writer.begin((self.context.clock)())?;
        let job = write.job(job)?.ok_or_else(|| anyhow::anyhow!("the job vanished"))?;
        Ok(outcome(&job, total, stopped, keys))
    }
}

pub(super) fn session(write: &mut Write, context: &Context) -> Result<Session, Error> {
    Session::begin(write, &context.actor, &context.host, Permission::Support, "take in deliveries")
}

/// Finds the delivery's job, or makes it.
fn begin(write: &mut Write, delivery: &Delivery) -> Result<Begun, Error> {
    for (name, text) in [("source", &delivery.source), ("table", &delivery.table), ("key", &delivery.key_column)] {
        let length = text.chars().count();
        if length == 0 || length > 100 {
            let problem = format!("a name has 1 to 100 characters, not {length}.");
            return Err(Refusal::Invalid { place: String::new(), field: name.into(), problem }.into());
        }
    }
    let source = write.spelling("source", &delivery.source)?;
    let table = write.spelling("table", &delivery.table)?;
    if let Some(job) = before(write, delivery, &source, &table)?
        && !(job.finished && delivery.again)
    {
        return known(write, job, delivery, source, table);
    }
    let now = write.stamp().at;
    let submitted = delivery.submitted.unwrap_or(now);
    if submitted.saturating_sub(now) > DAY {
        return Err(Refusal::Delivery(format!(
            "{}: the delivery was submitted at {}, and by this machine's clock it is {}. A time so far ahead would make \
             everything {source} delivers until then too late. Correct the time: --submitted TIME",
            code::TIME.code,
            rfc3339(submitted),
            rfc3339(now)
        ))
        .into());
    }
    let id = write.insert_job(&NewJob {
        direction: Direction::Inbound,
        entity_type: delivery.entity.as_deref(),
        source: &source,
        submitted,
        target_table: &table,
        key_column: Some(&delivery.key_column),
        delivery_id: delivery.delivery_id.as_deref(),
        sha256: Some(&delivery.sha256),
        file_name: delivery.file_name.as_deref(),
    })?;
    Ok(Begun::Running(Running { id, source, table, submitted, records: 0 }))
}

/// The job of a delivery that came before.
pub(super) fn before(write: &Write, delivery: &Delivery, source: &str, table: &str) -> Result<Option<JobFact>, Error> {
    Ok(match &delivery.delivery_id {
        Some(id) => write.delivery_of_id(source, id)?,
        None => write
            .newest_delivery(source, table, &delivery.key_column)?
            .filter(|job| job.sha256.as_deref() == Some(&delivery.sha256)),
    })
}

/// The job goes on from where this run left it, under the lease that it took.
fn still_ours(write: &mut Write, job: Running, token: Uuid) -> Result<Running, Error> {
    let found = write.job(job.id)?.ok_or_else(|| anyhow::anyhow!("the job vanished"))?;
    if found.withdrawn {
        let name = Table::SyncJobs.row_name(job.id);
        return Err(Refusal::Delivery(format!(
            "Somebody withdrew {name} while it was taken in. This run stopped after {} records, which are withdrawn, too.",
            grouped(job.records)
        ))
        .into());
    }
    if !write.renew_lease(job.id, token)? || found.records != job.records || found.finished {
        let name = Table::SyncJobs.row_name(job.id);
        return Err(Refusal::Delivery(format!(
            "Another run is taking {name} in, too, and went on with it. This one stopped after {} records.",
            grouped(job.records)
        ))
        .into());
    }
    Ok(job)
}

/// A delivery that came before: done, or to be gone on with, or another one under the same id.
fn known(write: &Write, job: JobFact, delivery: &Delivery, source: String, table: String) -> Result<Begun, Error> {
    let name = Table::SyncJobs.row_name(job.id);
    if job.sha256.as_deref() != Some(&delivery.sha256) {
        let id = delivery.delivery_id.as_deref().unwrap_or_default();
        return Err(Refusal::Delivery(format!(
            "ST010: {source} delivered other bytes under the id {id} before, as {name}. \
             Ask the source which file is right, and deliver it under an id of its own."
        ))
        .into());
    }
    if job.target_table != table {
        return Err(Refusal::Delivery(format!(
            "{source} delivered these bytes before, as {name}, for the table {}. \
             To take them in for {table} too, give the delivery an id of its own: --delivery ID",
            job.target_table
        ))
        .into());
    }
    if job.finished {
        return Ok(Begun::Already(job));
    }
    let now = write.stamp().at;
    if let Some(lease) = write.lease(job.id)?.filter(|lease| lease.lives(&Process::ours(), now)) {
        return Ok(Begun::Taken(job.id, lease));
    }
    Ok(Begun::Running(Running { id: job.id, source, table, submitted: job.submitted, records: job.records }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Actor, Command, Import, ImportRow, Mode};
    use crate::model::record::Cell;

    fn engine(folder: &tempfile::TempDir) -> Engine {
        let mut engine = Engine::create(&folder.path().join("test.db"), Context::new(Actor::new("ada"))).unwrap();
        // The field f0 is coded, so that maps are looked up and proposed too.
        let rows = vec![ImportRow { line: 2, fields: [("code".into(), "A".into())].into() }];
        engine.run(&Command::Import { into: Import::Codes { list: "f0".into() }, rows }, &Mode::Real).unwrap();
        engine
    }

    /// Takes `n` records of eight fields in; a dry run is one transaction of one chunk. Answers its number of queries.
    fn queries(engine: &mut Engine, n: usize, value: &str, dry_run: bool) -> usize {
        let delivery = Delivery {
            source: "HR".into(),
            table: "contact".into(),
            key_column: "id".into(),
            entity: None,
            delivery_id: Some(format!("{n} {value} {dry_run}")),
            sha256: "0".repeat(64),
            file_name: None,
            submitted: None,
            keep_unchanged: false,
            again: false,
        };
        let mut records = (0..n).map(|at| {
            let mut fields = vec![("id".into(), Cell::Text(at.to_string()))];
            fields.extend((0..8).map(|field| (format!("f{field}").into(), Cell::Text(format!("{value}{}", at % 7)))));
            Ok(Record { line: at as u64 + 2, fields })
        });
        let counts = engine.writer.count_statements();
        engine.ingest(&delivery, &mut records, dry_run, &mut |_, _| true).unwrap();
        let counts = counts.lock().unwrap();
        counts["SELECT"]
    }

    #[test]
    fn a_chunk_costs_the_same_number_of_queries_however_many_values_it_holds() {
        let folder = tempfile::tempdir().unwrap();
        let mut engine = engine(&folder);
        let (few, many) = (queries(&mut engine, 50, "a", true), queries(&mut engine, 2000, "a", true));
        assert_eq!(few, many, "queries for 50 and for 2,000 new records");
        assert!(many < 40, "{many} queries a chunk");

        queries(&mut engine, 2000, "a", false);
        let (few, many) = (queries(&mut engine, 50, "a", true), queries(&mut engine, 2000, "a", true));
        assert_eq!(few, many, "queries for 50 and for 2,000 known records");
    }
}
