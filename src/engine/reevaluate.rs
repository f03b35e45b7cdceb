//! Re-evaluation: a changed policy reaches the entries that are there already, when a person asks for it and has seen
//! what it does (engine.md, first principle).
//!
//! Taking it back brings the entries back; stale clocks go on by the policy in force, which is a re-evaluation's whole
//! point, and follow another policy by another re-evaluation. One that set nothing but clocks cannot be taken back, says
//! so, and is passed over when somebody takes back their last operation.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::asked::{not_found, not_in_ledger};
use super::command::Reevaluated;
use super::plan::{FieldPlan, Setup};
use super::triage::ITEMS_AT_ONCE;
use super::{Done, Error, Operation};
use crate::model::choice::{ItemState, LedgerStatus};
use crate::model::code::Code;
use crate::model::fact::Entry;
use crate::model::table::Table;
use crate::model::text::{counted, grouped};
use crate::model::time::Micros;
use crate::rules::name_is_any;
use crate::rules::policy::Applied;
use crate::rules::reevaluation::{Reevaluation, Renewed, Standing, reevaluate};
use crate::store::{
    Change, Current, CurrentFact, DecisionFact, ENGINE_USER, EntryFact, FieldKey, FieldScope, TriageItem,
};

const TABLES: &[Table] = &[Table::SyncJobs, Table::SyncItems, Table::Ledger, Table::ValueMaps];

/// Fields that are read at once.
const FIELDS_AT_ONCE: usize = 500;

/// The plans of (table, field, source), which every field of a scope asks for again.
type Plans = HashMap<(String, String, String), FieldPlan>;

/// What was done, for the summary.
#[derive(Default)]
struct Tally {
    fields: i64,
    written: i64,
    certified: i64,
    waits: i64,
    superseded: i64,
    clocks: i64,
}

/// A field with its standing entries.
struct Field {
    key: FieldKey,
    entries: Vec<EntryFact>,
    /// Those of the entries whose values a person typed.
    typed: Rc<HashSet<i64>>,
    current: Option<CurrentFact>,
}

impl Operation<'_, '_> {
    pub(super) fn reevaluate(&mut self, scope: &Reevaluated, reason: Option<&str>) -> Result<Done, Error> {
        let (kind, summary) = match scope {
            Reevaluated::Map(map) => ("remap", self.reevaluate_map(*map)?),
            Reevaluated::Codes { target_table, field_name } => {
                ("remap", self.reevaluate_codes(target_table, field_name)?)
            }
            Reevaluated::Policy(policy) => ("reevaluate", self.reevaluate_policy(*policy)?),
            Reevaluated::Fields { target_table, field_name } => {
                ("reevaluate", self.reevaluate_named(target_table, field_name.as_deref())?)
            }
        };
        Ok(Done { reason: reason.map(str::to_string), ..Done::new(kind, summary, TABLES) })
    }

    fn reevaluate_policy(&mut self, policy: i64) -> Result<String, Error> {
        let place = self.write.policy_place(policy)?.ok_or_else(|| not_found(Table::CommitPolicies, policy))?;
        let scope = FieldScope {
            target_table: Some(place.target_table).filter(|table| !name_is_any(Some(table))),
            field_name: place.field_name.filter(|field| !name_is_any(Some(field))),
        };
        // What a closer policy governs is none of this one's business.
        let only = place.active.then_some(policy);
        self.reevaluate_fields(&scope, only, &place.name)
    }

    fn reevaluate_named(&mut self, table: &str, field: Option<&str>) -> Result<String, Error> {
        let target_table = Some(self.write.spelling("table", table)?);
        let field_name = field.map(|field| self.write.spelling("field", field)).transpose()?;
        let about = match (&target_table, &field_name) {
            (Some(table), Some(field)) => format!("{field} of {table}"),
            (Some(table), None) => table.clone(),
            (None, _) => String::new(),
        };
        let scope = FieldScope { target_table, field_name };
        if self.write.fields_to_decide(&scope, None, 1)?.is_empty() && self.write.held_for_policy(&scope)?.is_empty() {
            return Err(not_in_ledger(about).into());
        }
        self.reevaluate_fields(&scope, None, &about)
    }

    /// Renews the ranks of all standing entries of a scope, decides on the Pending ones again, and takes up the items that
    /// were held for want of one policy. `only`: the fields that this policy governs.
    fn reevaluate_fields(&mut self, scope: &FieldScope, only: Option<i64>, about: &str) -> Result<String, Error> {
        let mut tally = Tally::default();
        let mut plans = Plans::new();
        let mut after = None;
        loop {
            let keys = self.write.fields_to_decide(scope, after.as_ref(), FIELDS_AT_ONCE)?;
            let Some(last) = keys.last() else { break };
            after = Some(last.clone());
            for field in self.standing(keys)? {
                self.reevaluate_field(&field, only, &mut plans, &mut tally)?;
            }
        }
        for ids in self.write.oldest_first(&self.write.held_for_policy(scope)?)?.chunks(ITEMS_AT_ONCE) {
            let items = self.write.triage_items(ids)?;
            let items = self.with_one_policy(items, only, &mut plans);
            self.try_again(items)?;
        }
        Ok(tally.told(about, self.effects.released))
    }

