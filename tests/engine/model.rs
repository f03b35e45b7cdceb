//! A slow, obvious model of the engine, after engine.md: what each act leaves in every row, without the engine's code.
//!
//! Everything stands in plain vectors; each question is answered by looking at all rows. An operation works on the whole
//! world, and a refusal puts the world back as it was.

mod aspects;
mod codes;
mod many;
pub mod people;
mod reevaluation;
pub mod rows;
mod settle;
mod setup;
mod triage;
mod undo;
mod withdrawn;
mod word;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use steward::model::choice::{ItemState, LedgerStatus, MapState, OnBlank, OnNoMatch, OnUnmapped};
use steward::model::time::Micros;

pub use codes::FIXED;
pub use many::Choice;
use people::Kind;
use rows::{Rows, Stamp};
pub use setup::{PLACES, PolicyEdits, RANKINGS};
use withdrawn::GaveWay;
use words::Saying;

pub type Name = &'static str;
/// A field of a record: (target id, field name).
pub type Key = (Name, Name);
/// What a delivery says: the key of a source, the field, and the text.
pub type Said = ((Name, Name), Name);

/// The record that a source's key stands for: keys that begin alike stand for one.
pub fn record_of(key: Name) -> Name {
    &key[..1]
}

pub const ENGINE: Name = "steward:engine";

/// The act is not allowed, and nothing changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

#[derive(Debug, Clone, PartialEq)]
pub struct Job {
    pub source: Name,
    /// False: it was withdrawn, as if it had said nothing.
    pub active: bool,
}

/// What a source says of a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    pub source: Name,
    /// The source's key that says it.
    pub by: Name,
    pub key: Key,
    pub raw: Name,
    pub time: Micros,
    pub sequence: usize,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub job: usize,
    pub word: Word,
    pub decided: Decided,
    pub policy: Option<usize>,
    /// Who delivered it, or tried it again.
    pub maker: Name,
    /// The attempt before.
    pub parent: Option<usize>,
    pub active: bool,
    pub disposed: bool,
    /// What took its place, where its source said something newer.
    pub gave_way: Option<GaveWay>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Person {
    pub login: Name,
    /// Without any they may no longer act.
    pub roles: &'static [Name],
    pub active: bool,
}

/// What became of a word.
#[derive(Debug, Clone, PartialEq)]
pub struct Decided {
    pub state: ItemState,
    pub code: Option<Name>,
    pub value: Option<Name>,
    pub old_value: Option<Name>,
    pub map: Option<usize>,
    pub entry: Option<usize>,
}

/// What an entry vouches for beyond a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wider {
    Record,
    /// So many records had a value.
    Table(usize),
    /// What a job took in.
    File(usize),
}

#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// None: its word's field.
    pub wider: Option<Wider>,
    pub word: Word,
    /// None takes the field's value away.
    pub value: Option<Name>,
    pub status: LedgerStatus,
    pub active: bool,
    pub live: bool,
    pub pinned: bool,
    pub rank: i64,
    pub item: Option<usize>,
    pub supersedes: Option<usize>,
    pub displaced_by: Option<usize>,
    pub certified: Option<(Name, Micros)>,
    pub made: Micros,
    /// Its value is gone under a records schedule.
    pub disposed: bool,
    /// Who had decided its map, raised that one's confidence, or fixed the value in a binding, when it was made.
    pub hands: Vec<Name>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Map {
    pub source: Name,
    pub code: Name,
    pub state: MapState,
    pub canonical: Option<Name>,
    /// In hundredths.
    pub confidence: Option<i64>,
    pub how: Option<How>,
    pub author: Option<Name>,
    /// Who raised its confidence since it was decided, each from where.
    pub raised: Vec<(i64, Name)>,
    pub active: bool,
    /// The delivery that proposed it.
    pub of_job: Option<usize>,
}

/// How a map was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    ByHand,
    Imported,
    /// Because its code looks like another, without a person's look at it by itself.
    ByLikeness,
}

