//! What the keys of a run's records said last, and what of it they say again (engine.md, "Last words").
//!
//! Most records have one key of their source and are in time: then the newest entry of each field is all there is to look
//! at. Where a record has several keys, may be late, or was tried again from another text, all its source's entries are
//! read. Both are judged by the same rule.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use anyhow::Result;
use foldhash::HashMapExt;
use foldhash::fast::RandomState;

use super::run_facts::RunFacts;
use crate::model::time::Micros;
use crate::rules::last_word::{Again, Entry, Judged, Place, Text, Word, Words};
use crate::store::{Asked, EntryWord, FieldSets, KeyFact, RepeatFact, SaidFact, Spot, Texts, Write, said};

/// A record of a run, as its words see it.
pub(super) struct Speaker<'r> {
    pub target: &'r str,
    pub identifier: i64,
    pub key: &'r str,
    /// When the key was delivered last before this delivery.
    pub last_seen: Option<Micros>,
    /// What it says now, by field.
    pub values: Vec<(&'r str, Cow<'r, str>)>,
}

/// Who delivers, and when.
#[derive(Clone, Copy)]
pub(super) struct Delivered<'r> {
    pub source: &'r str,
    pub table: &'r str,
    pub at: Micros,
}

/// Something by value of a run: each is looked up, and a delivery has millions.
type BySpot<T> = HashMap<Spot, T, RandomState>;

/// The last words of a run's records.
#[derive(Default)]
pub(super) struct LastWords {
    judged: BySpot<Judged>,
    /// Where a row says what the key said last: its set of this one field.
    rows: HashMap<Spot, i64>,
}

/// A newest entry as it was read.
struct Newest {
    entry: EntryWord,
    same: bool,
    /// Its item is as it was delivered, by the record's own key, and still there.
    plain: bool,
}

/// What is kept of some keys besides their entries.
struct Kept<'s> {
    sets: &'s FieldSets,
    said: HashMap<i64, Vec<SaidFact>>,
    repeats: HashMap<i64, Vec<RepeatFact>>,
}

impl LastWords {
    /// Reads what the records of a run said before. `facts` hold the values in force.
    pub fn read(
        write: &Write,
        delivered: Delivered,
        speakers: &[Speaker],
        facts: &RunFacts,
        sets: &FieldSets,
    ) -> Result<LastWords> {
        let mut words = LastWords::default();
        if speakers.is_empty() {
            return Ok(words);
        }
        let targets: Vec<&str> = speakers.iter().map(|speaker| speaker.target).collect();
        let own: Vec<i64> = speakers.iter().map(|speaker| speaker.identifier).collect();
        let withdrawn = write.withdrawn(delivered.source)?;
        let newest = newest(write, delivered, speakers, facts)?;
        let kept = Kept::read(write, sets, &own)?;
        let mut thorough: HashSet<usize> = HashSet::new();
        let mut unsure: Vec<usize> = Vec::new();
        for (target, speaker) in speakers.iter().enumerate() {
            // Whether a value is late, or another key says the same, matters only where something may come of it.
            let mut matters = false;
            for (field, raw) in &speaker.values {
                let Some(spot) = facts.spot(speaker.target, field) else { continue };
                let found = newest.get(&spot);
                let gone = found.is_some_and(|found| !found.plain || withdrawn.contains(&found.entry.job));
                if gone || kept.has_closed(speaker.identifier) {
                    thorough.insert(target);
                }
                let text = |found: &Newest| if found.same { Text::Same } else { Text::Other(None) };
                let entry = found.map(|found| word(&found.entry, speaker.identifier, text(found)));
                let all = kept.with(entry.into_iter().collect(), &[speaker.identifier], field, raw);
                let judged = words.judge(spot, &all, speaker.identifier, kept.said_of(speaker.identifier, field));
                // What a row says may be another key's word.
                let by_row = judged.repeated.is_some_and(|repeated| repeated.entry.is_none());
                matters |= facts.has_clock(Some(spot)) || !judged.is_settled() || by_row;
            }
            if matters {
                unsure.push(target);
                if speaker.last_seen.is_some_and(|last| delivered.at < last) {
                    thorough.insert(target);
                }
            }
        }
        let asked: Vec<&str> = unsure.iter().map(|target| targets[*target]).collect();
        let mut keys: HashMap<usize, Vec<KeyFact>> = HashMap::new();
        for key in write.keys_of(delivered.source, delivered.table, &asked)? {
            let target = unsure[key.target];
            keys.entry(target).or_default().push(key);
        }
        for (target, keys) in &keys {
            let late = keys.iter().any(|key| key.last_seen.is_some_and(|last| delivered.at < last));
            if keys.len() > 1 && (late || keys.iter().any(|key| key.identifier != speakers[*target].identifier)) {
                thorough.insert(*target);
            }
        }
        words.read_thoroughly(write, delivered, speakers, thorough, facts, sets)?;
        Ok(words)
    }

