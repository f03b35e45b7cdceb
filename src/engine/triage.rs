//! Triage of items that did not go on: which of them may be acted on, and setting them aside (engine.md, "What people
//! do"). Trying them again stands in `retry`.
//!
//! Parking changes nothing but the state: code, message, value map and raw value stay, and tell where the item belongs
//! when it is unparked. Closing does the same for good: nothing releases or tries a closed item, and its values may be
//! disposed of. Why a person parked or closed it is in the log.

use super::command::Rows;
use super::{Done, Error, Operation};
use crate::model::choice::{Direction, ItemState};
use crate::model::table::Table;
use crate::model::text::counted;
use crate::rules::transition::{ItemAct, Standing, item};
use crate::store::{Change, TriageItem};

/// Items that are read at once.
pub(super) const ITEMS_AT_ONCE: usize = 500;

/// The end of the message of an item that the engine itself parked.
pub(super) const PARKED_BY_ENGINE: &str = "Parked: the same code twice in a row.";

const TABLES: &[Table] = &[Table::SyncJobs, Table::SyncItems, Table::ValueMaps];

impl Operation<'_, '_> {
    pub(super) fn park(&mut self, rows: &Rows, reason: Option<&str>) -> Result<Done, Error> {
        self.set_aside(ItemAct::Park, rows)?;
        Ok(done("park", reason, self.told("Parked")))
    }

    pub(super) fn unpark(&mut self, rows: &Rows) -> Result<Done, Error> {
        self.set_aside(ItemAct::Unpark, rows)?;
        Ok(done("unpark", None, self.told("Unparked")))
    }

    /// For good: whoever meets the item again learns why from the log.
    pub(super) fn close(&mut self, rows: &Rows, reason: &str) -> Result<Done, Error> {
        self.set_aside(ItemAct::Close, rows)?;
        Ok(done("close", Some(reason), self.told("Closed")))
    }

    fn set_aside(&mut self, act: ItemAct, rows: &Rows) -> Result<(), Error> {
        let ids = self.asked_for(Table::SyncItems, rows)?;
        self.set_aside_each(act, &ids)?;
        self.refuse_alone(rows)
    }

    /// Sets items aside, or takes them up again, that may be; the others are held back with the reason.
    pub(super) fn set_aside_each(&mut self, act: ItemAct, ids: &[i64]) -> Result<(), Error> {
        for ids in ids.chunks(ITEMS_AT_ONCE) {
            for item in self.write.triage_items(ids)? {
                if let Some(state) = self.judged(act, &item)? {
                    self.move_to(&item, state)?;
                }
            }
        }
        Ok(())
    }

    fn move_to(&mut self, item: &TriageItem, state: ItemState) -> Result<(), Error> {
        let message = item.message.as_deref().map(without_parked);
        let changes = [Change::int("state", state.code()), Change::text("process_message", message)];
        self.write.change_item(item.id, &changes)?;
        self.effects.act_on(Table::SyncItems, item.id);
        self.effects.change(&item.target_table, &item.source);
        Ok(())
    }

    /// The state that an act gives an item; an item that may not be acted on is left alone, an older attempt under the
    /// name of the newest.
    pub(super) fn judged(&mut self, act: ItemAct, asked: &TriageItem) -> Result<Option<ItemState>, Error> {
        let why = match item(act, &standing(asked)) {
            Ok(state) => return Ok(Some(state)),
            Err(why) => why,
        };
        let mut row = Table::SyncItems.row_name(asked.id);
        if !asked.active
            && let Some(newest) = self.write.standing_attempt(asked.id)?
        {
            row.push_str(&format!(" (now {})", Table::SyncItems.row_name(newest)));
        }
        self.effects.hold_back(why, row);
        Ok(None)
    }

    fn told(&self, done: &str) -> String {
        let held_back = self.effects.held_back_rows();
        match self.effects.only_row() {
            Some((table, id)) => said(done, &table.row_name(id), held_back),
            None => told(done, self.effects.changed, held_back),
        }
    }
}

/// `Parked 2 items, held back 1 item`
pub(super) fn told(done: &str, changed: i64, held_back: i64) -> String {
    said(done, &counted(changed, "item"), held_back)
}

/// The same, of what is named already.
fn said(done: &str, changed: &str, held_back: i64) -> String {
    let mut told = format!("{done} {changed}");
    if held_back > 0 {
        told.push_str(&format!(", held back {}", counted(held_back, "item")));
    }
    told
}

pub(super) fn done(kind: &'static str, reason: Option<&str>, summary: String) -> Done {
    Done { reason: reason.map(str::to_string), ..Done::new(kind, summary, TABLES) }
}

fn standing(item: &TriageItem) -> Standing {
    Standing {
        state: item.state,
        active: item.active,
        code: item.code,
        waits_for_map: item.value_map.is_some(),
        whole_record: item.field_name.is_none(),
        outbound: item.direction == Direction::Outbound,
    }
}

/// A message as it was before the engine parked its item.
pub(super) fn without_parked(message: &str) -> &str {
    message.strip_suffix(PARKED_BY_ENGINE).map_or(message, str::trim_end)
}
