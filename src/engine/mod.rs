//! The engine: operations, each one transaction, one typed outcome and one row of the log. A command is one operation; on very
//! many rows it is several, so that others can write in between.
//!
//! It carries facts from the store to the rules and verdicts back, and knows no file format. Every operation has a dry
//! run that is the same code, taken back before its commit.

mod asked;
mod attest;
mod backfill;
pub mod backup;
mod cell;
mod chunk;
mod chunk_size;
pub mod command;
mod context;
#[cfg(test)]
mod cost_tests;
mod course;
mod course_codes;
mod decide;
mod delivered;
mod dispose;
pub mod doctor;
mod edit;
mod edit_identifier;
mod edit_policy;
mod erase;
pub mod explain;
mod export;
mod foremost;
mod four_eyes;
mod hold;
mod identity;
mod import;
mod import_row;
mod in_chunks;
mod ingest;
mod ingest_outcome;
mod label;
mod last_words;
mod look;
mod map;
mod map_many;
mod normalise;
mod outbound;
mod outbound_forms;
pub mod outcome;
mod people;
mod pin;
mod plan;
mod reevaluate;
mod reevaluate_codes;
mod reevaluate_map;
pub mod refusal;
mod retry;
mod run_facts;
mod session;
mod settle;
mod shared_keys;
mod spoken;
mod stopped;
pub mod suggest;
mod target_named;
mod triage;
mod turn;
mod undo;
mod undo_steps;
mod verify;
mod verify_derived;
mod verify_replay;
mod weigh;
mod withdraw;

pub use crate::rules::name::{same as same_name, same_place};
pub use command::{
    Attested, Command, HoldOn, Import, ImportRow, MapChoice, MapKey, Mode, Reevaluated, Rows, Seen, Verb,
};
pub use context::{Actor, Chunks, Context};
pub use edit_policy::sources_problem;
pub use explain::{Explanation, explain, find_field, find_record};
pub use export::Export;
pub use import::fields as import_fields;
pub use ingest::{Delivery, Progress};
pub use ingest_outcome::IngestOutcome;
pub use look::{Doubt, DoubtKind, LOOKED_INTO, Look};
pub use outcome::{Came, Erased, HeldBack, Named, Outcome, Spread, ValueChange, Withdrawn};
pub use refusal::{Error, Refusal};
pub use session::ROLES;
pub use shared_keys::SharedKeys;
pub use stopped::{Stopped, stopped};
pub use undo::can_be_undone;
pub use verify::{Check, Since, Verdict, Verification, verify};

use std::time::{Duration, Instant};

use asked::check_reason;
use plan::Setup;
use session::{Permission, Session};
use settle::{Effects, settle};

use crate::model::table::Table;
use crate::store::{NewStore, Stop, Store, Write, Writer};

/// The one writer of a store, for one thread.
pub struct Engine {
    writer: Writer,
    context: Context,
    tell: Tell,
    waits: turn::Waits,
    /// Waiting items that one operation may release.
    at_most: Option<usize>,
    pace: in_chunks::Pace,
    /// Whether the next operation is one of several that a person waits for.
    goes_on: bool,
    /// How long the last operation kept others from writing.
    held: Duration,
}

/// Who is told how many of how many rows an act has come to so far.
type Tell = Option<Box<dyn FnMut(i64, i64) + Send>>;

/// What the body of a command hands back: the sentence for the log and the person, why, and what it touched.
struct Done {
    kind: &'static str,
    summary: String,
    reason: Option<String>,
    undoes: Option<i64>,
    tables: &'static [Table],
    /// It ends what other operations began, and is in the log even if there was nothing left to do.
    ends: bool,
}

impl Done {
    fn new(kind: &'static str, summary: String, tables: &'static [Table]) -> Done {
        Done { kind, summary, reason: None, undoes: None, tables, ends: false }
    }
}

/// An open operation: the transaction, who acts in it, and what it does.
struct Operation<'w, 'a> {
    write: &'w mut Write<'a>,
    session: &'w Session,
    setup: &'w Setup,
    effects: Effects,
    tell: &'w mut Tell,
    at_most: Option<usize>,
}

impl Engine {
    /// Opens the writer of a store.
    pub fn open(store: &Store, context: Context) -> Result<Engine, Error> {
        let writer = Writer::open(store, context.ids.clone())?;
        let pace = in_chunks::Pace::DEFAULT;
        let (goes_on, held) = (false, Duration::ZERO);
        Ok(Engine { writer, context, tell: None, waits: None, at_most: None, pace, goes_on, held })
    }

    /// Makes a new store whose first admin, with all roles, is the acting person. It has its name only once it has them.
    pub fn create(path: &std::path::Path, context: Context) -> Result<Engine, Error> {
        let new = NewStore::begin(path)?;
        let mut engine = Engine::open(new.store(), context.clone())?;
        engine.found()?;
        drop(engine);
        Engine::open(&new.place()?, context)
    }

    pub fn store(&self) -> &Store {
        self.writer.store()
    }

