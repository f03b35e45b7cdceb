//! What goes out when a value in force changes (engine.md, "Outbound").
//!
//! Every operation that settles values queues what follows for the receivers: sources whose binding of the field says
//! outbound, and who know the record by a key of their own. A queued item waits in its receiver's open outbound job
//! until it is sent; what a receiver delivers later acknowledges what it was sent, or contradicts it. Nothing here costs
//! anything where no binding is outbound.

use std::collections::BTreeMap;

use anyhow::Result;

use super::outbound_forms::{Form, Forms};
use super::plan::Setup;
use super::settle::Effects;
use crate::model::choice::{Direction, ItemState};
use crate::model::code;
use crate::model::time::Micros;
use crate::rules::outbound::{self, Answered, Outgoing};
use crate::store::{Before, Change, NewItem, NewJob, OutboundItem, ReceiverFact, WaitsOut, Write};

/// Fields that are looked at together.
const FIELDS_AT_ONCE: usize = 500;

/// A receiver and one of the tables that it knows.
pub(super) type Place<'p> = (&'p str, &'p str);

/// Queues the values that changed for their receivers, and takes back what is no longer to go out.
pub(super) fn queue(write: &mut Write, setup: &Setup, effects: &mut Effects) -> Result<()> {
    if std::mem::take(&mut effects.rebound) {
        for item in write.unbound_items()? {
            out_of_queue(write, item)?;
        }
    }
    let mut changed: BTreeMap<(String, String), Vec<(String, String)>> = BTreeMap::new();
    for (table, target, field) in effects.take_changed_fields() {
        for receiver in setup.receivers(&table, &field) {
            changed.entry((receiver.to_string(), table.clone())).or_default().push((target.clone(), field.clone()));
        }
    }
    for ((receiver, table), fields) in &changed {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(target, field)| (&**target, &**field)).collect();
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
    place: Place,
    fields: &[(&str, &str)],
) -> Result<()> {
    let mut sent = Vec::new();
    for fact in write.receiver_facts(place.0, place.1, fields)? {
        let taken_out = effects.taken_out(place.0, (place.1, &fact.target_id, &fact.field_name));
        if let Some(out) = taken_out.filter(|out| fact.open.is_none() && still_right(place.0, &fact, out)) {
            write.change_item(out.item, &[Change::int("state", out.state.code())])?;
            continue;
        }
        let outgoing = outgoing(setup, place, &fact, effects.takes_back);
        if outgoing == Outgoing::Keep {
            continue;
        }
        if let Some(open) = &fact.open {
            out_of_queue(write, open.id)?;
        }
        if outgoing != Outgoing::Withdraw {
            sent.push((fact, outgoing));
        }
    }
    effects.outbound += put_in_queue(write, setup, place, &sent)?;
    Ok(())
}

/// Whether what an undo took out of the queue is in force without what it takes back.
fn still_right(receiver: &str, fact: &ReceiverFact, out: &WaitsOut) -> bool {
    fact.value == out.value && fact.external_key.is_some() && fact.supplier.as_deref() != Some(receiver)
}

/// Queues what is in force for a receiver that never got it: the fields of some records that it knows. What waits stays as
/// it is. Answers how many values there were.
pub(super) fn queue_missing(
    write: &mut Write,
    setup: &Setup,
    place: Place,
    fields: &[(&str, &str)],
) -> Result<Vec<ReceiverFact>> {
    let mut missing = Vec::new();
    for fields in fields.chunks(FIELDS_AT_ONCE) {
        let facts = write.receiver_facts(place.0, place.1, fields)?.into_iter();
        let never_got = |fact: &ReceiverFact| fact.value.is_some() && fact.open.is_none() && fact.exported.is_none();
        let sends = |fact: &ReceiverFact| outgoing(setup, place, fact, None) == Outgoing::Send;
        missing.extend(facts.filter(|fact| never_got(fact) && sends(fact)).map(|fact| (fact, Outgoing::Send)));
    }
    put_in_queue(write, setup, place, &missing)?;
    Ok(missing.into_iter().map(|(fact, _)| fact).collect())
}

/// Takes an item out of the queue.
pub(super) fn out_of_queue(write: &mut Write, item: i64) -> Result<bool> {
    write.change_item(item, &[Change::int("state", ItemState::Superseded.code())])
}

/// Makes the items for values that are to go out. Answers how many.
fn put_in_queue(write: &mut Write, setup: &Setup, place: Place, sent: &[(ReceiverFact, Outgoing)]) -> Result<i64> {
    if sent.is_empty() {
        return Ok(0);
    }
    let (receiver, table) = place;
    let values = sent.iter().map(|(fact, _)| (table, fact.field_name.as_str(), fact.value.as_deref()));
    let forms = Forms::read(write, setup, receiver, values)?;
    let job = outbound_job(write, receiver, table)?;
    for (fact, outgoing) in sent {
        let form = match outgoing {
            Outgoing::Hold => Form::held(code::EMPTIED),
            _ => forms.of(table, &fact.field_name, fact.value.as_deref()),
        };
        insert_item(write, job, place, fact, &form)?;
    }
    Ok(sent.len() as i64)
}

