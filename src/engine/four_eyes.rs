//! Four eyes: whoever had a hand in a value does not certify it, but with a reason and a mark (engine.md, "Four eyes").
//!
//! Where an admin acts for somebody, both have had their hand in it, and both certify.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::Value;

use super::command::Verb;
use super::decide::{ENTRIES_AT_ONCE, may_be};
use super::{Error, Operation};
use crate::model::fact::Touch;
use crate::model::setting::{FOUR_EYES, FOUR_EYES_INGEST, FourEyes};
use crate::model::time::Micros;
use crate::rules::authorship::{MapChange, MapHands, Past, Typed};
use crate::rules::name;
use crate::store::{CameBy, CamePlace, Changed, FixedBy, KeyOf};

/// How a person caused a value that they are about to certify.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OwnPart {
    Map,
    Confidence,
    Input,
    FixedValue,
    Target,
    Delivery,
}

impl OwnPart {
    /// Why the person does not certify it, as what the entry did.
    pub fn what(self) -> &'static str {
        match self {
            OwnPart::Map => "came through a value map that you decided",
            OwnPart::Confidence => "came through a value map whose confidence you raised",
            OwnPart::Input => "came from an input that you edited",
            OwnPart::FixedValue => "is a fixed value that you put in its binding",
            OwnPart::Target => "came by an identifier that you let stand for its record",
            OwnPart::Delivery => "came with a delivery that you took in",
        }
    }

    /// Who the person is to the value, for the mark on the entry.
    pub fn who(self) -> &'static str {
        match self {
            OwnPart::Map => "the author of its value map",
            OwnPart::Confidence => "who raised the confidence of its value map",
            OwnPart::Input => "the editor of its input",
            OwnPart::FixedValue => "who put the fixed value in its binding",
            OwnPart::Target => "who let its identifier stand for this record",
            OwnPart::Delivery => "who took its delivery in",
        }
    }
}

/// The rule as the store has it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rule {
    pub eyes: FourEyes,
    /// Whether whoever takes a delivery in has a hand in its values.
    ingest: bool,
}

/// The pasts of the rows that some values came by.
#[derive(Default)]
struct Pasts {
    maps: HashMap<i64, Past<MapHands>>,
    /// By entry, where a binding or an identifier may tell of a hand in it.
    places: HashMap<i64, CamePlace>,
    identifiers: HashMap<KeyOf, Vec<Past<Typed>>>,
    fixed: Vec<(FixedBy, Past<Typed>)>,
}

impl Operation<'_, '_> {
    pub(super) fn four_eyes(&self) -> Result<Rule, Error> {
        let set = self.write.setting(FOUR_EYES.key)?;
        // A value that nobody could have set keeps the rule rather than lifting it.
        let eyes = set.as_deref().and_then(FourEyes::parse).unwrap_or(FourEyes::Enforce);
        let ingest = self.write.setting(FOUR_EYES_INGEST.key)?.is_some_and(|set| set != FOUR_EYES_INGEST.default);
        Ok(Rule { eyes, ingest })
    }

    /// The entries of some whose values the acting persons had a hand in, each with how.
    pub(super) fn own_parts(&self, entries: &[i64], rule: Rule) -> Result<HashMap<i64, OwnPart>, Error> {
        let came = self.write.came_by(entries, rule.ingest)?;
        let pasts = self.pasts(&came)?;
        let persons = self.session.persons();
        let own = |came: &CameBy| Some((came.entry, pasts.part(came, &persons, rule)?));
        Ok(came.iter().filter_map(own).collect())
    }

