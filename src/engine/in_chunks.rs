//! Acts on very many rows: one operation for the first rows, and the rows that are left follow in operations of their own,
//! so that other people's writes get in between. What it is for is found out before anything is locked.
//!
//! # What is promised
//! - Each operation takes as many rows as take a tenth of a second or so, measured as it goes. Rows of one field are never
//!   parted, so that it all ends as one operation would have ended.
//! - The first operation is the act; the others are of the kind "release" or "part", and their reason names it: undo takes
//!   them all back. An undo that is long itself is the other way round, see [`super::undo`].
//! - A preview of so many rows is worked out in the same parts, each taken back, and locks nobody out either. What others
//!   moved between the preview and the part that a row is in is held back and told. (Acts on few rows are one operation, and
//!   are refused as a whole where anything of them has moved.)
//! - It can be stopped between two operations, and a stop within one takes back that one: what was done stands, and is said.
//!   The same is true where the program ends: each operation is whole, and rows that it did not come to are as they were.
//!   Items that wait for a code that is decided by then go on by a retry.

use std::time::{Duration, Instant};

use super::asked::check_reason;
use super::command::{Command, Mode, Rows};
use super::course::{Course, Left, Since};
use super::outcome::Outcome;
use super::session::Session;
use super::settle::Effects;
use super::{Engine, Error, Operation, Refusal, Setup, permission};
use crate::model::table::Table;
use crate::model::text::grouped;

/// Rows from which on an act is done in several operations; the first of them takes so many.
pub(super) const AT_ONCE: usize = 1000;

/// How long one operation may keep others from writing. A busy machine takes twice as long now and then.
const TARGET: Duration = Duration::from_millis(100);

/// The same for a disposal, whose operations differ more in what they cost: an entry may have many copies, or none.
const DISPOSAL_TARGET: Duration = Duration::from_millis(60);

/// What lies between two operations, for others to write: whoever waits for their turn asks every four milliseconds.
const GAP: Duration = Duration::from_millis(5);

/// Whoever wakes up so much later than asked for is on a busy machine, where others miss a short gap and then wait for
/// another operation.
const LATE: Duration = Duration::from_millis(1);
const LONG_GAP: Duration = Duration::from_millis(15);

/// How many rows an operation takes, by how long the one before took.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pace {
    rows: usize,
    fixed: bool,
    target: Duration,
}

impl Pace {
    pub const DEFAULT: Pace = Pace { rows: AT_ONCE, fixed: false, target: TARGET };

    /// Rows that an operation takes; of what is not timed, that is as many as are quick enough anywhere.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Of a disposal: each row is taken back to how it was made, which costs as much as several decisions.
    fn of(self, command: &Command) -> Pace {
        match command {
            Command::Dispose { .. } if !self.fixed => {
                Pace { rows: self.rows.min(AT_ONCE / 5), target: DISPOSAL_TARGET, ..self }
            }
            _ => self,
        }
    }

    fn took(&mut self, rows: usize, time: Duration) {
        if self.fixed || rows == 0 {
            return;
        }
        let fits = rows as f64 * self.target.as_secs_f64() / time.as_secs_f64().max(1e-3);
        // One slow commit says little, and indexes get larger on the way.
        self.rows = (fits as usize).clamp(self.rows / 2, self.rows * 3 / 2).max(AT_ONCE / 20);
    }
}

pub(super) fn let_others_write() {
    let begun = Instant::now();
    std::thread::sleep(GAP);
    if begun.elapsed() > GAP + LATE {
        std::thread::sleep(LONG_GAP);
    }
}

impl Engine {
    /// Runs a command as [`Engine::run`] does; where it is about very many rows, in several operations.
    ///
    /// # Errors
    /// As [`Engine::run`]. Where the first operations were written and a further one was not, the message says how far it got.
    pub fn run_in_chunks(&mut self, command: &Command, mode: &Mode) -> Result<Outcome, Error> {
        let result = self.run_parts(command, mode);
        let result = self.erase_after(command, mode, result);
        (self.at_most, self.goes_on) = (None, false);
        if let (Err(Error::Refused(refusal)), false) = (&result, *mode == Mode::DryRun) {
            self.log_refusal(command.name(), refusal)?;
        }
        result
    }

