//! What goes out when a value in force changes (engine.md, "Outbound").
//!
//! Every operation that settles values queues what follows for the receivers: sources whose binding of the field says
//! outbound, and who know the record by a key of their own. A queued item waits in its receiver's open outbound job
//! until an export; what a receiver delivers later acknowledges what it was sent, or contradicts it. Nothing here costs
//! anything where no binding is outbound.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use anyhow::Result;

use super::import_row::Fields;
use super::plan::{FieldPlan, Setup};
use super::settle::Effects;
use super::{Error, Operation};
use crate::model::choice::{Direction, ItemState, OnUnmapped};
use crate::model::code::{self, Code};
use crate::model::time::Micros;
use crate::rules::outbound::{self, Outgoing, Reverse, ReverseMap};
use crate::store::{Change, NewItem, NewJob, OutboundItem, ReceiverFact, Write};

/// Fields that are looked at together.
const FIELDS_AT_ONCE: usize = 500;

/// Queues the values that changed for their receivers, and takes back what is no longer to go out.
pub(super) fn queue(write: &mut Write, setup: &Setup, effects: &mut Effects) -> Result<()> {
    if std::mem::take(&mut effects.rebound) {
        for item in write.unbound_items()? {
            write.change_item(item, &[Change::int("state", ItemState::Superseded.code())])?;
        }
    }
    let mut changed: BTreeMap<(String, String), Vec<(String, String)>> = BTreeMap::new();
    for (table, target, field) in effects.take_changed_fields() {
        for receiver in setup.receivers(&table, &field) {
            changed.entry((receiver.to_string(), table.clone())).or_default().push((target.clone(), field.clone()));
        }
    }
    for ((receiver, table), fields) in &changed {
        for fields in fields.chunks(FIELDS_AT_ONCE) {
            queue_for(write, setup, effects, (receiver, table), fields)?;
        }
    }
    Ok(())
}

fn queue_for(
    write: &mut Write,
    setup: &Setup,
    effects: &mut Effects,
    (receiver, table): (&str, &str),
    fields: &[(String, String)],
) -> Result<()> {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(target, field)| (&**target, &**field)).collect();
    let facts = write.receiver_facts(receiver, table, &fields)?;
    let mut sent = Vec::new();
    for fact in &facts {
        let outgoing = outgoing(receiver, fact);
        if outgoing == Outgoing::Keep {
            continue;
        }
        if let Some(open) = &fact.open {
            write.change_item(open.id, &[Change::int("state", ItemState::Superseded.code())])?;
        }
        if outgoing == Outgoing::Send {
            sent.push(fact);
        }
    }
    if sent.is_empty() {
        return Ok(());
    }
    let values = sent.iter().map(|fact| (table, fact.field_name.as_str(), fact.value.as_deref()));
    let forms = Forms::read(write, setup, receiver, values)?;
    let job = outbound_job(write, receiver, table)?;
    for fact in sent {
        let form = forms.of(table, &fact.field_name, fact.value.as_deref());
        insert_item(write, job, (receiver, table), fact, &form)?;
        effects.outbound += 1;
    }
    Ok(())
}

fn outgoing(receiver: &str, fact: &ReceiverFact) -> Outgoing {
    outbound::outgoing(&outbound::Change {
        value: fact.value.as_deref(),
        supplied: fact.supplier.as_deref() == Some(receiver),
        known_record: fact.external_key.is_some(),
        open: fact.open.as_ref().map(|open| open.value.as_deref()),
        last: last(fact),
    })
}

/// What the receiver last sent or was sent, as far as that is known.
fn last(fact: &ReceiverFact) -> Option<Option<&str>> {
    match &fact.exported {
        Some(exported) if exported.state == ItemState::Applied => Some(exported.value.as_deref()),
        _ => fact.own.as_ref().map(Option::as_deref),
    }
}

/// The job that takes what goes out to a receiver, until it is exported.
fn outbound_job(write: &mut Write, receiver: &str, table: &str) -> Result<i64> {
    if let Some(job) = write.open_outbound_job(receiver, table)? {
        return Ok(job);
    }
    write.insert_job(&NewJob {
        direction: Direction::Outbound,
        entity_type: Some(table),
        source: receiver,
        submitted: write.stamp().at,
        target_table: table,
        key_column: None,
        delivery_id: None,
        sha256: None,
        file_name: None,
    })
}

fn insert_item(
    write: &mut Write,
    job: i64,
    (receiver, table): (&str, &str),
    fact: &ReceiverFact,
    form: &Form,
) -> Result<()> {
    write.insert_item(&NewItem {
        job,
        target_table: table,
        target_id: Some(&fact.target_id),
        field_name: Some(&fact.field_name),
        external_key: fact.external_key.as_deref(),
        source: receiver,
        raw_value: form.text.as_deref(),
        new_value: fact.value.as_deref(),
        old_value: last(fact).flatten(),
        applied: None,
        message: form.message().as_deref(),
        source_time: write.stamp().at,
        sequence: 0,
        state: if form.code.is_some() { ItemState::Held } else { ItemState::Queued },
        code: form.code.map(|code| code.code),
        attempt: 1,
        parent: None,
        value_map: form.map,
        policy: None,
        ledger: fact.ledger,
    })?;
    Ok(())
}