    /// From here on `tell` hears how many rows an act has come to, of how many.
    pub fn on_progress(&mut self, tell: impl FnMut(i64, i64) + Send + 'static) {
        self.tell = Some(Box::new(tell));
    }

    /// Stops a running operation from another thread; it is taken back whole, and says so. Of an act in several operations
    /// those before it stand.
    pub fn stop(&self) -> Stop {
        self.writer.stop()
    }

    /// Runs one command in one transaction, however long that takes. People's commands run in several where they are about
    /// many rows: [`Engine::run_in_chunks`].
    ///
    /// # Errors
    /// A [`Refusal`] where the rules or the person's roles say no: nothing was changed, and the refusal is logged. Else
    /// the store could not be read or written, and the message says what happened to the operation.
    pub fn run(&mut self, command: &Command, mode: &Mode) -> Result<Outcome, Error> {
        let result = self.attempt(command, mode);
        let result = self.erase_after(command, mode, result);
        if let (Err(Error::Refused(refusal)), false) = (&result, *mode == Mode::DryRun) {
            self.log_refusal(command.name(), refusal)?;
        }
        result
    }

    fn attempt(&mut self, command: &Command, mode: &Mode) -> Result<Outcome, Error> {
        check_reason(command)?;
        self.operate(permission(command), mode, |operation| operation.perform(command))
    }

