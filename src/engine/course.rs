//! An act in several operations: what is left of it, and what each of them does.

use std::collections::{HashMap, HashSet, VecDeque};

use super::command::{Command, MapChoice, Mode, Verb};
use super::decide::{self, Noted};
use super::dispose;
use super::map_many::released;
use super::outcome::{HeldBack, Outcome};
use super::retry;
use super::settle::Wait;
use super::triage;
use super::undo_steps::TakenBack;
use super::withdraw::{self, LookedAt, Withdrawal};
use super::{Done, Error, Operation, Refusal};
use crate::model::table::Table;
use crate::model::text::{counted, grouped};
use crate::rules::transition::ItemAct;
use crate::store::goes_on_with;

pub(super) const MOVED: &str = "has changed since it was looked at";
const CAME: &str = "came after the preview";
const GONE: &str = "is not among them any more";

/// Rows that are looked up at once.
const LOOKED_UP: usize = 50_000;

/// An act on many rows, and how far it is.
pub(super) struct Course {
    pub left: Left,
    /// The operation that the others go on with, once there is one.
    pub head: Option<i64>,
    own: Vec<i64>,
    pub since: Since,
    /// Rows that were come to, those of them whose operation was written, and all that there are.
    pub done: usize,
    pub written: usize,
    pub of: usize,
    /// Rows that were as they had been looked at, and those that had moved.
    stood: usize,
    moved: usize,
    operations: usize,
    /// The reason of a decision is for entries alone that the person had a hand in, which is found out once for all parts.
    pub own_alone: bool,
}

pub(super) enum Left {
    Codes(Codes),
    /// Ledger entries or items, each with the number of what it must not be parted from.
    Rows(Table, VecDeque<(i64, u64)>),
    TakeBack(Box<TakenBack>),
    Withdraw(Box<Withdrawal>),
}

/// Codes that are still to be decided, and items that wait for decided maps.
#[derive(Default)]
pub(super) struct Codes {
    pub begun: bool,
    pub choices: Vec<MapChoice>,
    pub items: VecDeque<(Wait, Vec<i64>)>,
    /// Proposals that the operations so far closed, or would have: each is told once.
    pub closed: HashSet<i64>,
    /// What the sentence of the whole begins with.
    pub said: String,
    pub first: Option<String>,
}

/// When the rows were looked at: by a person in a preview, as its fingerprint tells, or just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Since {
    /// The last operation there was.
    pub operation: i64,
    /// The newest row of the table that it is about.
    pub newest: i64,
    pub rows: usize,
    pub previewed: bool,
}

impl Since {
    fn fingerprint(&self) -> String {
        format!("since {} up to {} of {}", self.operation, self.newest, self.rows)
    }

    pub fn parse(fingerprint: &str) -> Option<Since> {
        let (operation, rest) = fingerprint.strip_prefix("since ")?.split_once(" up to ")?;
        let (newest, rows) = rest.split_once(" of ")?;
        let (operation, newest, rows) = (operation.parse().ok()?, newest.parse().ok()?, rows.parse().ok()?);
        Some(Since { operation, newest, rows, previewed: true })
    }
}

impl Course {
    pub fn new(left: Left, since: Since, of: usize) -> Course {
        let (head, own) = (None, Vec::new());
        Course { left, head, own, since, done: 0, written: 0, of, stood: 0, moved: 0, operations: 0, own_alone: false }
    }

    pub fn is_done(&self) -> bool {
        match &self.left {
            Left::Codes(codes) => codes.begun && codes.choices.is_empty() && codes.items.is_empty(),
            Left::Rows(_, rows) => rows.is_empty(),
            Left::TakeBack(taken) => taken.left() == 0,
            Left::Withdraw(withdrawal) => withdrawal.is_done(),
        }
    }

    /// How the next operation runs. What was previewed in parts is checked row by row.
    pub fn mode(&self, mode: &Mode, first: bool) -> Mode {
        match mode {
            Mode::AsPreviewed(_) if self.since.previewed || !first => Mode::Real,
            mode => mode.clone(),
        }
    }

    /// The operation to name: that which undo takes all back of.
    pub fn operation(&self) -> Option<i64> {
        match self.left {
            Left::TakeBack(_) => self.own.last().copied(),
            _ => self.head,
        }
    }

