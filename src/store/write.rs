//! The writing transaction: `BEGIN IMMEDIATE`, rows in, one row of the operation log, `COMMIT`.
//!
//! # Locking
//! One operation is one transaction; it is never open across a prompt. Dropping a [`Write`] takes it all back, which is
//! also how a dry run ends.
//!
//! # Outcome of a commit
//! A failed `COMMIT` leaves the outcome unknown. Every operation has an `op_id`, which is looked up on a new connection
//! before anything is said about it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::{Context, Result};
use rusqlite::types::{ToSqlOutput, Value as Sql, ValueRef};
use rusqlite::{ErrorCode, ToSql, Transaction, TransactionBehavior};
use uuid::Uuid;

use super::beside::log_lost;
use super::canonical::{Canonical, Hash};
use super::change::Recorded;
use super::derive::{Deltas, FieldKey};
use super::gathered::Gathered;
use super::held::{Linked, Writing};
use super::kept::Keeper;
use super::logged::{ADDED_ROW_TAG, LOGGED, Logged, ROW_TAG};
use super::open::Store;
use super::unwritten::Untouched;
use crate::model::time::{self, Micros};

/// Makes the ids that rows and operations are exchanged by.
pub type Ids = Arc<dyn Fn() -> Uuid + Send + Sync>;

/// The one connection that writes, for one thread.
pub struct Writer {
    pub(super) conn: Linked,
    pub(super) store: Store,
    /// The log beside the file that this connection writes to.
    log: Option<(u64, u64)>,
    ids: Ids,
    stop: Stop,
    keeper: Option<Keeper>,
}

/// Stops the writer's running operation from another thread: it is taken back whole.
#[derive(Debug, Clone, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// What is set to stop it, for a signal's sake: no more may be done while one is handled.
    pub fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.0)
    }

    /// Whether somebody asked since the work began.
    pub fn asked(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Who writes a transaction's rows, and when: what `created_by`, `modified_on` and so on say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamp {
    pub at: Micros,
    /// A `system_user` id.
    pub user: i64,
}

/// The user that the engine itself certifies and writes as.
pub const ENGINE_USER: i64 = 1;

/// What that user is called; no person's login holds a colon.
pub const ENGINE_LOGIN: &str = "steward:engine";

/// One open write transaction. Dropping it takes everything back.
pub struct Write<'a> {
    pub(super) tx: Transaction<'a>,
    pub(super) store: &'a Store,
    pub(super) stamp: Stamp,
    ids: &'a Ids,
    stop: &'a Stop,
    pub(super) keeper: Option<&'a Keeper>,
    pub(super) deltas: Deltas,
    /// For each table with new rows: the first id, and a leaf hash for each row.
    pub(super) created: BTreeMap<usize, (i64, Vec<Hash>)>,
    pub(super) changed: Vec<Hash>,
    pub(super) disposed: Vec<Hash>,
    /// Operations that name what was disposed of in their sentences.
    pub(super) naming: BTreeSet<i64>,
    pub(super) naming_maps: BTreeSet<String>,
    /// Table, id and new version of each changed row, for the fingerprint.
    pub(super) changed_rows: Vec<(&'static str, i64, i64)>,
    /// Whether all of it is taken back in any case, so that changes need no rows in the log.
    pub(super) rehearsal: bool,
    /// By the table's place among the logged ones.
    next_ids: [Option<i64>; LOGGED.len()],
    pub(super) gathered: Gathered,
    pub(super) canonical: Canonical,
    /// Changes that are not in the log's table yet.
    pub(super) recorded: Vec<Recorded>,
    /// The number the operation will have in the log.
    pub(super) seq: i64,
    /// Says who writes since when, as long as they do.
    _writing: Option<Writing>,
}

/// A value to write. Borrowed text, so that a row is written without being copied.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Val<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Blob(&'a [u8]),
}

