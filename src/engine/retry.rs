//! Retry, and edit and retry: held, failed and parked items are decided on again from their raw value (engine.md, "What
//! people do").
//!
//! A retry is a new attempt: an item of the same job, source time, sequence and key whose parent is the attempt before.
//! That one is Superseded and inactive from then on, and only active items count: so the job's counters go on adding up
//! to the values that were delivered. It keeps its code, its message and the raw value it was tried with. A retry does
//! not restart the clock of the value in force, since the source says nothing new by it.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::asked::{invalid, not_found};
use super::cell::{MAX_MESSAGE, MAX_VALUE, cut};
use super::command::Rows;
use super::identity::{Sender, Target, targets, without_target};
use super::last_words::Delivered;
use super::normalise::{Maps, Normalised};
use super::outcome::Came;
use super::plan::{FieldPlan, Plans};
use super::run_facts::RunFacts;
use super::settle::settle_before;
use super::triage::{self, ITEMS_AT_ONCE, PARKED_BY_ENGINE, without_parked};
use super::weigh::{Candidate, Decided, Origin};
use super::{Done, Error, Operation};
use crate::model::choice::{ItemState, OnBlank};
use crate::model::code::{self, Code};
use crate::model::table::Table;
use crate::model::text::{grouped, normal};
use crate::rules::last_word::Place;
use crate::rules::transition::ItemAct;
use crate::store::{Change, NewItem, TriageItem};

const TABLES: &[Table] = &[Table::SyncJobs, Table::SyncItems, Table::Ledger, Table::ValueMaps, Table::Identifiers];

/// A new attempt at a delivered value.
struct Attempt {
    before: TriageItem,
    /// What a person put in the place of the raw value.
    edited: Option<String>,
}

/// An attempt and where it leads.
struct Placed<'a> {
    attempt: &'a Attempt,
    target: Target,
}

/// The fields of a run, with what they are decided by.
struct Run<'r, 'p> {
    plans: &'r mut Plans<'p>,
    maps: &'r mut Maps,
    facts: RunFacts,
}

impl Attempt {
    fn raw(&self) -> &str {
        self.edited.as_deref().unwrap_or(&self.before.raw_value)
    }

    /// What is wrong with the input itself: what was wrong before, unless somebody edited it.
    fn fault(&self, plan: Option<&FieldPlan>) -> Option<&'static Code> {
        let before = self.before.code.filter(|code| code.of_input() && self.edited.is_none());
        let too_long = || self.raw().chars().count() > MAX_VALUE && plan.is_some_and(|plan| plan.code_list.is_none());
        before.or_else(|| too_long().then_some(code::TOO_LONG))
    }
}

impl Operation<'_, '_> {
    pub(super) fn retry(&mut self, rows: &Rows, reason: Option<&str>) -> Result<Done, Error> {
        let ids = self.asked_for(Table::SyncItems, rows)?;
        let ids = self.write.oldest_first(&ids)?;
        self.retry_each(&ids)?;
        self.refuse_alone(rows)?;
        self.retried("", reason)
    }

    /// Tries items again, which come oldest first, that may be tried; the others are held back with the reason.
    pub(super) fn retry_each(&mut self, ids: &[i64]) -> Result<(), Error> {
        for ids in ids.chunks(ITEMS_AT_ONCE) {
            let mut items = Vec::with_capacity(ids.len());
            for item in self.write.triage_items(ids)? {
                match self.judged(ItemAct::Retry, &item)? {
                    Some(ItemState::Queued) => self.let_out(&item)?,
                    Some(_) => items.push(item),
                    None => {}
                }
            }
            self.try_again(items)?;
        }
        Ok(())
    }

    /// Has a value that waited for a person's word go out with the next that is sent.
    fn let_out(&mut self, item: &TriageItem) -> Result<(), Error> {
        let changes = [
            Change::int("state", ItemState::Queued.code()),
            Change::text("code", None),
            Change::text("process_message", Some("A person said that it is to be sent.")),
        ];
        self.write.change_item(item.id, &changes)?;
        self.effects.act_on(Table::SyncItems, item.id);
        self.effects.change(&item.target_table, &item.source);
        self.effects.released += 1;
        Ok(())
    }

