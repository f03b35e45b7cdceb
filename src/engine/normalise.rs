//! From a delivered value to the value to decide on: the binding's code list and the value maps (engine.md, step 4).

use std::collections::{HashMap, HashSet};

use anyhow::Result;

use super::plan::FieldPlan;
use crate::model::choice::{MapState, OnNoMatch, OnUnmapped};
use crate::model::code::{self, Code};
use crate::model::fact::MapFact;
use crate::model::text::normal;
use crate::rules::lookup::{Lookup, TakenAlong, lookup, taken_along};
use crate::store::{NewValueMap, Write};

/// The longest source code, in characters.
pub const MAX_CODE: usize = 100;

/// What a delivered value becomes before the verdict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Normalised {
    /// The value to decide on; `None` clears the field.
    Value {
        value: Option<String>,
        map: Option<i64>,
        confident: bool,
    },
    /// The source says nothing of the field.
    Nothing,
    /// The current value stays, whatever it is.
    KeepCurrent {
        map: Option<i64>,
    },
    Held {
        code: &'static Code,
        map: Option<i64>,
    },
    Failed {
        code: &'static Code,
    },
}

impl Normalised {
    /// The map that it came to.
    pub fn map(&self) -> Option<i64> {
        match self {
            Normalised::Value { map, .. } | Normalised::KeepCurrent { map } | Normalised::Held { map, .. } => *map,
            Normalised::Nothing | Normalised::Failed { .. } => None,
        }
    }
}

/// The value maps that a chunk may need, read at once, and the proposed ones it adds.
#[derive(Default)]
pub struct Maps {
    by_code: HashMap<(String, String), Vec<MapFact>>,
    canonical: HashSet<(String, String)>,
    /// Of lists in which that was asked: what two of their codes or more fold to.
    differ: HashMap<String, HashSet<String>>,
    /// Proposed maps that were added.
    pub proposed: i64,
}

impl Maps {
    /// Reads the maps for the codes of each list.
    pub fn read(write: &Write, codes: &HashMap<String, HashSet<String>>) -> Result<Maps> {
        let mut maps = Maps::default();
        for (list, codes) in codes {
            let wanted: Vec<&str> = codes.iter().map(String::as_str).collect();
            let found = write.value_maps(list, &wanted)?;
            let canonical: Vec<&str> = found.iter().filter_map(|map| map.canonical.as_deref()).collect();
            maps.canonical.extend(write.active_codes(list, &canonical)?.into_iter().map(|code| (list.clone(), code)));
            for map in found {
                maps.by_code.entry((list.clone(), map.normal_code.clone())).or_default().push(map);
            }
        }
        Ok(maps)
    }

    /// Normalises one value. A code without a map gets a proposed one, which its items wait for.
    pub fn normalise(
        &mut self,
        write: &mut Write,
        plan: &FieldPlan,
        source: &str,
        raw: &str,
        confident_from: i64,
    ) -> Result<Normalised> {
        match self.as_mapped(write, plan, source, raw, confident_from)? {
            Normalised::Held { code, map: None } if *code == *code::NO_MAP => {
                let list = plan.code_list.as_deref().unwrap_or_default();
                let map = self.propose(write, list, &normal(raw), source, raw)?;
                Ok(Normalised::Held { code, map: Some(map) })
            }
            normalised => Ok(normalised),
        }
    }

    /// Normalises one value by the maps that are there; a code that nobody proposed a map for is held for none.
    pub fn as_mapped(
        &mut self,
        write: &Write,
        plan: &FieldPlan,
        source: &str,
        raw: &str,
        confident_from: i64,
    ) -> Result<Normalised> {
        let Some(list) = plan.code_list.as_deref() else {
            return Ok(Normalised::Value { value: Some(raw.to_string()), map: None, confident: true });
        };
        if raw.chars().count() > MAX_CODE {
            return Ok(Normalised::Held { code: code::TOO_LONG_FOR_CODE, map: None });
        }
        let key = (list.to_string(), normal(raw));
        let known = self.by_code.get(&key).map_or(&[][..], Vec::as_slice);
        let differ = || folds_to_two(&mut self.differ, write, &key);
        Ok(match lookup(known, Some(source), raw, differ)? {
            Lookup::Found(map) => self.found(list, map, confident_from),
            Lookup::NoMatch(map) => no_match(plan, map.id),
            Lookup::Ambiguous => Normalised::Held { code: code::AMBIGUOUS_MAP, map: None },
            Lookup::Undecided(proposed) => unmapped(plan, raw, proposed.map(|map| map.id)),
        })
    }

