//! How the fields of a delivery are treated: each field's binding, code list and policy, looked up once a chunk.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use anyhow::{Context, Result};

use crate::model::choice::{OnBlank, OnEmpty, OnUnknownKey};
use crate::model::code::Code;
use crate::model::fact::{Binding, Policy};
use crate::model::row::parse_hundredths;
use crate::model::setting::CONFIDENT_FROM;
use crate::model::time::{DAY, Micros};
use crate::rules::policy::Applied;
use crate::rules::ranking::Place;
use crate::rules::{binding, name, policy};
use crate::store::{BindingChange, Write};

/// The setup that decisions need, read at the beginning of a transaction.
pub struct Setup {
    policies: Vec<Policy>,
    bindings: Vec<Binding>,
    /// When bindings were last changed, those out of use, too.
    binding_changes: Vec<BindingChange>,
    code_lists: Vec<String>,
    /// Maps from this confidence on, in hundredths, are used unseen.
    pub confident_from: i64,
}

/// How one field of one source is treated.
#[derive(Debug, Clone)]
pub struct FieldPlan {
    pub binding: Option<Binding>,
    pub code_list: Option<String>,
    /// The policy in force, or why none can be.
    pub policy: Result<(Applied, Place), &'static Code>,
    /// When a binding that speaks of the field was last made, changed or taken out of use; 0 where none was.
    pub bound_on: Micros,
}

impl Setup {
    pub fn read(write: &Write) -> Result<Setup> {
        Ok(Setup {
            policies: write.policies()?,
            bindings: write.bindings()?,
            binding_changes: write.binding_changes()?,
            code_lists: write.code_lists()?,
            confident_from: confident_from(write)?,
        })
    }

    pub fn field(&self, table: &str, field: &str, source: &str) -> FieldPlan {
        let binding = binding::of_field(&self.bindings, table, field, source);
        let code_list = binding::code_list(binding, &self.code_lists, table, field);
        let policy = policy::choose(&self.policies, table, field).map(|applied| {
            let place = applied.ranking.place(source);
            (applied, place)
        });
        let speaks = |change: &&BindingChange| {
            name::same(&change.target_table, table)
                && change.field_name.as_deref().is_some_and(|name| name::same(name, field))
                && (name::is_any(change.source.as_deref())
                    || change.source.as_deref().is_some_and(|name| name::same(name, source)))
        };
        let changes = self.binding_changes.iter().filter(speaks);
        let bound_on = changes.map(|change| change.changed_on).max().unwrap_or_default();
        FieldPlan { binding: binding.cloned(), code_list: code_list.map(str::to_string), policy, bound_on }
    }

    /// Whether any source receives anything: else nothing that goes out needs a thought.
    pub fn sends(&self) -> bool {
        self.bindings.iter().any(|binding| binding.outbound)
    }

    /// The sources that are sent a field's values.
    pub fn receivers(&self, table: &str, field: &str) -> Vec<&str> {
        binding::receivers(&self.bindings, table, field)
    }

    /// What a receiver is sent of a field's value that became empty.
    pub fn on_empty(&self, table: &str, field: &str, receiver: &str) -> OnEmpty {
        binding::of_field(&self.bindings, table, field, receiver).map_or(OnEmpty::Default, |binding| binding.on_empty)
    }

    /// The tables and fields whose values a source is sent.
    pub fn sent_to(&self, receiver: &str) -> BTreeMap<&str, Vec<&str>> {
        let mut out: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let named =
            self.bindings.iter().filter(|binding| binding.outbound && binding.source.as_deref() == Some(receiver));
        for (table, field) in named.filter_map(|one| Some((one.target_table.as_str(), one.field_name.as_deref()?))) {
            if self.receivers(table, field).contains(&receiver) {
                out.entry(table).or_default().push(field);
            }
        }
        out
    }

    /// The sources that are sent values of any field.
    pub fn all_receivers(&self) -> impl Iterator<Item = &str> {
        self.bindings.iter().filter(|binding| binding.outbound).filter_map(|binding| binding.source.as_deref())
    }

    pub fn on_unknown_key(&self, table: &str, source: &str) -> OnUnknownKey {
        binding::on_unknown_key(&self.bindings, table, source)
    }

    /// When a value confirmed at `since` gets stale by the policy of its field; `None` for never, also where the
    /// policies contradict each other.
    pub fn stale_on(&self, table: &str, field: &str, since: Micros) -> Option<Micros> {
        let days = policy::choose(&self.policies, table, field).ok()?.stale_after_days?;
        Some(since.saturating_add(days.saturating_mul(DAY)))
    }
}

/// In hundredths.
fn confident_from(write: &Write) -> Result<i64> {
    let set = write.setting(CONFIDENT_FROM.key)?;
    let text = set.as_deref().unwrap_or(CONFIDENT_FROM.default);
    parse_hundredths(text).with_context(|| format!("The setting {} has no value that fits.", CONFIDENT_FROM.key))
}

impl FieldPlan {
    pub fn on_blank(&self) -> OnBlank {
        self.binding.as_ref().map_or(OnBlank::Ignore, |binding| binding.on_blank)
    }

    pub fn stale_on(&self, since: Micros) -> Option<Micros> {
        let (applied, _) = self.policy.as_ref().ok()?;
        Some(since.saturating_add(applied.stale_after_days?.saturating_mul(DAY)))
    }

    /// Whether values of the field get stale.
    pub fn has_clock(&self) -> bool {
        self.policy.as_ref().is_ok_and(|(applied, _)| applied.stale_after_days.is_some())
    }

    /// Whether the source is sent values of the field, too.
    pub fn receives(&self) -> bool {
        self.binding.as_ref().is_some_and(|binding| binding.outbound && binding.source.is_some())
    }

    /// The policy's row, where there is one.
    pub fn policy_id(&self) -> Option<i64> {
        self.policy.as_ref().ok().and_then(|(applied, _)| applied.id)
    }
}

/// The plans of a delivery's fields, made as the fields are met.
pub struct Plans<'a> {
    setup: &'a Setup,
    table: &'a str,
    source: &'a str,
    fields: HashMap<String, Arc<FieldPlan>>,
}

impl<'a> Plans<'a> {
    pub fn new(setup: &'a Setup, table: &'a str, source: &'a str) -> Plans<'a> {
        Plans { setup, table, source, fields: HashMap::new() }
    }

    pub fn of(&mut self, field: &str) -> Arc<FieldPlan> {
        if let Some(plan) = self.fields.get(field) {
            return plan.clone();
        }
        let plan = Arc::new(self.setup.field(self.table, field, self.source));
        self.fields.insert(field.to_string(), plan.clone());
        plan
    }

    /// Whose fields these are: the source and the table.
    pub fn place(&self) -> (&str, &str) {
        (self.source, self.table)
    }
}
