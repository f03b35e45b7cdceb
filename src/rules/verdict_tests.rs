//! The table of engine.md, step 6: each row by its number, and every combination of facts against a slow reference.

use super::*;
use proptest::prelude::*;
use std::cmp::Reverse;

const CERTIFIED: Action = Action::Write { certified: true };
const LIVE: Action = Action::Write { certified: false };
const PENDING: Action = Action::Wait { challenger: false, conflict: false };
const CHALLENGER: Action = Action::Wait { challenger: true, conflict: false };
const CONFLICT: Action = Action::Wait { challenger: true, conflict: true };
const UNCHANGED: Action = Action::Unchanged { restart_clock: false };
const CONFIRMED: Action = Action::Unchanged { restart_clock: true };

const BY_NAME: Place = Place { authoritative: true, rank: 1, by_name: true };
const BY_STAR: Place = Place { by_name: false, ..BY_NAME };
const UNLISTED: Place = Place { authoritative: false, rank: 2, by_name: false };
const HIGHER: Place = Place { rank: 0, ..BY_NAME };
const LOWER: Place = Place { rank: 2, ..BY_NAME };

const AGE: Age = Age { source_time: 100, sequence: 10, source: "M" };
const OLDER: Age = Age { source_time: 99, ..AGE };
const NEWER: Age = Age { source_time: 101, ..AGE };

const HOLDER: Holder = Holder { rank: 1, age: AGE, stale: false, pinned: false, changed_since_pin: false };
const STALE: Holder = Holder { stale: true, ..HOLDER };
const PINNED: Holder = Holder { pinned: true, ..HOLDER };

/// A newer value, by name, of the holder's rank: row 5.
const FACTS: Facts = Facts {
    mode: CommitMode::OnCertify,
    auto_certify: false,
    typed: false,
    place: BY_NAME,
    confident: true,
    age: NEWER,
    own_last: None,
    repeats_own: false,
    equals_current: false,
    holder: Some(HOLDER),
};
const ROW_1: Facts = Facts { mode: CommitMode::OnIngest, auto_certify: true, ..FACTS };
/// Another source says at the same time what the holder's said.
const SAID_BY_A: Facts = Facts { equals_current: true, age: Age { source: "a", ..AGE }, ..ROW_1 };
const ROW_2: Facts = Facts { mode: CommitMode::OnIngest, ..FACTS };
const ROW_3: Facts = Facts { auto_certify: true, ..FACTS };
const ROW_4: Facts = Facts { auto_certify: true, place: BY_STAR, ..FACTS };
/// Another source's, newer.
const BY_P: Age = Age { source: "P", ..NEWER };
/// Of a lower rank.
const ROW_6: Facts = Facts { place: LOWER, age: BY_P, ..ROW_1 };
const ROW_12: Facts = Facts { own_last: Some(102), ..ROW_1 };