/// How a field's codes and blanks are treated, of one source or of any.
#[derive(Debug, Clone, PartialEq)]
pub struct Binding {
    pub field: Name,
    pub source: Option<Name>,
    pub ways: Ways,
    pub maker: Name,
    pub active: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ways {
    /// The field has the codes of `status`, as the field of that name has anyway.
    pub coded: bool,
    pub unmapped: OnUnmapped,
    pub blank: OnBlank,
    pub no_match: OnNoMatch,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Policy {
    /// One of [`PLACES`].
    pub place: usize,
    pub terms: Terms,
    pub active: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Terms {
    pub on_ingest: bool,
    pub auto: bool,
    /// One of [`RANKINGS`].
    pub ranking: usize,
    pub stale_days: Option<i64>,
}

/// The entry in force of a field, and its clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Current {
    pub entry: usize,
    /// When its value was last delivered again by a source that may confirm it.
    pub confirmed: Option<Micros>,
    /// When the clock last started.
    pub counted_from: Micros,
    pub stale_on: Option<Micros>,
}

#[derive(Debug, Clone)]
pub struct World {
    pub jobs: Rows<Job>,
    /// Of each job the values that were unchanged: they are counted and leave no row.
    pub unchanged: Vec<usize>,
    /// What the sources said, the oldest first.
    pub sayings: Vec<Saying>,
    pub items: Rows<Item>,
    pub entries: Rows<Entry>,
    pub maps: Rows<Map>,
    pub policies: Rows<Policy>,
    pub bindings: Rows<Binding>,
    pub people: Rows<Person>,
    pub current: BTreeMap<Key, Current>,
    stamp: Stamp,
    /// Who acts.
    person: Name,
    /// Fields whose entries an operation moved.
    touched: BTreeSet<Key>,
    /// Entries that a verdict or a person puts before all rivals of their field.
    chosen: BTreeMap<Key, usize>,
    /// An operation set another day on which a value gets stale.
    clocks_moved: bool,
    /// The delivery whose word is decided on.
    speaks: Option<usize>,
}

/// An operation in the log.
struct Logged {
    /// Its number in the store's log.
    seq: Option<i64>,
    person: Name,
    kind: Kind,
    undoes: Option<usize>,
    before: World,
    after: World,
}

pub struct Model {
    pub world: World,
    log: Vec<Logged>,
}

impl Model {
    pub fn new() -> Model {
        let world = World {
            jobs: Rows::default(),
            unchanged: Vec::new(),
            sayings: Vec::new(),
            items: Rows::default(),
            entries: Rows::default(),
            maps: Rows::default(),
            policies: Rows::default(),
            bindings: Rows::default(),
            people: people::bench(),
            current: BTreeMap::new(),
            stamp: Stamp::START,
            person: ENGINE,
            touched: BTreeSet::new(),
            chosen: BTreeMap::new(),
            clocks_moved: false,
            speaks: None,
        };
        Model { world, log: Vec::new() }
    }

    /// An operation of a person, if they may and its body agrees. Answers whether it stands in the log: one that moves
    /// nothing does not.
    pub fn operate(
        &mut self,
        (person, now): (Name, Micros),
        kind: Kind,
        body: impl FnOnce(&mut World) -> Result<(), Refused>,
    ) -> Result<bool, Refused> {
        if !self.world.may(person, kind.role()) {
            return Err(Refused);
        }
        let mut world = self.world.clone();
        world.stamp = Stamp { operation: self.log.len(), at: now };
        world.person = person;
        world.clocks_moved = false;
        body(&mut world)?;
        world.settle();
        let wrote = kind == Kind::Delivery || world.moved() || world.clocks_moved;
        let before = std::mem::replace(&mut self.world, world);
        if wrote {
            self.log.push(Logged { seq: None, person, kind, undoes: None, before, after: self.world.clone() });
        }
        Ok(wrote)
    }

    /// The store's number of the last operation.
    pub fn number_last(&mut self, seq: Option<i64>) {
        if let Some(last) = self.log.last_mut() {
            last.seq = last.seq.or(seq);
        }
    }

    /// The number in the store of the operation `back` before the last.
    pub fn earlier(&self, back: usize) -> Option<i64> {
        self.log.iter().rev().filter_map(|logged| logged.seq).nth(back)
    }

    /// Whether a person did anything that can be taken back: new days to get stale on follow the policy.
    pub fn has_done(&self, person: Name) -> bool {
        self.last_of(person).is_some()
    }

    /// Takes an operation back: the one with this number, else the person's last.
    pub fn undo(&mut self, who: (Name, Micros), seq: Option<i64>) -> Result<bool, Refused> {
        let undone = match seq {
            Some(seq) => self.log.iter().position(|logged| logged.seq == Some(seq)).ok_or(Refused)?,
            None => self.meant_by(who).ok_or(Refused)?,
        };
        let Logged { kind, before, after, .. } = &self.log[undone];
        let may = self.world.may(who.0, self.done(undone).role());
        if !kind.can_be_taken_back() || !may || self.is_undone(undone) || !after.moved() {
            return Err(Refused);
        }
        let (before, after) = (before.clone(), after.clone());
        let withdraws = self.done(undone) == Kind::Withdraw;
        let wrote = self.operate(who, Kind::Undo, |world| world.take_back(undone, withdraws, &before, &after))?;
        if let Some(last) = self.log.last_mut()
            && wrote
        {
            last.undoes = Some(undone);
        }
        Ok(wrote)
    }

    /// What somebody means who names no operation: their last one, if it can be taken back and is not older than a day.
    fn meant_by(&self, (person, now): (Name, Micros)) -> Option<usize> {
        let last = self.last_of(person)?;
        let final_one =
            |logged: &Logged| logged.person == person && logged.kind != Kind::Undo && !logged.kind.can_be_taken_back();
        let recent = now - self.log[last].after.stamp.at <= 86_400_000_000;
        (recent && !self.log[last + 1..].iter().any(final_one)).then_some(last)
    }

    fn last_of(&self, person: Name) -> Option<usize> {
        (0..self.log.len()).rev().find(|at| {
            let logged = &self.log[*at];
            let own = logged.person == person && logged.kind != Kind::Undo;
            own && logged.kind.can_be_taken_back() && !self.is_undone(*at) && logged.after.moved()
        })
    }

    /// What an operation did; of an undo, what it took back or did again.
    fn done(&self, operation: usize) -> Kind {
        let logged = &self.log[operation];
        logged.undoes.map_or(logged.kind, |undone| self.done(undone))
    }

    fn is_undone(&self, operation: usize) -> bool {
        self.log.iter().any(|logged| logged.undoes == Some(operation))
    }
}

impl World {
    /// Whether the operation that left the world like this moved a row.
    fn moved(&self) -> bool {
        let operation = self.stamp.operation;
        let moved = [
            self.jobs.moved_by(operation).len(),
            self.items.moved_by(operation).len(),
            self.entries.moved_by(operation).len(),
            self.maps.moved_by(operation).len(),
            self.policies.moved_by(operation).len(),
            self.bindings.moved_by(operation).len(),
            self.people.moved_by(operation).len(),
        ];
        moved.iter().sum::<usize>() > 0
    }

    fn change_entry(&mut self, id: usize, edit: impl FnOnce(&mut Entry)) {
        let before = self.entries[id].clone();
        self.entries.change(id, self.stamp, edit);
        if self.entries[id].wider.is_none() && self.entries[id] != before {
            self.touched.insert(self.entries[id].word.key);
        }
    }

    fn move_item(&mut self, id: usize, state: ItemState) {
        self.items.change(id, self.stamp, |item| item.decided.state = state);
    }

    /// The active items in a state that fit.
    fn items_in(&self, state: ItemState, fits: impl Fn(&Item) -> bool) -> Vec<usize> {
        let found = self.items.iter().filter(|(_, item)| item.active && item.decided.state == state && fits(item));
        found.map(|(id, _)| id).collect()
    }

    /// How many of a job's values stand in a state.
    pub fn count(&self, job: usize, state: ItemState) -> usize {
        let rows = self.items_in(state, |item| item.job == job).len();
        rows + if state == ItemState::Unchanged { self.unchanged[job] } else { 0 }
    }

    /// The held items that wait for a map.
    pub fn waiting_for(&self, map: usize) -> Vec<usize> {
        self.items_in(ItemState::Held, |item| item.decided.map == Some(map))
    }

    pub fn is_stale(&self, entry: usize, now: Micros) -> bool {
        self.current.values().any(|current| current.entry == entry && current.stale_on.is_some_and(|on| now >= on))
    }

    pub fn is_current(&self, entry: usize) -> bool {
        self.current.values().any(|current| current.entry == entry)
    }
}

/// How a job went: has anything landed, does anything wait, has anything failed?
pub fn job_status(count: impl Fn(ItemState) -> usize) -> Name {
    let any = |states: &[ItemState]| states.iter().any(|state| count(*state) > 0);
    let landed = any(&[ItemState::Applied, ItemState::Unchanged, ItemState::Superseded]);
    let waits = any(&[ItemState::Queued, ItemState::Held, ItemState::Waiting]);
    let failed = any(&[ItemState::Failed, ItemState::Rejected]);
    match (landed, waits, failed) {
        (true, false, false) => "Success",
        (true, _, true) => "Partial Success",
        (false, false, true) => "Failure",
        _ => "Indeterminate (Neutral)",
    }
}