    /// Makes new attempts at items, which come oldest first, from what was delivered.
    pub(super) fn try_again(&mut self, items: Vec<TriageItem>) -> Result<(), Error> {
        let attempts: Vec<Attempt> = items.into_iter().map(|before| Attempt { before, edited: None }).collect();
        for of_job in attempts.chunk_by(|one, next| one.before.job == next.before.job) {
            self.retry_job(of_job)?;
        }
        Ok(())
    }

    /// Retries one item with another input; `row_version` is the version that the edit was based on. A person answers for
    /// it, so the engine alone does not certify what comes of it, whatever the policy says.
    pub(super) fn edit_retry(&mut self, id: i64, row_version: i64, raw: &str, reason: &str) -> Result<Done, Error> {
        if raw.contains('\0') || raw.chars().count() > MAX_VALUE {
            let most = grouped(MAX_VALUE as i64);
            return Err(invalid("raw_value", format!("a value has at most {most} characters and no NUL.")).into());
        }
        let Some(before) = self.write.triage_items(&[id])?.pop() else {
            return Err(not_found(Table::SyncItems, id));
        };
        if self.judged(ItemAct::EditRetry, &before)?.is_none() {
            self.refuse_alone(&Rows::Ids(vec![id]))?;
        }
        let row = Table::SyncItems.row_name(id);
        self.unmoved(Table::SyncItems, id, row_version)?;
        if before.raw_value == raw {
            return Err(invalid("raw_value", format!("{row} has this value already; retry it as it is.")).into());
        }
        self.retry_job(&[Attempt { before, edited: Some(raw.to_string()) }])?;
        let mut done = self.retried(&format!("Edited the input of {row}. "), Some(reason))?;
        if let Some(came) = self.effects.came {
            done.summary.push_str(&format!(". It is {}", came.words()));
        }
        Ok(done)
    }

    fn retried(&self, said: &str, reason: Option<&str>) -> Result<Done, Error> {
        let rows = (self.effects.changed, self.effects.held_back_rows());
        Ok(done(reason, told(said, rows, self.effects.released, self.effects.parked)))
    }

    /// Makes the attempts at values of one job, in their order.
    fn retry_job(&mut self, attempts: &[Attempt]) -> Result<(), Error> {
        let Some(Attempt { before: first, .. }) = attempts.first() else { return Ok(()) };
        let mut plans = Plans::new(self.setup, &first.target_table, &first.source);
        let mut maps = Maps::read(self.write, &codes(attempts, &mut plans))?;
        for run in runs(self.placed(first, attempts)?) {
            let facts = self.facts_of(first, &run, &mut plans)?;
            let mut with = Run { plans: &mut plans, maps: &mut maps, facts };
            for placed in &run {
                self.retry_one(placed, &mut with)?;
            }
        }
        Ok(())
    }

