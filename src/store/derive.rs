//! What follows from rows and is kept beside them: row counts, job counters, waiting items of a map, fields to recompute.
//!
//! Every row that is written passes here once with +1 and, where it replaces an image, with that image and -1. The sums
//! are written once at the end of the transaction.
//!
//! Only active rows count in a state. Of the attempts at one delivered value exactly one is active, the newest that was
//! not taken back; so a job's counters go on adding up to the values that were delivered, however often people retry.

use std::collections::{BTreeMap, BTreeSet};

use rusqlite::types::Value as Sql;

use super::logged::Logged;
use crate::model::choice::{ItemState, LedgerAspect, LedgerStatus, MapState};
use crate::model::table::Table;

/// A field of a target record: (target table, target id, field name).
pub type FieldKey = (String, String, String);

/// Number of counters of a job: one for each item state.
pub(super) const STATES: usize = ItemState::ALL.len();

#[derive(Default)]
pub(super) struct Deltas {
    pub rows: BTreeMap<(&'static str, &'static str), i64>,
    pub jobs: BTreeMap<i64, [i64; STATES]>,
    pub waiting: BTreeMap<i64, i64>,
    /// Fields whose ledger entries changed, so that the value in force may have.
    pub fields: BTreeSet<FieldKey>,
}

impl Deltas {
    /// A row that is only counted: of a table without states.
    pub fn row(&mut self, table: &'static str, n: i64) {
        *self.rows.entry((table, "")).or_default() += n;
    }

    fn facet(&mut self, table: &'static str, facet: &'static str, n: i64) {
        *self.rows.entry((table, facet)).or_default() += n;
    }

    pub fn item(&mut self, job: i64, state: ItemState, active: bool, value_map: Option<i64>, n: i64) {
        let facet = if active { state.label() } else { "Inactive" };
        self.facet(Table::SyncItems.info().sql, facet, n);
        if !active {
            return;
        }
        self.jobs.entry(job).or_default()[state as usize] += n;
        if let (ItemState::Held, Some(map)) = (state, value_map) {
            *self.waiting.entry(map).or_default() += n;
        }
    }

    pub fn ledger(&mut self, status: LedgerStatus, active: bool, n: i64) {
        let facet = if active { status.label() } else { "Inactive" };
        self.facet(Table::Ledger.info().sql, facet, n);
    }

    pub fn value_map(&mut self, state: MapState, active: bool, n: i64) {
        let facet = if active { state.label() } else { "Inactive" };
        self.facet(Table::ValueMaps.info().sql, facet, n);
    }

    /// A row image of any logged table, in the order of its covered columns.
    pub fn image(&mut self, logged: &'static Logged, image: &[Sql], n: i64) {
        let value = |column: &str| logged.column(column).and_then(|at| image.get(at));
        let int = |column: &str| match value(column) {
            Some(Sql::Integer(n)) => Some(*n),
            _ => None,
        };
        let text = |column: &str| match value(column) {
            Some(Sql::Text(text)) => text.clone(),
            _ => String::new(),
        };
        let active = int("statecode") == Some(0);
        match logged.name {
            "integration_sync_item" => {
                if let (Some(job), Some(state)) =
                    (int("integration_sync_job"), int("state").and_then(ItemState::from_code))
                {
                    self.item(job, state, active, int("value_map"), n);
                }
            }
            "integration_ledger" => {
                if let Some(status) = int("ledger_status").and_then(LedgerStatus::from_code) {
                    self.ledger(status, active, n);
                }
                if int("ledger_aspect") == Some(LedgerAspect::Field.code()) {
                    self.fields.insert((text("target_table"), text("target_id"), text("aspect_key")));
                }
            }
            "integration_value_map" => {
                if let Some(state) = int("state").and_then(MapState::from_code) {
                    self.value_map(state, active, n);
                }
            }
            _ => {}
        }
    }
}