#[test]
fn step_6_rows() {
    let against = |holder: Holder<'static>, facts: Facts<'static>| Facts { holder: Some(holder), ..facts };
    let cases: &[(&str, Facts, u8, Action)] = &[
        ("1: equal and newer", ROW_1, 1, CERTIFIED),
        ("1: higher rank, though older", Facts { place: HIGHER, age: OLDER, ..ROW_1 }, 1, CERTIFIED),
        ("1: no holder, though of low rank", Facts { place: LOWER, holder: None, ..ROW_1 }, 1, CERTIFIED),
        ("1: newer by its sequence", Facts { age: Age { sequence: 11, ..AGE }, ..ROW_1 }, 1, CERTIFIED),
        ("1: newer by its source key", Facts { age: Age { source: "a", ..AGE }, ..ROW_1 }, 1, CERTIFIED),
        ("1: the same source at the same time", Facts { age: Age { sequence: 9, ..AGE }, ..ROW_1 }, 1, CERTIFIED),
        ("1: need not be listed by name", Facts { place: BY_STAR, ..ROW_1 }, 1, CERTIFIED),
        ("1: against a stale holder too", against(STALE, ROW_1), 1, CERTIFIED),
        ("2: live", ROW_2, 2, LIVE),
        ("2: no holder", Facts { holder: None, ..ROW_2 }, 2, LIVE),
        ("2: typed by a person, whatever the policy says", Facts { typed: true, ..ROW_1 }, 2, LIVE),
        ("3: listed by name", ROW_3, 3, CERTIFIED),
        ("4: not listed by name", ROW_4, 4, PENDING),
        ("5: listed by name", FACTS, 5, PENDING),
        ("5: typed by a person, whatever the policy says", Facts { typed: true, ..ROW_3 }, 5, PENDING),
        ("5: not listed by name", Facts { place: BY_STAR, ..FACTS }, 5, PENDING),
        ("1: the same source, whatever its rank by now", Facts { place: LOWER, ..ROW_1 }, 1, CERTIFIED),
        ("6: lower rank, though newer", ROW_6, 6, CHALLENGER),
        ("6: equal and older", Facts { age: OLDER, ..ROW_1 }, 6, CHALLENGER),
        ("6: equal and of a later source key", Facts { age: Age { source: "Z", ..AGE }, ..ROW_1 }, 6, CHALLENGER),
        (
            "6: another source, older by its sequence",
            Facts { age: Age { sequence: 9, source: "a", ..AGE }, ..ROW_1 },
            6,
            CHALLENGER,
        ),
        ("6: On Certify as well", Facts { place: LOWER, age: BY_P, ..FACTS }, 6, CHALLENGER),
        ("7: as 1", against(STALE, ROW_6), 7, CERTIFIED),
        ("7: as 2", against(STALE, Facts { place: LOWER, age: BY_P, ..ROW_2 }), 7, LIVE),
        ("7: as 3", against(STALE, Facts { place: LOWER, age: BY_P, ..ROW_3 }), 7, CERTIFIED),
        ("7: as 4", against(Holder { rank: 0, ..STALE }, Facts { age: BY_P, ..ROW_4 }), 7, PENDING),
        ("7: as 5", against(STALE, Facts { place: LOWER, age: BY_P, ..FACTS }), 7, PENDING),
        (
            "7: equal and older is not protected against either",
            against(STALE, Facts { age: OLDER, ..ROW_1 }),
            7,
            CERTIFIED,
        ),
        ("8: not authoritative", Facts { place: UNLISTED, ..ROW_1 }, 8, CHALLENGER),
        ("8: no holder", Facts { place: UNLISTED, holder: None, ..ROW_1 }, 8, CHALLENGER),
        ("8: a stale holder", against(STALE, Facts { place: UNLISTED, ..ROW_1 }), 8, CHALLENGER),
        ("9: not confident", Facts { confident: false, ..ROW_1 }, 9, Action::Hold),
        ("9: no holder", Facts { confident: false, holder: None, ..ROW_1 }, 9, Action::Hold),
        ("10: equals the current value", Facts { equals_current: true, ..ROW_1 }, 10, CONFIRMED),
        (
            "10: from its own source at a higher rank",
            Facts { equals_current: true, place: HIGHER, ..ROW_1 },
            10,
            CONFIRMED,
        ),
        (
            "1: equals the current value, from another source of higher rank",
            Facts { place: HIGHER, ..SAID_BY_A },
            1,
            CERTIFIED,
        ),
        ("1: equals the current value, of one time and before by its source key", SAID_BY_A, 1, CERTIFIED),
        (
            "10: equals the current value, from another source later",
            Facts { age: Age { source: "a", ..NEWER }, ..SAID_BY_A },
            10,
            CONFIRMED,
        ),
        (
            "10: from a higher rank that would wait",
            Facts { place: HIGHER, mode: CommitMode::OnCertify, auto_certify: false, ..SAID_BY_A },
            10,
            CONFIRMED,
        ),
        ("10: from a higher rank against a pin", against(PINNED, Facts { place: HIGHER, ..SAID_BY_A }), 10, CONFIRMED),
        ("10: from a lower rank: the clock runs on", Facts { equals_current: true, ..ROW_6 }, 10, UNCHANGED),
        ("10: no holder: no clock", Facts { equals_current: true, holder: None, ..ROW_1 }, 10, UNCHANGED),
        ("10: repeats its own open candidate", Facts { repeats_own: true, ..ROW_2 }, 10, UNCHANGED),
        (
            "10: repeats its own live candidate",
            Facts { repeats_own: true, equals_current: true, ..ROW_2 },
            10,
            CONFIRMED,
        ),
        ("11: pinned", against(PINNED, ROW_1), 11, CHALLENGER),
        ("11: whatever the rank", against(PINNED, Facts { place: HIGHER, ..ROW_1 }), 11, CHALLENGER),
        ("11: changed since the pin", against(Holder { changed_since_pin: true, ..PINNED }, ROW_1), 11, CONFLICT),
        ("12: older than its own last", ROW_12, 12, Action::Supersede),
        ("12: no holder", Facts { holder: None, ..ROW_12 }, 12, Action::Supersede),
        ("12: as old as its own last is not older", Facts { own_last: Some(101), ..ROW_1 }, 1, CERTIFIED),
        ("12: newer than its own last", Facts { own_last: Some(100), ..ROW_1 }, 1, CERTIFIED),
    ];
    for (case, facts, row, action) in cases {
        assert_eq!(decide(facts), Verdict { row: *row, action: *action }, "{case}");
    }
}