    /// Looks up again where the keys lead that led to no one target.
    fn placed<'a>(&mut self, first: &TriageItem, attempts: &'a [Attempt]) -> Result<Vec<Placed<'a>>, Error> {
        let sender = Sender { source: &first.source, table: &first.target_table, at: first.source_time };
        let open = attempts.iter().filter(|attempt| attempt.before.target_id.is_none());
        let keys: Vec<&str> = open.filter_map(|attempt| attempt.before.external_key.as_deref()).collect();
        let found = targets(self.write, self.setup, &sender, &keys)?;
        let target = |item: &TriageItem| match (&item.target_id, &item.external_key) {
            (Some(target), _) => Target::Kept { target: target.clone() },
            (None, Some(key)) => found.get(key).cloned().unwrap_or(Target::Unknown),
            (None, None) => Target::Unknown,
        };
        Ok(attempts.iter().map(|attempt| Placed { attempt, target: target(&attempt.before) }).collect())
    }

    fn facts_of(&mut self, first: &TriageItem, run: &[Placed], plans: &mut Plans) -> Result<RunFacts, Error> {
        let place = |item: &TriageItem| Place { job: item.job, sequence: item.sequence };
        let items: Vec<(&str, &str, Place)> = run
            .iter()
            .filter_map(|placed| {
                let before = &placed.attempt.before;
                Some((placed.target.id()?, before.field_name.as_deref()?, place(before)))
            })
            .collect();
        let targets: Vec<&str> = items.iter().map(|(target, ..)| *target).collect();
        let fields: Vec<&str> = items.iter().map(|(_, field, _)| *field).collect();
        settle_before(self.write, self.setup, &mut self.effects, &first.target_table, &targets)?;
        let delivered = Delivered { source: &first.source, table: &first.target_table, at: first.source_time };
        let mut facts = RunFacts::of_items(self.write, delivered, &items)?;
        facts.read_sent(self.write, plans, &distinct(&targets), &distinct(&fields))?;
        for placed in run {
            facts.forget_held(placed.attempt.before.id);
        }
        Ok(facts)
    }

    fn retry_one(&mut self, placed: &Placed, with: &mut Run) -> Result<(), Error> {
        let plan = placed.attempt.before.field_name.as_deref().map(|field| with.plans.of(field));
        let decided = self.decide_again(placed, plan.as_deref(), with)?;
        self.keep_attempt(placed, &decided, plan.as_deref())
    }

    fn decide_again(&mut self, placed: &Placed, plan: Option<&FieldPlan>, with: &mut Run) -> Result<Decided, Error> {
        let Placed { attempt, target } = placed;
        let fault = attempt.fault(plan);
        let before = &attempt.before;
        let (Some(id), Some(field), Some(plan)) = (target.id(), &before.field_name, plan) else {
            let normalised = fault.map_or(Normalised::KeepCurrent { map: None }, |code| Normalised::Failed { code });
            return Ok(without_target(normalised, target));
        };
        let normalised = match fault {
            Some(code) => Normalised::Failed { code },
            None if !attempt.raw().is_empty() => {
                let confident_from = self.setup.confident_from;
                with.maps.normalise(self.write, plan, &before.source, attempt.raw(), confident_from)?
            }
            None if plan.on_blank() == OnBlank::Clear => Normalised::Value { value: None, map: None, confident: true },
            None => Normalised::Nothing,
        };
        let origin = Origin {
            source: &before.source,
            table: &before.target_table,
            target: id,
            field,
            source_time: before.source_time,
            sequence: before.sequence,
        };
        let (item, _) = self.write.next_item_and_entry()?;
        let typed = attempt.edited.is_some() || before.typed;
        let candidate = Candidate::new(&with.facts, plan, origin, attempt.raw(), item).typed(typed);
        Ok(candidate.weigh(self.write, &mut self.effects, normalised)?)
    }

    /// Writes the new attempt, which the one before gives way to. Where it failed with the same code again, nobody need look
    /// at it until something else has changed: it is parked. One that is held is not: it waits for a decision that releases
    /// it, which a parked one would miss.
    fn keep_attempt(&mut self, placed: &Placed, decided: &Decided, plan: Option<&FieldPlan>) -> Result<(), Error> {
        let Placed { attempt, target } = placed;
        let before = &attempt.before;
        let open = matches!(decided.state, ItemState::Held | ItemState::Failed);
        let again = open && decided.code == before.code;
        let parks = again && (decided.state == ItemState::Failed || before.state == ItemState::Parked);
        let state = if parks { ItemState::Parked } else { decided.state };
        let message = if parks { Some(parked_again(before)) } else { decided.message() };
        let applied = (state == ItemState::Applied).then_some(self.write.stamp().at);
        self.write.insert_item(&NewItem {
            job: before.job,
            target_table: &before.target_table,
            target_id: target.id(),
            field_name: before.field_name.as_deref(),
            external_key: before.external_key.as_deref(),
            source: &before.source,
            raw_value: Some(attempt.raw()),
            new_value: decided.value.as_deref(),
            old_value: decided.old_value.as_deref(),
            applied,
            message: message.as_deref(),
            source_time: before.source_time,
            sequence: before.sequence,
            state,
            code: decided.code.map(|code| code.code),
            value_map: decided.map,
            policy: plan.and_then(FieldPlan::policy_id),
            ledger: decided.ledger,
            attempt: before.attempt + 1,
            parent: Some(before.id),
        })?;
        let gives_way = [
            Change::int("state", ItemState::Superseded.code()),
            Change::int("statecode", 1),
            Change::int("statuscode", 2),
        ];
        self.write.change_item(before.id, &gives_way)?;
        self.effects.act_on(Table::SyncItems, before.id);
        self.effects.change(&before.target_table, &before.source);
        self.effects.released += i64::from(!open);
        self.effects.parked += i64::from(parks);
        if attempt.edited.is_some() {
            self.effects.came = Some(Came::to(state, decided.code));
        }
        Ok(())
    }
}

