//! Deciding many codes as one operation, and taking decisions back out of use: families, files, accepted suggestions.
//!
//! What a person decided is never touched: a code that is mapped or has no match is left alone and listed.

use super::command::{MapChoice, MapKey};
use super::map::{TABLES, about, decided_as};
use super::{Done, Error, Operation, Refusal};
use crate::model::choice::{Justification, MapState};
use crate::model::table::Table;
use crate::model::text::counted;
use crate::store::{Change, MapRow};

const DECIDED: &str = "was decided already";

impl Operation<'_, '_> {
    pub(super) fn map_many(&mut self, choices: &[MapChoice], reason: Option<&str>) -> Result<Done, Error> {
        self.map_choices(choices, choices)?;
        let codes = counted(self.effects.changed, "code");
        let released = released(self.effects.released, self.effects.held_back_rows());
        let said = match &self.effects.first_code {
            None => "No code was left to decide".to_string(),
            Some(first) if self.effects.changed == 1 => format!("Decided {first}{}", self.along()),
            Some(first) => {
                format!("Decided {codes}, the first {first}{}", self.along().replace("go by it", "go by them"))
            }
        };
        let summary = format!("{said}: {released}");
        Ok(Done { reason: reason.map(str::to_string), ..Done::new("map", summary, TABLES) })
    }

    /// Decides codes and releases their items; where the operation may not take so many, codes and items are left. All that
    /// the act decides, in this operation or another, is decided by its own choice.
    pub(super) fn map_choices(&mut self, choices: &[MapChoice], all: &[MapChoice]) -> Result<(), Error> {
        for (at, choice) in choices.iter().enumerate() {
            if self.at_most.is_some_and(|most| self.effects.taken + self.effects.changed as usize >= most) {
                self.effects.undecided.extend_from_slice(&choices[at..]);
                break;
            }
            let map = self.row_to_decide(&choice.map)?;
            if !map.active || matches!(map.state, MapState::Active | MapState::NoMatch) {
                self.effects.hold_back(DECIDED, map.name);
                continue;
            }
            self.choose(&map, choice)?;
            self.effects.changed += 1;
            self.release(&map)?;
            self.take_along(&map, all)?;
            let decided = || decided_as(&map, choice.canonical.as_deref(), choice.relationship);
            self.effects.first_code.get_or_insert_with(decided);
        }
        Ok(())
    }

    fn row_to_decide(&mut self, key: &MapKey) -> Result<MapRow, Error> {
        match key {
            MapKey::Id(id) => self.known_map(*id),
            MapKey::Code { source, list, code } => self.map_of(source, list, code),
        }
    }

    pub(super) fn known_map(&mut self, id: i64) -> Result<MapRow, Error> {
        let not_found =
            || Refusal::NotFound { what: "value map", name: Table::ValueMaps.row_name(id), hint: String::new() };
        Ok(self.write.value_map(id)?.ok_or_else(not_found)?)
    }

    pub(super) fn choose(&mut self, map: &MapRow, choice: &MapChoice) -> Result<(), Error> {
        let justification = if choice.score.is_some() { Justification::Lexical } else { Justification::Manual };
        let mut changes =
            vec![Change::int("justification", justification.code()), Change::int("author", self.session.person.id)];
        match &choice.canonical {
            Some(canonical) => {
                self.check_canonical(&map.code_list, canonical, "")?;
                changes.extend([
                    Change::text("canonical_code_value", Some(canonical)),
                    Change::int("state", MapState::Active.code()),
                    Change::int("relationship", choice.relationship.code()),
                    Change::int("confidence", choice.score.unwrap_or(100)),
                ]);
            }
            None => changes.push(Change::int("state", MapState::NoMatch.code())),
        }
        if choice.score.is_some() {
            changes.push(Change::id("machine_score", choice.score));
        }
        self.write.change_value_map(map.id, &changes)?;
        Ok(())
    }

    pub(super) fn retire_map(&mut self, id: i64, row_version: i64, reason: &str) -> Result<Done, Error> {
        let map = self.known_map(id)?;
        if !map.active {
            return Err(Refusal::Transition(format!("{} is retired already.", map.name)).into());
        }
        self.unmoved(Table::ValueMaps, map.id, row_version)?;
        if map.waiting > 0 {
            let items = counted(map.waiting, "item");
            return Err(Refusal::Transition(format!(
                "{items} wait for {}. Decide it, or say that it has no match, before you retire it.",
                map.name
            ))
            .into());
        }
        self.effects.changed += i64::from(self.write.retire(Table::ValueMaps.info().sql, id)?);
        let summary = format!("Retired {}, {}. What came through it stays", map.name, about(&map));
        Ok(Done { reason: Some(reason.to_string()), ..Done::new("retire map", summary, &[Table::ValueMaps]) })
    }

    pub(super) fn reject_match(&mut self, key: &MapKey, canonical: &str, note: Option<&str>) -> Result<Done, Error> {
        let map = self.row_to_decide(key)?;
        if !map.active || matches!(map.state, MapState::Active | MapState::NoMatch) {
            return Err(
                Refusal::Transition(format!("{} {DECIDED}. To change that, edit {}.", about(&map), map.name)).into()
            );
        }
        self.check_canonical(&map.code_list, canonical, "")?;
        let mut changes = vec![
            Change::text("canonical_code_value", Some(canonical)),
            Change::int("state", MapState::Rejected.code()),
        ];
        if map.state != MapState::Rejected || map.canonical.as_deref() != Some(canonical) {
            changes.push(Change::int("author", self.session.person.id));
        }
        if note.is_some() {
            changes.push(Change::text("note", note));
        }
        self.effects.changed += i64::from(self.write.change_value_map(map.id, &changes)?);
        Ok(Done::new("reject match", format!("{} does not stand for {canonical}", about(&map)), &[Table::ValueMaps]))
    }
}

/// `5 items released, held back 1 code`
pub(super) fn released(items: i64, held_back: i64) -> String {
    let mut told = format!("{} released", counted(items, "item"));
    if held_back > 0 {
        told.push_str(&format!(", held back {}", counted(held_back, "code")));
    }
    told
}