    /// Whether a reason is given for entries alone that the acting persons had a hand in: one that is typed for others lifts
    /// nothing. What may not be certified anyway does not count.
    pub(super) fn is_for_own_alone(&self, verb: Verb, ids: &[i64], reason: Option<&str>) -> Result<bool, Error> {
        let rule = self.four_eyes()?;
        if reason.is_none() || rule.eyes != FourEyes::Enforce {
            return Ok(false);
        }
        for ids in ids.chunks(ENTRIES_AT_ONCE) {
            let own = self.own_parts(ids, rule)?;
            let others = self.write.decisions(ids)?.into_iter().filter(|entry| !own.contains_key(&entry.id));
            if others.into_iter().any(|entry| may_be(verb, &entry)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn pasts(&self, came: &[CameBy]) -> Result<Pasts, Error> {
        let maps: BTreeMap<i64, Option<i64>> =
            came.iter().filter_map(|came| came.map).map(|map| (map.id, map.author)).collect();
        // Plain values come by no map.
        let maps = if maps.is_empty() { HashMap::new() } else { self.map_pasts(&maps)? };
        // In most stores nobody ever edited an identifier.
        let edited = self.write.edits_identifiers()?;
        let asked = came.iter().filter(|came| edited || came.may_be_fixed).map(|came| came.entry);
        let asked: Vec<i64> = asked.collect();
        if asked.is_empty() {
            return Ok(Pasts { maps, ..Pasts::default() });
        }
        let places = self.write.came_places(&asked)?;
        let identifiers = if edited { self.identifier_pasts(&places)? } else { HashMap::new() };
        let fixed = if came.iter().any(|came| came.may_be_fixed) { self.fixed_pasts()? } else { Vec::new() };
        Ok(Pasts { maps, places, identifiers, fixed })
    }

    /// `maps`: with their authors by now.
    fn map_pasts(&self, maps: &BTreeMap<i64, Option<i64>>) -> Result<HashMap<i64, Past<MapHands>>, Error> {
        let ids: Vec<i64> = maps.keys().copied().collect();
        let makers = self.write.map_makers(&ids)?;
        let columns = ["author", "canonical_code_value", "state", "confidence"];
        let mut changes = self.write.changes_by("integration_value_map", &ids, &columns)?;
        let past = |(map, author): (&i64, &Option<i64>)| {
            let changes = changes.remove(map).unwrap_or_default();
            let first = changes.iter().find(|touch| touch.change.1.get("author").is_some());
            let author = match first {
                Some(touch) => touch.change.0["author"].as_i64(),
                None => *author,
            };
            let made_by = makers.get(map).filter(|by| author.is_some_and(|author| by.contains(&author)));
            let made_by = made_by.cloned().unwrap_or(author.into_iter().collect());
            (*map, MapHands::past(made_by, &changes.into_iter().map(map_change).collect::<Vec<_>>()))
        };
        Ok(maps.iter().map(past).collect())
    }

    fn identifier_pasts(&self, places: &HashMap<i64, CamePlace>) -> Result<HashMap<KeyOf, Vec<Past<Typed>>>, Error> {
        let key = |place: &CamePlace| -> Option<KeyOf> {
            Some((place.source.clone(), place.target_table.clone(), place.external_key.clone()?))
        };
        let keys: BTreeSet<KeyOf> = places.values().filter_map(key).collect();
        let known = self.write.identifiers_of(&keys)?;
        let ids: Vec<i64> = known.iter().map(|(_, id)| *id).collect();
        let mut changes = self.write.changes_by("integration_identifier", &ids, &["target_id"])?;
        let mut out: HashMap<KeyOf, Vec<Past<Typed>>> = HashMap::new();
        for (key, id) in known {
            // One that was never edited was nobody's hand.
            let Some(changes) = changes.remove(&id) else { continue };
            out.entry(key).or_default().push(text_past(Typed::default(), changes, "target_id"));
        }
        Ok(out)
    }

    fn fixed_pasts(&self) -> Result<Vec<(FixedBy, Past<Typed>)>, Error> {
        let bindings = self.write.fixed_by()?;
        let ids: Vec<i64> = bindings.iter().map(|binding| binding.id).collect();
        let mut changes = self.write.changes_by("code_binding", &ids, &["fixed_value", "active"])?;
        let past = |binding: FixedBy| {
            let changes = changes.remove(&binding.id).unwrap_or_default();
            let first = changes.iter().find(|touch| touch.change.1.get("fixed_value").is_some());
            let text = match first {
                Some(touch) => text(&touch.change.0["fixed_value"]),
                None => binding.fixed_value.clone(),
            };
            let made = Typed { text, by: binding.made_by.clone() };
            (binding, text_past(made, changes, "fixed_value"))
        };
        Ok(bindings.into_iter().map(past).collect())
    }
}

impl Pasts {
    /// What some persons had to do with a value coming about, if anything.
    fn part(&self, came: &CameBy, persons: &[i64], rule: Rule) -> Option<OwnPart> {
        let any = |by: &[i64]| persons.iter().any(|person| by.contains(person));
        let hands = came.map.and_then(|map| Some(self.maps.get(&map.id)?.at(came.made)));
        let author = came.map.and_then(|map| map.author).is_some_and(|author| persons.contains(&author));
        if author || hands.is_some_and(|hands| any(&hands.decided)) {
            return Some(OwnPart::Map);
        }
        if hands.is_some_and(|hands| persons.iter().any(|person| hands.raised(*person))) {
            return Some(OwnPart::Confidence);
        }
        if any(&came.edited_by) {
            return Some(OwnPart::Input);
        }
        if let Some(place) = self.places.get(&came.entry) {
            if came.may_be_fixed && self.fixed_of(place, came.made).any(|typed| any(&typed.by)) {
                return Some(OwnPart::FixedValue);
            }
            if self.target_of(place, came.made).any(|typed| any(&typed.by)) {
                return Some(OwnPart::Target);
            }
        }
        (rule.ingest && any(&came.delivered_by)).then_some(OwnPart::Delivery)
    }

    /// The bindings of the field that fixed it to this value by then.
    fn fixed_of<'p>(&'p self, came: &'p CamePlace, made: Micros) -> impl Iterator<Item = &'p Typed> {
        let of_field = move |binding: &FixedBy| {
            let source = binding.source.as_deref();
            binding.made <= made
                && name::same(&binding.target_table, &came.target_table)
                && name::same(&binding.field_name, &came.field_name)
                && (name::is_any(source) || source.is_some_and(|source| name::same(source, &came.source)))
        };
        let here = self.fixed.iter().filter(move |(binding, _)| of_field(binding));
        here.map(move |(_, past)| past.at(made)).filter(|typed| typed.text.is_some() && typed.text == came.value)
    }

    /// The identifiers of the key that stood for this record by somebody's hand by then.
    fn target_of<'p>(&'p self, came: &'p CamePlace, made: Micros) -> impl Iterator<Item = &'p Typed> {
        let key = came.external_key.clone().map(|key| (came.source.clone(), came.target_table.clone(), key));
        let pasts = key.and_then(|key| self.identifiers.get(&key)).into_iter().flatten();
        let typed = pasts.map(move |past| past.at(made));
        typed.filter(|typed| typed.text.as_deref() == Some(came.target_id.as_str()))
    }
}

fn map_change(touch: Changed) -> Touch<MapChange> {
    let (before, after) = &touch.change;
    let confidence = after.get("confidence").map(|after| (before["confidence"].as_i64(), after.as_i64()));
    // Whoever decides their own map anew stays its author, which no row of the log shows.
    let decided = ["author", "canonical_code_value", "state"].iter().any(|column| after.get(column).is_some());
    let change = MapChange { decided, confidence };
    Touch { at: touch.at, act: touch.act, takes_back: touch.takes_back, by: touch.by, change }
}

/// A binding that was taken out of use has no text from then on.
fn text_past(made: Typed, changes: Vec<Changed>, column: &str) -> Past<Typed> {
    let changes: Vec<Touch<Option<String>>> = changes
        .into_iter()
        .map(|touch| {
            let change = text(&touch.change.1[column]);
            Touch { at: touch.at, act: touch.act, takes_back: touch.takes_back, by: touch.by, change }
        })
        .collect();
    Typed::past(made, &changes)
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_string)
}
