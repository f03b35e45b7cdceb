//! The demo: an invented agency with six weeks of deliveries and decisions behind it.
//!
//! A new user needs a store in which every state occurs, without bringing data of their own. So the binary carries a few
//! small files (`assets/demo`) and a script that says who did what on which day; [`build`] plays it through the real
//! engine, with a clock that stands on the day of each step. Nothing here writes to the store itself, and nothing in the
//! store says that it is a demo: what the engine would refuse cannot be in it.
//!
//! | file | what it is |
//! | --- | --- |
//! | `files` | the files, as bytes in the binary |
//! | `script` | the six weeks, day by day, as data |
//! | `play` | takes a step of the script to the engine |

mod files;
mod play;
mod script;

pub use script::{PEOPLE, Person};

use std::collections::BTreeSet;
use std::fmt;
use std::path::Path;

use crate::engine::{Engine, Error};
use crate::model::Table;
use crate::model::text::{counted, grouped};
use crate::model::time::Micros;
use crate::store::Store;

/// The agency's name, for titles and sentences.
pub const AGENCY: &str = "State of Columbia, Department of Licensing and Public Works";

/// What the demo store holds once it is built; displayed as a few sentences.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct DemoSummary {
    pub deliveries: i64,
    /// The systems that delivered.
    pub sources: BTreeSet<&'static str>,
    /// Records and values in all deliveries together.
    pub records: i64,
    pub values: i64,
    pub pending: i64,
    pub held: i64,
    pub failed: i64,
    pub stale: i64,
    /// Source codes that wait for a decision.
    pub unmapped: i64,
}

/// Makes a store that begins six weeks before `now`, and fills it.
///
/// # Errors
/// As the engine; the file is left behind and of no use.
pub fn create(path: &Path, admin_login: &str, now: Micros) -> Result<(Store, DemoSummary), Error> {
    let begun = script::BEGINNING + script::WORKDAY;
    let store = Engine::create(path, play::surroundings(admin_login, now - begun))?.store().clone();
    let summary = build(&store, admin_login, now)?;
    Ok((store, summary))
}

/// Fills a new store with the demo: `admin_login` is the person who made the store, `now` the time up to which the six
/// weeks run. Fails like the engine does; a store in which it failed half-way is of no use.
pub fn build(store: &Store, admin_login: &str, now: Micros) -> Result<DemoSummary, Error> {
    let mut summary = DemoSummary::default();
    for day in script::script() {
        let morning = now - day.ago - script::WORKDAY;
        for (step, at) in day.steps.into_iter().zip((morning..).step_by(script::BETWEEN_STEPS)) {
            if let script::Act::Deliver(parcel) = &step.act {
                summary.deliveries += 1;
                summary.sources.insert(parcel.feed.source);
            }
            if let Some(outcome) = play::play(store, admin_login, step, at)? {
                summary.records += outcome.records;
                summary.values += outcome.items;
            }
        }
    }
    count_what_waits(store, now, &mut summary)?;
    Ok(summary)
}

fn count_what_waits(store: &Store, now: Micros, summary: &mut DemoSummary) -> Result<(), Error> {
    let overview = store.reader()?.overview(now)?;
    let count = |table, facet: &str| {
        overview.counts.iter().find(|(t, f, _)| *t == table && f == facet).map_or(0, |(_, _, n)| *n)
    };
    summary.pending = count(Table::Ledger, "Pending");
    summary.held = count(Table::SyncItems, "Held");
    summary.failed = count(Table::SyncItems, "Failed");
    summary.unmapped = count(Table::ValueMaps, "Proposed");
    summary.stale = overview.stale.n;
    Ok(())
}

impl fmt::Display for DemoSummary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{AGENCY}: an invented agency, all people and numbers included.")?;
        writeln!(
            f,
            "Over six weeks {} from {} sources brought {} with {} values.",
            counted(self.deliveries, "delivery"),
            self.sources.len(),
            counted(self.records, "record"),
            grouped(self.values),
        )?;
        writeln!(
            f,
            "Now {} wait for a reviewer, {} are held ({} without a value map), {} failed, and {} are stale.",
            counted(self.pending, "entry"),
            counted(self.held, "item"),
            counted(self.unmapped, "code"),
            grouped(self.failed),
            counted(self.stale, "value"),
        )?;
        let people = PEOPLE.map(|person| format!("{} ({})", person.login, person.role));
        write!(f, "Beside you it has {}.", people.join(", "))
    }
}
