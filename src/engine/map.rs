//! Deciding codes: a value map gets its canonical code, no match or a flag, and the items that wait for it go on.

use std::collections::{HashMap, HashSet};

use super::command::{MapChoice, MapKey};
use super::last_words::Delivered;
use super::normalise::{MAX_CODE, Maps, Normalised};
use super::plan::Plans;
use super::run_facts::RunFacts;
use super::settle::{Wait, settle_before};
use super::weigh::{Candidate, Decided, Origin};
use super::{Done, Error, Operation, Refusal};
use crate::model::choice::{ItemState, Justification, MapState, Relationship};
use crate::model::fact::MapFact;
use crate::model::table::Table;
use crate::model::text::{counted, nearest, normal};
use crate::rules::last_word::Place;
use crate::rules::lookup::reaches;
use crate::store::{Change, MapRow, NewValueMap, WaitingItem};

/// Held items that are released at once.
const ITEMS_AT_ONCE: usize = 500;

pub(super) const TABLES: &[Table] = &[Table::ValueMaps, Table::SyncItems, Table::SyncJobs, Table::Ledger];

impl Operation<'_, '_> {
    pub(super) fn map(&mut self, key: &MapKey, canonical: &str, relationship: Relationship) -> Result<Done, Error> {
        let map = self.open_map(key)?;
        self.check_canonical(&map.code_list, canonical, "")?;
        self.write.change_value_map(
            map.id,
            &[
                Change::text("canonical_code_value", Some(canonical)),
                Change::int("state", MapState::Active.code()),
                Change::int("relationship", relationship.code()),
                Change::int("confidence", 100),
                Change::int("justification", Justification::Manual.code()),
                Change::int("author", self.session.person.id),
            ],
        )?;
        let said = format!("Mapped {} to {canonical}{}{}", about(&map), meant(relationship), stays(map.state));
        self.decided(&map, said)
    }

    pub(super) fn no_match(&mut self, key: &MapKey) -> Result<Done, Error> {
        let map = self.open_map(key)?;
        // Saying it once more takes nobody's authorship.
        if map.state != MapState::NoMatch {
            self.write.change_value_map(
                map.id,
                &[
                    Change::int("state", MapState::NoMatch.code()),
                    Change::int("justification", Justification::Manual.code()),
                    Change::int("author", self.session.person.id),
                ],
            )?;
        }
        let said = format!("Decided that {} has no match", about(&map));
        self.decided(&map, said)
    }

    pub(super) fn flag(&mut self, key: &MapKey, note: Option<&str>) -> Result<Done, Error> {
        let map = self.open_map(key)?;
        self.write
            .change_value_map(map.id, &[Change::int("state", MapState::Flagged.code()), Change::text("note", note)])?;
        self.effects.changed += 1;
        Ok(Done::new("map", format!("Flagged {}", about(&map)), TABLES))
    }

    fn decided(&mut self, map: &MapRow, said: String) -> Result<Done, Error> {
        self.effects.changed += 1;
        self.release(map)?;
        self.take_along(map, &[])?;
        let released = counted(self.effects.released, "item");
        Ok(Done::new("map", format!("{said}{}: {released} released", self.along()), TABLES))
    }

    /// The row to decide: an existing one that is open, or a new one for a code that nobody has met yet.
    fn open_map(&mut self, key: &MapKey) -> Result<MapRow, Error> {
        let map =
            match key {
                MapKey::Id(id) => self.write.value_map(*id)?.filter(|map| map.active).ok_or_else(|| {
                    Refusal::NotFound { what: "value map", name: Table::ValueMaps.row_name(*id), hint: String::new() }
                })?,
                MapKey::Code { source, list, code } => self.map_of(source, list, code)?,
            };
        match map.state {
            MapState::Active => Err(Refusal::Transition(format!(
                "{} is mapped to {} already. To change that, edit {}.",
                about(&map),
                map.canonical.as_deref().unwrap_or_default(),
                map.name
            ))
            .into()),
            _ => Ok(map),
        }
    }

    pub(super) fn map_of(&mut self, source: &str, list: &str, code: &str) -> Result<MapRow, Error> {
        let list = self.known_list(list)?;
        let source = self.write.spelling("source", source)?;
        if code.is_empty() || code.chars().count() > MAX_CODE {
            let problem = format!("a source code has 1 to {MAX_CODE} characters.");
            return Err(Refusal::Invalid { place: String::new(), field: "code".into(), problem }.into());
        }
        if let Some(map) = self.write.value_map_of(Some(&source), &list, code, &normal(code))? {
            return Ok(map);
        }
        let normal_code = normal(code);
        let proposed = NewValueMap::proposed(&source, &list, code, &normal_code);
        let id = self.write.insert_value_map(&proposed)?;
        self.write.value_map(id)?.ok_or_else(|| anyhow::anyhow!("the new value map vanished").into())
    }