/// Each case meets the conditions of both rows.
#[test]
fn step_6_order() {
    let repeat = Facts { repeats_own: true, ..ROW_1 };
    let cases: &[(&str, Facts, u8)] = &[
        ("12 before 10, a repeat", Facts { own_last: Some(102), ..repeat }, 12),
        ("12 before 10, the current value", Facts { equals_current: true, ..ROW_12 }, 12),
        ("12 before 9", Facts { confident: false, ..ROW_12 }, 12),
        ("12 before 8", Facts { place: UNLISTED, ..ROW_12 }, 12),
        ("10, a repeat, before 9", Facts { confident: false, ..repeat }, 10),
        ("10, a repeat, before 8", Facts { place: UNLISTED, ..repeat }, 10),
        ("10, a repeat, before 11", Facts { holder: Some(PINNED), ..repeat }, 10),
        ("10, a repeat, before 6", Facts { place: LOWER, ..repeat }, 10),
        ("9 before 8", Facts { confident: false, place: UNLISTED, ..ROW_1 }, 9),
        ("9 before 10, the current value", Facts { confident: false, equals_current: true, ..ROW_1 }, 9),
        ("9 before 11", Facts { confident: false, holder: Some(PINNED), ..ROW_1 }, 9),
        ("8 before 10, the current value", Facts { place: UNLISTED, equals_current: true, ..ROW_1 }, 8),
        ("8 before 11", Facts { place: UNLISTED, holder: Some(PINNED), ..ROW_1 }, 8),
        ("10 before 11", Facts { equals_current: true, holder: Some(PINNED), ..ROW_1 }, 10),
        ("10 before 6", Facts { equals_current: true, ..ROW_6 }, 10),
        ("11 before 6", Facts { holder: Some(PINNED), ..ROW_6 }, 11),
        ("11 before 7", Facts { holder: Some(Holder { stale: true, ..PINNED }), ..ROW_6 }, 11),
    ];
    for (case, facts, row) in cases {
        assert_eq!(decide(facts).row, *row, "{case}");
    }
}

/// The table as it is written: each row's conditions in full, none relying on another row's having been tested.
mod reference {
    use super::*;

    fn candidate_wins(f: &Facts) -> bool {
        let Some(holder) = f.holder else { return true };
        let key = |age: Age| (age.source_time, age.sequence, Reverse(age.source.to_ascii_lowercase()));
        let same_source = f.age.source.eq_ignore_ascii_case(holder.age.source);
        let newer =
            if same_source { f.age.source_time >= holder.age.source_time } else { key(f.age) > key(holder.age) };
        f.place.rank < holder.rank || ((f.place.rank == holder.rank || same_source) && newer)
    }

    /// Another source that would have been written says the same, of a higher rank or of equal rank and time and later.
    fn vouches(f: &Facts) -> bool {
        let Some(holder) = f.holder.filter(|holder| !holder.pinned) else { return false };
        let later = |age: Age| (age.sequence, Reverse(age.source.to_ascii_lowercase()));
        let another = !f.age.source.eq_ignore_ascii_case(holder.age.source);
        let one_time = f.age.source_time == holder.age.source_time && later(f.age) > later(holder.age);
        let before = f.place.rank < holder.rank || (f.place.rank == holder.rank && one_time);
        another && before && [CERTIFIED, LIVE].contains(&by_mode(f).1)
    }

    fn stale(f: &Facts) -> bool {
        f.holder.is_some_and(|holder| holder.stale)
    }

    fn by_mode(f: &Facts) -> (u8, Action) {
        let rows = [
            (1, CommitMode::OnIngest, true, [true, false].as_slice(), CERTIFIED),
            (2, CommitMode::OnIngest, false, &[true, false], LIVE),
            (3, CommitMode::OnCertify, true, &[true], CERTIFIED),
            (4, CommitMode::OnCertify, true, &[false], PENDING),
            (5, CommitMode::OnCertify, false, &[true, false], PENDING),
        ];
        let mut matching = rows.iter().filter(|(_, mode, auto, by_name, _)| {
            *mode == f.mode && *auto == (f.auto_certify && !f.typed) && by_name.contains(&f.place.by_name)
        });
        let (row, .., action) = matching.next().expect("a row");
        assert!(matching.next().is_none(), "rows 1 to 5 exclude each other");
        (*row, *action)
    }

    fn applies(row: u8, f: &Facts) -> bool {
        match row {
            12 => f.own_last > Some(f.age.source_time),
            9 => !f.confident && !f.repeats_own,
            8 => !f.place.authoritative && !f.repeats_own,
            10 => f.repeats_own || (f.equals_current && f.confident && f.place.authoritative && !vouches(f)),
            11 => f.confident && f.holder.is_some_and(|holder| holder.pinned) && !f.repeats_own,
            6 => f.confident && !candidate_wins(f) && !stale(f) && !f.repeats_own,
            7 => f.confident && !candidate_wins(f) && stale(f),
            _ => f.confident && candidate_wins(f) && by_mode(f).0 == row,
        }
    }

