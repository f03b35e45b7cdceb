//! Mending what follows from the rows: `doctor --fix`.
//!
//! What the log covers is never mended: where that does not agree, somebody changed it, and only a person can say what was
//! right. Values in force, counters, statuses and counts are worked out of rows that the log vouches for. A file that SQLite
//! cannot read in full is another matter: what can be read goes into a new store, whose log says what could not.

use std::path::{Path, PathBuf};

use anyhow::anyhow;

use super::session::Permission;
use super::settle::{counters_of, current_of};
use super::verify::{Verdict, verify};
use super::verify_derived::derived;
use super::{Context, Done, Engine, Error, Mode, Operation, Outcome};
use crate::model::Shown;
use crate::model::choice::ItemState;
use crate::model::table::Table;
use crate::model::text::{counted, grouped};
use crate::rules::status::job_status;
use crate::rules::survivorship::holder;
use crate::store::{Alone, JobCounters, Lost, NewStore, Reader, Recount, Store};

/// What an examination of a store's content came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    Sound,
    /// Only what follows from the rows does not: it can be worked out again.
    Derived,
    Tampered,
    /// SQLite cannot read all of the file.
    Damaged,
}

/// Lines of a mended store that its log keeps at most.
const LINES: usize = 50;

/// Verifies a store, and says what kind of fault it has; with sentences.
///
/// # Errors
/// The store cannot be read.
pub fn examine(store: &Store) -> anyhow::Result<(Health, Vec<String>)> {
    let found = verify(store, None);
    let health = match found.verdict {
        Verdict::Sound | Verdict::SoundWithoutDigest => Health::Sound,
        Verdict::Unreadable => Health::Damaged,
        Verdict::OlderThanDigest | Verdict::ForkedFromDigest => Health::Tampered,
        Verdict::Tampered if is_only_derived(&store.reader()?)? => Health::Derived,
        Verdict::Tampered => Health::Tampered,
    };
    Ok((health, found.lines))
}

/// Whether the log and the schema agree with the rows, and only what follows from those does not.
fn is_only_derived(reader: &Reader) -> anyhow::Result<bool> {
    let mut of_records = false;
    reader
        .recount_jobs(|job| of_records |= job.records.is_some_and(|(taken, first, last)| first < 1 || last > taken))?;
    let chain = reader.chain(1)?;
    // A value in force goes with its clock: once it is there again, the sum over clocks is looked at again.
    let more = chain.findings.len() > usize::from(!chain.kept);
    let others = of_records || more || !reader.misshapen()?.is_empty();
    Ok(!others && !derived(reader)?.is_empty())
}

/// A damaged store of which a new one was made.
#[derive(Debug, Clone)]
pub struct Salvaged {
    /// The operation that says so.
    pub operation: i64,
    /// Where the damaged file lies now.
    pub aside: PathBuf,
    pub lost: Vec<Lost>,
}

/// Puts a new store of what can be read of a damaged one in its place. The log goes on with an operation that says what could
/// not be read; what follows from the rows is worked out again.
///
/// # Errors
/// Others have it open; too little of it can be read; the acting person is no admin in it. It is as it was then.
pub fn salvage(path: &Path, context: Context) -> Result<Salvaged, Error> {
    let former = Alone::take(path)?;
    let (new, lost) = NewStore::salvaged(&former)?;
    let operation = Engine::open(new.store(), context)?.note_salvage(&lost)?;
    let aside = new.replace(former)?;
    Ok(Salvaged { operation, aside, lost })
}

impl Engine {
    fn note_salvage(&mut self, lost: &[Lost]) -> Result<i64, Error> {
        let store = self.store().clone();
        let outcome = self.operate((Permission::Admin, "salvage the store"), &Mode::Real, |operation| {
            let reader = store.reader()?;
            let mended = operation.rebuild(&reader)?;
            let lines: Vec<String> = lost.iter().map(|lost| format!("lost: {lost}")).chain(mended).collect();
            let summary = match lost {
                [] => "Salvaged the store from a damaged file; no row was lost that is known of".to_string(),
                _ => format!(
                    "Salvaged the store from a damaged file; rows were lost in {}",
                    counted(lost.len() as i64, "place")
                ),
            };
            let reason = (!lines.is_empty()).then(|| listed(lines));
            Ok(Done { ends: true, reason, ..Done::new("salvage", summary, &[]) })
        })?;
        outcome.operation.ok_or_else(|| anyhow!("The salvage is not in the log.").into())
    }