    /// Takes note of an operation that ended well.
    pub fn note(&mut self, next: Outcome, all: &mut Option<Outcome>) {
        self.operations += 1;
        self.written = self.done;
        if let Some(operation) = next.operation {
            self.own.push(operation);
            match &mut self.left {
                Left::TakeBack(taken) => taken.parts.insert(0, operation),
                _ => self.head = self.head.or(Some(operation)),
            }
        }
        match all {
            None => *all = Some(next),
            Some(all) => all.add(next),
        }
    }

    /// The sentence of the whole, and what its preview is known by.
    pub fn sum_up(&self, command: &Command, mode: &Mode, all: &mut Outcome) {
        let gone = self.since.rows.saturating_sub(self.stood + self.moved);
        if self.since.previewed && gone > 0 && matches!(self.left, Left::Rows(..)) {
            all.held_back.push(HeldBack { reason: GONE.into(), rows: gone as i64, examples: Vec::new() });
        }
        all.summary = self.summary(command, all);
        all.operation = self.operation();
        if *mode == Mode::DryRun && (self.operations > 1 || !matches!(self.left, Left::Codes(_))) {
            all.fingerprint = self.since.fingerprint();
        }
    }

    pub fn summary(&self, command: &Command, all: &Outcome) -> String {
        let held_back = all.held_back.iter().map(|held| held.rows).sum();
        match (&self.left, command) {
            (Left::Codes(codes), _) => codes.summary(all, held_back),
            (Left::Withdraw(withdrawal), _) => {
                withdraw::told(&withdrawal.job, &all.withdrawn.unwrap_or_default(), held_back)
            }
            (_, Command::Decide { verb, .. }) => decide::told(*verb, all.changed, held_back),
            (_, Command::Retry { .. }) => retry::told("", (all.changed, held_back), all.released, all.parked),
            (_, Command::Park { .. }) => triage::told("Parked", all.changed, held_back),
            (_, Command::Unpark { .. }) => triage::told("Unparked", all.changed, held_back),
            (_, Command::Close { .. }) => triage::told("Closed", all.changed, held_back),
            (_, Command::Dispose { table, .. }) => dispose::told(*table, all.changed, held_back),
            _ => all.summary.clone(),
        }
    }
}

impl Codes {
    fn summary(&self, all: &Outcome, held_back: i64) -> String {
        let said = match (&self.first, all.changed) {
            (Some(first), 2..) => format!("Decided {}, the first {first}", counted(all.changed, "code")),
            _ => self.said.clone(),
        };
        format!("{said}: {}", released(all.released, held_back))
    }
}

impl Operation<'_, '_> {
    /// One operation of an act: the next rows, as many as are said or a few more.
    pub(super) fn part(
        &mut self,
        command: &Command,
        course: &mut Course,
        rows: usize,
        dry: bool,
    ) -> Result<Done, Error> {
        if let Some(head) = course.head
            && self.write.is_taken_back(head)?
        {
            return Err(Refusal::Undo(format!("Somebody has taken operation {head} back meanwhile.")).into());
        }
        // A disposal reads what it changed from the log.
        if dry && !matches!(command, Command::Dispose { .. }) {
            self.write.rehearse();
        }
        let mut done = match &mut course.left {
            Left::TakeBack(taken) => {
                let done = self.take_back(taken, rows)?;
                course.done = course.of - taken.left();
                return Ok(done);
            }
            Left::Codes(_) => self.part_of_codes(command, course, rows, dry)?,
            Left::Rows(..) => self.part_of_rows(command, course, rows)?,
            Left::Withdraw(_) => self.part_of_withdrawal(command, course, rows, dry)?,
        };
        if let Some(head) = course.head {
            done.kind = if matches!(course.left, Left::Codes(_)) { "release" } else { "part" };
            done.reason = Some(goes_on_with(head));
        }
        Ok(done)
    }

    /// The rows that are asked for in the order in which they are done, each with the number of what it belongs to. Entries
    /// of one field are rivals: which of them is in force is to be the same as if all were decided at once.
    pub(super) fn listed(&mut self, command: &Command, mut ids: Vec<i64>) -> Result<VecDeque<(i64, u64)>, Error> {
        match command {
            Command::Decide { verb, .. } => {
                if *verb == Verb::Reopen {
                    ids.reverse();
                }
                let mut fields = Vec::with_capacity(ids.len());
                for ids in ids.chunks(LOOKED_UP) {
                    fields.extend(self.write.entry_fields(ids)?);
                }
                let mut ranks: HashMap<u64, usize> = HashMap::with_capacity(fields.len());
                for (_, field) in &fields {
                    let next = ranks.len();
                    ranks.entry(*field).or_insert(next);
                }
                fields.sort_by_key(|(_, field)| ranks.get(field).copied());
                Ok(fields.into())
            }
            Command::Dispose { table, .. } => self.disposal_order(*table, ids),
            Command::Retry { .. } => Ok(self.write.oldest_first(&ids)?.into_iter().map(|id| (id, id as u64)).collect()),
            _ => Ok(ids.into_iter().map(|id| (id, id as u64)).collect()),
        }
    }