/// Compares what a receiver delivered with what it is to be sent and was sent.
///
/// The same value acknowledges the item, also one that was not exported yet: there is nothing left to send. Another
/// value, newer than the export, says that the receiver has that instead.
pub(super) fn answered(write: &mut Write, fact: &ReceiverFact, value: Option<&str>, time: Micros) -> Result<()> {
    let now = write.stamp().at;
    if let Some(open) = fact.open.as_ref().filter(|open| open.value.as_deref() == value) {
        let changes = [
            Change::int("state", ItemState::Applied.code()),
            Change::int("applied_date_time", now),
            Change::int("acknowledged_on", now),
            Change::text("code", None),
            Change::text("process_message", Some("Its receiver delivered the value before it was exported.")),
        ];
        write.change_item(open.id, &changes)?;
        return Ok(());
    }
    let Some(sent) = fact.exported.as_ref().filter(|sent| sent.state == ItemState::Applied) else { return Ok(()) };
    if sent.value.as_deref() == value {
        acknowledge(write, sent, now)
    } else if sent.exported_on.is_some_and(|exported_on| time >= exported_on) {
        let said = "Its receiver delivered another value since.";
        let changes = [Change::int("state", ItemState::Superseded.code()), Change::text("process_message", Some(said))];
        write.change_item(sent.id, &changes).map(|_| ())
    } else {
        Ok(())
    }
}

fn acknowledge(write: &mut Write, sent: &OutboundItem, now: Micros) -> Result<()> {
    if !sent.acknowledged {
        write.change_item(sent.id, &[Change::int("acknowledged_on", now)])?;
    }
    Ok(())
}

/// What a receiver gets for a canonical value.
pub(super) struct Form {
    pub text: Option<String>,
    pub map: Option<i64>,
    /// Why the value cannot go out.
    pub code: Option<&'static Code>,
}

impl Form {
    fn plain(value: Option<&str>) -> Form {
        Form { text: value.map(str::to_string), map: None, code: None }
    }

    fn held(code: &'static Code) -> Form {
        Form { text: None, map: None, code: Some(code) }
    }

    pub fn message(&self) -> Option<String> {
        self.code.map(Code::message)
    }
}

/// The forms of some values for one receiver: the plans of their fields, and their maps read backwards.
pub(super) struct Forms {
    plans: HashMap<(String, String), FieldPlan>,
    maps: HashMap<(String, String), Vec<ReverseMap>>,
    receiver: String,
}

impl Forms {
    /// Reads what (table, field, canonical value) need.
    pub fn read<'v>(
        write: &Write,
        setup: &Setup,
        receiver: &str,
        values: impl Iterator<Item = (&'v str, &'v str, Option<&'v str>)>,
    ) -> Result<Forms> {
        let mut forms = Forms { plans: HashMap::new(), maps: HashMap::new(), receiver: receiver.to_string() };
        let mut wanted: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
        for (table, field, value) in values {
            let key = (table.to_string(), field.to_string());
            let plan = forms.plans.entry(key).or_insert_with(|| setup.field(table, field, receiver));
            if let (Some(list), Some(value)) = (&plan.code_list, value) {
                wanted.entry(list.clone()).or_default().insert(value);
            }
        }
        for (list, canonicals) in wanted {
            let canonicals: Vec<&str> = canonicals.into_iter().collect();
            for map in write.reverse_maps(&list, &canonicals)? {
                forms.maps.entry((list.clone(), map.canonical.clone())).or_default().push(map);
            }
        }
        Ok(forms)
    }

    pub fn of(&self, table: &str, field: &str, value: Option<&str>) -> Form {
        let plan = self.plans.get(&(table.to_string(), field.to_string()));
        let (Some(list), Some(canonical)) = (plan.and_then(|plan| plan.code_list.as_ref()), value) else {
            return Form::plain(value);
        };
        let maps = self.maps.get(&(list.clone(), canonical.to_string())).map_or(&[][..], Vec::as_slice);
        match outbound::reverse(maps, &self.receiver) {
            Reverse::Found(map) => Form { text: Some(map.code.clone()), map: Some(map.id), code: None },
            Reverse::Ambiguous => Form::held(code::AMBIGUOUS_REVERSE),
            Reverse::Missing if passes(plan) => Form::plain(value),
            Reverse::Missing => Form::held(code::NO_MAP),
        }
    }
}

/// Whether the receiver's binding lets codes without a map pass.
fn passes(plan: Option<&FieldPlan>) -> bool {
    plan.and_then(|plan| plan.binding.as_ref()).is_some_and(|binding| binding.on_unmapped == OnUnmapped::Pass)
}

impl Operation<'_, '_> {
    /// At most one map of a source may be preferred for a canonical code: (code list, source, canonical code).
    pub(super) fn check_preferred(
        &self,
        (list, source, canonical): (&str, Option<&str>, Option<&str>),
        map: Option<i64>,
        fields: &Fields,
    ) -> Result<(), Error> {
        let Some(canonical) = canonical else {
            return Err(fields.invalid("preferred", "only a map with a canonical code can be preferred.").into());
        };
        let maps = self.write.reverse_maps(list, &[canonical])?;
        let rival =
            maps.iter().find(|rival| rival.preferred && rival.source.as_deref() == source && Some(rival.id) != map);
        match rival {
            Some(rival) => {
                let problem = format!("{} is preferred for {canonical} already. Take that away first.", rival.name);
                Err(fields.invalid("preferred", problem).into())
            }
            None => Ok(()),
        }
    }
}