    /// The held items whose fields have one policy now, and `only` this one. Trying one of the others again would come to
    /// the same code and park it.
    fn with_one_policy(&mut self, items: Vec<TriageItem>, only: Option<i64>, plans: &mut Plans) -> Vec<TriageItem> {
        let mut ready = Vec::new();
        for item in items {
            let field = item.field_name.clone().unwrap_or_default();
            let key = (item.target_table.clone(), String::new(), field);
            let plan = plan(plans, self.setup, &key, &item.source);
            match plan.policy {
                Ok(_) if only.is_none() || plan.policy_id() == only => ready.push(item),
                Ok(_) => {}
                Err(code) => self.effects.hold_back(code.message(), Table::SyncItems.row_name(item.id)),
            }
        }
        ready
    }

    fn standing(&self, keys: Vec<FieldKey>) -> Result<Vec<Field>, Error> {
        let mut entries: HashMap<FieldKey, Vec<EntryFact>> = HashMap::new();
        for fact in self.write.entries(&keys.iter().collect::<Vec<_>>())? {
            if fact.entry.active && matches!(fact.entry.status, LedgerStatus::Certified | LedgerStatus::Pending) {
                entries.entry(fact.key.clone()).or_default().push(fact);
            }
        }
        let pending = |fact: &&EntryFact| fact.entry.status == LedgerStatus::Pending;
        let pending: Vec<i64> = entries.values().flatten().filter(pending).map(|fact| fact.entry.id).collect();
        let typed = Rc::new(self.write.typed_entries(&pending)?);
        let mut currents = self.write.currents(&keys)?;
        let field = |key: FieldKey| Field {
            entries: entries.remove(&key).unwrap_or_default(),
            typed: typed.clone(),
            current: currents.remove(&key),
            key,
        };
        Ok(keys.into_iter().map(field).collect())
    }

    fn reevaluate_field(
        &mut self,
        field: &Field,
        only: Option<i64>,
        plans: &mut Plans,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        let standing = match self.places(field, plans) {
            Ok(standing) => standing,
            Err((code, entry)) => {
                self.effects.hold_back(code.message(), Table::Ledger.row_name(entry));
                return Ok(());
            }
        };
        let Some((plan, policy)) = self.governing(field, plans) else { return Ok(()) };
        if only.is_some() && plan.policy_id() != only {
            return Ok(());
        }
        tally.fields += 1;
        let now = self.write.stamp().at;
        let stale =
            |entry: &Entry| field.clock(entry, now).and_then(|since| plan.stale_on(since)).is_some_and(|on| now >= on);
        let again = reevaluate(&standing, &policy, stale);
        self.renew_clock(field, &plan, tally)?;
        self.keep(field, &again, plan.policy_id(), tally)
    }

