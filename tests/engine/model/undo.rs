//! Undo: rows come back where they have not moved since, and rows that the operation made are retired.

use super::rows::{Retire, Span, Taken};
use super::triage::stands;
use super::{Entry, Item, Map, Policy, Refused, Rows, World};

impl World {
    /// Takes an operation back, given the world before and after it; refused where all of its rows stay as they are.
    pub fn take_back(&mut self, operation: usize, before: &World, after: &World) -> Result<(), Refused> {
        macro_rules! span {
            ($rows:ident) => {
                Span { operation, before: &before.$rows, after: &after.$rows }
            };
        }
        let stamp = self.stamp;
        let entries = self.entries.clone();
        // An attempt goes with the entry it brought; the one before comes back where no other stands in its place.
        let item_may = |items: &Rows<Item>, id: usize| {
            let made = id >= before.items.len();
            let entry_moved = items[id].decided.entry.is_some_and(|entry| !entries.is_moved_by(entry, operation));
            let revived = !made && before.items[id].active && !items[id].active;
            !(made && entry_moved || revived && stands(items, id))
        };
        let taken: [Taken; 4] = [
            self.items.take_back(span!(items), stamp, item_may),
            self.entries.take_back(span!(entries), stamp, |_, _| true),
            self.maps.take_back(span!(maps), stamp, |_, _| true),
            self.policies.take_back(span!(policies), stamp, |_, _| true),
        ];
        for id in &taken[1].back {
            self.touched.insert(self.entries[*id].word.key);
        }
        if taken.iter().all(|taken| taken.back.is_empty()) && taken.iter().any(|taken| taken.left_alone > 0) {
            return Err(Refused);
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

retire!(Item, Entry, Map, Policy);
