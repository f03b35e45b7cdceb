//! The engine: operations, each one transaction, one typed outcome, one log row.
pub mod command;
pub mod outcome;
pub mod refusal;

pub use command::{Command, Import, ImportRow, MapKey, Mode, Rows, Verb};
pub use outcome::Outcome;
pub use refusal::{Error, Refusal};

use crate::model::record::{Fault, Record};
use crate::store::Store;

/// Who acts: the operating system's user, and the person an admin acts for (`--as`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub login: String,
    pub on_behalf_of: Option<String>,
}

/// Time, ids and people come from here, so that tests can inject them.
pub struct Context {/* clock, ids, actor, host */}

impl Context {
    /// The real clock and ids; the acting person.
    pub fn new(_actor: Actor) -> Context {
        unimplemented!()
    }
}

/// The one writer of a store, for one thread.
pub struct Engine {}

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
    pub submitted: Option<i64>,
    pub keep_unchanged: bool,
}

/// What an ingest did, or would do.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, Default)]
pub struct IngestOutcome {
    pub job_id: String,
    pub job_status: String,
    /// True where the same bytes were delivered before and nothing was done; the numbers are the old job's.
    pub already_delivered: bool,
    pub records: i64,
    pub items: i64,
    pub applied: i64,
    pub unchanged: i64,
    pub waiting: i64,
    pub held: i64,
    pub failed: i64,
    pub rejected: i64,
    pub superseded: i64,
    /// New identifiers and new proposed value maps.
    pub identifiers: i64,
    pub proposed_maps: i64,
    pub seconds: f64_bits::Seconds,
    /// Sentences about parts of the input that could not be read, the first few.
    pub faults: Vec<String>,
}
pub mod f64_bits {
    /// Seconds to the millisecond, comparable in tests.
    #[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
    pub struct Seconds(pub i64);
    impl serde::Serialize for Seconds {
        fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
            s.serialize_f64(self.0 as f64 / 1000.0)
        }
    }
}

/// Called after each chunk with the records and values taken so far; false stops the ingest after the chunk.
pub type Progress<'a> = &'a mut dyn FnMut(i64, i64) -> bool;

impl Engine {
    pub fn open(_store: &Store, _context: Context) -> Result<Engine, Error> {
        unimplemented!()
    }
    /// Runs one command in one transaction.
    pub fn run(&mut self, _command: &Command, _mode: &Mode) -> Result<Outcome, Error> {
        unimplemented!()
    }
    pub fn ingest(
        &mut self,
        _delivery: &Delivery,
        _records: &mut dyn Iterator<Item = Result<Record, Fault>>,
        _dry_run: bool,
        _progress: Progress,
    ) -> Result<IngestOutcome, Error> {
        unimplemented!()
    }
    /// login (after --as) and roles of the acting person
    pub fn login(&self) -> &str {
        unimplemented!()
    }
    pub fn roles(&self) -> &str {
        unimplemented!()
    }
}

/// Recomputes and checks the whole log and what follows from it.
pub fn verify(_store: &Store) -> anyhow::Result<crate::store::reader::Verification> {
    unimplemented!()
}
