//! Withdrawing a delivery: as if its source had never said it (engine.md, "Withdrawing a delivery").
//!
//! The job goes first: from then on its words count for nothing. Then record by record, the newest item first, and a record
//! is never parted: its pending entries are rejected, its certified ones revoked, its items closed, and what had given way
//! to its words comes back where its source said nothing since. Last go the identifiers and proposed maps that it alone
//! made. A delivery of many rows is withdrawn in several operations, and goes on where it stopped when it is asked for again.

use std::collections::{BTreeMap, BTreeSet};

use super::asked::not_found;
use super::in_chunks::AT_ONCE;
use super::outcome::Withdrawn;
use super::{Done, Error, Operation, Refusal};
use crate::model::choice::{Direction, ItemState, LedgerStatus};
use crate::model::table::Table;
use crate::model::text::counted;
use crate::store::{BroughtFact, Change, GaveWay, JobFact, Made, Spoken};

const TABLES: &[Table] = &[Table::SyncJobs, Table::SyncItems, Table::Ledger, Table::Identifiers, Table::ValueMaps];

/// Records that are read at once.
const RECORDS_AT_ONCE: usize = 500;

/// Kept words that are looked at at once, and what that costs beside the work of a row.
const WORDS_AT_ONCE: usize = 10_000;
const WORDS_COST: usize = 50;

const MOVED: &str = "has changed since it was looked at";
const USED: &str = "was used since, by another delivery or by a person";

/// What an item says of it.
const SAID: &str = "Its delivery was withdrawn.";

/// A delivery that is being withdrawn, and how far that is.
pub(super) struct Withdrawal {
    pub job: JobFact,
    made: Made,
    stage: Stage,
    /// Work that the operation at hand did, in rows.
    spent: usize,
    /// Whether it was withdrawn before, and is gone on with.
    again: bool,
    begun: bool,
    /// Whether it is only looked at, in parts that are taken back: then nothing is written that nothing told follows from.
    pub rehearsed: bool,
    /// Rows that were looked at.
    pub done: usize,
    pub of: usize,
}

/// What comes next.
enum Stage {
    /// Records that have an item below this one.
    Items(i64),
    /// Records without an item, by identifiers above this one whose words the job said.
    Words(i64),
    /// Identifiers and then maps that it made, by the place of their range and the first id that is left of it.
    Identifiers(usize, i64),
    Maps(usize, i64),
    End,
}

/// What a preview looked at: what somebody changed after it is left alone.
#[derive(Clone, Copy)]
pub(super) struct LookedAt<'s> {
    pub operation: i64,
    pub own: &'s [i64],
}

impl Withdrawal {
    pub fn is_done(&self) -> bool {
        matches!(self.stage, Stage::End)
    }

    fn has_done(&mut self, rows: usize) {
        self.done += rows;
        self.spent += rows;
    }
}

impl Operation<'_, '_> {
    pub(super) fn withdraw(&mut self, job: i64, reason: Option<&str>) -> Result<Done, Error> {
        let mut withdrawal = self.read_withdrawal(job)?;
        self.withdraw_part(&mut withdrawal, usize::MAX, None, reason)
    }

    /// What there is to withdraw of a delivery.
    pub(super) fn read_withdrawal(&mut self, id: i64) -> Result<Withdrawal, Error> {
        let job = self.write.job(id)?.ok_or_else(|| not_found(Table::SyncJobs, id))?;
        let name = Table::SyncJobs.row_name(id);
        if job.direction == Direction::Outbound {
            return Err(Refusal::Transition(format!(
                "{name} went out to a source; only a delivery can be withdrawn. To take the sending back: steward undo"
            ))
            .into());
        }
        let again = job.withdrawn;
        let made = self.write.made_by(id)?;
        if again && !self.write.brings_anything(id)? && !self.made_is_left(id, &made)? {
            let by = match self.write.withdrawn_by(id)? {
                Some(operation) => format!(" To take that back: steward undo {operation}"),
                None => String::new(),
            };
            return Err(Refusal::Transition(format!("{name} was withdrawn before.{by}")).into());
        }
        let of_made = |ranges: &[(i64, i64)]| ranges.iter().map(|(first, last)| last - first + 1).sum::<i64>();
        let of = job.counters.states.iter().sum::<i64>() + of_made(&made.identifiers) + of_made(&made.value_maps);
        let of = usize::try_from(of).unwrap_or_default();
        let (begun, rehearsed) = (false, false);
        Ok(Withdrawal { job, made, stage: Stage::Items(i64::MAX), spent: 0, again, begun, rehearsed, done: 0, of })
    }

