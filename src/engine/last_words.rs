//! What the keys of a run's records said last, and what of it they say again (engine.md, "Last words").
//!
//! Most records have one key of their source and are in time: then the newest entry of each field is all there is to look
//! at. Where a record has several keys, may be late, or was tried again from another text, all its source's entries are
//! read. Both are judged by the same rule.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use anyhow::Result;

use super::run_facts::RunFacts;
use crate::model::choice::LedgerStatus;
use crate::model::time::Micros;
use crate::rules::last_word::{Again, Entry, Judged, Order, Word, judge};
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

/// The last words of a run's records.
#[derive(Default)]
pub(super) struct LastWords {
    judged: HashMap<Spot, Judged>,
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
                if found.is_some_and(|found| !found.plain || withdrawn.contains(&found.entry.job)) {
                    thorough.insert(target);
                }
                let entry = found.map(|found| word(&found.entry, speaker.identifier, found.same, true));
                let judged =
                    words.judge(spot, entry.into_iter().collect(), &[speaker.identifier], speaker, field, raw, &kept);
                matters |= facts.has_clock(Some(spot)) || !judged.is_settled();
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
        let mut entries: HashMap<Spot, Vec<Word>> = HashMap::new();
        write.all_words(delivered.source, &asked, |spot, entry, texts: Texts| {
            let key = keys[spot.0].iter().find(|key| key.external_key == texts.external_key);
            let (Some(key), Some(raw)) = (key, raws[spot.0].get(asked.fields[spot.1])) else { return };
            if !withdrawn.contains(&entry.job) {
                let (same, there) = (texts.raw == Some(raw), texts.raw.is_some());
                entries.entry(spot).or_default().push(word(&entry, key.identifier, same, there));
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
                self.judge(spot, entries, &identifiers, speaker, field, raw, &kept);
            }
        }
        Ok(())
    }

    #[allow(clippy::too_many_arguments)]
    fn judge(
        &mut self,
        spot: Spot,
        mut words: Vec<Word>,
        identifiers: &[i64],
        speaker: &Speaker,
        field: &str,
        raw: &str,
        kept: &Kept,
    ) -> Judged {
        let mut again: Vec<Again> = Vec::new();
        for identifier in identifiers {
            if let Some(fact) = kept.said_of(*identifier, field) {
                words.push(Word {
                    identifier: *identifier,
                    same: fact.said == said(raw),
                    order: Order { job: fact.job, sequence: None, id: 0 },
                    at: fact.at,
                    counts: fact.counts,
                    entry: None,
                });
                if *identifier == speaker.identifier {
                    self.rows.insert(spot, fact.field);
                }
            }
            again.extend(kept.repeats_of(*identifier, field));
        }
        let judged = judge(&words, &again, speaker.identifier);
        self.judged.insert(spot, judged);
        judged
    }
}

/// The newest entry of each delivered field, by its own key or another one of the source.
fn newest(
    write: &Write,
    delivered: Delivered,
    speakers: &[Speaker],
    facts: &RunFacts,
) -> Result<HashMap<Spot, Newest>> {
    let targets: Vec<&str> = speakers.iter().map(|speaker| speaker.target).collect();
    let fields = facts.fields();
    let asked = Asked::new(write, delivered.table, &targets, &fields)?;
    let mut found: HashMap<Spot, Newest> = HashMap::new();
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

/// An entry as the rule sees its word. `there`: its text was not disposed of.
fn word(entry: &EntryWord, identifier: i64, same: bool, there: bool) -> Word {
    let turned_down = matches!(entry.status, LedgerStatus::Rejected | LedgerStatus::Revoked);
    Word {
        identifier,
        same,
        order: Order { job: entry.job, sequence: Some(entry.sequence), id: entry.ledger },
        at: entry.source_time,
        counts: there && !turned_down,
        entry: Some(Entry { id: entry.ledger, status: entry.status, active: entry.active, live: entry.live }),
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

    fn said_of(&self, identifier: i64, field: &str) -> Option<&SaidFact> {
        self.said.get(&identifier)?.iter().find(|said| self.sets.has(said.field, field))
    }

    fn repeats_of(&self, identifier: i64, field: &str) -> impl Iterator<Item = Again> {
        let all = self.repeats.get(&identifier).into_iter().flatten();
        let named = all.filter(move |repeat| self.sets.has(repeat.fields, field));
        named.map(|repeat| Again { identifier: repeat.identifier, job: repeat.job, at: repeat.at })
    }
}
