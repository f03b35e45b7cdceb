//! Sending: what waits for a receiver is handed over record by record and counts as sent, in one operation.
//!
//! What was held because its code was not clear is tried again first, so that preferring a map and sending again is
//! enough; what waits for a person's word waits on. The key that stands for a record is looked up here, since identifiers
//! are moved and retired while values wait. The output is finished before the commit: if it cannot be written nothing counts as sent, and if the commit
//! fails the same values go out again, which changes nothing at the receiver. Taking it back queues its values again. Nothing here knows a file format.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;

use super::outbound_forms::{Form, Forms};
use super::session::Permission;
use super::{Done, Engine, Error, Mode, Operation, Outcome, Refusal};
use crate::model::choice::{ItemState, OnEmpty};
use crate::model::code::{self, Code};
use crate::model::record::{OutgoingRecord, Receiver};
use crate::model::table::Table;
use crate::model::text::{counted, nearest};
use crate::store::{Change, QueuedItem, Untouched};

/// Items that are read at once.
const ITEMS_AT_ONCE: usize = 500;

const TABLES: &[Table] = &[Table::SyncJobs, Table::SyncItems];

/// Which values are to be sent.
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
        let mut handed_over = false;
        let result = self.operate_and(
            (Permission::Support, "send"),
            mode,
            |operation| operation.export(export, (!rehearsal).then_some(&to)),
            || {
                to.borrow_mut().finish().map_err(not_written)?;
                handed_over = true;
                Ok(())
            },
        );
        let result = result.map_err(|error| match error {
            Error::Failed(error) if handed_over => handed_over_alone(error),
            error => error,
        });
        if let (Err(Error::Refused(refusal)), false) = (&result, rehearsal) {
            self.log_refusal(&format!("send to {}", export.source), refusal)?;
        }
        result
    }
}

/// What is being sent: the record that is being gathered, and what went out.
#[derive(Default)]
struct Outgoing<'c, 'r> {
    to: Option<&'c RefCell<&'r mut dyn Receiver>>,
    record: Option<(String, OutgoingRecord)>,
    records: i64,
    /// Values that went to another key than they were queued for, whose record the receiver does not know any more, and that
    /// are not to be sent any more for another reason.
    readdressed: i64,
    unknown: i64,
    dropped: i64,
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
        let mut outgoing = Outgoing { to, ..Outgoing::default() };
        for ids in ids.chunks(ITEMS_AT_ONCE) {
            self.export_items(&source, &self.write.queued_items(ids)?, &mut outgoing)?;
        }
        outgoing.hand_over()?;
        for (job, records) in &outgoing.jobs {
            self.write.mark_exported(*job, records.len() as i64)?;
        }
        let summary = outgoing.told(&source, self.effects.changed, self.effects.held_back_rows());
        Ok(Done::new("send", summary, TABLES))
    }

    /// A source for which nothing waits must at least receive something.
    pub(super) fn check_receiver(&self, source: &str) -> Result<(), Error> {
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
            match (self.may_go(source, item)?, &item.key, form.code) {
                (May::Go, Some(key), None) => self.send(source, item, key, form, outgoing)?,
                (May::Go, Some(_), Some(code)) => {
                    self.change_queued(item, ItemState::Held, &form)?;
                    self.stays_held(item, code);
                }
                (May::Wait(code), ..) => self.stays_held(item, code),
                (May::Drop(why), ..) => {
                    self.drop_queued(item, why)?;
                    outgoing.dropped += 1;
                }
                (May::Go, None, _) => {
                    self.drop_queued(item, "Its receiver knows the record by no key any more, so it was not sent.")?;
                    outgoing.unknown += 1;
                }
            }
        }
        Ok(())
    }

    /// Whether what waits is still to be sent, whatever its key. That a value is gone is looked at once more: its receiver
    /// may have said something of its own since, and its binding something else.
    fn may_go(&self, source: &str, item: &QueuedItem) -> Result<May, Error> {
        let code = item.code.filter(|code| item.held && code.waits_for_word());
        if item.value.is_none() && self.write.own_word_waits(item.id)? {
            return Ok(May::Drop("Its receiver has a value of its own that waits for a decision, so it was not sent."));
        }
        Ok(match (code, self.setup.on_empty(&item.target_table, &item.field_name, source)) {
            (None, _) => May::Go,
            (Some(code), _) if code != code::EMPTIED => May::Wait(code),
            (Some(_), OnEmpty::Send) => May::Go,
            (Some(code), OnEmpty::Hold) => May::Wait(code),
            (Some(_), OnEmpty::Default) => May::Drop("Its receiver's binding asks for no emptied values any more."),
        })
    }

    fn stays_held(&mut self, item: &QueuedItem, code: &Code) {
        self.effects.hold_back(format!("[{}] {}", code.code, code.cause), Table::SyncItems.row_name(item.id));
    }

    fn drop_queued(&mut self, item: &QueuedItem, why: &str) -> Result<(), Error> {
        let changes = [
            Change::int("state", ItemState::Superseded.code()),
            Change::text("code", None),
            Change::text("process_message", Some(why)),
        ];
        self.write.change_item(item.id, &changes)?;
        Ok(())
    }

    fn send(
        &mut self,
        source: &str,
        item: &QueuedItem,
        key: &str,
        form: Form,
        outgoing: &mut Outgoing,
    ) -> Result<(), Error> {
        self.change_queued(item, ItemState::Applied, &form)?;
        if key != item.external_key {
            let said = format!("It went to another key of the record than it was queued for, {}.", item.external_key);
            let readdressed = [Change::text("external_key", Some(key)), Change::text("process_message", Some(&said))];
            self.write.change_item(item.id, &readdressed)?;
            outgoing.readdressed += 1;
        }
        self.effects.change(&item.target_table, source);
        self.effects.released += i64::from(item.held);
        outgoing.jobs.entry(item.job).or_default().insert(item.target_id.clone());
        outgoing.value(item, key, form.text)
    }

    fn change_queued(&mut self, item: &QueuedItem, state: ItemState, form: &Form) -> Result<(), Error> {
        let message = form.message();
        let sent_on = (state == ItemState::Applied).then_some(self.write.stamp().at);
        let mut changes = vec![
            Change::int("state", state.code()),
            Change::text("raw_value", form.text.as_deref()),
            Change::id("value_map", form.map),
            Change::text("code", form.code.map(|code| code.code)),
            Change::text("process_message", message.as_deref()),
        ];
        // What is held on its second way out was sent all the same.
        changes.extend(sent_on.map(|at| Change::int("applied_date_time", at)));
        self.write.change_item(item.id, &changes)?;
        Ok(())
    }
}