impl<'a> Val<'a> {
    pub fn text(text: Option<&'a str>) -> Val<'a> {
        text.map_or(Val::Null, Val::Text)
    }

    pub fn int(n: Option<i64>) -> Val<'a> {
        n.map_or(Val::Null, Val::Int)
    }

    pub fn owned(&self) -> Sql {
        match *self {
            Val::Null => Sql::Null,
            Val::Int(n) => Sql::Integer(n),
            Val::Text(text) => Sql::Text(text.to_string()),
            Val::Blob(bytes) => Sql::Blob(bytes.to_vec()),
        }
    }

    pub fn as_ref(&self) -> ValueRef<'a> {
        match *self {
            Val::Null => ValueRef::Null,
            Val::Int(n) => ValueRef::Integer(n),
            Val::Text(text) => ValueRef::Text(text.as_bytes()),
            Val::Blob(bytes) => ValueRef::Blob(bytes),
        }
    }
}

impl ToSql for Val<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(self.as_ref()))
    }
}

impl Writer {
    pub fn open(store: &Store, ids: Ids) -> Result<Writer> {
        let mut writer = Writer::open_older(store, ids)?;
        writer.keeper = Some(Keeper::watch(&writer.conn)?);
        Ok(writer)
    }

    /// For a store that lacks some of the tables yet: what is kept beside the log is summed up whole.
    pub(super) fn open_older(store: &Store, ids: Ids) -> Result<Writer> {
        let conn = store.writer()?;
        let log = store.log_identity();
        Ok(Writer { conn, log, store: store.clone(), ids, stop: Stop::default(), keeper: None })
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// Stops what this writer does, now and again.
    pub fn stop(&self) -> Stop {
        self.stop.clone()
    }

    /// Begins a write transaction at a time; waits up to ten seconds for another writer to finish. Until somebody acts in
    /// it, the engine does.
    pub fn begin(&mut self, at: Micros) -> Result<Write<'_>> {
        // What was asked while nothing ran is not meant for what begins now.
        self.stop.0.store(false, Ordering::Relaxed);
        self.begin_next(at)
    }

    /// Begins the next transaction of what one person waits for: who asked meanwhile to stop meant it.
    pub fn begin_next(&mut self, at: Micros) -> Result<Write<'_>> {
        self.check_store()?;
        self.transaction(at, TransactionBehavior::Immediate)
    }

    /// Refuses to write where the file, or what lies beside it, is not that which was opened.
    pub(super) fn check_store(&self) -> Result<()> {
        self.store.check_writable()?;
        if let Some(problem) = log_lost(self.store.path(), self.log) {
            return Err(Untouched::new(problem.trim_end_matches('.'), " Start steward again.").into());
        }
        Ok(())
    }

    /// Looks at the store as it is now, with what a transaction can ask, and keeps nobody from writing. Nothing can be
    /// written in it; what it is looked at for could not be, either, where the store is read-only.
    pub fn look(&mut self, at: Micros) -> Result<Write<'_>> {
        self.store.check_writable()?;
        self.stop.0.store(false, Ordering::Relaxed);
        self.transaction(at, TransactionBehavior::Deferred)
    }

    fn transaction(&mut self, at: Micros, behavior: TransactionBehavior) -> Result<Write<'_>> {
        let stamp = Stamp { at, user: ENGINE_USER };
        let writes = matches!(behavior, TransactionBehavior::Immediate);
        let (conn, hold) = self.conn.parts();
        let tx = conn.transaction_with_behavior(behavior).map_err(busy)?;
        let _writing = writes.then(|| hold.mark_writing(time::now())).flatten();
        let seq = tx.query_row("SELECT coalesce(max(seq), 0) + 1 FROM operation", [], |row| row.get(0))?;
        self.keeper.iter().for_each(Keeper::begin);
        Ok(Write {
            tx,
            store: &self.store,
            stamp,
            ids: &self.ids,
            stop: &self.stop,
            keeper: self.keeper.as_ref(),
            deltas: Deltas::default(),
            created: BTreeMap::new(),
            changed: Vec::new(),
            disposed: Vec::new(),
            naming: BTreeSet::new(),
            naming_maps: BTreeSet::new(),
            changed_rows: Vec::new(),
            rehearsal: false,
            next_ids: Default::default(),
            gathered: Gathered::default(),
            canonical: Canonical::default(),
            recorded: Vec::new(),
            seq,
            _writing,
        })
    }
}