    /// Works out again what follows from the rows, as one operation that lists what it changed.
    ///
    /// # Errors
    /// Something else does not agree, or the acting person is no admin; nothing is written then.
    pub fn rebuild(&mut self) -> Result<Outcome, Error> {
        let store = self.store().clone();
        self.operate((Permission::Admin, "mend the store"), &Mode::Real, |operation| {
            // Nobody else writes from here on, so that this reader sees what the operation sees.
            let reader = store.reader()?;
            reader.hold_still()?;
            if !is_only_derived(&reader)? {
                let why = "More than what follows from the rows is wrong, or nothing is. See: steward verify";
                return Err(anyhow!("{why}. Nothing was mended.").into());
            }
            let lines = operation.rebuild(&reader)?;
            if !operation.write.sum_anew()? {
                let why =
                    "What is kept beside the rows is not what the last operation left, and cannot be told from them";
                return Err(
                    anyhow!("{why}. Nothing was mended. The last sound backup has it: steward restore FILE").into()
                );
            }
            let summary =
                format!("Worked out again what follows from the rows: {}", counted(lines.len() as i64, "change"));
            Ok(Done { ends: true, reason: Some(listed(lines)), ..Done::new("rebuild", summary, &[]) })
        })
    }
}

/// All that was changed, in the words of the log.
fn listed(mut lines: Vec<String>) -> String {
    let more = lines.len().saturating_sub(LINES);
    lines.truncate(LINES);
    if more > 0 {
        lines.push(format!("and {} more", grouped(more as i64)));
    }
    format!("{}.", lines.join("; "))
}

impl Operation<'_, '_> {
    /// Answers a line for each thing that was changed.
    fn rebuild(&mut self, reader: &Reader) -> anyhow::Result<Vec<String>> {
        let mut lines = self.rebuild_values(reader)?;
        lines.extend(self.rebuild_jobs(reader)?);
        for miscount in reader.miscounts()? {
            self.write.put_count(&miscount)?;
            lines.push(miscount.to_string());
        }
        for (map, kept, counted) in self.write.recount_waiting()? {
            lines.push(format!("{map}: {kept} items kept as waiting, {counted} counted"));
        }
        Ok(lines)
    }

    fn rebuild_values(&mut self, reader: &Reader) -> anyhow::Result<Vec<String>> {
        let mut wrong = Vec::new();
        reader.each_field(|facts, kept| {
            let entries: Vec<_> = facts.iter().map(|fact| fact.entry.clone()).collect();
            let winner = holder(&entries).and_then(|winner| facts.iter().find(|fact| fact.entry.id == winner.id));
            if winner.map(|winner| (winner.value.clone(), winner.entry.id)) != kept {
                wrong.push((facts[0].key.clone(), winner.cloned()));
            }
        })?;
        let mut lines = Vec::new();
        for (key, winner) in wrong {
            let now = reader.in_force(&key)?;
            let current = winner.as_ref().map(|winner| current_of(self.setup, &key, now.as_ref(), winner));
            self.write.set_current(&key, current.as_ref())?;
            // Values are not repeated in the log: who reads it may not be meant to read those.
            let entry = winner.map_or("no entry".into(), |winner| Table::Ledger.row_name(winner.entry.id));
            lines.push(format!("{}: in force by {entry}", field(&key)));
        }
        let unfounded = self.write.remove_unfounded()?;
        lines.extend(unfounded.iter().map(|key| format!("{}: had no entry", field(key))));
        Ok(lines)
    }

    fn rebuild_jobs(&mut self, reader: &Reader) -> anyhow::Result<Vec<String>> {
        let mut jobs = Vec::new();
        reader.recount_jobs(|job| jobs.push(job.clone()))?;
        let mut lines = Vec::new();
        for job in jobs {
            let counters = counters(&job);
            let status = job_status(&counters_of(&counters));
            if counters != job.kept || status != job.status || job.items != counters.states.iter().sum::<i64>() {
                self.write.put_counters(&counters, status)?;
                lines.push(format!(
                    "{}: its counters, their sum and its status",
                    Table::SyncJobs.row_name(job.kept.job)
                ));
            }
        }
        Ok(lines)
    }
}

/// What a job's rows say. Of what was unchanged there is a row only where that is wanted, so that only too few are known to be wrong.
fn counters(job: &Recount) -> JobCounters {
    let mut counters = job.counted;
    let unchanged = ItemState::Unchanged as usize;
    counters.states[unchanged] = job.kept.states[unchanged].max(job.counted.states[unchanged]);
    counters
}

fn field((table, target, name): &(String, String, String)) -> String {
    format!("{} {}, {}", Shown(table), Shown(target), Shown(name))
}
