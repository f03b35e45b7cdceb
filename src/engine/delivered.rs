//! The values of a run of a delivery's records: which of them are news, each one's verdict, and its item.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use anyhow::Result;

use super::cell::{MAX_RAW, MAX_VALUE, cut, text_of};
use super::chunk::{Chunk, Keyed, item};
use super::identity::{Target, without_target};
use super::last_words::{Delivered, LastWords, Speaker};
use super::normalise::{MAX_CODE, Maps, Normalised};
use super::outbound::answered;
use super::plan::{FieldPlan, Plans};
use super::run_facts::RunFacts;
use super::settle::settle_before;
use super::spoken::Saying;
use super::weigh::{Candidate, Decided, Origin};
use crate::model::choice::{ItemState, LedgerStatus, OnBlank};
use crate::model::code::{self, Code};
use crate::model::record::Cell;
use crate::model::text::grouped;
use crate::rules::last_word::{Place, Repeated};
use crate::rules::repeat::{Became, Repeat, Told, told};
use crate::rules::verdict::{Action, Verdict};
use crate::store::NewItem;

/// What a run's values are decided by.
struct Run<'r, 'p> {
    plans: &'r mut Plans<'p>,
    maps: &'r mut Maps,
    facts: RunFacts,
    words: LastWords,
    /// Waiting entries whose policy is another one by now.
    policy_changed: HashSet<i64>,
    /// What keys that lead to no record said last, by key and field.
    unplaced: HashMap<(String, String), String>,
}

/// A value of a record and where it belongs.
#[derive(Clone, Copy)]
struct Value<'v> {
    record: &'v Keyed,
    target: &'v str,
    identifier: i64,
    field: &'v Arc<str>,
    raw: &'v str,
    problem: Option<&'static Code>,
    plan: &'v FieldPlan,
}