pub(super) fn busy(error: rusqlite::Error) -> anyhow::Error {
    match error.sqlite_error_code() {
        Some(ErrorCode::DatabaseBusy) => {
            Untouched::new("Another program has been writing to the store for ten seconds", " Try again.").into()
        }
        _ => anyhow::Error::new(error).context("The store cannot be written"),
    }
}

impl Write<'_> {
    pub fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// From here on rows are written in this person's name.
    pub fn act_as(&mut self, user: i64) {
        self.stamp.user = user;
    }

    pub(super) fn check_stop(&self) -> Result<()> {
        if self.stop.asked() {
            return Err(Untouched::new("Stopped", "").into());
        }
        Ok(())
    }

    pub(super) fn new_guid(&self) -> Uuid {
        (self.ids)()
    }

    /// A new id for a target record or an exchanged row.
    pub fn new_id(&self) -> Uuid {
        self.new_guid()
    }

    /// The id that the next new row of a table gets: rows of one transaction have ids in a row.
    pub(super) fn next_id(&mut self, logged: &'static Logged) -> Result<i64> {
        if let Some(next) = self.next_ids[logged.place()] {
            return Ok(next);
        }
        let sql = format!("SELECT coalesce(max(id), 0) + 1 FROM {}", logged.name);
        let next = self.tx.query_row(&sql, [], |row| row.get(0))?;
        self.next_ids[logged.place()] = Some(next);
        Ok(next)
    }

    /// Writes a new row: values for the covered columns, then for the derived and the added ones. Answers its id.
    pub(super) fn insert(&mut self, logged: &'static Logged, values: &[Val]) -> Result<i64> {
        self.check_stop()?;
        let id = self.next_id(logged)?;
        if self.gathered.is_on() {
            self.gather_row(logged, id, values)?;
        } else {
            self.insert_now(logged, id, values)?;
        }
        let leaf = row_leaf(&mut self.canonical, logged, id, logged.image_of(values).map(Val::as_ref));
        self.created.entry(logged.place()).or_insert_with(|| (id, Vec::new())).1.push(leaf);
        self.next_ids[logged.place()] = Some(id + 1);
        self.deltas.row(logged.name, 1);
        Ok(id)
    }

    fn insert_now(&self, logged: &'static Logged, id: i64, values: &[Val]) -> Result<()> {
        let mut statement = self.tx.prepare_cached(logged.insert_sql())?;
        statement.raw_bind_parameter(1, id)?;
        for (at, value) in values.iter().enumerate() {
            statement.raw_bind_parameter(at + 2, value)?;
        }
        statement.raw_execute().with_context(|| format!("A row of {} cannot be written", logged.name))?;
        Ok(())
    }

    /// Has a field's value in force looked at again.
    pub fn touch_field(&mut self, key: FieldKey) {
        self.deltas.fields.insert(key);
    }

    /// The fields whose ledger entries were changed since they were last taken.
    pub fn touched_fields(&self) -> impl Iterator<Item = &FieldKey> {
        self.deltas.fields.iter()
    }

    /// The fields whose ledger entries were changed since the last call.
    pub fn take_touched_fields(&mut self) -> Vec<FieldKey> {
        std::mem::take(&mut self.deltas.fields).into_iter().collect()
    }
}