/// What becomes of an item when all that waits is sent.
enum May {
    Go,
    /// It waits for a person.
    Wait(&'static Code),
    /// It is no longer to be sent, and the sentence says why.
    Drop(&'static str),
}

impl Outgoing<'_, '_> {
    /// `Sent 3 values of 2 records to FIN, held back 1 value: 1 value dropped, since it is not to be sent any more`
    fn told(&self, source: &str, sent: i64, held_back: i64) -> String {
        let mut told = format!("Sent {} of {} to {source}", counted(sent, "value"), counted(self.records, "record"));
        let parts = [
            (self.readdressed, "to another key of the record than it was queued for"),
            (self.unknown, "dropped, since the receiver knows the record by no key any more"),
            (self.dropped, "dropped, since it is not to be sent any more"),
        ];
        if held_back > 0 {
            told.push_str(&format!(", held back {}", counted(held_back, "value")));
        }
        let besides = parts.into_iter().filter(|(n, _)| *n > 0);
        let besides: Vec<String> = besides.map(|(n, what)| format!("{} {what}", counted(n, "value"))).collect();
        if !besides.is_empty() {
            told.push_str(&format!(": {}", besides.join(", ")));
        }
        told
    }

    /// Adds a value to the record it belongs to; the records come one after the other.
    fn value(&mut self, item: &QueuedItem, key: &str, text: Option<String>) -> Result<(), Error> {
        let same = |(target, record): &(String, OutgoingRecord)| {
            *target == item.target_id && record.target_table == item.target_table && record.external_key == key
        };
        if !self.record.as_ref().is_some_and(same) {
            self.hand_over()?;
        }
        let (_, record) = self.record.get_or_insert_with(|| {
            let record = OutgoingRecord {
                target_table: item.target_table.clone(),
                external_key: key.to_string(),
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

/// The receiver's file is there, and the operation is not, or it is not known whether it is.
fn handed_over_alone(error: anyhow::Error) -> Error {
    let counts = match error.is::<Untouched>() {
        true => "but none of them counts as sent. Throw what was written away, and send again",
        false => "and it is not known whether they count as sent",
    };
    Error::Failed(anyhow::anyhow!("The values were written, {counts}. {}", Error::Failed(error).step()))
}

fn not_written(error: io::Error) -> Error {
    Error::Failed(anyhow::anyhow!("The values could not be written: {error}. Nothing counts as sent: try again."))
}
