//! A store in a temporary folder with a clock that stands still until it is moved, and short words for what tests do.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use steward::engine::{
    Actor, Check, Chunks, Command, Context, Delivery, Engine, Error, Import, ImportRow, IngestOutcome, MapKey, Mode,
    Outcome, Rows, Verb, Verification, verify,
};
use steward::model::choice::Relationship;
use steward::model::filter::Filter;
use steward::model::query::{Position, Query};
use steward::model::record::{Cell, Fault, Record};
use steward::model::row::Row;
use steward::model::table::Table;
use steward::model::time::{Clock, DAY, Micros};
use steward::store::{Reader, Store};
use tempfile::TempDir;

/// 2026-11-22T12:00:00Z.
pub const NOON: Micros = 1_795_348_800_000_000;

pub struct Bench {
    pub engine: Engine,
    pub path: PathBuf,
    clock: Arc<AtomicI64>,
    deliveries: u32,
    /// Has commands run in several operations of so many rows.
    pub rows_at_once: Option<usize>,
    /// Has deliveries cut into chunks of so many records, from when somebody acts next; as ever where there is none.
    pub chunks: Vec<usize>,
    _folder: Arc<TempDir>,
}

/// A record of a test: its key and its fields.
pub type Given<'a> = (&'a str, &'a [(&'a str, &'a str)]);

impl Bench {
    /// A store with an admin `ada`, a steward `sam`, a reviewer `rita` and a support person `sue`.
    pub fn new() -> Bench {
        let folder = folder();
        let path = folder.path().join("test.db");
        let clock = Arc::new(AtomicI64::new(NOON));
        let engine = Engine::create(&path, context(&clock, "ada")).unwrap();
        let mut bench = Bench {
            engine,
            path,
            clock,
            deliveries: 0,
            rows_at_once: None,
            chunks: Vec::new(),
            _folder: Arc::new(folder),
        };
        for (login, role) in [("sam", "steward"), ("rita", "reviewer"), ("sue", "support")] {
            let add = Command::AddUser { login: login.into(), full_name: None, roles: vec![role.into()] };
            bench.run(&add).unwrap();
        }
        bench
    }

    pub fn store(&self) -> Store {
        Store::open(&self.path).unwrap()
    }

    pub fn reader(&self) -> Reader {
        let clock = self.clock.clone();
        let clock: Clock = Arc::new(move || clock.load(Ordering::SeqCst));
        self.store().reader_at(clock).unwrap()
    }

    /// The person that acts from here on.
    pub fn act_as(&mut self, login: &str) -> &mut Bench {
        let chunks = if self.chunks.is_empty() { Chunks::ByTime } else { Chunks::Sizes(self.chunks.clone()) };
        let context = Context { chunks, ..context(&self.clock, login) };
        self.engine = Engine::open(&self.store(), context).unwrap();
        if let Some(rows) = self.rows_at_once {
            self.engine.rows_at_once(rows);
        }
        self
    }

    /// From here on an admin acts for somebody else, as with `--as`.
    pub fn act_for(&mut self, admin: &str, named: &str) -> &mut Bench {
        let actor = Actor { on_behalf_of: Some(named.into()), ..Actor::new(admin) };
        let clock = self.clock.clone();
        let context = Context::at(actor, Arc::new(move || clock.load(Ordering::SeqCst)));
        self.engine = Engine::open(&self.store(), context).unwrap();
        self
    }

    /// Somebody else who writes to the same store.
    pub fn beside(&self, login: &str) -> Bench {
        let engine = Engine::open(&self.store(), context(&self.clock, login)).unwrap();
        let (path, clock, folder) = (self.path.clone(), self.clock.clone(), self._folder.clone());
        Bench {
            engine,
            path,
            clock,
            deliveries: 1_000 + self.deliveries,
            rows_at_once: None,
            chunks: Vec::new(),
            _folder: folder,
        }
    }

    pub fn now(&self) -> Micros {
        self.clock.load(Ordering::SeqCst)
    }

