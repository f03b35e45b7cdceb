//! What stands beside the row under the cursor and is not in it: the value in force of the field that the row is about.
//!
//! It is asked for once the cursor rests on a row, so that paging never waits for it.

use super::cut;
use super::desk::Desk;
use super::legal;
use super::read::{Answer, Request, Slot, Trouble};
use super::zone::Zone;
use crate::model::choice::LedgerStatus;
use crate::model::time::Micros;
use crate::model::{Row, Table};
use crate::store::{CurrentFact, FieldKey, HoldRow};

#[derive(Debug)]
enum Found {
    InForce(CurrentFact),
    Nothing,
    /// It could not be read.
    Unknown,
}

#[derive(Debug, Default)]
pub struct Beside {
    /// The ticket of the question on its way, and the id of the row it is for.
    asked: Option<(u64, i64)>,
    found: Option<(i64, Found)>,
    /// The legal holds on that row.
    holds: Vec<HoldRow>,
}

impl Beside {
    /// Asks for the value in force, unless that was done for this row.
    pub fn follow(&mut self, row: &Row, key: FieldKey, desk: &mut Desk) {
        let asked = self.asked.is_some_and(|(_, id)| id == row.id);
        if !asked && self.found.as_ref().is_none_or(|(id, _)| *id != row.id) {
            let ticket = desk.ask(Slot::Beside(row.table), Request::InForce(key, Box::new(row.clone())));
            self.asked = Some((ticket, row.id));
        }
    }

    pub fn answered(&mut self, ticket: u64, answer: Result<Answer, Trouble>) {
        let Some((_, id)) = self.asked.take_if(|(asked, _)| *asked == ticket) else { return };
        self.holds.clear();
        let found = match answer {
            Ok(Answer::InForce(current, holds)) => {
                self.holds = holds;
                current.map_or(Found::Nothing, Found::InForce)
            }
            _ => Found::Unknown,
        };
        self.found = Some((id, found));
    }

    /// The legal holds on a row, each in a sentence.
    pub fn holds(&self, row: &Row, zone: Zone) -> Vec<String> {
        let known = self.found.as_ref().is_some_and(|(id, _)| *id == row.id);
        self.holds.iter().filter(|_| known).map(|hold| legal::sentence(hold, zone)).collect()
    }

    /// What is known may have changed.
    pub fn forget(&mut self) {
        *self = Beside::default();
    }

    /// The value in force as visible text, each value cut to so many cells; of a pending entry what it would change.
    pub fn text(&self, row: &Row, cells: usize, zone: Zone, now: Micros) -> Option<String> {
        let (_, found) = self.found.as_ref().filter(|(id, _)| *id == row.id)?;
        let value = |value: Option<&str>| value.map_or("(empty)".into(), |value| cut::cut(value, cells).into_owned());
        let before = match found {
            Found::Unknown => return None,
            Found::InForce(current) if current.ledger == row.id => {
                let since = current.stale_on.filter(|on| *on <= now);
                return Some(
                    since.map_or("this entry".into(), |on| format!("this entry, stale since {}", zone.minute(on))),
                );
            }
            Found::InForce(current) => value(current.value.as_deref()),
            Found::Nothing => "(none)".into(),
        };
        let pending = row.int("ledger_status") == Some(LedgerStatus::Pending.code());
        Some(match found {
            _ if pending => format!("{before} → {}", value(Some(row.text("value")).filter(|text| !text.is_empty()))),
            Found::InForce(current) => format!("{before}, by {}", Table::Ledger.row_name(current.ledger)),
            Found::Nothing | Found::Unknown => before,
        })
    }
}