    /// From here on an operation of several takes exactly so many rows, as far as what belongs together fits.
    pub fn rows_at_once(&mut self, rows: usize) {
        self.pace = Pace { rows: rows.max(1), fixed: true, target: TARGET };
    }

    fn run_parts(&mut self, command: &Command, mode: &Mode) -> Result<Outcome, Error> {
        check_reason(command)?;
        let previewed = match mode {
            Mode::AsPreviewed(fingerprint) => Since::parse(fingerprint),
            Mode::Real | Mode::AsSeen(_) | Mode::DryRun => None,
        };
        let left = match command {
            Command::Map { .. } | Command::MapMany { .. } | Command::NoMatch { .. } => {
                Some(self.course_of_codes(previewed)?)
            }
            Command::Decide { rows, .. } => self.course_of_rows(command, Table::Ledger, rows, previewed)?,
            Command::Retry { rows, .. }
            | Command::Park { rows, .. }
            | Command::Unpark { rows }
            | Command::Close { rows, .. } => self.course_of_rows(command, Table::SyncItems, rows, previewed)?,
            Command::Dispose { table, rows, .. } => self.course_of_rows(command, *table, rows, previewed)?,
            Command::Undo { operation } => self.course_of_undo(command, *operation)?,
            Command::Withdraw { job, .. } => self.course_of_withdrawal(command, *job, previewed)?,
            _ => None,
        };
        match (left, mode) {
            (None, _) => self.attempt(command, mode),
            // What was previewed as one operation was about fewer rows.
            (Some(course), Mode::AsPreviewed(_)) if previewed.is_none() && !matches!(course.left, Left::Codes(_)) => {
                Err(Refusal::PreviewMoved.into())
            }
            (Some(course), _) => self.follow(command, mode, course),
        }
    }

    fn course_of_codes(&mut self, previewed: Option<Since>) -> Result<Course, Error> {
        let since = match previewed {
            Some(since) => since,
            None => {
                let write = self.writer.look((self.context.clock)())?;
                Since { operation: write.last_operation(), ..Since::default() }
            }
        };
        Ok(Course::new(Left::Codes(Default::default()), since, 0))
    }

    /// The rows that are asked for, if they are many.
    fn course_of_rows(
        &mut self,
        command: &Command,
        table: Table,
        rows: &Rows,
        previewed: Option<Since>,
    ) -> Result<Option<Course>, Error> {
        let at_once = self.pace.of(command).rows;
        if matches!(rows, Rows::Ids(ids) if ids.len() <= at_once) && previewed.is_none() {
            return Ok(None);
        }
        self.look(command, |operation| {
            let ids = operation.asked_for(table, rows)?;
            if ids.len() <= at_once && previewed.is_none() {
                return Ok(None);
            }
            let own_alone = match command {
                Command::Decide { verb, reason, .. } => operation.is_for_own_alone(*verb, &ids, reason.as_deref())?,
                _ => false,
            };
            let listed = operation.listed(command, ids)?;
            let found = Since {
                operation: operation.write.last_operation(),
                newest: operation.write.newest_row(table)?,
                rows: listed.len(),
                previewed: false,
            };
            let of = listed.len();
            let mut course = Course::new(Left::Rows(table, listed), previewed.unwrap_or(found), of);
            course.own_alone = own_alone;
            Ok(Some(course))
        })
    }

    fn course_of_undo(&mut self, command: &Command, operation: Option<i64>) -> Result<Option<Course>, Error> {
        let at_once = self.pace.rows;
        self.look(command, |looking| {
            let taken = looking.read_undo(operation)?;
            let of = taken.left();
            if of <= at_once && taken.parts.is_empty() {
                return Ok(None);
            }
            Ok(Some(Course::new(Left::TakeBack(Box::new(taken)), Since::default(), of)))
        })
    }

