//! What the values of a run of records are decided on, read at its beginning: the holders, and the source's own earlier words.
//!
//! Facts stand in the order of the values they are about, so that nothing is kept twice to look them up by.

use std::collections::{BTreeSet, HashMap, HashSet};

use anyhow::Result;
use foldhash::fast::RandomState;

use super::last_words::{Delivered, spoke_besides};
use super::plan::Plans;
use crate::model::time::Micros;
use crate::rules::last_word::Place;
use crate::store::{Asked, HeldFact, HolderFact, OpenFact, ReceiverFact, Spot, TurnedDownFact, Write};

/// What a run's decisions look at.
#[derive(Default)]
pub struct RunFacts {
    /// The places of the targets, and the fields in order.
    targets: HashMap<String, usize, RandomState>,
    fields: Vec<String>,
    holders: InOrder<HolderFact>,
    /// The source's own open candidates and held items: one of each, but for what was unparked or taken back.
    open: InOrder<OpenFact>,
    held: InOrder<HeldFact>,
    forgotten: HashSet<i64>,
    turned_down: InOrder<TurnedDownFact>,
    /// When the source last delivered a field by another word than the item at hand.
    last: InOrder<Micros>,
    /// What the source is sent and was sent, of the fields that it receives.
    sent: InOrder<ReceiverFact>,
}

/// Facts in the order of their places; those of one spot in the order in which they were read.
struct InOrder<T>(Vec<(Spot, T)>);

impl<T> Default for InOrder<T> {
    fn default() -> Self {
        InOrder(Vec::new())
    }
}

impl<T> InOrder<T> {
    fn new(mut facts: Vec<(Spot, T)>) -> InOrder<T> {
        facts.sort_by_key(|(spot, _)| *spot);
        InOrder(facts)
    }

    fn of(&self, spot: Option<Spot>) -> impl DoubleEndedIterator<Item = &T> {
        let found = spot.map_or(&[][..], |spot| {
            let from = self.0.partition_point(|(at, _)| *at < spot);
            let n = self.0[from..].iter().take_while(|(at, _)| *at == spot).count();
            &self.0[from..from + n]
        });
        found.iter().map(|(_, fact)| fact)
    }
}

impl RunFacts {
    /// Reads what some items of a source, delivered at a time, are decided on again by: the values in force, their rivals, and
    /// when their source spoke last besides. Each item is of a (target, field) of its own, at a place.
    pub fn of_items(write: &Write, delivered: Delivered, items: &[(&str, &str, Place)]) -> Result<RunFacts> {
        let targets: Vec<&str> = items.iter().map(|(target, ..)| *target).collect();
        let fields: Vec<&str> = items.iter().map(|(_, field, _)| *field).collect();
        let Delivered { source, table, .. } = delivered;
        let mut facts = RunFacts::of(&targets, &fields);
        facts.read_holders(write, table, &targets, &fields)?;
        facts.read_rivals(write, source, table, &targets, &fields)?;
        let last = spoke_besides(write, delivered, items)?;
        let last =
            items.iter().zip(last).filter_map(|((target, field, _), last)| Some((facts.spot(target, field)?, last?)));
        facts.last = InOrder::new(last.collect());
        Ok(facts)
    }

    /// The places of some fields of some targets, of which nothing was read yet.
    pub fn of(targets: &[&str], fields: &[&str]) -> RunFacts {
        let mut facts = RunFacts::default();
        for target in targets {
            let place = facts.targets.len();
            facts.targets.entry(target.to_string()).or_insert(place);
        }
        let fields: BTreeSet<&str> = fields.iter().copied().collect();
        facts.fields = fields.into_iter().map(str::to_string).collect();
        facts
    }

    /// Reads the values in force of some of the fields.
    pub fn read_holders(&mut self, write: &Write, table: &str, targets: &[&str], fields: &[&str]) -> Result<()> {
        if !targets.is_empty() {
            let asked = Asked::new(write, table, targets, fields)?;
            self.holders = self.in_own_order(&asked, write.holders(&asked)?);
        }
        Ok(())
    }

