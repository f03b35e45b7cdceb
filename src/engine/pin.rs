//! Pinning: a person holds the value in force of a field, whatever comes, until they or another let it go.

use super::{Done, Error, Operation, Refusal};
use crate::model::table::Table;
use crate::store::Change;

const TABLES: &[Table] = &[Table::Ledger];

impl Operation<'_, '_> {
    /// Pins or unpins the entry that holds the value of a (target table, target id, field).
    pub(super) fn pin(
        &mut self,
        (table, target, field): (&str, &str, &str),
        pinned: bool,
        reason: Option<&str>,
    ) -> Result<Done, Error> {
        let key = (self.write.spelling("table", table)?, target.to_string(), self.write.spelling("field", field)?);
        let current =
            self.write.currents(std::slice::from_ref(&key))?.remove(&key).ok_or_else(|| Refusal::NotFound {
                what: "value in force of",
                name: format!("{field} of {table} {target}"),
                hint: " Certify an entry for it first.".into(),
            })?;
        let entry = Table::Ledger.row_name(current.ledger);
        if !self.write.change_entry(current.ledger, &[Change::int("pinned", i64::from(pinned))])? {
            let already = if pinned { "pinned already" } else { "not pinned" };
            return Err(Refusal::Transition(format!("{entry} is {already}.")).into());
        }
        self.effects.change(&key.0, "");
        let (kind, done) = if pinned { ("pin", "Pinned") } else { ("unpin", "Unpinned") };
        let summary = format!("{done} {} of {} {} at {entry}", key.2, key.0, key.1);
        Ok(Done { reason: reason.map(str::to_string), ..Done::new(kind, summary, TABLES) })
    }
}