    fn part_of_rows(&mut self, command: &Command, course: &mut Course, rows: usize) -> Result<Done, Error> {
        let ids = self.next_rows(course, rows)?;
        match command {
            Command::Decide { verb, reason, .. } => {
                let noted = Noted { reason: reason.as_deref(), own_alone: course.own_alone };
                self.decide_each(*verb, &ids, noted)?;
            }
            Command::Retry { .. } => self.retry_each(&ids)?,
            Command::Park { .. } => self.set_aside_each(ItemAct::Park, &ids)?,
            Command::Close { .. } => self.set_aside_each(ItemAct::Close, &ids)?,
            Command::Dispose { table, .. } => self.dispose_each(*table, &ids)?,
            _ => self.set_aside_each(ItemAct::Unpark, &ids)?,
        }
        let (changed, held_back) = (self.effects.changed, self.effects.held_back_rows());
        let mut done = match command {
            Command::Decide { verb, reason, .. } => {
                decide::done(*verb, reason.as_deref(), decide::told(*verb, changed, held_back))
            }
            Command::Retry { reason, .. } => retry::done(
                reason.as_deref(),
                retry::told("", (changed, held_back), self.effects.released, self.effects.parked),
            ),
            Command::Park { reason, .. } => {
                triage::done("park", reason.as_deref(), triage::told("Parked", changed, held_back))
            }
            Command::Close { reason, .. } => {
                triage::done("close", Some(reason), triage::told("Closed", changed, held_back))
            }
            Command::Dispose { table, reason, .. } => dispose::done(reason, dispose::told(*table, changed, held_back)),
            _ => triage::done("unpark", None, triage::told("Unparked", changed, held_back)),
        };
        if course.head.is_none() && course.of > course.done {
            done.summary.push_str(&format!(": the first of {}", grouped(course.of as i64)));
        }
        Ok(done)
    }

    fn part_of_withdrawal(
        &mut self,
        command: &Command,
        course: &mut Course,
        rows: usize,
        dry: bool,
    ) -> Result<Done, Error> {
        let (Left::Withdraw(withdrawal), Command::Withdraw { reason, .. }) = (&mut course.left, command) else {
            return Err(anyhow::anyhow!("there is nothing to withdraw").into());
        };
        withdrawal.rehearsed = dry;
        let looked_at = LookedAt { operation: course.since.operation, own: &course.own };
        let mut done = self.withdraw_part(withdrawal, rows, Some(looked_at), reason.as_deref())?;
        course.done = withdrawal.done;
        if course.head.is_none() && !withdrawal.is_done() {
            done.summary.push_str(&format!(": the first of {} rows", grouped(course.of as i64)));
        }
        Ok(done)
    }

    /// The next rows to do; those that others moved since they were looked at are held back.
    fn next_rows(&mut self, course: &mut Course, rows: usize) -> Result<Vec<i64>, Error> {
        let Left::Rows(table, left) = &mut course.left else { return Ok(Vec::new()) };
        let mut n = rows.min(left.len());
        while n > 0 && n < left.len() && left[n].1 == left[n - 1].1 {
            n += 1;
        }
        let mut ids: Vec<i64> = left.drain(..n).map(|(id, _)| id).collect();
        course.done += n;
        let since = course.since;
        let own = course.own.len() as i64;
        if self.write.last_operation() > since.operation + own {
            let moved = self.write.moved_since(*table, &ids, since.operation, &course.own)?;
            ids.retain(|id| {
                let came = since.previewed && *id > since.newest;
                let stands = !came && !moved.contains(id);
                if !stands {
                    self.effects.hold_back(if came { CAME } else { MOVED }, table.row_name(*id));
                }
                course.moved += usize::from(!stands && !came);
                stands
            });
        }
        course.stood += ids.len();
        Ok(ids)
    }
}