impl Chunk<'_, '_, '_> {
    /// Decides on records whose targets all differ. `met`: new targets of which a record was decided on before.
    pub(super) fn decide_run(
        &mut self,
        run: Vec<(Keyed, Target)>,
        met: &mut HashSet<String>,
        plans: &mut Plans,
        maps: &mut Maps,
    ) -> Result<()> {
        let mut with = self.facts_of(&run, met, plans, maps)?;
        self.write.gather();
        for (record, target) in &run {
            for (field, cell) in &record.values {
                let plan = with.plans.of(field);
                let (raw, problem) = text_of(cell);
                if raw.is_empty() && plan.on_blank() == OnBlank::Ignore {
                    continue;
                }
                match target.known() {
                    Some((target, identifier)) => {
                        let raw = &raw;
                        let value = Value { record, target, identifier, field, raw, problem, plan: &plan };
                        self.value(value, &mut with)?;
                    }
                    None => self.without_target(record, target, field, (&raw, problem), &plan, &mut with)?,
                }
            }
            if let Some((_, identifier)) = target.known() {
                self.spoken.record_ends(self.write, identifier)?;
            }
        }
        self.write.put_gathered()?;
        // The next run's values of these fields are held against clocks that have started again.
        self.write.confirm(&self.job.table, &std::mem::take(&mut self.confirmed))?;
        self.spoken.run_ends(self.write, self.job.id)?;
        met.extend(run.into_iter().filter_map(|(_, target)| target.id().map(str::to_string)));
        Ok(())
    }

    /// Reads what a run is decided by: the values in force and the last words of all, and of what is news its rivals.
    fn facts_of<'r, 'p>(
        &mut self,
        run: &[(Keyed, Target)],
        met: &HashSet<String>,
        plans: &'r mut Plans<'p>,
        maps: &'r mut Maps,
    ) -> Result<Run<'r, 'p>> {
        let job = self.job;
        // A target that this chunk just made has no facts yet, until one of its records was decided on.
        let is_known = |target: &Target| !matches!(target, Target::New { target, .. } if !met.contains(target));
        let known: Vec<&str> =
            run.iter().filter(|(_, target)| is_known(target)).filter_map(|(_, target)| target.id()).collect();
        let fields = fields(run);
        settle_before(self.write, self.setup, &mut self.effects, &job.table, &known)?;
        let mut facts = RunFacts::of(&known, &fields);
        // Where nothing gets stale, what is in force matters to news alone.
        let clocks =
            self.clocks || self.delivery.keep_unchanged || fields.iter().any(|field| plans.of(field).has_clock());
        if clocks {
            facts.read_holders(self.write, &job.table, &known, &fields)?;
        }
        let speakers = speakers(run.iter().filter(|(_, target)| is_known(target)), plans);
        let delivered = Delivered { source: &job.source, table: &job.table, at: job.submitted };
        let words = LastWords::read(self.write, delivered, &speakers, &facts, &self.spoken.sets)?;
        let (mut targets, mut named, mut waiting) = (Vec::new(), BTreeSet::new(), Vec::new());
        for speaker in &speakers {
            let mut news = false;
            for (field, _) in &speaker.values {
                let judged = words.of(facts.spot(speaker.target, field));
                if judged.is_settled() {
                    continue;
                }
                news = true;
                named.insert(*field);
                if let Some(entry) = judged.repeated.and_then(|repeated| repeated.entry) {
                    waiting.push((entry.id, plans.of(field).policy_id()));
                }
            }
            targets.extend(news.then_some(speaker.target));
        }
        let named: Vec<&str> = named.into_iter().collect();
        if !clocks {
            facts.read_holders(self.write, &job.table, &targets, &named)?;
        }
        facts.read_rivals(self.write, &job.source, &job.table, &targets, &named)?;
        facts.read_sent(self.write, plans, &known, &fields)?;
        let policy_changed = match waiting.is_empty() {
            true => HashSet::new(),
            false => self.write.policy_changed(&waiting)?,
        };
        let unplaced = self.unplaced(run)?;
        Ok(Run { plans, maps, facts, words, policy_changed, unplaced })
    }

    fn unplaced(&mut self, run: &[(Keyed, Target)]) -> Result<HashMap<(String, String), String>> {
        let keys: Vec<&str> =
            run.iter().filter(|(_, target)| target.id().is_none()).map(|(record, _)| record.key.as_str()).collect();
        let mut words = HashMap::new();
        if !keys.is_empty() {
            self.write.unplaced_words((&self.job.source, &self.job.table), &keys, |key, field, raw| {
                let key = (key.to_string(), field.to_string());
                match raw {
                    Some(raw) => words.insert(key, raw.to_string()),
                    None => words.remove(&key),
                };
            })?;
        }
        Ok(words)
    }

    /// A value of a key that leads to no one record is held, or failed, once.
    fn without_target(
        &mut self,
        record: &Keyed,
        target: &Target,
        field: &Arc<str>,
        (raw, problem): (&str, Option<&'static Code>),
        plan: &FieldPlan,
        with: &mut Run,
    ) -> Result<()> {
        let word = with.unplaced.get(&(record.key.clone(), field.to_string()));
        if word.is_some_and(|word| *word == cut(raw, MAX_RAW)) {
            return self.keep(record, None, field, raw, &Decided::of(ItemState::Unchanged), plan);
        }
        let (normalised, note) = match faulty(record, plan, raw, problem) {
            Some((code, note)) => (Normalised::Failed { code }, Some(note)),
            None => (Normalised::KeepCurrent { map: None }, None),
        };
        let decided = Decided { note, ..without_target(normalised, target) };
        self.keep(record, None, field, raw, &decided, plan)
    }

    /// Decides on one value and writes its item.
    fn value(&mut self, value: Value, with: &mut Run) -> Result<()> {
        let Value { record, target, identifier, field, raw, plan, .. } = value;
        let job = self.job;
        let origin = Origin {
            source: &job.source,
            table: &job.table,
            target,
            field,
            source_time: job.submitted,
            sequence: record.sequence,
        };
        let (item, _) = self.write.next_item_and_entry()?;
        let Run { maps, facts, words, policy_changed, .. } = with;
        let spot = facts.spot(target, field);
        let judged = words.of(spot);
        let mut candidate = Candidate::after(facts, plan, origin, raw, item, (spot, &judged));
        if let Some(repeated) = judged.repeated {
            let repeat = self.repeat(&value, &candidate, &repeated, maps, policy_changed)?;
            match told(&repeat) {
                Told::DecideAnew => {
                    let waits = repeated.entry.filter(|_| repeat.became == Became::Waiting);
                    candidate = candidate.anew(waits.map(|entry| entry.id));
                }
                told => return self.say_again(value, &candidate, (&repeat, told), &repeated, maps),
            }
        }
        let (normalised, note) = self.normalised(&value, maps)?;
        let mut decided = candidate.weigh(self.write, &mut self.effects, normalised)?;
        decided.note = note.or(decided.note);
        if decided.confirms {
            self.confirm(&value, &candidate);
        }
        let row = words.row(candidate.spot);
        let place = Place { job: job.id, sequence: record.sequence };
        self.spoken.news(self.write, Saying { identifier, place, field, raw }, &decided, row)?;
        self.keep(record, Some(target), field, raw, &decided, plan)
    }

    /// What there is to know of a value that repeats a last word.
    fn repeat(
        &self,
        value: &Value,
        candidate: &Candidate,
        repeated: &Repeated,
        maps: &mut Maps,
        policy_changed: &HashSet<i64>,
    ) -> Result<Repeat> {
        let became = became(repeated, candidate);
        let came_by_changed = match (became, repeated.entry) {
            (Became::Waiting, Some(entry)) => policy_changed.contains(&entry.id),
            _ if became.turned_down() => !self.comes_as_turned_down(value, candidate, maps)?,
            _ => false,
        };
        let now = match became {
            Became::Waiting => self.if_news(value, candidate, maps, false)?,
            _ => None,
        };
        let nothing = Verdict { row: 10, action: Action::Unchanged { restart_clock: false } };
        Ok(Repeat { became, older: candidate.is_late(), came_by_changed, now: now.unwrap_or(nothing) })
    }

    /// Whether a person turned a text down that comes the same way now: a map that was decided for it since is another one.
    fn comes_as_turned_down(&self, value: &Value, candidate: &Candidate, maps: &mut Maps) -> Result<bool> {
        let Value { plan, raw, .. } = value;
        let by = maps.as_mapped(self.write, plan, &self.job.source, raw, self.setup.confident_from)?.map();
        for fact in candidate.turned_down_as_it_comes() {
            let edited = fact.raw_value.as_deref() != Some(*raw);
            let other = by.filter(|map| !edited && fact.value_map != Some(*map));
            if other.map_or(Ok(true), |map| self.write.map_stood(map, fact.on))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The verdict on a value that is not news, if it were; none where there is no one value to decide on.
    fn if_news(
        &self,
        value: &Value,
        candidate: &Candidate,
        maps: &mut Maps,
        repeats_own: bool,
    ) -> Result<Option<Verdict>> {
        let at = self.write.stamp().at;
        let meant = self.as_mapped(value, maps)?;
        Ok(meant.and_then(|(text, confident)| candidate.verdict(text.as_deref(), confident, repeats_own, at)))
    }

    /// The value that a word stands for by now, without anything being proposed for it.
    fn as_mapped(&self, value: &Value, maps: &mut Maps) -> Result<Option<(Option<String>, bool)>> {
        let Value { record, raw, plan, problem, .. } = value;
        if raw.is_empty() {
            return Ok(Some((None, true)));
        }
        if faulty(record, plan, raw, *problem).is_some() {
            return Ok(None);
        }
        match maps.as_mapped(self.write, plan, &self.job.source, raw, self.setup.confident_from)? {
            Normalised::Value { value, confident, .. } => Ok(Some((value, confident))),
            _ => Ok(None),
        }
    }

    /// A word that is no news: it may confirm what is in force, and answers what its source was sent.
    fn say_again(
        &mut self,
        value: Value,
        candidate: &Candidate,
        (repeat, told): (&Repeat, Told),
        repeated: &Repeated,
        maps: &mut Maps,
    ) -> Result<()> {
        let Value { record, target, identifier, field, raw, plan, .. } = value;
        if told == Told::Confirms {
            if !repeated.own {
                // From here on it is this key's own last word, too.
                let saying = Saying { identifier, place: repeated.place, field, raw };
                self.spoken.say(self.write, saying, repeated.closed)?;
            }
            let clock = plan.has_clock() || candidate.facts.has_clock(candidate.spot);
            if clock
                && let Some(Verdict { action: Action::Unchanged { restart_clock: true }, .. }) =
                    self.if_news(&value, candidate, maps, true)?
            {
                self.confirm(&value, candidate);
            }
            if let Some(sent) = candidate.facts.sent(candidate.spot)
                && let Some((text, true)) = self.as_mapped(&value, maps)?
            {
                answered(self.write, sent, text.as_deref(), candidate.origin.source_time)?;
            }
            if !repeat.became.turned_down() && (!repeated.own || repeated.at < candidate.origin.source_time) {
                self.spoken.repeats(field);
            }
        }
        if !self.delivery.keep_unchanged {
            self.taken.states[ItemState::Unchanged as usize] += 1;
            return Ok(());
        }
        let meant = self.as_mapped(&value, maps)?.and_then(|(text, _)| text);
        let decided = Decided { value: meant, ..candidate.decided(ItemState::Unchanged) };
        self.keep(record, Some(target), field, raw, &decided, plan)
    }

    /// Restarts a clock, if there is one or is to be one.
    fn confirm(&mut self, value: &Value, candidate: &Candidate) {
        let stale_on = value.plan.stale_on(self.write.stamp().at);
        if stale_on.is_some() || candidate.facts.has_clock(candidate.spot) {
            self.confirmed.push((value.target.to_string(), value.field.clone(), stale_on));
        }
    }

    /// A value's form before the verdict, and what there is to say of it besides its code.
    fn normalised(&mut self, value: &Value, maps: &mut Maps) -> Result<(Normalised, Option<String>)> {
        let Value { record, raw, plan, problem, .. } = *value;
        if let Some((code, said)) = faulty(record, plan, raw, problem) {
            return Ok((Normalised::Failed { code }, Some(said)));
        }
        if raw.is_empty() {
            return Ok((Normalised::Value { value: None, map: None, confident: true }, None));
        }
        let length = raw.chars().count();
        let said = (plan.code_list.is_some() && length > MAX_CODE)
            .then(|| format!("It has {} characters.", grouped(length as i64)));
        Ok((maps.normalise(self.write, plan, &self.job.source, raw, self.setup.confident_from)?, said))
    }

    /// Writes the item of a value that was decided on; an unchanged one is only counted unless it is wanted.
    fn keep(
        &mut self,
        record: &Keyed,
        target: Option<&str>,
        field: &str,
        raw: &str,
        decided: &Decided,
        plan: &FieldPlan,
    ) -> Result<()> {
        self.taken.states[decided.state as usize] += 1;
        if decided.state == ItemState::Unchanged && !self.delivery.keep_unchanged {
            return Ok(());
        }
        let message = decided.message();
        let applied = (decided.state == ItemState::Applied).then_some(self.write.stamp().at);
        let job = self.job;
        self.write.insert_item(&NewItem {
            target_id: target,
            field_name: Some(field),
            external_key: Some(&record.key),
            raw_value: Some(cut(raw, MAX_RAW)),
            new_value: decided.value.as_deref(),
            old_value: decided.old_value.as_deref(),
            applied,
            message: message.as_deref(),
            code: decided.code.map(|code| code.code),
            value_map: decided.map,
            policy: plan.policy_id(),
            ledger: decided.ledger,
            ..item(job, record.sequence, decided.state)
        })?;
        Ok(())
    }
}

/// What became of a last word.
fn became(repeated: &Repeated, candidate: &Candidate) -> Became {
    let Some(entry) = repeated.entry else { return Became::NoEntry };
    match entry.status {
        LedgerStatus::Rejected => Became::Rejected,
        LedgerStatus::Revoked => Became::Revoked,
        _ if candidate.holder().is_some_and(|holder| holder.ledger == entry.id) => Became::InForce,
        LedgerStatus::Pending if entry.active && !entry.live => Became::Waiting,
        _ if entry.active => Became::Standing,
        _ => Became::Superseded,
    }
}

/// What is wrong with a value itself, and what there is to say of it.
fn faulty(
    record: &Keyed,
    plan: &FieldPlan,
    raw: &str,
    problem: Option<&'static Code>,
) -> Option<(&'static Code, String)> {
    if let Some(code) = problem {
        return Some((code, format!("Line {}.", record.line)));
    }
    // A short text has no more characters than bytes.
    let length = if raw.len() <= MAX_VALUE { 0 } else { raw.chars().count() };
    (length > MAX_VALUE && plan.code_list.is_none()).then(|| {
        let kept =
            if length > MAX_RAW { format!(", the first {} are kept", grouped(MAX_RAW as i64)) } else { String::new() };
        (code::TOO_LONG, format!("Line {}: {} characters{kept}.", record.line, grouped(length as i64)))
    })
}

/// The records of a run as its words see them; blanks that say nothing are no words.
fn speakers<'r>(run: impl Iterator<Item = &'r (Keyed, Target)>, plans: &mut Plans) -> Vec<Speaker<'r>> {
    run.filter_map(|(record, target)| {
        let (id, identifier) = target.known()?;
        let last_seen = if let Target::Known { last_seen, .. } = target { *last_seen } else { None };
        let values = record.values.iter().map(|(field, cell)| (&**field, text_of(cell).0));
        let values = values.filter(|(field, raw)| !raw.is_empty() || plans.of(field).on_blank() != OnBlank::Ignore);
        let values: Vec<(&str, Cow<str>)> = values.collect();
        Some(Speaker { target: id, identifier, key: &record.key, last_seen, values })
    })
    .collect()
}

/// The fields that records name, in order. Most records name those of the one before.
fn fields(run: &[(Keyed, Target)]) -> Vec<&str> {
    let mut fields: BTreeSet<&str> = BTreeSet::new();
    let mut before: &[(Arc<str>, Cell)] = &[];
    for (record, _) in run {
        let names = || record.values.iter().map(|(field, _)| field);
        let same = names().zip(before).all(|(name, (known, _))| Arc::ptr_eq(name, known));
        if !same || record.values.len() != before.len() {
            fields.extend(names().map(|name| &**name));
        }
        before = &record.values;
    }
    fields.into_iter().collect()
}
