//! Queueing what a receiver never got: values are queued when they change, so whoever is bound to receive a field later, or
//! is known by a key later, has missed what came into force before that.
//!
//! It is done record by record in several operations, so that others can write in between and memory holds one part. The
//! first of them with anything in it is the act; the others go on with it, and undo takes them all back.

use std::collections::BTreeSet;

use super::command::Mode;
use super::export::Export;
use super::outbound::queue_missing;
use super::session::Permission;
use super::{Done, Engine, Error, Operation, Outcome, Refusal};
use crate::model::table::Table;
use crate::model::text::counted;
use crate::store::goes_on_with;

const TABLES: &[Table] = &[Table::SyncJobs, Table::SyncItems];

/// How far it is: the tables that are left, and in the first of them the last identifier that was looked at.
struct Way {
    source: String,
    tables: Vec<(String, Vec<String>)>,
    after: i64,
    /// The first operation that queued anything.
    head: Option<i64>,
}

impl Engine {
    /// Queues the values in force that a receiver never got, of the fields that it is bound to receive. A dry run queues
    /// nothing.
    ///
    /// # Errors
    /// Refused where the acting person may not, or the source receives nothing. Where a part could not be written, those
    /// before it stand, and asking again goes on.
    pub fn backfill(&mut self, export: &Export, mode: &Mode) -> Result<Outcome, Error> {
        let result = self.backfill_in_parts(export, mode);
        self.goes_on = false;
        if let (Err(Error::Refused(refusal)), false) = (&result, *mode == Mode::DryRun) {
            self.log_refusal(&format!("queue for {} what it never got", export.source), refusal)?;
        }
        result
    }

    fn backfill_in_parts(&mut self, export: &Export, mode: &Mode) -> Result<Outcome, Error> {
        let records = self.pace.rows();
        let mut way: Option<Way> = None;
        let mut all = Outcome::default();
        loop {
            let part = self.operate((Permission::Support, "queue values"), mode, |operation| {
                let way = match &mut way {
                    Some(way) => way,
                    none => none.insert(operation.way(export)?),
                };
                operation.backfill_part(way, records)
            });
            match (part, all.operation) {
                (Ok(part), _) => all.add(part),
                (Err(error), None) => return Err(error),
                (Err(error), Some(head)) => {
                    let so_far = told(&export.source, all.changed);
                    let said = format!(
                        "{so_far}, and then it could not go on: {} To go on, ask again; to take it back: steward undo {head}",
                        error.step()
                    );
                    return Err(Error::Failed(anyhow::anyhow!(said)));
                }
            }
            if let Some(way) = &mut way {
                way.head = way.head.or(all.operation);
                all.operation = way.head;
            }
            if way.as_ref().is_none_or(|way| way.tables.is_empty()) {
                break;
            }
            self.goes_on = true;
            super::in_chunks::let_others_write();
        }
        all.tables = TABLES.to_vec();
        all.summary = told(way.as_ref().map_or(&export.source, |way| &way.source), all.changed);
        Ok(all)
    }
}

impl Operation<'_, '_> {
    fn way(&mut self, export: &Export) -> Result<Way, Error> {
        let source = self.write.spelling("source", &export.source)?;
        self.check_receiver(&source)?;
        let only = export.table.as_ref().map(|table| self.write.spelling("table", table)).transpose()?;
        let bound = self.setup.sent_to(&source).into_iter();
        let bound = bound.filter(|(table, _)| only.as_deref().is_none_or(|only| only == *table));
        let owned = |fields: Vec<&str>| fields.into_iter().map(str::to_string).collect();
        let tables = bound.map(|(table, fields)| (table.to_string(), owned(fields))).collect();
        Ok(Way { source, tables, after: 0, head: None })
    }

    /// Whether the source is still bound to receive a field.
    fn sends(&self, source: &str, table: &str, field: &str) -> bool {
        self.setup.receivers(table, field).contains(&source)
    }

    fn backfill_part(&mut self, way: &mut Way, at_once: usize) -> Result<Done, Error> {
        if let Some(head) = way.head
            && self.write.is_taken_back(head)?
        {
            return Err(Refusal::Undo(format!("Somebody has taken operation {head} back meanwhile.")).into());
        }
        let source = way.source.clone();
        if let Some((table, fields)) = way.tables.first() {
            let records = self.write.known_records(&source, table, way.after, at_once)?;
            // A record may have several keys.
            let targets: BTreeSet<&str> = records.iter().map(|(_, target)| target.as_str()).collect();
            let fields: Vec<&str> =
                fields.iter().map(String::as_str).filter(|field| self.sends(&source, table, field)).collect();
            let asked: Vec<(&str, &str)> =
                targets.iter().flat_map(|target| fields.iter().map(|field| (*target, *field))).collect();
            for fact in queue_missing(self.write, self.setup, (&source, table), &asked)? {
                self.effects.change(table, fact.supplier.as_deref().unwrap_or_default());
                self.effects.outbound += 1;
            }
            way.after = records.last().map_or(way.after, |(identifier, _)| *identifier);
            if records.len() < at_once {
                way.tables.remove(0);
                way.after = 0;
            }
        }
        let mut done = Done::new("backfill", told(&source, self.effects.changed), TABLES);
        if let Some(head) = way.head {
            (done.kind, done.reason) = ("part", Some(goes_on_with(head)));
        }
        Ok(done)
    }
}

/// `Queued 12 values that FIN never got`
fn told(source: &str, values: i64) -> String {
    match values {
        0 => format!("{source} got all that it is bound to receive and that is in force"),
        n => format!("Queued {} that {source} never got", counted(n, "value")),
    }
}