    /// What is known of a value.
    pub fn of(&self, spot: Option<Spot>) -> Judged {
        spot.and_then(|spot| self.judged.get(&spot)).copied().unwrap_or_default()
    }

    /// The set of the field, where a row says what its key said last.
    pub fn row(&self, spot: Option<Spot>) -> Option<i64> {
        spot.and_then(|spot| self.rows.get(&spot)).copied()
    }

    /// Judges some records by all that their source ever said of their fields.
    fn read_thoroughly(
        &mut self,
        write: &Write,
        delivered: Delivered,
        speakers: &[Speaker],
        thorough: HashSet<usize>,
        facts: &RunFacts,
        sets: &FieldSets,
    ) -> Result<()> {
        if thorough.is_empty() {
            return Ok(());
        }
        let mut some: Vec<usize> = thorough.into_iter().collect();
        some.sort_unstable();
        let some: Vec<&Speaker> = some.into_iter().map(|target| &speakers[target]).collect();
        let targets: Vec<&str> = some.iter().map(|speaker| speaker.target).collect();
        let mut keys: Vec<Vec<KeyFact>> = vec![Vec::new(); some.len()];
        for key in write.keys_of(delivered.source, delivered.table, &targets)? {
            keys[key.target].push(key);
        }
        let identifiers: Vec<i64> = keys.iter().flatten().map(|key| key.identifier).collect();
        let kept = Kept::read(write, sets, &identifiers)?;
        let withdrawn = write.withdrawn(delivered.source)?;
        let fields = facts.fields();
        let asked = Asked::new(write, delivered.table, &targets, &fields)?;
        let raws: Vec<HashMap<&str, &str>> =
            some.iter().map(|speaker| speaker.values.iter().map(|(field, raw)| (*field, &**raw)).collect()).collect();
        let closed: Vec<bool> =
            keys.iter().map(|keys| keys.iter().any(|key| kept.has_closed(key.identifier))).collect();
        let mut entries: HashMap<Spot, Vec<Word>> = HashMap::new();
        write.all_words(delivered.source, &asked, |spot, entry, texts: Texts| {
            let key = keys[spot.0].iter().find(|key| key.external_key == texts.external_key);
            let (Some(key), Some(raw)) = (key, raws[spot.0].get(asked.fields[spot.1])) else { return };
            let text = match texts.raw {
                None => Text::Gone,
                Some(text) if text == *raw => Text::Same,
                Some(text) => Text::Other(closed[spot.0].then(|| said(text))),
            };
            if !withdrawn.contains(&entry.job) {
                entries.entry(spot).or_default().push(word(&entry, key.identifier, text));
            }
        })?;
        for (target, speaker) in some.iter().enumerate() {
            let identifiers: Vec<i64> = keys[target].iter().map(|key| key.identifier).collect();
            for (field, raw) in &speaker.values {
                let (Some(spot), Ok(at)) = (facts.spot(speaker.target, field), asked.fields.binary_search(field))
                else {
                    continue;
                };
                let entries = entries.remove(&(target, at)).unwrap_or_default();
                let all = kept.with(entries, &identifiers, field, raw);
                self.judge(spot, &all, speaker.identifier, kept.said_of(speaker.identifier, field));
            }
        }
        Ok(())
    }

    fn judge(&mut self, spot: Spot, words: &Words, identifier: i64, row: Option<&SaidFact>) -> Judged {
        let judged = words.judge(identifier);
        self.judged.insert(spot, judged);
        if let Some(row) = row {
            self.rows.insert(spot, row.field);
        }
        judged
    }
}

