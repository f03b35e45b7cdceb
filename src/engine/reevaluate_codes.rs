//! Re-evaluation of a field's codes: what came before the field had its code list is read by it now, from what was
//! delivered, as a new attempt linked to the old one.
//!
//! A code without a map is held as it would be if it came today, so that it waits on the map screen; what is in force
//! stays there until the code is decided and its value written.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use super::asked::{invalid, not_in_ledger};
use super::normalise::{Maps, Normalised};
use super::plan::{FieldPlan, Plans};
use super::triage::ITEMS_AT_ONCE;
use super::{Error, Operation};
use crate::model::Shown;
use crate::model::choice::LedgerStatus;
use crate::model::table::Table;
use crate::model::text::{counted, normal, shell_word};
use crate::store::{CameValue, TriageItem};

const FALLBACK: &str = "is certified and no longer in force, and stays as it is";
const NO_MATCH: &str = "is in force and has no match in the list, and stays as it is: revoke it if its value is wrong";

impl Operation<'_, '_> {
    /// Decides again on the values of a field that came through no map of its code list, and says what it did.
    pub(super) fn reevaluate_codes(&mut self, table: &str, field: &str) -> Result<String, Error> {
        let (table, field) = (self.write.spelling("table", table)?, self.write.spelling("field", field)?);
        let came = self.write.came_of_field(&table, &field)?;
        if came.is_empty() {
            return Err(not_in_ledger(format!("{field} of {table}")).into());
        }
        let mut bound = false;
        for part in came.chunks(ITEMS_AT_ONCE) {
            bound |= self.reevaluate_part(part)?;
        }
        if !bound {
            let shown = Shown(&field);
            let word = |text: &str| shell_word(&Shown(text).to_string());
            let hint = format!("steward bind {} {} LIST binds it", word(&table), word(&field));
            return Err(invalid("field_name", format!("{shown} has no code list; {hint}.")).into());
        }
        let (items, came) = (counted(self.effects.changed, "item"), counted(came.len() as i64, "value"));
        Ok(format!("Re-evaluated the codes of {field} of {table}: {came}, {items} decided on again"))
    }

    /// Whether the field has a code list, for the source of any of these values.
    fn reevaluate_part(&mut self, part: &[CameValue]) -> Result<bool, Error> {
        let ids: Vec<i64> = part.iter().map(|came| came.item).collect();
        let mut bound = Vec::with_capacity(part.len());
        let mut codes: HashMap<String, HashSet<String>> = HashMap::new();
        let mut plans: HashMap<String, Arc<FieldPlan>> = HashMap::new();
        for (item, came) in self.write.triage_items(&ids)?.into_iter().zip(part) {
            let Some(field) = item.field_name.as_deref() else { continue };
            let plan = || Plans::new(self.setup, &item.target_table, &item.source).of(field);
            let plan = plans.entry(item.source.clone()).or_insert_with(plan).clone();
            let Some(list) = plan.code_list.clone() else { continue };
            codes.entry(list).or_default().insert(normal(&item.raw_value));
            bound.push((item, came, plan));
        }
        let any = !bound.is_empty();
        let mut maps = Maps::read(self.write, &codes)?;
        let mut again = Vec::new();
        for (item, came, plan) in bound {
            if came.code_list != plan.code_list && self.reads_otherwise(&item, came, &plan, &mut maps)? {
                again.push(item);
            }
        }
        self.try_again(again)?;
        Ok(any)
    }

    /// Whether the value is another one by the code list, or waits for a map. A proposal that would wait for one is taken
    /// back, since nobody should certify it unseen.
    fn reads_otherwise(
        &mut self,
        item: &TriageItem,
        came: &CameValue,
        plan: &FieldPlan,
        maps: &mut Maps,
    ) -> Result<bool, Error> {
        if item.raw_value.is_empty() {
            return Ok(false);
        }
        // Nor is a map proposed for what nobody reads any more.
        if came.status == LedgerStatus::Certified && !came.in_force {
            self.effects.hold_back(FALLBACK, Table::Ledger.row_name(came.entry));
            return Ok(false);
        }
        match maps.normalise(self.write, plan, &item.source, &item.raw_value, self.setup.confident_from)? {
            Normalised::Value { value, .. } if value == came.value => Ok(false),
            Normalised::Nothing => Ok(false),
            Normalised::Failed { code } => {
                self.effects.hold_back(code.message(), Table::Ledger.row_name(came.entry));
                Ok(false)
            }
            Normalised::Value { confident: true, .. } => Ok(true),
            _ if !came.in_force => self.retract(came),
            Normalised::KeepCurrent { .. } => {
                self.effects.hold_back(NO_MATCH, Table::Ledger.row_name(came.entry));
                Ok(false)
            }
            Normalised::Value { .. } | Normalised::Held { .. } => Ok(true),
        }
    }
}
