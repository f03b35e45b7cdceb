//! The store: the only place that names rusqlite or holds SQL.
pub mod reader;
pub use reader::{CodeEntry, Interrupt, OperationRow, Overview, Reader, SourceJobs, Store};