/// When a source spoke last of what some items are about, by any other word than each item's own: (target, field, place) of
/// each, by its place among the items. Where none of a record's keys was delivered later than its items, none is late.
pub(super) fn spoke_besides(
    write: &Write,
    delivered: Delivered,
    items: &[(&str, &str, Place)],
) -> Result<Vec<Option<Micros>>> {
    let mut targets: Vec<&str> = items.iter().map(|(target, ..)| *target).collect();
    targets.sort_unstable();
    targets.dedup();
    let mut keys: HashMap<&str, Vec<KeyFact>> = HashMap::new();
    for key in write.keys_of(delivered.source, delivered.table, &targets)? {
        keys.entry(targets[key.target]).or_default().push(key);
    }
    let later = |key: &KeyFact| key.last_seen.is_some_and(|last| last > delivered.at);
    targets.retain(|target| keys.get(target).is_some_and(|keys| keys.iter().any(later)));
    let mut spoke = vec![None; items.len()];
    if targets.is_empty() {
        return Ok(spoke);
    }
    let mut fields: Vec<&str> = items.iter().map(|(_, field, _)| *field).collect();
    fields.sort_unstable();
    fields.dedup();
    let identifiers: Vec<i64> = targets.iter().flat_map(|target| &keys[target]).map(|key| key.identifier).collect();
    let sets = write.field_sets()?;
    let kept = Kept::read(write, &sets, &identifiers)?;
    let withdrawn = write.withdrawn(delivered.source)?;
    let asked = Asked::new(write, delivered.table, &targets, &fields)?;
    let mut entries: HashMap<(&str, &str), Vec<Word>> = HashMap::new();
    write.all_words(delivered.source, &asked, |(target, field), entry, texts: Texts| {
        let (target, field) = (asked.targets[target], asked.fields[field]);
        let key = keys[target].iter().find(|key| key.external_key == texts.external_key);
        if let Some(key) = key.filter(|_| !withdrawn.contains(&entry.job)) {
            let text = texts.raw.map_or(Text::Gone, |text| Text::Other(Some(said(text))));
            entries.entry((target, field)).or_default().push(word(&entry, key.identifier, text));
        }
    })?;
    for (at, (target, field, place)) in items.iter().enumerate() {
        let Some(keys) = keys.get(target).filter(|_| targets.contains(target)) else { continue };
        let identifiers: Vec<i64> = keys.iter().map(|key| key.identifier).collect();
        let words = entries.get(&(*target, *field)).cloned().unwrap_or_default();
        spoke[at] = kept.with(words, &identifiers, field, "").newest(Some(*place));
    }
    Ok(spoke)
}

/// The newest entry of each delivered field, by its own key or another one of the source.
fn newest(write: &Write, delivered: Delivered, speakers: &[Speaker], facts: &RunFacts) -> Result<BySpot<Newest>> {
    let targets: Vec<&str> = speakers.iter().map(|speaker| speaker.target).collect();
    let fields = facts.fields();
    let asked = Asked::new(write, delivered.table, &targets, &fields)?;
    let mut found: BySpot<Newest> = BySpot::new();
    write.newest_words(delivered.source, &asked, |(target, field), entry, texts| {
        let speaker = &speakers[target];
        let name = asked.fields[field];
        // Most records name their fields in the same places.
        let Some((_, raw)) = speaker.values.iter().find(|(field, _)| *field == name) else { return };
        let Some(spot) = facts.spot(speaker.target, name) else { return };
        if found.get(&spot).is_some_and(|other| other.entry.ledger > entry.ledger) {
            return;
        }
        let plain = entry.attempt == 1 && texts.external_key == speaker.key && texts.raw.is_some();
        found.insert(spot, Newest { entry, same: texts.raw == Some(&**raw), plain });
    })?;
    Ok(found)
}

/// An entry as the rule sees its word.
fn word(entry: &EntryWord, identifier: i64, text: Text) -> Word {
    Word {
        identifier,
        text,
        place: Place { job: entry.job, sequence: entry.sequence },
        at: entry.source_time,
        entry: Some(Entry { id: entry.ledger, status: entry.status, active: entry.active, live: entry.live }),
        closed: false,
    }
}

impl<'s> Kept<'s> {
    fn read(write: &Write, sets: &'s FieldSets, identifiers: &[i64]) -> Result<Kept<'s>> {
        let mut kept = Kept { sets, said: HashMap::new(), repeats: HashMap::new() };
        for said in write.said_words(identifiers)? {
            kept.said.entry(said.identifier).or_default().push(said);
        }
        for repeat in write.repeats(identifiers)? {
            kept.repeats.entry(repeat.identifier).or_default().push(repeat);
        }
        Ok(kept)
    }

    /// The words of a field's entries with those that rows keep of its keys, and their repeats.
    fn with(&self, mut words: Vec<Word>, identifiers: &[i64], field: &str, raw: &str) -> Words {
        let mut again: Vec<Again> = Vec::new();
        for identifier in identifiers {
            if let Some(fact) = self.said_of(*identifier, field) {
                let same = fact.said == said(raw);
                words.push(Word {
                    identifier: *identifier,
                    text: if same { Text::Same } else { Text::Other(Some(fact.said)) },
                    place: Place { job: fact.job, sequence: fact.sequence },
                    at: fact.at,
                    entry: None,
                    closed: fact.closed,
                });
            }
            again.extend(self.repeats_of(*identifier, field));
        }
        Words { words, again }
    }

    fn has_closed(&self, identifier: i64) -> bool {
        self.said.get(&identifier).is_some_and(|said| said.iter().any(|said| said.closed))
    }

    fn said_of(&self, identifier: i64, field: &str) -> Option<&SaidFact> {
        self.said.get(&identifier)?.iter().find(|said| self.sets.has(said.field, field))
    }

    fn repeats_of(&self, identifier: i64, field: &str) -> impl Iterator<Item = Again> {
        let all = self.repeats.get(&identifier).into_iter().flatten();
        let named = all.filter(move |repeat| self.sets.has(repeat.fields, field));
        named.map(|repeat| Again { identifier: repeat.identifier, job: repeat.job, at: repeat.at })
    }
}