/// The leaf of a created row: its table, id and covered columns, and the added ones where any of them is set.
pub(super) fn row_leaf<'a>(
    canonical: &mut Canonical,
    logged: &Logged,
    id: i64,
    image: impl Iterator<Item = ValueRef<'a>> + Clone,
) -> Hash {
    let covered = logged.covered.len();
    let (tag, columns) = match image.clone().skip(covered).any(|value| value != ValueRef::Null) {
        true => (ADDED_ROW_TAG, logged.width()),
        false => (ROW_TAG, covered),
    };
    canonical.begin(tag).text(logged.name).int(id);
    for value in image.take(columns) {
        canonical.value(value);
    }
    canonical.hash()
}

#[cfg(test)]
impl Writer {
    /// Counts the statements that begin to run from here on, by their first word.
    pub(crate) fn count_statements(&mut self) -> Arc<std::sync::Mutex<BTreeMap<String, usize>>> {
        use rusqlite::trace::{TraceEvent, TraceEventCodes};
        let counts = Arc::new(std::sync::Mutex::new(BTreeMap::new()));
        let counted = counts.clone();
        let count = move |event: TraceEvent<'_>| {
            // SQLite announces the statements inside a trigger as comments.
            if let TraceEvent::Stmt(_, sql) = event
                && !sql.starts_with("--")
            {
                let word = sql.split_whitespace().next().unwrap_or_default().to_uppercase();
                *counted.lock().unwrap().entry(word).or_insert(0) += 1;
            }
        };
        self.conn.trace_v2(TraceEventCodes::SQLITE_TRACE_STMT, Some(count)).unwrap();
        counts
    }

    /// Counts the steps of SQLite's machine from here on, by statement: what a statement costs, whatever the hour.
    pub(crate) fn count_steps(&mut self) -> Arc<std::sync::Mutex<BTreeMap<String, i64>>> {
        use rusqlite::StatementStatus::VmStep;
        use rusqlite::trace::{TraceEvent, TraceEventCodes};
        let counts = Arc::new(std::sync::Mutex::new(BTreeMap::new()));
        let counted = counts.clone();
        let mut known: BTreeMap<String, i32> = BTreeMap::new();
        let count = move |event: TraceEvent<'_>| {
            let TraceEvent::Profile(statement, _) = event else { return };
            let (sql, steps) = (statement.sql().into_owned(), statement.get_status(VmStep));
            // A statement counts on from run to run, unless it was prepared anew.
            let before = known.insert(sql.clone(), steps).filter(|before| *before <= steps).unwrap_or(0);
            *counted.lock().unwrap().entry(sql).or_insert(0) += i64::from(steps - before);
        };
        self.conn.trace_v2(TraceEventCodes::SQLITE_TRACE_PROFILE, Some(count)).unwrap();
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::canonical::hex;
    use crate::store::logged::BINDING;

    /// What a binding's leaf was before bindings had `on_empty`, worked out by another program.
    const BEFORE: &str = "0aae638ccb03d4f68dcff7c0c6bdbbbf454545349f009e7b6111cd47ad8ec0de";

    #[test]
    fn a_row_without_added_columns_hashes_as_it_always_did() {
        let covered = |on_empty| {
            let text = ValueRef::Text;
            let source = [text(b"contact"), text(b"name"), text(b"FIN"), ValueRef::Null];
            let numbers = [0, 0, 0, 0].map(ValueRef::Integer);
            let rest = [ValueRef::Null, ValueRef::Integer(1), ValueRef::Integer(1), on_empty];
            let image: Vec<ValueRef> = [&source[..], &numbers, &rest].concat();
            hex(&row_leaf(&mut Canonical::default(), &BINDING, 7, image.into_iter()))
        };
        assert_eq!(covered(ValueRef::Null), BEFORE);
        let set = [0, 2].map(|on_empty| covered(ValueRef::Integer(on_empty)));
        assert!(set[0] != set[1] && !set.contains(&BEFORE.to_string()), "{set:?}");
    }
}