    /// Which open maps of what a code of a list folds to give way to its decisions; those to `keep` do not.
    pub fn taken_along(
        &mut self,
        write: &Write,
        list: &str,
        normal: &str,
        keep: impl Fn(&MapFact) -> bool,
    ) -> Result<TakenAlong> {
        let key = (list.to_string(), normal.to_string());
        let known = self.by_code.get(&key).map_or(&[][..], Vec::as_slice);
        // Nearly always there is nothing but the map that was decided.
        if known.len() < 2 {
            return Ok(TakenAlong::default());
        }
        let differ = folds_to_two(&mut self.differ, write, &key)?;
        Ok(taken_along(known, differ, keep))
    }

    fn found(&self, list: &str, map: &MapFact, confident_from: i64) -> Normalised {
        let canonical = map.canonical.clone().unwrap_or_default();
        if !self.canonical.contains(&(list.to_string(), canonical.clone())) {
            return Normalised::Held { code: code::UNKNOWN_CANONICAL, map: Some(map.id) };
        }
        // A map without a confidence was stated by a person or an import without doubt.
        let confident = map.confidence.is_none_or(|confidence| confidence >= confident_from);
        Normalised::Value { value: Some(canonical), map: Some(map.id), confident }
    }

    fn propose(&mut self, write: &mut Write, list: &str, normal: &str, source: &str, raw: &str) -> Result<i64> {
        let id = write.insert_value_map(&NewValueMap::proposed(source, list, raw, normal))?;
        self.proposed += 1;
        self.by_code.entry((list.to_string(), normal.to_string())).or_default().push(MapFact {
            id,
            source: Some(source.to_string()),
            code: raw.to_string(),
            normal_code: normal.to_string(),
            state: MapState::Proposed,
            canonical: None,
            confidence: None,
        });
        Ok(id)
    }
}

/// What becomes of a code that nobody has decided (the binding's `on_unmapped`).
fn unmapped(plan: &FieldPlan, raw: &str, proposed: Option<i64>) -> Normalised {
    let on_unmapped = plan.binding.as_ref().map_or(OnUnmapped::Hold, |binding| binding.on_unmapped);
    match on_unmapped {
        OnUnmapped::Keep => Normalised::KeepCurrent { map: None },
        OnUnmapped::Pass => Normalised::Value { value: Some(raw.to_string()), map: None, confident: true },
        OnUnmapped::Fail => Normalised::Failed { code: code::NO_MAP },
        OnUnmapped::Fixed => Normalised::Value { value: fixed(plan), map: None, confident: true },
        OnUnmapped::Hold => Normalised::Held { code: code::NO_MAP, map: proposed },
    }
}

/// Whether two codes of a list fold to the same as this one, so that only its own spelling tells which is meant.
fn folds_to_two(
    known: &mut HashMap<String, HashSet<String>>,
    write: &Write,
    (list, normal): &(String, String),
) -> Result<bool> {
    if let Some(of_list) = known.get(list) {
        return Ok(of_list.contains(normal));
    }
    let (mut met, mut twice) = (HashSet::new(), HashSet::new());
    write.each_code(list, |code| {
        let normal = crate::model::text::normal(code);
        if met.contains(&normal) {
            twice.insert(normal);
        } else {
            met.insert(normal);
        }
    })?;
    let found = twice.contains(normal);
    known.insert(list.clone(), twice);
    Ok(found)
}

/// A decision that a code has no match (the binding's `on_no_match`).
fn no_match(plan: &FieldPlan, map: i64) -> Normalised {
    let on_no_match = plan.binding.as_ref().map_or(OnNoMatch::Keep, |binding| binding.on_no_match);
    match on_no_match {
        OnNoMatch::Keep => Normalised::KeepCurrent { map: Some(map) },
        OnNoMatch::Clear => Normalised::Value { value: None, map: Some(map), confident: true },
        OnNoMatch::Fixed => Normalised::Value { value: fixed(plan), map: Some(map), confident: true },
    }
}

fn fixed(plan: &FieldPlan) -> Option<String> {
    plan.binding.as_ref().and_then(|binding| binding.fixed_value.clone())
}