    fn course_of_withdrawal(
        &mut self,
        command: &Command,
        job: i64,
        previewed: Option<Since>,
    ) -> Result<Option<Course>, Error> {
        let at_once = self.pace.rows;
        self.look(command, |operation| {
            let withdrawal = operation.read_withdrawal(job)?;
            let of = withdrawal.of;
            if of <= at_once && previewed.is_none() {
                return Ok(None);
            }
            let found = Since { operation: operation.write.last_operation(), rows: of, ..Since::default() };
            Ok(Some(Course::new(Left::Withdraw(Box::new(withdrawal)), previewed.unwrap_or(found), of)))
        })
    }

    /// Asks the store something in the way of an operation, which others need not wait for.
    fn look<T>(
        &mut self,
        command: &Command,
        body: impl FnOnce(&mut Operation) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let (permission, action) = permission(command);
        let mut write = self.writer.look((self.context.clock)())?;
        let session = Session::begin(&mut write, &self.context.actor, &self.context.host, permission, action)?;
        let setup = Setup::read(&write)?;
        let mut operation = Operation {
            write: &mut write,
            session: &session,
            setup: &setup,
            effects: Effects::new(&setup),
            tell: &mut self.tell,
            at_most: None,
        };
        body(&mut operation)
    }

    fn follow(&mut self, command: &Command, mode: &Mode, mut course: Course) -> Result<Outcome, Error> {
        let mut pace = self.pace.of(command);
        let mut all: Option<Outcome> = None;
        self.goes_on = true;
        loop {
            let before = course.done;
            let part_mode = course.mode(mode, all.is_none());
            self.at_most = matches!(course.left, Left::Codes(_)).then_some(pace.rows);
            let part = self.operate(permission(command), &part_mode, |operation| {
                operation.part(command, &mut course, pace.rows, part_mode == Mode::DryRun)
            });
            match (part, &mut all) {
                (Ok(next), all) => course.note(next, all),
                (Err(error), None) => return Err(error),
                (Err(error), Some(all)) => return self.part_way(command, &course, std::mem::take(all), error),
            }
            if course.is_done() {
                break;
            }
            pace.took(course.done - before, self.held);
            if let Some(tell) = &mut self.tell {
                tell(course.done as i64, course.of as i64);
            }
            let_others_write();
        }
        let mut all = all.unwrap_or_default();
        course.sum_up(command, mode, &mut all);
        Ok(all)
    }

    /// What is said where it ends before its end.
    fn part_way(&self, command: &Command, course: &Course, mut all: Outcome, error: Error) -> Result<Outcome, Error> {
        let Some(operation) = course.operation() else { return Err(error) };
        let (done, of) = (grouped(course.written as i64), grouped(course.of as i64));
        let rest = match &course.left {
            Left::TakeBack(taken) => format!("To go on: steward undo {}", taken.undone.seq),
            Left::Codes(_) => {
                format!("What is left waits on: retry those items, or take it all back: steward undo {operation}")
            }
            Left::Withdraw(_) => {
                format!("To go on, withdraw it again. To take it back: steward undo {operation}")
            }
            Left::Rows(..) if matches!(command, Command::Dispose { .. }) => {
                "The others are as they were; what was disposed of does not come back. To go on: the same command again"
                    .into()
            }
            Left::Rows(..) => format!("The others are as they were. To take it back: steward undo {operation}"),
        };
        let so_far = course.summary(command, &all);
        if !self.writer.stop().asked() {
            let said = format!("{so_far}, {done} of {of} rows, and then it could not go on: {} {rest}", error.step());
            return Err(Error::Failed(anyhow::anyhow!(said)));
        }
        all.summary = format!("Stopped after {done} of {of} rows. {so_far}. {rest}");
        all.operation = Some(operation);
        all.stopped = true;
        Ok(all)
    }
}