    /// The code list's own spelling.
    pub(super) fn known_list(&mut self, list: &str) -> Result<String, Error> {
        let lists = self.write.code_lists()?;
        let known = lists.iter().find(|known| known.to_lowercase() == list.to_lowercase());
        known.cloned().ok_or_else(|| {
            let hint = nearest(list, lists.iter().map(String::as_str))
                .map(|near| format!(" Did you mean {near}?"))
                .unwrap_or_else(|| " Import it first: steward import codes FILE --list NAME".into());
            Refusal::NotFound { what: "code list", name: list.into(), hint }.into()
        })
    }

    /// A canonical code must be an active entry of its list.
    pub(super) fn check_canonical(&mut self, list: &str, canonical: &str, place: &str) -> Result<(), Error> {
        let problem = match self.write.code_entry(list, canonical)? {
            Some((_, _, true)) => return Ok(()),
            Some((_, _, false)) => format!("{canonical} is retired in the code list {list}. Choose an active code."),
            None if let Some(code) = self.write.code_of_label(list, canonical)? => {
                format!("{canonical} is not a code of the list {list}, but the label of {code}. Did you mean {code}?")
            }
            None => {
                let codes = self.write.code_hints(list, 1000)?;
                let near =
                    nearest(canonical, codes.iter().map(String::as_str)).map(|near| format!(" Did you mean {near}?"));
                format!("{canonical} is not in the code list {list}.{}", near.unwrap_or_default())
            }
        };
        Err(Refusal::Invalid { place: place.into(), field: "canonical_code_value".into(), problem }.into())
    }

    /// Sends the items that wait for a decided map through normalisation, policy and verdict; where the operation may
    /// not take so many, those that are too many are left.
    pub(super) fn release(&mut self, map: &MapRow) -> Result<(), Error> {
        self.release_at(map, map.id)
    }

    /// Closes the proposals of other spellings, and of other sources, that the decided map speaks for by now, and sends on
    /// what waits for them; none of those that the same act decides itself.
    pub(super) fn take_along(&mut self, map: &MapRow, choices: &[MapChoice]) -> Result<(), Error> {
        if !matches!(self.known_map(map.id)?.state, MapState::Active | MapState::NoMatch) {
            return Ok(());
        }
        let (list, normal) = (map.code_list.as_str(), normal(&map.source_code));
        let codes = HashMap::from([(list.to_string(), HashSet::from([normal.clone()]))]);
        let mut maps = Maps::read(self.write, &codes)?;
        let named = |fact: &MapFact| {
            let is_for = |choice: &MapChoice| choice.is_for(fact.id, fact.source.as_deref(), list, &fact.code);
            choices.iter().any(is_for)
        };
        // What the decision on one source's code says, it says of that source.
        let of_another = |fact: &MapFact| !reaches(map.source.as_deref(), fact.source.as_deref());
        let keep = |fact: &MapFact| of_another(fact) || self.effects.spared.contains(&fact.id) || named(fact);
        let along = maps.taken_along(self.write, list, &normal, keep)?;
        for id in &along.closed {
            self.write.retire(Table::ValueMaps.info().sql, *id)?;
        }
        self.effects.closed.extend(&along.closed);
        along.closed.iter().chain(&along.released).try_for_each(|id| self.release_at(map, *id))
    }

    /// What a sentence adds where other proposals were closed.
    pub(super) fn along(&self) -> String {
        match self.effects.closed.len() as i64 {
            0 => String::new(),
            1 => ", and 1 other proposal goes by it".into(),
            n => format!(", and {} go by it", counted(n, "other proposal")),
        }
    }

    /// The same for the items that wait for a map which the decided one speaks for.
    fn release_at(&mut self, map: &MapRow, at: i64) -> Result<(), Error> {
        let waiting = self.write.waiting_ids(at)?;
        let room = self.at_most.map_or(usize::MAX, |most| most.saturating_sub(self.effects.taken));
        let (now, later) = waiting.split_at(room.min(waiting.len()));
        self.effects.taken += now.len();
        if !later.is_empty() {
            self.effects.unreleased.push((Wait { decided: map.id, at }, later.to_vec()));
        }
        self.release_items(map, at, now)
    }

    pub(super) fn release_items(&mut self, map: &MapRow, at: i64, items: &[i64]) -> Result<(), Error> {
        let codes = HashMap::from([(map.code_list.clone(), HashSet::from([normal(&map.source_code)]))]);
        let mut maps = Maps::read(self.write, &codes)?;
        for (chunk, ids) in items.chunks(ITEMS_AT_ONCE).enumerate() {
            if let (Some(tell), None) = (&mut *self.tell, self.at_most) {
                tell((chunk * ITEMS_AT_ONCE) as i64, items.len() as i64);
            }
            for run in runs(self.write.waiting_items(at, ids)?) {
                self.release_run(&run, &mut maps)?;
            }
        }
        Ok(())
    }

