//! Pure decisions: facts in, verdict out. No clock, no store, no I/O, so that a table of cases can state every rule.
//!
//! The rules are those of `engine.md`; each module names its step. What is deliberately absent: reading rows (the
//! engine carries facts from the store to here) and doing anything about a verdict (the engine again).

pub mod authorship;
pub mod binding;
pub mod doubt;
pub mod families;
pub mod last_word;
pub mod lookup;
pub mod name;
pub mod outbound;
pub mod policy;
pub mod ranking;
pub mod reevaluation;
pub mod repeat;
pub mod status;
pub mod suggest;
pub mod survivorship;
pub mod transition;
pub mod verdict;

pub use name::is_any as name_is_any;