/// `Retried 4 items, held back 1 item: 2 went on, 1 did not, 1 failed the same way again and is parked`
pub(super) fn told(said: &str, (changed, held_back): (i64, i64), went_on: i64, parked: i64) -> String {
    let mut told = format!("{said}{}: {} went on", triage::told("Retried", changed, held_back), grouped(went_on));
    if changed > went_on + parked {
        told.push_str(&format!(", {} did not", grouped(changed - went_on - parked)));
    }
    if parked > 0 {
        let are = if parked == 1 { "is" } else { "are" };
        told.push_str(&format!(", {} failed the same way again and {are} parked", grouped(parked)));
    }
    told
}

pub(super) fn done(reason: Option<&str>, summary: String) -> Done {
    Done { reason: reason.map(str::to_string), ..Done::new("retry", summary, TABLES) }
}

/// The message of the attempt before, which says where the fault is, and that this one was parked for it.
fn parked_again(before: &TriageItem) -> String {
    let said = without_parked(before.message.as_deref().unwrap_or_default());
    let said = cut(said, MAX_MESSAGE - PARKED_BY_ENGINE.len() - 1);
    format!("{said} {PARKED_BY_ENGINE}").trim_start().to_string()
}

/// Some names, each once and in order.
fn distinct<'a>(names: &[&'a str]) -> Vec<&'a str> {
    names.iter().copied().collect::<BTreeSet<_>>().into_iter().collect()
}

/// Parts in which no field of a target stands twice, so that the facts read for a part hold for all of it.
fn runs(placed: Vec<Placed>) -> Vec<Vec<Placed>> {
    let mut out: Vec<Vec<Placed>> = vec![Vec::new()];
    let mut met: HashSet<(String, String)> = HashSet::new();
    for placed in placed {
        if let (Some(target), Some(field)) = (placed.target.id(), &placed.attempt.before.field_name)
            && !met.insert((target.to_string(), field.clone()))
        {
            met = HashSet::from([(target.to_string(), field.clone())]);
            out.push(Vec::new());
        }
        if let Some(run) = out.last_mut() {
            run.push(placed);
        }
    }
    out
}

/// The codes that the attempts' values may have maps for, in their normal form, by code list.
fn codes(attempts: &[Attempt], plans: &mut Plans) -> HashMap<String, HashSet<String>> {
    let mut out: HashMap<String, HashSet<String>> = HashMap::new();
    for attempt in attempts {
        let plan = attempt.before.field_name.as_deref().map(|field| plans.of(field));
        if let Some(list) = plan.as_ref().and_then(|plan| plan.code_list.as_ref()) {
            out.entry(list.clone()).or_default().insert(normal(attempt.raw()));
        }
    }
    out
}