fn outgoing(setup: &Setup, (receiver, table): Place, fact: &ReceiverFact, takes_back: Option<Before>) -> Outgoing {
    outbound::outgoing(&outbound::Change {
        value: fact.value.as_deref(),
        supplied: fact.supplier.as_deref() == Some(receiver),
        known_record: fact.external_key.is_some(),
        open: fact.open.as_ref().map(|open| open.value.as_deref()),
        last: last(fact),
        got: standing(fact).is_some_and(was_sent),
        own_open: fact.own_open,
        on_empty: setup.on_empty(table, &fact.field_name, receiver),
        unheard: takes_back.is_some_and(|before| !heard_since(fact, before)),
    })
}

/// What the receiver was sent last, unless it has said something else since or is to be sent it again.
fn standing(fact: &ReceiverFact) -> Option<&OutboundItem> {
    fact.exported.as_ref().filter(|sent| sent.state == ItemState::Applied)
}

/// Whether an item went out, and was not only found to be needless because its receiver had the value.
fn was_sent(item: &OutboundItem) -> bool {
    item.acknowledged_on.is_none() || item.acknowledged_on != item.exported_on
}

/// What the receiver last sent or was sent, as far as that is known.
fn last(fact: &ReceiverFact) -> Option<Option<&str>> {
    match standing(fact) {
        Some(sent) => Some(sent.value.as_deref()),
        None => fact.own.as_ref().map(Option::as_deref),
    }
}

/// Whether a receiver was sent anything or said anything of a field since what there was before an operation.
fn heard_since(fact: &ReceiverFact, before: Before) -> bool {
    let sent = fact.exported.as_ref().is_some_and(|sent| sent.id > before.item || sent.changed_on > before.at);
    sent || (fact.own.is_some() && fact.own_entry.is_some_and(|entry| entry > before.entry))
}

/// The job that takes what goes out to a receiver, until it is sent.
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

fn insert_item(write: &mut Write, job: i64, (receiver, table): Place, fact: &ReceiverFact, form: &Form) -> Result<()> {
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

/// Compares what a receiver delivered with what it is sent and was sent, and acts on it: the one place where a delivered
/// value, be it news or the same again, is the receiver's answer.
///
/// The same value acknowledges the item, also one that was not sent yet: there is nothing left to send. The value that the
/// receiver had before, said after it was sent the new one, has that sent once more, and then held (`ST052`). Any other
/// value says that the receiver has that instead.
pub(super) fn answered(write: &mut Write, fact: &ReceiverFact, value: Option<&str>, time: Micros) -> Result<()> {
    let now = write.stamp().at;
    let sent = standing(fact);
    let answer = outbound::Answer {
        value,
        open: fact.open.as_ref().map(|open| open.value.as_deref()),
        sent: sent.map(|sent| outbound::Sent {
            value: sent.value.as_deref(),
            before: sent.old_value.as_deref(),
            acknowledged: sent.acknowledged_on.is_some(),
            again: sent.attempt > 1,
            sent_after: sent.exported_on.is_none_or(|exported_on| time < exported_on),
        }),
        own: fact.own.as_ref().map(Option::as_deref),
    };
    let state = |state: ItemState| Change::int("state", state.code());
    let said = |said: &'static str| Change::text("process_message", Some(said));
    match (outbound::answered(&answer), &fact.open, sent) {
        (Answered::HasIt, Some(open), _) => {
            let found = Change::int("acknowledged_on", now);
            let had = said("Its receiver has the value: there was nothing left to send.");
            let done = Change::int("applied_date_time", open.exported_on.unwrap_or(now));
            write.change_item(open.id, &[state(ItemState::Applied), done, found, Change::text("code", None), had])?;
        }
        (Answered::Took, _, Some(sent)) if sent.acknowledged_on.is_none() => {
            write.change_item(sent.id, &[Change::int("acknowledged_on", now)])?;
        }
        (Answered::SendAgain, _, Some(sent)) => {
            let again = said("Its receiver repeated its old value after it was sent this one: it is sent once more.");
            write.change_item(sent.id, &[state(ItemState::Queued), Change::int("attempt", sent.attempt + 1), again])?;
        }
        (Answered::Hold, _, Some(sent)) => {
            let message = code::NOT_TAKEN.message();
            let why =
                [Change::text("code", Some(code::NOT_TAKEN.code)), Change::text("process_message", Some(&message))];
            write.change_item(sent.id, &[&[state(ItemState::Held)], &why[..]].concat())?;
        }
        (Answered::SaysElse, _, Some(sent)) => {
            write.change_item(
                sent.id,
                &[state(ItemState::Superseded), said("Its receiver delivered another value since.")],
            )?;
        }
        _ => {}
    }
    Ok(())
}
