//! Which ledger entry holds a field's current value (engine.md, step 7).
//!
//! The holder is a pure function of the entries: no clock and no policy is asked, so that no value changes because a
//! day passed or a policy was edited. An entry carries the rank it had when it was made.

pub use crate::model::fact::Entry;

use super::name;
use crate::model::choice::LedgerStatus;
use std::cmp::Ordering;
use std::collections::HashSet;

/// True if the entry may hold the current value: active, and Certified, or Pending and live.
pub fn eligible(entry: &Entry) -> bool {
    let written = match entry.status {
        LedgerStatus::Certified => true,
        LedgerStatus::Pending => entry.live,
        LedgerStatus::Rejected | LedgerStatus::Revoked => false,
    };
    entry.active && written
}

/// By what an entry stands before another, the first that counts first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Difference {
    /// A decision put another entry before it, and that one is still eligible.
    Displaced,
    Pinned,
    Rank,
    Certified,
    Newer,
    Later,
    Source,
    /// Nothing but its id.
    Id,
}

impl Difference {
    /// All that two entries by themselves can differ in.
    const OF_TWO: [Difference; 7] = [
        Difference::Pinned,
        Difference::Rank,
        Difference::Certified,
        Difference::Newer,
        Difference::Later,
        Difference::Source,
        Difference::Id,
    ];

    fn order(self, a: &Entry, b: &Entry) -> Ordering {
        let certified = |entry: &Entry| entry.status == LedgerStatus::Certified;
        match self {
            Difference::Displaced => Ordering::Equal,
            Difference::Pinned => b.pinned.cmp(&a.pinned),
            Difference::Rank => a.rank.cmp(&b.rank),
            Difference::Certified => certified(b).cmp(&certified(a)),
            Difference::Newer => b.source_time.cmp(&a.source_time),
            Difference::Later => b.sequence.cmp(&a.sequence),
            Difference::Source => name::order(&a.source, &b.source),
            Difference::Id => b.id.cmp(&a.id),
        }
    }
}

/// The entry in force, whatever the order of `entries`; None: the field is empty.
///
/// The first difference wins: not displaced by an eligible entry, then the order of [`before`].
pub fn holder(entries: &[Entry]) -> Option<&Entry> {
    let standing = standing(entries);
    let rivals = entries.iter().filter(|entry| eligible(entry));
    rivals.min_by(|a, b| displaced(a, &standing).cmp(&displaced(b, &standing)).then_with(|| order(a, b)))
}

/// By what the entry in force stands before an eligible rival.
pub fn difference(holder: &Entry, rival: &Entry, entries: &[Entry]) -> Difference {
    let standing = standing(entries);
    if displaced(rival, &standing) && !displaced(holder, &standing) {
        return Difference::Displaced;
    }
    Difference::OF_TWO.into_iter().find(|of| of.order(holder, rival).is_ne()).unwrap_or(Difference::Id)
}

/// The entries that may displace others.
fn standing(entries: &[Entry]) -> HashSet<i64> {
    entries.iter().filter(|entry| eligible(entry)).map(|entry| entry.id).collect()
}

fn displaced(entry: &Entry, standing: &HashSet<i64>) -> bool {
    entry.displaced_by.is_some_and(|rival| standing.contains(&rival))
}

/// True if `a` comes before `b`, displacement aside: pinned, rank, Certified before live Pending, newer source time,
/// later sequence, source A–Z, higher id. A strict total order of entries with distinct ids.
pub fn before(a: &Entry, b: &Entry) -> bool {
    order(a, b).is_lt()
}