    /// One transaction around a body: who acts, what the body does, what follows from it, and the row of the log.
    fn operate(
        &mut self,
        (permission, action): (Permission, &'static str),
        mode: &Mode,
        body: impl FnOnce(&mut Operation) -> Result<Done, Error>,
    ) -> Result<Outcome, Error> {
        self.operate_and((permission, action), mode, body, || Ok(()))
    }

    /// The same with something to do at the last moment before the commit, when nothing can refuse the operation any more.
    fn operate_and(
        &mut self,
        (permission, action): (Permission, &'static str),
        mode: &Mode,
        body: impl FnOnce(&mut Operation) -> Result<Done, Error>,
        last: impl FnOnce() -> Result<(), Error>,
    ) -> Result<Outcome, Error> {
        let at = (self.context.clock)();
        let mut write = if self.goes_on { self.writer.begin_next(at)? } else { self.writer.begin(at)? };
        let begun = Instant::now();
        let session = Session::begin(&mut write, &self.context.actor, &self.context.host, permission, action)?;
        let setup = Setup::read(&write)?;
        let mut operation = Operation {
            write: &mut write,
            session: &session,
            setup: &setup,
            effects: Effects::new(&setup),
            tell: &mut self.tell,
            at_most: self.at_most,
        };
        operation.effects.lists = *mode == Mode::DryRun;
        if let Mode::AsSeen(Seen { table, id, row_version }) = *mode {
            operation.unmoved(table, id, row_version)?;
        }
        let done = body(&mut operation)?;
        let mut effects = operation.effects;
        // What goes out follows the bindings as the operation left them.
        let setup = if effects.rebound { Setup::read(&write)? } else { setup };
        settle(&mut write, &setup, &mut effects)?;
        let fingerprint = write.fingerprint();
        let wrote = write.wrote_rows() || effects.clocks > 0;
        let about = effects.only_row().map(|row| write.about(row, &done.summary)).transpose()?.flatten();
        let mut outcome = effects.outcome(done.summary, done.tables, fingerprint);
        outcome.about = about;
        match mode {
            Mode::DryRun => {
                drop(write);
                self.held = begun.elapsed();
                return Ok(outcome);
            }
            Mode::AsPreviewed(expected) if *expected != outcome.fingerprint => return Err(Refusal::PreviewMoved.into()),
            _ => last()?,
        }
        // Nothing to do is no operation.
        if !wrote && !done.ends {
            return Ok(outcome);
        }
        let mut draft = session.draft(done.kind, &outcome.summary, done.reason.as_deref());
        draft.undoes = done.undoes;
        outcome.operation = Some(write.commit(&draft)?);
        self.held = begun.elapsed();
        Ok(outcome)
    }

    /// Refusals are in the log too: an auditor sees who tried what.
    fn log_refusal(&mut self, action: &str, refusal: &Refusal) -> Result<(), Error> {
        // Whoever that was, nothing is written in the name that they gave.
        if matches!(refusal, Refusal::Mapped { .. }) {
            return Ok(());
        }
        let actor = self.context.actor.clone();
        let write = self.writer.begin((self.context.clock)())?;
        let summary = format!("Refused: {action}: {refusal}");
        let summary: String = summary.chars().take(1000).collect();
        write.commit(&crate::store::Draft {
            kind: "refused",
            summary: &summary,
            reason: None,
            undoes: None,
            actor: &actor.login,
            role: "none",
            on_behalf_of: actor.on_behalf_of.as_deref(),
            host: &self.context.host,
        })?;
        Ok(())
    }
}

impl Operation<'_, '_> {
    fn perform(&mut self, command: &Command) -> Result<Done, Error> {
        match command {
            Command::Map { map, canonical, relationship } => self.map(map, canonical, *relationship),
            Command::MapMany { choices, reason, left_out } => {
                self.effects.spared.extend(left_out);
                self.map_many(choices, reason.as_deref())
            }
            Command::RetireMap { id, row_version, reason } => self.retire_map(*id, *row_version, reason),
            Command::RejectMatch { map, canonical, note } => self.reject_match(map, canonical, note.as_deref()),
            Command::NoMatch { map } => self.no_match(map),
            Command::Flag { map, note } => self.flag(map, note.as_deref()),
            Command::Decide { verb, rows, reason } => self.decide(*verb, rows, reason.as_deref()),
            Command::Pin { target_table, target_id, field_name, pinned, reason } => {
                self.pin((target_table, target_id, field_name), *pinned, reason.as_deref())
            }
            Command::Retry { rows, reason } => self.retry(rows, reason.as_deref()),
            Command::EditRetry { item, row_version, raw, reason } => self.edit_retry(*item, *row_version, raw, reason),
            Command::Park { rows, reason } => self.park(rows, reason.as_deref()),
            Command::Unpark { rows } => self.unpark(rows),
            Command::Close { rows, reason } => self.close(rows, reason),
            Command::Attest { scope, reason } => self.attest(scope, reason.as_deref()),
            Command::Withdraw { job, reason } => self.withdraw(*job, reason.as_deref()),
            Command::EditValueMap { id, row_version, changes } => self.edit_value_map(*id, *row_version, changes),
            Command::EditPolicy { id, row_version, changes } => self.edit_policy(*id, *row_version, changes),
            Command::EditIdentifier { id, row_version, changes } => self.edit_identifier(*id, *row_version, changes),
            Command::RetireIdentifier { id, row_version, reason } => self.retire_identifier(*id, *row_version, reason),
            Command::Import { into, rows } => self.import(into, rows),
            Command::Reevaluate { scope, reason } => self.reevaluate(scope, reason.as_deref()),
            Command::Undo { operation } => self.undo(*operation),
            Command::Dispose { table, rows, reason } => self.dispose(command, *table, rows, reason),
            Command::Hold { on, reason } => self.hold(on, reason),
            Command::LiftHold { hold, row_version, reason } => self.lift_hold(*hold, *row_version, reason),
            Command::Set { key, value } => self.set_setting(key, value),
            Command::AddUser { login, full_name, roles } => self.add_user(login, full_name.as_deref(), roles),
            Command::SetRoles { login, roles } => self.set_roles(login, roles),
        }
    }
}

/// Which role a command takes, and what it does in words.
fn permission(command: &Command) -> (Permission, &'static str) {
    match command {
        Command::Map { .. }
        | Command::MapMany { .. }
        | Command::NoMatch { .. }
        | Command::RejectMatch { .. }
        | Command::Flag { .. } => (Permission::Steward, "map codes"),
        Command::RetireMap { .. } => (Permission::Steward, "retire value maps"),
        Command::EditValueMap { .. } => (Permission::Steward, "edit value maps"),
        Command::EditIdentifier { .. } => (Permission::Steward, "edit identifiers"),
        Command::RetireIdentifier { .. } => (Permission::Steward, "retire identifiers"),
        Command::Decide { verb: Verb::Certify, .. } => (Permission::Reviewer, "certify"),
        Command::Decide { verb: Verb::Reject, .. } => (Permission::Reviewer, "reject"),
        Command::Decide { verb: Verb::Revoke, .. } => (Permission::Reviewer, "revoke"),
        Command::Decide { verb: Verb::Reopen, .. } => (Permission::Reviewer, "reopen"),
        Command::Decide { verb: Verb::Recertify, .. } => (Permission::Reviewer, "recertify"),
        Command::Pin { .. } => (Permission::Reviewer, "pin values"),
        Command::Retry { .. } | Command::EditRetry { .. } => (Permission::Support, "retry items"),
        Command::Park { .. } | Command::Unpark { .. } => (Permission::Support, "park items"),
        Command::Close { .. } => (Permission::Support, "close items"),
        Command::Attest { .. } => (Permission::Reviewer, "attest"),
        Command::Withdraw { .. } => (Permission::Reviewer, "withdraw deliveries"),
        Command::EditPolicy { .. } => (Permission::Admin, "change policies"),
        Command::Import { into: Import::Policies, .. } => (Permission::Admin, "change policies"),
        Command::Import { .. } => (Permission::Steward, "import"),
        Command::Reevaluate { scope: Reevaluated::Map(_), .. } => (Permission::Steward, "re-evaluate a value map"),
        Command::Reevaluate { scope: Reevaluated::Codes { .. }, .. } => (Permission::Steward, "re-evaluate codes"),
        Command::Reevaluate { .. } => (Permission::Admin, "re-evaluate policies"),
        Command::Undo { .. } => (Permission::Any, "undo"),
        Command::Dispose { .. } => (Permission::Admin, "dispose of values"),
        Command::Hold { .. } | Command::LiftHold { .. } => (Permission::Reviewer, "set and lift legal holds"),
        Command::Set { .. } => (Permission::Admin, "change settings"),
        Command::AddUser { .. } => (Permission::Admin, "add users"),
        Command::SetRoles { .. } => (Permission::Admin, "change roles"),
    }
}