    fn action(row: u8, f: &Facts) -> Action {
        match row {
            12 => Action::Supersede,
            9 => Action::Hold,
            10 if !(f.equals_current && f.confident && f.place.authoritative) => UNCHANGED,
            10 if f.holder.is_none_or(|holder| holder.rank < f.place.rank) => UNCHANGED,
            10 => CONFIRMED,
            11 if f.holder.is_some_and(|holder| holder.changed_since_pin) => CONFLICT,
            6 | 8 | 11 => CHALLENGER,
            _ => by_mode(f).1,
        }
    }

    pub fn decide(f: &Facts) -> Verdict {
        let order = [12, 9, 8, 10, 11, 6, 7, 1, 2, 3, 4, 5];
        let row = order.into_iter().find(|row| applies(*row, f)).expect("some row applies to any facts");
        Verdict { row, action: action(row, f) }
    }
}

/// All combinations of a few of each: two of a number are enough to be equal, lower and higher than a third.
fn every_combination(mut visit: impl FnMut(Facts)) {
    let flags = [false, true];
    let ages = product(&[99, 100, 101], &product(&[9, 10, 11], &["A", "M", "Z"]));
    let pins = product(&flags, &product(&flags, &flags));
    let holders: Vec<Option<Holder>> = product(&[0, 1, 2], &pins)
        .into_iter()
        .map(|(rank, (stale, (pinned, changed_since_pin)))| Holder { rank, age: AGE, stale, pinned, changed_since_pin })
        .map(Some)
        .chain([None])
        .collect();
    // What a person typed and what nobody certifies unseen come to the same: one of the two is enough.
    let certifies = [(false, false), (true, false), (true, true)];
    let switches = product(&product(CommitMode::ALL, &certifies), &product(&flags, &product(&flags, &flags)));
    for place in [HIGHER, BY_NAME, BY_STAR, LOWER, UNLISTED] {
        for &((mode, (auto_certify, typed)), (confident, (repeats_own, equals_current))) in &switches {
            for own_last in [None, Some(99), Some(100), Some(101)] {
                for &(source_time, (sequence, source)) in &ages {
                    let age = Age { source_time, sequence, source };
                    for &holder in &holders {
                        visit(Facts {
                            mode,
                            auto_certify,
                            typed,
                            place,
                            confident,
                            age,
                            own_last,
                            repeats_own,
                            equals_current,
                            holder,
                        });
                    }
                }
            }
        }
    }
}

fn product<A: Copy, B: Copy>(left: &[A], right: &[B]) -> Vec<(A, B)> {
    left.iter().flat_map(|a| right.iter().map(|b| (*a, *b))).collect()
}

#[test]
fn every_combination_is_decided_as_the_reference_decides() {
    let mut seen = [0; 13];
    every_combination(|facts| {
        let verdict = decide(&facts);
        assert_eq!(verdict, reference::decide(&facts), "{facts:?}");
        seen[usize::from(verdict.row)] += 1;
    });
    assert!(seen[1..].iter().all(|count| *count > 0), "a row was never met: {seen:?}");
}

/// What a delivery leaves behind makes the same delivery a second time change nothing.
#[test]
fn a_delivery_twice_equals_once() {
    every_combination(|first| {
        let second = match decide(&first).action {
            Action::Hold | Action::Wait { .. } => Facts { repeats_own: true, ..first },
            Action::Write { .. } => {
                let holder = Holder { rank: first.place.rank, age: first.age, ..HOLDER };
                Facts { repeats_own: true, equals_current: true, holder: Some(holder), ..first }
            }
            Action::Supersede | Action::Unchanged { .. } => first,
        };
        let again = Facts { own_last: first.own_last.max(Some(first.age.source_time)), ..second };
        match (decide(&first).action, decide(&again).action) {
            (Action::Hold | Action::Wait { .. }, Action::Unchanged { restart_clock }) => {
                assert!(!restart_clock, "{first:?}")
            }
            (Action::Write { .. }, Action::Unchanged { restart_clock }) => assert!(restart_clock, "{first:?}"),
            (once, twice) => assert_eq!(once, twice, "{first:?}"),
        }
    });
}

proptest! {
    #[test]
    fn newer_than_is_a_strict_total_order(
        ages in prop::collection::vec((0..3i64, 0..3i64, "[a-c]"), 3)
    ) {
        let age = |at: usize| Age { source_time: ages[at].0, sequence: ages[at].1, source: &ages[at].2 };
        let (a, b, c) = (age(0), age(1), age(2));
        prop_assert!(!a.newer_than(&a));
        prop_assert_eq!(a != b, a.newer_than(&b) != b.newer_than(&a));
        prop_assert!(!(a.newer_than(&b) && b.newer_than(&c)) || a.newer_than(&c));
    }
}