/// The order of [`before`].
pub fn order(a: &Entry, b: &Entry) -> Ordering {
    let orders = Difference::OF_TWO.into_iter().map(|of| of.order(a, b));
    orders.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use LedgerStatus::{Certified, Pending, Rejected, Revoked};
    use proptest::prelude::*;

    fn entry(id: i64) -> Entry {
        Entry {
            id,
            status: Certified,
            live: false,
            active: true,
            pinned: false,
            rank: 1,
            source_time: 100,
            sequence: 10,
            source: "M".to_owned(),
            displaced_by: None,
        }
    }

    fn live(id: i64) -> Entry {
        Entry { status: Pending, live: true, ..entry(id) }
    }

    #[test]
    fn step_7_eligible() {
        let cases = [
            ("certified", entry(1), true),
            ("live pending", live(1), true),
            ("pending, not written", Entry { live: false, ..live(1) }, false),
            ("rejected", Entry { status: Rejected, ..live(1) }, false),
            ("revoked", Entry { status: Revoked, ..live(1) }, false),
            ("certified, inactive", Entry { active: false, ..entry(1) }, false),
            ("live pending, inactive", Entry { active: false, ..live(1) }, false),
        ];
        for (case, entry, expected) in cases {
            assert_eq!(eligible(&entry), expected, "{case}");
        }
    }

    /// Step 7: each winner (id 1) beats its rival (id 2) by one difference, although every later one is the rival's.
    #[test]
    fn step_7_first_difference_wins() {
        let source = |source: &str, entry: Entry| Entry { source: source.to_owned(), ..entry };
        let cases = [
            (Difference::Displaced, entry(1), Entry { displaced_by: Some(1), pinned: true, rank: 0, ..entry(2) }),
            (Difference::Pinned, Entry { pinned: true, rank: 9, ..live(1) }, Entry { rank: 0, ..entry(2) }),
            (Difference::Rank, Entry { rank: 0, ..live(1) }, Entry { source_time: 900, ..entry(2) }),
            (Difference::Certified, entry(1), Entry { source_time: 900, ..live(2) }),
            (
                Difference::Newer,
                Entry { source_time: 101, sequence: 1, ..entry(1) },
                Entry { sequence: 99, ..entry(2) },
            ),
            (Difference::Later, source("Z", Entry { sequence: 11, ..entry(1) }), source("A", entry(2))),
            (Difference::Source, source("a", entry(1)), source("B", entry(2))),
        ];
        for (case, winner, rival) in cases {
            let entries = [rival, winner];
            assert_eq!(holder(&entries).map(|entry| entry.id), Some(1), "{case:?}");
            assert_eq!(difference(&entries[1], &entries[0], &entries), case);
        }
        let twins = [entry(2), entry(3)];
        assert_eq!(holder(&twins).map(|entry| entry.id), Some(3), "higher id");
        assert_eq!(difference(&twins[1], &twins[0], &twins), Difference::Id);
    }

    #[test]
    fn step_7_whole_ledgers() {
        let by = |rival: i64, entry: Entry| Entry { displaced_by: Some(rival), ..entry };
        let cases: Vec<(&str, Vec<Entry>, Option<i64>)> = vec![
            ("an empty ledger", vec![], None),
            ("nothing eligible", vec![Entry { status: Rejected, ..entry(1) }, Entry { live: false, ..live(2) }], None),
            (
                "an entry that is not eligible displaces nothing",
                vec![by(2, entry(1)), Entry { status: Revoked, ..entry(2) }],
                Some(1),
            ),
            ("an entry of another field displaces nothing", vec![by(99, entry(1))], Some(1)),
            ("a chain of choices", vec![by(2, entry(1)), by(3, entry(2)), Entry { rank: 5, ..entry(3) }], Some(3)),
            (
                "a chain without its last",
                vec![by(2, entry(1)), by(3, Entry { rank: 5, ..entry(2) }), Entry { active: false, ..entry(3) }],
                Some(2),
            ),
            (
                "a third entry may beat the chosen one",
                vec![
                    by(2, Entry { rank: 0, ..entry(1) }),
                    Entry { rank: 5, ..entry(2) },
                    Entry { rank: 3, ..entry(3) },
                ],
                Some(3),
            ),
            ("choices in a circle cancel out", vec![by(2, Entry { rank: 0, ..entry(1) }), by(1, entry(2))], Some(1)),
        ];
        for (case, entries, expected) in cases {
            assert_eq!(holder(&entries).map(|entry| entry.id), expected, "{case}");
        }
    }

    prop_compose! {
        /// Few values in each place, so that ties are common.
        fn any_entry()(
            status in prop::sample::select(LedgerStatus::ALL),
            flags in any::<(bool, bool, bool)>(),
            numbers in (0..3i64, 0..3i64, 0..3i64),
            source in "[AaBb]",
            displaced_by in prop::option::of(0..8i64),
        ) -> Entry {
            let (live, active, pinned) = flags;
            let (rank, source_time, sequence) = numbers;
            Entry { id: 0, status, live, active, pinned, rank, source_time, sequence, source, displaced_by }
        }
    }

    fn any_ledger() -> impl Strategy<Value = Vec<Entry>> {
        prop::collection::vec(any_entry(), 0..8).prop_map(|mut entries| {
            for (id, entry) in (0..).zip(&mut entries) {
                entry.id = id;
            }
            entries
        })
    }

    proptest! {
        #[test]
        fn holder_does_not_depend_on_the_order_of_entries(
            (entries, shuffled) in any_ledger()
                .prop_flat_map(|entries| (Just(entries.clone()), Just(entries).prop_shuffle()))
        ) {
            prop_assert_eq!(holder(&entries), holder(&shuffled));
        }

        #[test]
        fn before_is_a_strict_total_order(entries in any_ledger()) {
            for a in &entries {
                prop_assert!(!before(a, a));
                for b in entries.iter().filter(|b| b.id != a.id) {
                    prop_assert!(before(a, b) != before(b, a));
                    for c in &entries {
                        prop_assert!(!(before(a, b) && before(b, c)) || before(a, c));
                    }
                }
            }
        }

        #[test]
        fn the_holder_is_eligible_and_some_eligible_entry_holds(entries in any_ledger()) {
            prop_assert_eq!(holder(&entries).is_some(), entries.iter().any(eligible));
            prop_assert!(holder(&entries).is_none_or(eligible));
        }
    }
}