    pub fn second_passes(&self) {
        self.clock.fetch_add(1_000_000, Ordering::SeqCst);
    }

    /// Somebody puts the machine's clock back.
    pub fn clock_goes_back(&self, by: Micros) {
        self.clock.fetch_sub(by, Ordering::SeqCst);
    }

    pub fn days_pass(&self, days: i64) {
        self.clock.fetch_add(days * DAY, Ordering::SeqCst);
    }

    pub fn run(&mut self, command: &Command) -> Result<Outcome, Error> {
        match self.rows_at_once {
            Some(_) => self.engine.run_in_chunks(command, &Mode::Real),
            None => self.engine.run(command, &Mode::Real),
        }
    }

    pub fn import(&mut self, into: Import, rows: &[&[(&str, &str)]]) -> Result<Outcome, Error> {
        let mut rows: Vec<ImportRow> = rows
            .iter()
            .enumerate()
            .map(|(at, fields)| ImportRow { line: at as u64 + 2, fields: map(fields) })
            .collect();
        if matches!(into, Import::Identifiers) {
            // Most tests begin with records that nothing else speaks of.
            for row in &mut rows {
                row.fields.entry("new_target".into()).or_insert("Yes".into());
            }
        }
        self.run(&Command::Import { into, rows })
    }

    pub fn codes(&mut self, list: &str, codes: &[&str]) {
        let rows: Vec<[(&str, &str); 1]> = codes.iter().map(|code| [("code", *code)]).collect();
        let rows: Vec<&[(&str, &str)]> = rows.iter().map(|row| &row[..]).collect();
        self.import(Import::Codes { list: list.into() }, &rows).unwrap();
    }

    pub fn policy(&mut self, fields: &[(&str, &str)]) {
        self.import(Import::Policies, &[fields]).unwrap();
    }

    /// Delivers records now, as a delivery of its own.
    pub fn deliver(&mut self, source: &str, table: &str, records: &[Given]) -> IngestOutcome {
        let submitted = self.clock.load(Ordering::SeqCst);
        self.deliver_at(source, table, submitted, records)
    }

    pub fn deliver_at(&mut self, source: &str, table: &str, submitted: Micros, records: &[Given]) -> IngestOutcome {
        self.try_deliver_at(source, table, submitted, records).unwrap()
    }

    pub fn try_deliver_at(
        &mut self,
        source: &str,
        table: &str,
        submitted: Micros,
        records: &[Given],
    ) -> Result<IngestOutcome, Error> {
        self.deliveries += 1;
        let sha256 = format!("{:064x}", self.deliveries);
        self.try_deliver(&delivery(source, table, &sha256, submitted), records, false)
    }

    /// Delivers contacts after a dry run, which must say the same but for how long it took.
    pub fn rehearse_and_deliver(
        &mut self,
        source: &str,
        submitted: Micros,
        records: &[Given],
    ) -> Result<IngestOutcome, Error> {
        self.deliveries += 1;
        let delivery = delivery(source, "contact", &format!("{:064x}", self.deliveries), submitted);
        let (dry, real) = (self.try_deliver(&delivery, records, true), self.try_deliver(&delivery, records, false));
        match (&dry, &real) {
            (Ok(dry), Ok(real)) => {
                let timeless = |outcome: &IngestOutcome| IngestOutcome { seconds: 0.0, ..outcome.clone() };
                assert_eq!(timeless(dry), timeless(real));
            }
            (Err(Error::Refused(dry)), Err(Error::Refused(real))) => assert_eq!(dry, real),
            _ => panic!("{dry:?} and {real:?}"),
        }
        real
    }

    pub fn try_deliver(
        &mut self,
        delivery: &Delivery,
        records: &[Given],
        dry_run: bool,
    ) -> Result<IngestOutcome, Error> {
        let mut records = records.iter().enumerate().map(|(at, given)| Ok(record(at, given)));
        self.engine.ingest(delivery, &mut records, dry_run, &mut |_, _| true)
    }

