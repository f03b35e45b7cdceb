//! The store: one SQLite file, and the only place that names rusqlite or holds SQL.
//!
//! Its public face is facts, pages and typed rows. It decides nothing: what a value becomes is the rules' business, and
//! the engine carries facts from one to the other. Reading goes by way of [`Reader`], writing by way of [`Write`], which
//! ends in one row of the operation log or leaves no trace.

mod audit;
mod canonical;
mod decisions;
mod derive;
mod facts;
mod history;
mod in_force;
mod jobs;
mod log;
mod logged;
mod migrate;
mod numbering;
mod open;
mod overview;
mod reader;
mod recount;
mod rivals;
mod rows;
mod sql;
mod take_back;
mod write;

pub use audit::{Chain, Digest, Finding};
pub use decisions::{Change, ChangeTo, DecisionFact, MapRow, Person, WaitingItem};
pub use derive::FieldKey;
pub use facts::IdentifierFact;
pub use history::OperationRow;
pub use in_force::{Current, CurrentFact, EntryFact};
pub use jobs::JobFact;
pub use log::{Draft, JobCounters};
pub use open::Store;
pub use overview::{CAP, CodeEntry, Overview, SourceJobs, User};
pub use reader::{Facets, Interrupt, Reader};
pub use recount::Recount;
pub use rivals::{HeldFact, HolderFact, LastFact, OpenFact, RejectedFact};
pub use rows::{NewBinding, NewEntry, NewIdentifier, NewItem, NewJob, NewPolicy, NewValueMap};
pub use take_back::{ChangedRow, UndoFact};
pub use write::{ENGINE_USER, Ids, Stamp, Stop, Write, Writer};
