//! Undo: rows come back where they are as the operation left them, and rows that the operation made are retired.

use std::collections::BTreeSet;

use super::rows::{Retire, Span, Taken};
use super::triage::stands;
use steward::model::choice::LedgerStatus;

use super::{Binding, Entry, Item, Job, Key, Map, Name, Person, Policy, Refused, Rows, World};

impl World {
    /// Takes an operation back, given the world before and after it; refused where all of its rows stay as they are.
    /// `withdraws`: it withdrew a delivery, or did so again. Any other leaves alone what was withdrawn since.
    pub fn take_back(
        &mut self,
        operation: usize,
        withdraws: bool,
        before: &World,
        after: &World,
    ) -> Result<(), Refused> {
        macro_rules! span {
            ($rows:ident) => {
                Span { operation, before: &before.$rows, after: &after.$rows }
            };
        }
        let stamp = self.stamp;
        let jobs = self.jobs.take_back(span!(jobs), stamp, |_, _| true);
        let withdrawn: Vec<bool> = self.jobs.iter().map(|(_, job)| !withdraws && !job.active).collect();
        let of_withdrawn = |item: usize| withdrawn[self.items[item].job];
        let withdrawn_items: Vec<bool> = (0..self.items.len()).map(of_withdrawn).collect();
        let entries = self.entries.clone();
        let open = |entry: &Entry| entry.active && entry.status == LedgerStatus::Pending;
        let waits = |entry: &Entry| open(entry) && !entry.live;
        // It would be to be decided on again, or wait again, beside what its source proposed since.
        let outdone = |id: usize| {
            let rival = |other: &Entry| open(other) && other.word.source == entries[id].word.source;
            let of_field = |other: &Entry| other.word.key == entries[id].word.key;
            let since = |other: usize| !entries.is_as_in(other, &after.entries);
            let made = id >= before.entries.len();
            let mut others = entries.iter().filter(|(other, _)| *other != id);
            !made
                && (open(&before.entries[id]) && !open(&entries[id])
                    || waits(&before.entries[id]) && !waits(&entries[id]))
                && others.any(|(other, row)| rival(row) && of_field(row) && since(other))
        };
        // An item goes with the entry it brought; an attempt comes back where no other stands in its place.
        let of_withdrawn = |entry: usize| entries[entry].item.is_some_and(|item| withdrawn_items[item]);
        let entry_stays =
            |entry: usize| !entries.is_as_in(entry, &after.entries) || of_withdrawn(entry) || outdone(entry);
        let item_may = |items: &Rows<Item>, id: usize| {
            let made = id >= before.items.len();
            let brought = items[id].decided.entry.filter(|entry| made || after.entries.is_moved_by(*entry, operation));
            let revived = !made && before.items[id].active && !items[id].active;
            !(withdrawn_items[id] || brought.is_some_and(entry_stays) || revived && stands(items, id))
        };
        let admin_stays = |people: &Rows<Person>, id: usize| {
            let then = before.people[id].is_admin();
            then || people.iter().any(|(other, person)| other != id && person.is_admin())
        };
        let taken: [Taken; 7] = [
            jobs,
            self.items.take_back(span!(items), stamp, item_may),
            self.entries.take_back(span!(entries), stamp, |_, id| !of_withdrawn(id) && !outdone(id)),
            self.maps.take_back(span!(maps), stamp, |_, _| true),
            self.policies.take_back(span!(policies), stamp, |_, _| true),
            self.bindings.take_back(span!(bindings), stamp, |_, _| true),
            self.people.take_back(span!(people), stamp, admin_stays),
        ];
        for id in &taken[2].back {
            if self.entries[*id].wider.is_none() {
                self.touched.insert(self.entries[*id].word.key);
            }
        }
        if taken.iter().all(|taken| taken.back.is_empty()) && taken.iter().any(|taken| taken.left_alone > 0) {
            return Err(Refused);
        }
        if withdraws {
            let items = after.items.moved_by(operation);
            let fields: BTreeSet<(Name, Key)> = items.into_iter().map(|item| self.field_of(item)).collect();
            fields.into_iter().for_each(|(source, key)| self.keep_words_of_items(source, key));
        }
        Ok(())
    }
}

macro_rules! retire {
    ($($row:ty),*) => {
        $(impl Retire for $row {
            fn is_active(&self) -> bool {
                self.active
            }

            fn retire(&mut self) {
                self.active = false;
            }
        })*
    };
}

retire!(Job, Item, Entry, Map, Policy, Binding, Person);
