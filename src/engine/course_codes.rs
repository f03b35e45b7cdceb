//! The parts of an act that decides codes: the decision with the first of the items that wait for it, then the others.

use super::command::{Command, MapChoice, MapKey};
use super::course::{Codes, Course, Left, MOVED, Since};
use super::map::about;
use super::settle::Wait;
use super::{Done, Error, Operation, Refusal};
use crate::model::choice::MapState;
use crate::model::table::Table;
use crate::model::text::{counted, grouped, normal};
use crate::rules::name;
use crate::store::MapRow;

impl Operation<'_, '_> {
    pub(super) fn part_of_codes(
        &mut self,
        command: &Command,
        course: &mut Course,
        rows: usize,
        dry: bool,
    ) -> Result<Done, Error> {
        let since = course.since;
        let Left::Codes(codes) = &mut course.left else { return Err(anyhow::anyhow!("there is no code left").into()) };
        self.effects.spared.clone_from(&codes.closed);
        if let Command::MapMany { left_out, .. } = command {
            self.effects.spared.extend(left_out);
        }
        let mut done = if codes.begun {
            self.go_on_releasing(command, codes, rows, dry)?
        } else {
            codes.begun = true;
            let done = self.begin_deciding(command, since)?;
            codes.said = done.summary.rsplit_once(": ").map_or(done.summary.as_str(), |(said, _)| said).to_string();
            done
        };
        course.done += self.effects.taken;
        codes.first = codes.first.take().or(self.effects.first_code.take());
        codes.choices.append(&mut self.effects.undecided);
        codes.items.extend(self.effects.unreleased.drain(..));
        codes.closed.extend(&self.effects.closed);
        let left: usize = codes.items.iter().map(|(_, items)| items.len()).sum();
        course.of = course.done + left + codes.choices.len();
        if course.head.is_none() && left > 0 {
            done.summary.push_str(&format!(", the first of {}", grouped(course.of as i64)));
        }
        Ok(done)
    }

    /// The decision itself, with the first of the items. A code that moved since its preview is not decided unseen.
    fn begin_deciding(&mut self, command: &Command, since: Since) -> Result<Done, Error> {
        if !since.previewed {
            return self.perform(command);
        }
        let keys: Vec<i64> =
            keys(command).filter_map(|key| if let MapKey::Id(id) = key { Some(*id) } else { None }).collect();
        let moved = self.write.moved_since(Table::ValueMaps, &keys, since.operation, &[])?;
        match command {
            Command::MapMany { choices, reason, .. } => {
                let mut choices = choices.clone();
                choices.retain(|choice| !matches!(choice.map, MapKey::Id(id) if moved.contains(&id)));
                for id in keys.iter().filter(|id| moved.contains(id)) {
                    let map = self.known_map(*id)?;
                    self.effects.hold_back(MOVED, map.name);
                }
                self.map_many(&choices, reason.as_deref())
            }
            _ if !moved.is_empty() => Err(Refusal::PreviewMoved.into()),
            _ => self.perform(command),
        }
    }

    fn go_on_releasing(&mut self, command: &Command, codes: &mut Codes, rows: usize, dry: bool) -> Result<Done, Error> {
        let mut last = None;
        let mut maps = 0;
        while self.effects.taken < rows
            && let Some((wait, mut items)) = codes.items.pop_front()
        {
            let later = items.split_off((rows - self.effects.taken).min(items.len()));
            self.effects.taken += items.len();
            last = Some(self.release_more(wait, &items, dry.then_some(command))?);
            maps += 1;
            if !later.is_empty() {
                codes.items.push_front((wait, later));
            }
        }
        let choices = std::mem::take(&mut codes.choices);
        let all = if let Command::MapMany { choices, .. } = command { choices.as_slice() } else { &[] };
        self.map_choices(&choices, all)?;
        let released = counted(self.effects.released, "item");
        let summary = match last {
            Some(map) if maps == 1 && self.effects.changed == 0 => {
                format!("Released {released} more of {}", about(&map))
            }
            _ => format!("Decided {}, released {released} more", counted(self.effects.changed, "code")),
        };
        Ok(Done::new("map", summary, super::map::TABLES))
    }

    /// Releases more items of a map that was decided. In a dry run that was taken back, and is done anew.
    fn release_more(&mut self, wait: Wait, items: &[i64], dry: Option<&Command>) -> Result<MapRow, Error> {
        let mut map = match (self.write.value_map(wait.decided)?, dry) {
            (None, Some(command)) => self.made_anew(command, wait.at)?,
            (found, _) => found.map_or_else(|| self.known_map(wait.decided), Ok)?,
        };
        if let Some(choice) = dry.and_then(|command| choice_of(command, &map)) {
            self.choose(&map, &choice)?;
            map = self.known_map(map.id)?;
            if self.known_map(wait.at)?.state == MapState::Proposed {
                self.write.retire(Table::ValueMaps.info().sql, wait.at)?;
            }
        }
        // Somebody may have taken the decision back meanwhile: then the items wait for the next one.
        if map.active && matches!(map.state, MapState::Active | MapState::NoMatch) {
            self.release_items(&map, wait.at, items)?;
        }
        Ok(map)
    }

    /// The map of a code that nobody met before, which a dry run made and took back, for which items of another wait.
    fn made_anew(&mut self, command: &Command, at: i64) -> Result<MapRow, Error> {
        let waits = self.known_map(at)?;
        for key in keys(command) {
            if let MapKey::Code { source, list, code } = key
                && name::same(list, &waits.code_list)
                && waits.source.as_deref().is_some_and(|of| name::same(of, source))
                && normal(code) == normal(&waits.source_code)
            {
                return self.map_of(source, list, code);
            }
        }
        Ok(waits)
    }
}

/// The codes that a command decides.
fn keys(command: &Command) -> impl Iterator<Item = &MapKey> {
    let (one, many) = match command {
        Command::Map { map, .. } | Command::NoMatch { map } => (Some(map), &[][..]),
        Command::MapMany { choices, .. } => (None, choices.as_slice()),
        _ => (None, &[][..]),
    };
    one.into_iter().chain(many.iter().map(|choice| &choice.map))
}

/// What a command decides for a map.
fn choice_of(command: &Command, map: &MapRow) -> Option<MapChoice> {
    match command {
        Command::Map { canonical, relationship, .. } => {
            Some(MapChoice { relationship: *relationship, ..MapChoice::of(map.id, Some(canonical.clone())) })
        }
        Command::NoMatch { .. } => Some(MapChoice::of(map.id, None)),
        Command::MapMany { choices, .. } => choices
            .iter()
            .find(|choice| choice.is_for(map.id, map.source.as_deref(), &map.code_list, &map.source_code))
            .cloned(),
        _ => None,
    }
}