    pub fn ingest(&mut self, delivery: &Delivery, records: Vec<Result<Record, Fault>>) -> IngestOutcome {
        self.engine.ingest(delivery, &mut records.into_iter(), false, &mut |_, _| true).unwrap()
    }

    pub fn map(&mut self, source: &str, list: &str, code: &str, canonical: &str) -> Result<Outcome, Error> {
        let map = MapKey::Code { source: source.into(), list: list.into(), code: code.into() };
        self.run(&Command::Map { map, canonical: canonical.into(), relationship: Relationship::Equal })
    }

    pub fn decide(&mut self, verb: Verb, filter: &str) -> Result<Outcome, Error> {
        self.run(&Command::Decide { verb, rows: Rows::Filter(filter.into()), reason: None })
    }

    /// Takes the newest operation of a kind back, by its number.
    pub fn undo_last(&mut self, kind: &str) -> Result<Outcome, Error> {
        let operations = self.reader().operations(None, 50).unwrap();
        let operation = operations.iter().find(|operation| operation.kind == kind).map(|operation| operation.seq);
        assert!(operation.is_some(), "there is no operation of the kind {kind}");
        self.run(&Command::Undo { operation })
    }

    /// The target record's id that a source's key stands for.
    pub fn target(&self, source: &str, key: &str) -> String {
        self.rows(Table::Identifiers, &format!("source:{source} key:{key}"))[0].text("target_id").to_string()
    }

    /// All rows of a table that match, oldest first.
    pub fn rows(&self, table: Table, filter: &str) -> Vec<Row> {
        let query = Query { filter: Filter::parse(table, filter).unwrap(), ..Query::all(table) };
        self.reader().page(&query, &Position::First, 100_000).unwrap().rows
    }

    /// The state of each item that matches, by its label.
    pub fn states(&self, filter: &str) -> Vec<String> {
        self.rows(Table::SyncItems, filter).iter().map(|row| row.display("state").into_owned()).collect()
    }

    /// The value in force of a field of the record that a source knows by a key: through the entry that holds it.
    pub fn value(&self, source: &str, key: &str, field: &str) -> Option<String> {
        let target = self.target(source, key);
        let held = self.rows(Table::Ledger, &format!("is:current target:{target} field:\"{field}\""));
        held.first().map(|row| row.text("value").to_string())
    }

    pub fn verify(&self) -> Verification {
        verify(&self.store(), None)
    }

    /// Every test ends with this: the log is whole, everything follows from it, and it went on as it says.
    pub fn assert_sound(&self) {
        let verification = Check { replay: true, ..Check::default() }.run(&self.store());
        assert_eq!(verification.exit_code, 14, "{:#?}", verification.lines);
    }
}

/// In memory where the system has a place for that: no test here asks what outlives a power cut, and each commit waits
/// for a disk.
fn folder() -> TempDir {
    TempDir::new_in("/dev/shm").or_else(|_| TempDir::new()).unwrap()
}

pub fn context(clock: &Arc<AtomicI64>, login: &str) -> Context {
    let clock = clock.clone();
    Context::at(Actor::new(login), Arc::new(move || clock.load(Ordering::SeqCst)))
}

pub fn delivery(source: &str, table: &str, sha256: &str, submitted: Micros) -> Delivery {
    Delivery {
        source: source.into(),
        table: table.into(),
        key_column: "id".into(),
        entity: None,
        delivery_id: None,
        sha256: sha256.into(),
        file_name: None,
        submitted: Some(submitted),
        keep_unchanged: false,
        again: false,
    }
}

pub fn record(at: usize, (key, fields): &Given) -> Record {
    let mut cells = vec![("id".into(), Cell::Text(key.to_string()))];
    cells.extend(fields.iter().map(|(field, value)| ((*field).into(), Cell::Text(value.to_string()))));
    Record { line: at as u64 + 2, fields: cells }
}

pub fn map(fields: &[(&str, &str)]) -> BTreeMap<String, String> {
    fields.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect()
}