    /// Whether anything that a withdrawn delivery alone made is still in use.
    fn made_is_left(&self, job: i64, made: &Made) -> Result<bool, Error> {
        for range in &made.value_maps {
            if !self.write.made_proposals(job, *range)?.is_empty() {
                return Ok(true);
            }
        }
        for range in &made.identifiers {
            if self.write.made_identifiers(job, *range)?.iter().any(|(_, is_used)| !is_used) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Withdraws so much more of a delivery, or a few rows more: a record is not parted.
    pub(super) fn withdraw_part(
        &mut self,
        withdrawal: &mut Withdrawal,
        rows: usize,
        looked_at: Option<LookedAt>,
        reason: Option<&str>,
    ) -> Result<Done, Error> {
        self.withdraw_job(withdrawal, reason)?;
        withdrawal.spent = 0;
        while !withdrawal.is_done() && withdrawal.spent < rows {
            let most = (rows - withdrawal.spent).min(AT_ONCE);
            withdrawal.stage = match withdrawal.stage {
                Stage::Items(below) => self.withdraw_items(withdrawal, below, most, looked_at, reason)?,
                Stage::Words(after) => self.withdraw_words(withdrawal, after)?,
                Stage::Identifiers(at, from) => self.retire_identifiers(withdrawal, at, from, most)?,
                Stage::Maps(at, from) => self.close_proposals(withdrawal, at, from, most)?,
                Stage::End => Stage::End,
            };
        }
        let summary = told(&withdrawal.job, &self.effects.withdrawn.unwrap_or_default(), self.effects.held_back_rows());
        Ok(Done { reason: reason.map(str::to_string), ..Done::new("withdraw", summary, TABLES) })
    }

    /// From here on the delivery's words count for nothing. In a preview of several parts each has to do it.
    fn withdraw_job(&mut self, withdrawal: &mut Withdrawal, reason: Option<&str>) -> Result<(), Error> {
        let job = withdrawal.job.id;
        let before = !std::mem::replace(&mut withdrawal.begun, true);
        if withdrawal.again {
            return Ok(());
        }
        let why = match reason {
            Some(reason) => format!("Withdrawn: {reason}"),
            None => "Withdrawn.".to_string(),
        };
        let said = withdrawal.job.message.iter().cloned().chain([why]).collect::<Vec<_>>().join(" ");
        let said = super::cell::cut(&said, super::cell::MAX_MESSAGE);
        let changes =
            [Change::int("statecode", 1), Change::int("statuscode", 2), Change::text("process_message", Some(said))];
        let changed = self.write.change_row(Table::SyncJobs.info().sql, job, &changes)?;
        self.effects.changed += i64::from(changed && before);
        for entry in self.write.attestations_of(job)? {
            self.take_entry_back(withdrawal, entry, LedgerStatus::Certified, reason, before)?;
        }
        if before {
            self.effects.withdrawn.get_or_insert_default().repeats =
                withdrawal.job.counters.states[ItemState::Unchanged as usize];
        }
        Ok(())
    }

    /// The records of the next items; those with a newer item were come to before.
    fn withdraw_items(
        &mut self,
        withdrawal: &mut Withdrawal,
        below: i64,
        most: usize,
        looked_at: Option<LookedAt>,
        reason: Option<&str>,
    ) -> Result<Stage, Error> {
        let job = withdrawal.job.id;
        let items = self.write.brought_below(job, below, most)?;
        let Some((last, _)) = items.last() else { return Ok(Stage::Words(0)) };
        withdrawal.has_done(items.len());
        let next = *last;
        let unplaced: Vec<i64> = items.iter().filter(|(_, target)| target.is_none()).map(|(id, _)| *id).collect();
        let targets: BTreeSet<&str> = items.iter().filter_map(|(_, target)| target.as_deref()).collect();
        let targets: Vec<&str> = targets.into_iter().collect();
        for unplaced in unplaced.chunks(RECORDS_AT_ONCE) {
            let brought = self.write.brought(job, &[], unplaced)?;
            self.withdraw_records(withdrawal, BTreeMap::from([(None, brought)]), looked_at, reason)?;
        }
        for targets in targets.chunks(RECORDS_AT_ONCE) {
            let mut records: BTreeMap<Option<String>, Vec<BroughtFact>> = BTreeMap::new();
            for fact in self.write.brought(job, targets, &[])? {
                records.entry(fact.target.clone()).or_default().push(fact);
            }
            records.retain(|_, brought| brought.first().is_some_and(|newest| newest.item < below));
            self.withdraw_records(withdrawal, records, looked_at, reason)?;
        }
        Ok(Stage::Items(next))
    }

    fn withdraw_records(
        &mut self,
        withdrawal: &Withdrawal,
        records: BTreeMap<Option<String>, Vec<BroughtFact>>,
        looked_at: Option<LookedAt>,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let moved = self.moved(&records, looked_at)?;
        let mut targets: Vec<&str> = Vec::new();
        let mut fields: BTreeSet<(&str, &str)> = BTreeSet::new();
        for (target, brought) in &records {
            let stands = brought.iter().all(|fact| !moved.contains(&fact.item));
            if !stands {
                for fact in brought {
                    self.effects.hold_back(MOVED, Table::SyncItems.row_name(fact.item));
                }
                continue;
            }
            for fact in brought {
                self.take_value_back(withdrawal, fact, reason)?;
            }
            if let Some(target) = target {
                targets.push(target);
                fields.extend(brought.iter().filter_map(|fact| Some((target.as_str(), fact.field.as_deref()?))));
            }
        }
        let spoken = spoken(&withdrawal.job);
        let kept = self.write.kept_fields_of(withdrawal.job.id, spoken, &targets)?;
        fields.extend(kept.iter().map(|(target, field)| (target.as_str(), field.as_str())));
        self.bring_back(withdrawal, fields)
    }

    /// The items that somebody changed, or whose entries somebody changed, since a person looked at them.
    fn moved(
        &mut self,
        records: &BTreeMap<Option<String>, Vec<BroughtFact>>,
        looked_at: Option<LookedAt>,
    ) -> Result<BTreeSet<i64>, Error> {
        let Some(LookedAt { operation, own }) = looked_at else { return Ok(BTreeSet::new()) };
        if self.write.last_operation() <= operation + own.len() as i64 {
            return Ok(BTreeSet::new());
        }
        let all = || records.values().flatten();
        let items: Vec<i64> = all().map(|fact| fact.item).collect();
        let entries: Vec<i64> = all().filter_map(|fact| fact.entry.map(|(id, ..)| id)).collect();
        let items = self.write.moved_since(Table::SyncItems, &items, operation, own)?;
        let entries = self.write.moved_since(Table::Ledger, &entries, operation, own)?;
        let is_moved = |fact: &&BroughtFact| {
            items.contains(&fact.item) || fact.entry.is_some_and(|(entry, ..)| entries.contains(&entry))
        };
        Ok(all().filter(is_moved).map(|fact| fact.item).collect())
    }

    /// One delivered value: its entry is turned down, its item closed.
    fn take_value_back(
        &mut self,
        withdrawal: &Withdrawal,
        fact: &BroughtFact,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        if let Some((entry, status, true)) = fact.entry {
            self.take_entry_back(withdrawal, entry, status, reason, true)?;
        }
        if matches!(fact.state, ItemState::Rejected | ItemState::Superseded | ItemState::Closed) {
            return Ok(());
        }
        if !withdrawal.rehearsed {
            self.close_item(fact)?;
        }
        self.effects.withdrawn.get_or_insert_default().closed += 1;
        self.effects.change(&withdrawal.job.target_table, &withdrawal.job.source);
        Ok(())
    }

    fn close_item(&mut self, fact: &BroughtFact) -> Result<(), Error> {
        let message = match &fact.message {
            Some(message) => format!("{message} {SAID}"),
            None => SAID.to_string(),
        };
        let message = super::cell::cut(&message, super::cell::MAX_MESSAGE);
        let changes = [Change::int("state", ItemState::Closed.code()), Change::text("process_message", Some(message))];
        self.write.change_item(fact.item, &changes)?;
        Ok(())
    }

    fn take_entry_back(
        &mut self,
        withdrawal: &Withdrawal,
        entry: i64,
        status: LedgerStatus,
        reason: Option<&str>,
        counts: bool,
    ) -> Result<(), Error> {
        let withdrawn = self.effects.withdrawn.get_or_insert_default();
        let (status, count) = match status {
            LedgerStatus::Pending => (LedgerStatus::Rejected, &mut withdrawn.rejected),
            LedgerStatus::Certified => (LedgerStatus::Revoked, &mut withdrawn.revoked),
            LedgerStatus::Rejected | LedgerStatus::Revoked => return Ok(()),
        };
        if counts {
            *count += 1;
            self.effects.changed += 1;
        }
        let name = Table::SyncJobs.row_name(withdrawal.job.id);
        let why = reason.map_or_else(|| format!("{name} was withdrawn."), str::to_string);
        let changes =
            [Change::int("ledger_status", status.code()), Change::int("live", 0), Change::text("reason", Some(&why))];
        self.write.change_entry(entry, &changes)?;
        Ok(())
    }

    /// What had given way to withdrawn words comes back, and what keys said last is what stands of it.
    fn bring_back(&mut self, withdrawal: &Withdrawal, fields: BTreeSet<(&str, &str)>) -> Result<(), Error> {
        let spoken = spoken(&withdrawal.job);
        let fields: Vec<(&str, &str)> = fields.into_iter().collect();
        for fields in fields.chunks(RECORDS_AT_ONCE) {
            let mut held = Vec::new();
            for GaveWay { entry, item, was } in self.write.gave_way(spoken, fields)? {
                if let Some(entry) = entry {
                    self.write.change_entry(entry, &[Change::int("statecode", 0), Change::int("statuscode", 1)])?;
                }
                if let Some(was) = was {
                    self.write.change_item(item, &[Change::int("state", was.code())])?;
                }
                if entry.is_none() {
                    held.push(item);
                }
                self.effects.withdrawn.get_or_insert_default().restored += 1;
                self.effects.changed += 1;
            }
            self.lead_where_keys_do(&held)?;
            if !withdrawal.rehearsed {
                self.write.keep_words_of_items(spoken, fields)?;
            }
        }
        Ok(())
    }

    /// Records of which the delivery brought no item, but said what their source proposed no more.
    fn withdraw_words(&mut self, withdrawal: &mut Withdrawal, after: i64) -> Result<Stage, Error> {
        let job = withdrawal.job.id;
        let (targets, last) = self.write.kept_words_of(job, after, WORDS_AT_ONCE)?;
        withdrawal.spent += WORDS_COST + targets.len();
        let Some(last) = last else { return Ok(first_of(&withdrawal.made.identifiers, Stage::Identifiers)) };
        let targets: Vec<&str> = targets.iter().map(String::as_str).collect();
        let spoken = spoken(&withdrawal.job);
        for targets in targets.chunks(RECORDS_AT_ONCE) {
            let with_items: BTreeSet<String> =
                self.write.brought(job, targets, &[])?.into_iter().filter_map(|fact| fact.target).collect();
            let fields = self.write.kept_fields_of(job, spoken, targets)?;
            let fields = fields.iter().filter(|(target, _)| !with_items.contains(target));
            self.bring_back(withdrawal, fields.map(|(target, field)| (target.as_str(), field.as_str())).collect())?;
        }
        Ok(Stage::Words(last))
    }

    fn retire_identifiers(
        &mut self,
        withdrawal: &mut Withdrawal,
        at: usize,
        from: i64,
        most: usize,
    ) -> Result<Stage, Error> {
        let Some((_, last)) = withdrawal.made.identifiers.get(at).copied() else {
            return Ok(first_of(&withdrawal.made.value_maps, Stage::Maps));
        };
        let until = last.min(from.saturating_add(most as i64 - 1));
        for (id, is_used) in self.write.made_identifiers(withdrawal.job.id, (from, until))? {
            if is_used {
                self.effects.hold_back(USED, Table::Identifiers.row_name(id));
            } else if self.write.retire(Table::Identifiers.info().sql, id)? {
                self.effects.withdrawn.get_or_insert_default().identifiers += 1;
                self.effects.changed += 1;
            }
        }
        withdrawal.has_done((until - from + 1) as usize);
        Ok(next_of(&withdrawal.made.identifiers, (at, until), Stage::Identifiers))
    }

    fn close_proposals(
        &mut self,
        withdrawal: &mut Withdrawal,
        at: usize,
        from: i64,
        most: usize,
    ) -> Result<Stage, Error> {
        let Some((_, last)) = withdrawal.made.value_maps.get(at).copied() else { return Ok(Stage::End) };
        let until = last.min(from.saturating_add(most as i64 - 1));
        for id in self.write.made_proposals(withdrawal.job.id, (from, until))? {
            if self.write.retire(Table::ValueMaps.info().sql, id)? {
                self.effects.withdrawn.get_or_insert_default().proposed_maps += 1;
                self.effects.changed += 1;
            }
        }
        withdrawal.has_done((until - from + 1) as usize);
        Ok(next_of(&withdrawal.made.value_maps, (at, until), Stage::Maps))
    }
}

/// The stage at the beginning of some ranges.
fn first_of(ranges: &[(i64, i64)], stage: fn(usize, i64) -> Stage) -> Stage {
    stage(0, ranges.first().map_or(0, |(first, _)| *first))
}

/// The stage behind an id of a range.
fn next_of(ranges: &[(i64, i64)], (at, done): (usize, i64), stage: fn(usize, i64) -> Stage) -> Stage {
    match ranges.get(at) {
        Some((_, last)) if done < *last => stage(at, done + 1),
        _ => stage(at + 1, ranges.get(at + 1).map_or(0, |(first, _)| *first)),
    }
}

fn spoken(job: &JobFact) -> Spoken<'_> {
    Spoken { source: &job.source, table: &job.target_table }
}

/// `Withdrew JOB-0000003: 12 pending entries rejected, 15 items closed`
pub(super) fn told(job: &JobFact, withdrawn: &Withdrawn, held_back: i64) -> String {
    let name = Table::SyncJobs.row_name(job.id);
    let parts = [
        (withdrawn.rejected, "pending entry", "rejected"),
        (withdrawn.revoked, "certified entry", "revoked"),
        (withdrawn.closed, "item", "closed"),
        (withdrawn.restored, "earlier value", "back"),
        (withdrawn.identifiers, "identifier", "retired"),
        (withdrawn.proposed_maps, "proposed map", "closed"),
        (held_back, "row", "left alone"),
    ];
    let parts: Vec<String> = parts
        .into_iter()
        .filter(|(n, ..)| *n > 0)
        .map(|(n, what, done)| format!("{} {done}", counted(n, what)))
        .collect();
    let what = if parts.is_empty() { "nothing in force changes".to_string() } else { parts.join(", ") };
    format!("Withdrew {name}: {what}")
}
