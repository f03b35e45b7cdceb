//! The store: one SQLite file, and the only place that names rusqlite or holds SQL.
//!
//! Its public face is facts, pages and typed rows. It decides nothing: what a value becomes is the rules' business, and
//! the engine carries facts from one to the other. Reading goes by way of [`Reader`], writing by way of [`Write`], which
//! ends in one row of the operation log or leaves no trace.

mod attempts;
mod attested;
mod audit;
mod canonical;
mod decisions;
mod derive;
mod dispose;
mod facts;
mod gathered;
mod history;
mod in_force;
mod jobs;
mod leaves;
mod log;
mod logged;
mod map_past;
mod migrate;
mod numbering;
mod open;
mod outbound;
mod overview;
mod pages;
mod paging;
mod past;
mod proof;
mod reader;
mod recount;
mod reevaluate;
mod replay;
mod rewind;
mod rivals;
mod rows;
mod shape;
mod sql;
mod stored;
mod take_back;
mod targets;
mod triage;
mod versions;
mod waiting_codes;
mod write;

pub use attempts::TriageItem;
pub use attested::{Below, PendingEntry, TableDigest};
pub use audit::{Chain, Digest, Finding};
pub use decisions::{Change, ChangeTo, DecisionFact, MapRow, Person, WaitingItem};
pub use derive::FieldKey;
pub use dispose::{DisposalEntry, DisposalFact, DisposalItem};
pub use facts::IdentifierFact;
pub use history::OperationRow;
pub use in_force::{Current, CurrentFact, EntryFact};
pub use jobs::JobFact;
pub use log::{Draft, JobCounters};
pub use map_past::{CameThrough, FieldValues, MapDeed};
pub use open::Store;
pub use outbound::{OutboundItem, QueuedItem, ReceiverFact};
pub use overview::{CAP, CodeEntry, Overview, SourceJobs, User};
pub use paging::sorts_by_index;
pub use past::{Deed, FieldPast, Kept};
pub use proof::{Proof, Proven};
pub use reader::{Facets, Interrupt, Reader};
pub use recount::Recount;
pub use reevaluate::{FieldScope, MappedValue};
pub use replay::Act;
pub use rivals::{Asked, HeldFact, HolderFact, OpenFact, RejectedFact, Spot};
pub use rows::{NewBinding, NewEntry, NewIdentifier, NewItem, NewJob, NewPolicy, NewValueMap};
pub use stored::Stored;
pub use take_back::{ChangedRow, Changes, UndoFact};
pub use targets::{InForce, RecordField};
pub use triage::{Triage, TriageGroup};
pub use versions::RowVersion;
pub use waiting_codes::{DecidedLabel, SAMPLE_FIELDS, SampleItem, WaitingCode, WaitingList};
pub use write::{ENGINE_USER, Ids, Stamp, Stop, Write, Writer};