    /// The entries with where their sources stand now; else the fault in the policies and an entry that it concerns.
    fn places<'f>(&self, field: &'f Field, plans: &mut Plans) -> Result<Vec<Standing<'f>>, (&'static Code, i64)> {
        field
            .entries
            .iter()
            .map(|fact| match &plan(plans, self.setup, &field.key, &fact.entry.source).policy {
                Ok((_, place)) => {
                    let (entry, value) = (fact.entry.clone(), fact.value.as_deref());
                    Ok(Standing { typed: field.typed.contains(&entry.id), entry, value, place: *place })
                }
                Err(code) => Err((*code, fact.entry.id)),
            })
            .collect()
    }

    /// How the field is treated; the policy is the same for all of its sources.
    fn governing(&self, field: &Field, plans: &mut Plans) -> Option<(FieldPlan, Applied)> {
        let first = field.entries.first()?;
        let plan = plan(plans, self.setup, &field.key, &first.entry.source).clone();
        let applied = plan.policy.as_ref().ok()?.0.clone();
        Some((plan, applied))
    }

    /// The value in force gets stale when the policy says so now. Another value that takes its place does so anyway.
    fn renew_clock(&mut self, field: &Field, plan: &FieldPlan, tally: &mut Tally) -> Result<(), Error> {
        let Some(current) = &field.current else { return Ok(()) };
        let CurrentFact { value, ledger, confirmed_on, counted_from, .. } = current;
        let stale_on = plan.stale_on(*counted_from);
        if stale_on != current.stale_on {
            let renewed = Current {
                value: value.as_deref(),
                ledger: *ledger,
                confirmed_on: *confirmed_on,
                counted_from: *counted_from,
                stale_on,
            };
            self.write.set_current(&field.key, Some(&renewed))?;
            self.effects.clocks += 1;
            tally.clocks += 1;
        }
        Ok(())
    }

    fn keep(
        &mut self,
        field: &Field,
        again: &Reevaluation,
        policy: Option<i64>,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        let ids: Vec<i64> = again.renewed.iter().map(|renewed| renewed.id).collect();
        let decisions: HashMap<i64, DecisionFact> =
            self.write.decisions(&ids)?.into_iter().map(|fact| (fact.id, fact)).collect();
        for renewed in &again.renewed {
            let Some(before) = decisions.get(&renewed.id) else { continue };
            match renewed.superseded_by {
                Some(_) => self.give_way(before, renewed, tally)?,
                None => self.renew(before, renewed, policy, tally)?,
            }
        }
        if let Some(chosen) = again.chosen {
            self.effects.choose(field.key.clone(), chosen);
        }
        Ok(())
    }

    /// An older proposal gives way to its source's newer word, as it would have where that was delivered.
    fn give_way(&mut self, before: &DecisionFact, renewed: &Renewed, tally: &mut Tally) -> Result<(), Error> {
        let changes = [
            Change::int("rank", renewed.rank),
            Change::int("live", 0),
            Change::int("statecode", 1),
            Change::int("statuscode", 2),
        ];
        self.write.change_entry(before.id, &changes)?;
        if let Some(item) = before.item {
            self.write.change_item(item, &[Change::int("state", ItemState::Superseded.code())])?;
        }
        self.effects.change(&before.target_table, &before.source);
        tally.superseded += 1;
        Ok(())
    }

    fn renew(
        &mut self,
        before: &DecisionFact,
        renewed: &Renewed,
        policy: Option<i64>,
        tally: &mut Tally,
    ) -> Result<(), Error> {
        let at = self.write.stamp().at;
        let mut changes = vec![Change::int("rank", renewed.rank), Change::int("live", i64::from(renewed.live))];
        if renewed.certified {
            changes.push(Change::int("ledger_status", LedgerStatus::Certified.code()));
            changes.push(Change::int("certified_by", ENGINE_USER));
            changes.push(Change::int("certified_date_time", at));
        }
        self.write.change_entry(before.id, &changes)?;
        self.effects.change(&before.target_table, &before.source);
        let written = renewed.certified || renewed.live;
        tally.certified += i64::from(renewed.certified);
        tally.written += i64::from(renewed.live && !before.live);
        tally.waits += i64::from(before.live && !written);
        let applied = written.then_some(at);
        let state = match before.item_state {
            Some(ItemState::Waiting) if written => ItemState::Applied,
            Some(ItemState::Applied) if before.live && !written => ItemState::Waiting,
            _ => return Ok(()),
        };
        if let Some(item) = before.item {
            let changes = [
                Change::int("state", state.code()),
                Change::id("applied_date_time", applied),
                Change::id("commit_policy", policy),
            ];
            self.write.change_item(item, &changes)?;
        }
        Ok(())
    }
}

impl Field {
    /// Since when an entry of the field counts as fresh: a holder's clock may have been restarted by its source, and what
    /// is certified just now is as fresh as can be.
    fn clock(&self, entry: &Entry, now: Micros) -> Option<Micros> {
        let fact = self.entries.iter().find(|fact| fact.entry.id == entry.id)?;
        Some(match &self.current {
            _ if entry.status == LedgerStatus::Certified && fact.entry.status != entry.status => now,
            Some(current) if current.ledger == entry.id => current.counted_from,
            _ => fact.made.max(fact.since),
        })
    }
}

impl Tally {
    fn told(&self, about: &str, released: i64) -> String {
        let mut told = format!("Re-evaluated {about}: {}", counted(self.fields, "value"));
        for (count, what) in [
            (self.written, "written now"),
            (self.certified, "certified by the engine"),
            (self.waits, "waiting again"),
            (self.superseded, "superseded by a newer value of its source"),
            (self.clocks, "with another day to get stale"),
            (released, "released"),
        ] {
            if count > 0 {
                told.push_str(&format!(", {} {what}", grouped(count)));
            }
        }
        told
    }
}

fn plan<'p>(plans: &'p mut Plans, setup: &Setup, key: &FieldKey, source: &str) -> &'p FieldPlan {
    let (table, _, field) = key;
    let place = (table.clone(), field.clone(), source.to_string());
    plans.entry(place).or_insert_with(|| setup.field(table, field, source))
}