    /// Reads what a source's news on some of the fields meets: its own open candidates, held items and what was turned down.
    pub fn read_rivals(
        &mut self,
        write: &Write,
        source: &str,
        table: &str,
        targets: &[&str],
        fields: &[&str],
    ) -> Result<()> {
        if targets.is_empty() {
            return Ok(());
        }
        let asked = Asked::new(write, table, targets, fields)?;
        self.open = self.in_own_order(&asked, write.open_candidates(source, &asked)?);
        self.held = self.in_own_order(&asked, write.held_items(source, &asked)?);
        self.turned_down = self.in_own_order(&asked, write.turned_down(source, &asked)?);
        Ok(())
    }

    /// Facts by the places of all targets and fields, which were read by those of some.
    fn in_own_order<T>(&self, asked: &Asked, facts: Vec<(Spot, T)>) -> InOrder<T> {
        let place = |(target, field): Spot| self.spot(asked.targets[target], asked.fields[field]);
        InOrder::new(facts.into_iter().filter_map(|(spot, fact)| Some((place(spot)?, fact))).collect())
    }

    /// Reads what the source is sent and was sent, of those fields that it receives.
    pub fn read_sent(&mut self, write: &Write, plans: &mut Plans, targets: &[&str], fields: &[&str]) -> Result<()> {
        let received: Vec<&str> = fields.iter().copied().filter(|field| plans.of(field).receives()).collect();
        if received.is_empty() {
            return Ok(());
        }
        let (source, table) = plans.place();
        let asked: Vec<(&str, &str)> =
            targets.iter().flat_map(|target| received.iter().map(|field| (*target, *field))).collect();
        let facts = write.receiver_facts(source, table, &asked)?.into_iter();
        let facts = facts.filter_map(|fact| Some((self.spot(&fact.target_id, &fact.field_name)?, fact)));
        self.sent = InOrder::new(facts.collect());
        Ok(())
    }

    /// What the facts of a field are looked up by; none of a target that nothing was asked of.
    pub fn spot(&self, target: &str, field: &str) -> Option<Spot> {
        let target = *self.targets.get(target)?;
        let field = self.fields.binary_search_by(|name| name.as_str().cmp(field)).ok()?;
        Some((target, field))
    }

    /// The fields, in order.
    pub fn fields(&self) -> Vec<&str> {
        self.fields.iter().map(String::as_str).collect()
    }

    /// Whether the value in force of a field gets stale some day.
    pub fn has_clock(&self, spot: Option<Spot>) -> bool {
        self.holder(spot).is_some_and(|holder| holder.stale_on.is_some())
    }

    /// A held item that is being decided on is not its own rival.
    pub fn forget_held(&mut self, item: i64) {
        self.forgotten.insert(item);
    }

    pub fn holder(&self, spot: Option<Spot>) -> Option<&HolderFact> {
        self.holders.of(spot).next_back()
    }

    pub fn open(&self, spot: Option<Spot>) -> impl Iterator<Item = &OpenFact> {
        self.open.of(spot)
    }

    pub fn held(&self, spot: Option<Spot>) -> impl Iterator<Item = &HeldFact> {
        self.held.of(spot).filter(|held| !self.forgotten.contains(&held.item))
    }

    pub fn turned_down(&self, spot: Option<Spot>) -> impl DoubleEndedIterator<Item = &TurnedDownFact> {
        self.turned_down.of(spot)
    }

    /// When the source last delivered a field by a word that counts, besides the item at hand.
    pub fn last(&self, spot: Option<Spot>) -> Option<Micros> {
        self.last.of(spot).next_back().copied()
    }

    pub fn sent(&self, spot: Option<Spot>) -> Option<&ReceiverFact> {
        self.sent.of(spot).next_back()
    }
}
