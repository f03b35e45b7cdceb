//! Exporting: what waits for a receiver is handed over record by record and counts as sent, in one operation.
//!
//! What was held because its code was not clear is tried again first, so that preferring a map and exporting again is
//! enough. The output is finished before the commit: if it cannot be written nothing counts as sent, and if the commit
//! fails the same values go out again, which changes nothing at the receiver. Taking an export back queues its values
//! again. Nothing here knows a file format.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::outbound::{Form, Forms};
use super::session::Permission;
use super::{Done, Engine, Error, Mode, Operation, Outcome, Refusal};
use crate::model::choice::ItemState;
use crate::model::record::{OutgoingRecord, Receiver};
use crate::model::table::Table;
use crate::model::text::{counted, nearest};
use crate::store::{Change, QueuedItem};

/// Items that are read at once.
const ITEMS_AT_ONCE: usize = 500;

const TABLES: &[Table] = &[Table::SyncJobs, Table::SyncItems];

/// Which values are to be exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// The receiver's source key.
    pub source: String,
    /// Of this target table alone.
    pub table: Option<String>,
}

impl Engine {
    /// Hands the values that wait for a receiver over to it. A dry run hands nothing over, and what is to be done as it was
    /// previewed is not finished where rows have moved since.
    ///
    /// # Errors
    /// Refused where the acting person may not, or the source receives nothing. Where the output cannot be written,
    /// nothing counts as sent.
    pub fn export(&mut self, export: &Export, mode: &Mode, to: &mut dyn Receiver) -> Result<Outcome, Error> {
        let rehearsal = *mode == Mode::DryRun;
        let to = RefCell::new(to);
        let result = self.operate_and(
            (Permission::Support, "export"),
            mode,
            |operation| operation.export(export, (!rehearsal).then_some(&to)),
            || to.borrow_mut().finish().map_err(not_written),
        );
        if let (Err(Error::Refused(refusal)), false) = (&result, rehearsal) {
            self.log_refusal(&format!("export to {}", export.source), refusal)?;
        }
        result
    }
}

/// An export that runs: the record that is being gathered, and what went out.
struct Outgoing<'c, 'r> {
    to: Option<&'c RefCell<&'r mut dyn Receiver>>,
    record: Option<(String, OutgoingRecord)>,
    records: i64,
    /// The records of each job that something went out of.
    jobs: BTreeMap<i64, BTreeSet<String>>,
}

impl Operation<'_, '_> {
    fn export(&mut self, export: &Export, to: Option<&RefCell<&mut dyn Receiver>>) -> Result<Done, Error> {
        let source = self.write.spelling("source", &export.source)?;
        let table = export.table.as_ref().map(|table| self.write.spelling("table", table)).transpose()?;
        let ids = self.write.queued_for(&source, table.as_deref())?;
        if ids.is_empty() {
            self.check_receiver(&source)?;
        }
        let mut outgoing = Outgoing { to, record: None, records: 0, jobs: BTreeMap::new() };
        for ids in ids.chunks(ITEMS_AT_ONCE) {
            self.export_items(&source, &self.write.queued_items(ids)?, &mut outgoing)?;
        }
        outgoing.hand_over()?;
        for (job, records) in &outgoing.jobs {
            self.write.mark_exported(*job, records.len() as i64)?;
        }
        let values = counted(self.effects.changed, "value");
        let mut summary = format!("Exported {values} of {} to {source}", counted(outgoing.records, "record"));
        let held_back = self.effects.held_back_rows();
        if held_back > 0 {
            summary.push_str(&format!(", held back {}", counted(held_back, "value")));
        }
        Ok(Done::new("export", summary, TABLES))
    }

    /// A source for which nothing waits must at least receive something.
    fn check_receiver(&self, source: &str) -> Result<(), Error> {
        if self.setup.all_receivers().any(|receiver| receiver == source) {
            return Ok(());
        }
        let hint = match nearest(source, self.setup.all_receivers()) {
            Some(near) => format!(" Did you mean {near}?"),
            None => " A binding with outbound = Yes makes a source one: steward import bindings FILE".into(),
        };
        Err(Refusal::NotFound { what: "receiver", name: source.to_string(), hint }.into())
    }

    fn export_items(&mut self, source: &str, items: &[QueuedItem], outgoing: &mut Outgoing) -> Result<(), Error> {
        let values =
            items.iter().map(|item| (item.target_table.as_str(), item.field_name.as_str(), item.value.as_deref()));
        let forms = Forms::read(self.write, self.setup, source, values)?;
        for item in items {
            let form = forms.of(&item.target_table, &item.field_name, item.value.as_deref());
            match form.code {
                None => self.send(source, item, form, outgoing)?,
                Some(code) => {
                    self.change_queued(item, ItemState::Held, &form)?;
                    self.effects
                        .hold_back(format!("[{}] {}", code.code, code.cause), Table::SyncItems.row_name(item.id));
                }
            }
        }
        Ok(())
    }

    fn send(&mut self, source: &str, item: &QueuedItem, form: Form, outgoing: &mut Outgoing) -> Result<(), Error> {
        self.change_queued(item, ItemState::Applied, &form)?;
        self.effects.change(&item.target_table, source);
        self.effects.released += i64::from(item.held);
        outgoing.jobs.entry(item.job).or_default().insert(item.target_id.clone());
        outgoing.value(item, form.text)
    }

    fn change_queued(&mut self, item: &QueuedItem, state: ItemState, form: &Form) -> Result<(), Error> {
        let message = form.message();
        let exported_on = (state == ItemState::Applied).then_some(self.write.stamp().at);
        let changes = [
            Change::int("state", state.code()),
            Change::id("applied_date_time", exported_on),
            Change::text("raw_value", form.text.as_deref()),
            Change::id("value_map", form.map),
            Change::text("code", form.code.map(|code| code.code)),
            Change::text("process_message", message.as_deref()),
        ];
        self.write.change_item(item.id, &changes)?;
        Ok(())
    }
}

impl Outgoing<'_, '_> {
    /// Adds a value to the record it belongs to; the records come one after the other.
    fn value(&mut self, item: &QueuedItem, text: Option<String>) -> Result<(), Error> {
        let same = |(target, record): &(String, OutgoingRecord)| {
            *target == item.target_id
                && record.target_table == item.target_table
                && record.external_key == item.external_key
        };
        if !self.record.as_ref().is_some_and(same) {
            self.hand_over()?;
        }
        let (_, record) = self.record.get_or_insert_with(|| {
            let record = OutgoingRecord {
                target_table: item.target_table.clone(),
                external_key: item.external_key.clone(),
                values: Vec::new(),
            };
            (item.target_id.clone(), record)
        });
        record.values.push((item.field_name.clone(), text));
        Ok(())
    }

    fn hand_over(&mut self) -> Result<(), Error> {
        let Some((_, record)) = self.record.take() else { return Ok(()) };
        self.records += 1;
        self.to.map_or(Ok(()), |to| to.borrow_mut().take(&record)).map_err(not_written)
    }
}

fn not_written(error: io::Error) -> Error {
    Error::Failed(anyhow::anyhow!("The export could not be written: {error}. Nothing counts as sent: try again."))
}
