//! Deciding codes that very many items wait for: the decision and its first items are one operation, and the items that are
//! left follow in operations of their own, so that other people's writes get in between.
//!
//! Each further operation is of the kind "release", and its reason names the decision that it goes on with: taking the
//! decision back takes them back as well. Where the program ends in between, the code is decided and the items that are
//! left go on waiting for it: a retry decides them.

use std::mem;
use std::time::Duration;

use super::command::{Command, Mode};
use super::map::{TABLES, about};
use super::outcome::{Outcome, SAMPLE};
use super::session::Permission;
use super::{Done, Engine, Error, Operation};
use crate::model::choice::MapState;
use crate::model::text::counted;

/// Items that one operation releases: about a tenth of a second. More would take less in all, since each commit writes pages
/// of the same indexes anew, but would let others wait longer.
const AT_ONCE: usize = 2000;

/// What lies between two operations, for others to write.
const GAP: Duration = Duration::from_millis(6);

/// The reason of an operation that goes on with another.
pub(super) fn goes_on_with(operation: i64) -> String {
    format!("Goes on with operation {operation}")
}

impl Engine {
    /// Runs a command as [`Engine::run`] does; a decision on codes releases its items in several operations.
    ///
    /// # Errors
    /// As [`Engine::run`]. Where the decision was written and a further operation was not, the message says how far it got.
    pub fn run_in_chunks(&mut self, command: &Command) -> Result<Outcome, Error> {
        let decides = matches!(command, Command::Map { .. } | Command::MapMany { .. } | Command::NoMatch { .. });
        self.at_most = decides.then_some(AT_ONCE);
        let result = self.decide_and_go_on(command);
        self.at_most = None;
        result
    }

    fn decide_and_go_on(&mut self, command: &Command) -> Result<Outcome, Error> {
        let mut all = self.run(command, &Mode::Real)?;
        let left = mem::take(&mut all.unreleased);
        let Some(operation) = all.operation.filter(|_| !left.is_empty()) else { return Ok(all) };
        let waiting: usize = left.iter().map(|(_, items)| items.len()).sum();
        let of = all.released + waiting as i64;
        for (map, items) in &left {
            for items in items.chunks(AT_ONCE) {
                if let Some(tell) = &mut self.tell {
                    tell(all.released, of);
                }
                // Whoever waits for their turn asks every few milliseconds.
                std::thread::sleep(GAP);
                let next = self.operate((Permission::Steward, "map codes"), &Mode::Real, |more| {
                    more.go_on_releasing(*map, items, operation)
                });
                let next = next.map_err(|error| part_way(operation, &all, of, &error))?;
                add(&mut all, next);
            }
        }
        let said = all.summary.rsplit_once(": ").map_or(all.summary.as_str(), |(said, _)| said);
        all.summary = format!("{said}: {} released", counted(all.released, "item"));
        Ok(all)
    }
}

impl Operation<'_, '_> {
    fn go_on_releasing(&mut self, map: i64, items: &[i64], operation: i64) -> Result<Done, Error> {
        let map = self.known_map(map)?;
        // Somebody may have taken the decision back meanwhile: then the items wait for the next one.
        if map.active && matches!(map.state, MapState::Active | MapState::NoMatch) {
            self.release_items(&map, items)?;
        }
        let released = counted(self.effects.released, "item");
        let summary = format!("Released {released} more of {}", about(&map));
        Ok(Done { reason: Some(goes_on_with(operation)), ..Done::new("release", summary, TABLES) })
    }
}

fn add(all: &mut Outcome, next: Outcome) {
    all.released += next.released;
    all.values_changed += next.values_changed;
    all.outbound += next.outbound;
    all.sample.extend(next.sample);
    all.sample.truncate(SAMPLE);
}

fn part_way(operation: i64, all: &Outcome, of: i64, error: &Error) -> Error {
    let (released, left) = (counted(all.released, "item"), counted(of - all.released, "item"));
    let undo = format!("steward undo {operation}");
    Error::Failed(anyhow::anyhow!(
        "Operation {operation} stands, {released} went on, and {left} still wait: {error} Retry those, or take it all back: {undo}"
    ))
}