    fn release_run(&mut self, run: &[WaitingItem], maps: &mut Maps) -> Result<(), Error> {
        let Some(first) = run.first() else { return Ok(()) };
        let targets: Vec<&str> = run.iter().map(|item| item.target_id.as_str()).collect();
        let fields: HashSet<&str> = run.iter().map(|item| item.field_name.as_str()).collect();
        let fields: Vec<&str> = fields.into_iter().collect();
        let (source, table) = (first.source.as_str(), first.target_table.as_str());
        settle_before(self.write, self.setup, &mut self.effects, table, &targets)?;
        let at = run.iter().map(|item| item.source_time).min().unwrap_or(first.source_time);
        let place = |item: &WaitingItem| Place { job: item.job, sequence: item.sequence };
        let items: Vec<(&str, &str, Place)> =
            run.iter().map(|item| (&*item.target_id, &*item.field_name, place(item))).collect();
        let mut facts = RunFacts::of_items(self.write, Delivered { source, table, at }, &items)?;
        let mut plans = Plans::new(self.setup, table, source);
        facts.read_sent(self.write, &mut plans, &targets, &fields)?;
        for item in run {
            facts.forget_held(item.id);
            let plan = plans.of(&item.field_name);
            let normalised = maps.normalise(self.write, &plan, source, &item.raw_value, self.setup.confident_from)?;
            let code = match &normalised {
                Normalised::Held { map, .. } => *map,
                _ => None,
            };
            let origin = Origin {
                source,
                table,
                target: &item.target_id,
                field: &item.field_name,
                source_time: item.source_time,
                sequence: item.sequence,
            };
            let candidate = Candidate::new(&facts, &plan, origin, &item.raw_value, item.id).typed(item.typed);
            let mut decided = candidate.weigh(self.write, &mut self.effects, normalised)?;
            decided.map = decided.map.or(code);
            self.go_on(item, &decided, plan.policy_id())?;
        }
        Ok(())
    }

    /// Writes what was decided into the item that waited.
    fn go_on(&mut self, item: &WaitingItem, decided: &Decided, policy: Option<i64>) -> Result<(), Error> {
        let said = decided.message();
        let at = self.write.stamp().at;
        let applied = (decided.state == ItemState::Applied).then_some(at);
        let mut changes = vec![
            Change::int("state", decided.state.code()),
            Change::text("code", decided.code.map(|code| code.code)),
            Change::text("process_message", said.as_deref()),
            Change::text("new_value", decided.value.as_deref()),
            Change::text("old_value", decided.old_value.as_deref()),
            Change::id("applied_date_time", applied),
            Change::id("commit_policy", policy),
            Change::id("ledger", decided.ledger),
        ];
        if decided.map.is_some() {
            changes.push(Change::id("value_map", decided.map));
        }
        self.write.change_item(item.id, &changes)?;
        if decided.state != ItemState::Held {
            self.effects.released += 1;
        }
        Ok(())
    }
}

/// Parts of one source and table in which no field of a target stands twice.
fn runs(items: Vec<WaitingItem>) -> Vec<Vec<WaitingItem>> {
    let mut out: Vec<Vec<WaitingItem>> = Vec::new();
    let mut met: HashSet<(String, String)> = HashSet::new();
    for item in items {
        let key = (item.target_id.clone(), item.field_name.clone());
        let fits = out.last().and_then(|run| run.first()).is_some_and(|first| {
            first.source == item.source && first.target_table == item.target_table && !met.contains(&key)
        });
        if !fits {
            out.push(Vec::new());
            met.clear();
        }
        met.insert(key);
        if let Some(run) = out.last_mut() {
            run.push(item);
        }
    }
    out
}

/// How a sentence names a map: the code, its source and its list.
pub(super) fn about(map: &MapRow) -> String {
    let source = map.source.as_deref().unwrap_or("any source");
    format!("\"{}\" of {source} in {}", map.source_code, map.code_list)
}

/// How a sentence names a code with what was decided for it; without a canonical code it has no match.
pub(super) fn decided_as(map: &MapRow, canonical: Option<&str>, relationship: Relationship) -> String {
    match canonical {
        Some(canonical) => format!("{} as {canonical}{}", about(map), meant(relationship)),
        None => format!("{} as having no match", about(map)),
    }
}

/// What a sentence adds where a code does not mean the same as the canonical one.
fn meant(relationship: Relationship) -> &'static str {
    match relationship {
        Relationship::Equal => "",
        Relationship::Wider => ", meant wider",
        Relationship::Narrower => ", meant narrower",
        Relationship::Inexact => ", meant inexactly",
    }
}

/// What a sentence adds where a code was decided before: only a re-evaluation reaches what came of that.
pub(super) fn stays(before: MapState) -> &'static str {
    match before {
        MapState::Active => " (what came through it before stays until it is re-evaluated)",
        MapState::NoMatch => " (what went on without a match before stays until it is re-evaluated)",
        _ => "",
    }
}
