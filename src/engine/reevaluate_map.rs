//! Re-evaluation of a value map: what came through it before it was changed or retired is decided on again from what was
//! delivered, as a new attempt linked to the old one.
//!
//! What is in force gives way only to what is written, and what was certified only to a person: where the code has no
//! other canonical code now, both are listed, for a reviewer to revoke.

use std::collections::{HashMap, HashSet};

use super::asked::not_found;
use super::normalise::{Maps, Normalised};
use super::plan::Plans;
use super::triage::ITEMS_AT_ONCE;
use super::{Error, Operation};
use crate::model::choice::LedgerStatus;
use crate::model::table::Table;
use crate::model::text::{counted, normal};
use crate::store::{CameValue, Change, MapRow, TriageItem};

const STAYS: &str = "came through this map and stays as it is: revoke it if its value is wrong";

impl Operation<'_, '_> {
    /// Decides again on the values that came through a map, and says what it did.
    pub(super) fn reevaluate_map(&mut self, id: i64) -> Result<String, Error> {
        let map = self.write.value_map(id)?.ok_or_else(|| not_found(Table::ValueMaps, id))?;
        let codes = HashMap::from([(map.code_list.clone(), HashSet::from([normal(&map.source_code)]))]);
        let mut maps = Maps::read(self.write, &codes)?;
        let came = self.write.came_through(id)?;
        for part in came.chunks(ITEMS_AT_ONCE) {
            let ids: Vec<i64> = part.iter().map(|came| came.item).collect();
            let items = self.write.triage_items(&ids)?;
            let mut again = Vec::with_capacity(items.len());
            for (item, came) in items.into_iter().zip(part) {
                if self.differs(&item, came, &map, &mut maps)? {
                    again.push(item);
                }
            }
            self.try_again(again)?;
        }
        Ok(format!(
            "Re-evaluated {}: {} came through it, {} decided on again",
            map.name,
            counted(came.len() as i64, "value"),
            counted(self.effects.changed, "item")
        ))
    }

    /// Whether the value is to be decided on again. Where it has no value to put in its place, its proposal is taken back,
    /// since nobody should certify it unseen.
    fn differs(&mut self, item: &TriageItem, came: &CameValue, map: &MapRow, maps: &mut Maps) -> Result<bool, Error> {
        let Some(field) = item.field_name.as_deref() else { return Ok(false) };
        let plan = Plans::new(self.setup, &item.target_table, &item.source).of(field);
        // A field that has another code list by now, or none, is a matter of its binding.
        if plan.code_list.as_deref() != Some(map.code_list.as_str()) {
            self.effects.hold_back("belongs to another code list by now", Table::Ledger.row_name(came.entry));
            return Ok(false);
        }
        let confident_from = self.setup.confident_from;
        match maps.normalise(self.write, &plan, &item.source, &item.raw_value, confident_from)? {
            Normalised::Value { value, .. } if value == came.value => Ok(false),
            Normalised::Value { confident: true, .. } => Ok(self.stands_alone(came)),
            _ if came.in_force || came.status == LedgerStatus::Certified => {
                self.effects.hold_back(STAYS, Table::Ledger.row_name(came.entry));
                Ok(false)
            }
            _ => self.retract(came),
        }
    }

    /// Takes back the proposal that a value brought.
    pub(super) fn retract(&mut self, came: &CameValue) -> Result<bool, Error> {
        self.write.change_entry(came.entry, &[Change::int("statecode", 1), Change::int("statuscode", 2)])?;
        Ok(true)
    }

    /// A certified value that is not in force is only what a revocation would fall back on: it is listed.
    fn stands_alone(&mut self, came: &CameValue) -> bool {
        let fallback = came.status == LedgerStatus::Certified && !came.in_force;
        if fallback {
            self.effects.hold_back(STAYS, Table::Ledger.row_name(came.entry));
        }
        !fallback
    }
}
