//! `steward`: a terminal workbench for people who keep data right between systems.
//!
//! The floors, imports only downward:
//!
//! ```text
//! main
//!  ├── tui       the workbench: home, six panes, overlays
//!  ├── cli       one file a subcommand
//!  │    ├── demo      six invented weeks, played through the engine
//!  │    ├── engine    operations: one transaction, one typed outcome, one log row each
//!  │    │    ├── store     SQLite, the log, pages: the only place that holds SQL
//!  │    │    └── rules     pure decisions: bindings, policy, verdict, survivorship
//!  │    └── exchange  file formats: readers that yield records, writers that take rows
//!  └── model     tables, fields, rows, choices, filters, what is shown
//! ```
//!
//! `store` and `rules` do not know each other, nor do `cli` and `tui`; `tests/tidy.rs` holds all of it.

pub mod cli;
pub mod demo;
pub mod engine;
pub mod exchange;
pub mod model;
pub mod rules;
pub mod store;
pub mod tui;

/// A fifth of a large decision's time went to the system's allocator, which joins and splits the many short-lived texts. It
/// stands in for that of the C library, too: SQLite keeps what a statement would take back in blocks of a kilobyte, which
/// that one parts and joins each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;
