//! Repeated × what became of the last word × stale × pinned × rank: each rule by its words, then every combination.

use super::*;
use crate::model::choice::CommitMode;
use crate::rules::ranking::Place;
use crate::rules::verdict::{Age, Facts, Holder, decide};

const PLACE: Place = Place { authoritative: true, rank: 1, by_name: true };
const UNLISTED: Place = Place { authoritative: false, rank: 9, by_name: false };
const AGE: Age = Age { source_time: 100, sequence: 1, source: "HR" };

/// What holds the field, of another source.
#[derive(Debug, Clone, Copy)]
struct Field {
    /// None: nothing is in force.
    rank: Option<i64>,
    stale: bool,
    pinned: bool,
    equal: bool,
}

const LOWER: Field = Field { rank: Some(2), stale: false, pinned: false, equal: false };
const HIGHER: Field = Field { rank: Some(0), ..LOWER };
const EMPTY: Field = Field { rank: None, ..LOWER };

/// What is decided on news of a source of rank 1, newer than what holds the field.
fn news(field: Field, place: Place, (mode, auto_certify): (CommitMode, bool)) -> Verdict {
    let age = Age { source_time: 50, source: "FIN", ..AGE };
    let Field { stale, pinned, .. } = field;
    let holder = field.rank.map(|rank| Holder { rank, age, stale, pinned, changed_since_pin: pinned });
    let equals_current = field.equal && holder.is_some();
    let (confident, own_last, repeats_own) = (true, Some(100), false);
    decide(&Facts {
        mode,
        auto_certify,
        typed: false,
        place,
        confident,
        age: AGE,
        own_last,
        repeats_own,
        equals_current,
        holder,
    })
}

const AT_ONCE: (CommitMode, bool) = (CommitMode::OnIngest, true);
const BY_A_PERSON: (CommitMode, bool) = (CommitMode::OnCertify, false);

#[test]
fn a_repeat_does() {
    let repeat =
        |became, field| Repeat { became, older: false, came_by_changed: false, now: news(field, PLACE, AT_ONCE) };
    let changed = |became, field| Repeat { came_by_changed: true, ..repeat(became, field) };
    let older = |became, field| Repeat { older: true, ..changed(became, field) };
    let stale = Field { stale: true, ..HIGHER };
    let pinned = Field { pinned: true, ..LOWER };
    let unlisted = Repeat { now: news(EMPTY, UNLISTED, AT_ONCE), ..repeat(Became::Waiting, EMPTY) };
    let for_a_person = Repeat { now: news(EMPTY, PLACE, BY_A_PERSON), ..repeat(Became::Waiting, EMPTY) };
    let equal = Field { equal: true, ..HIGHER };
    let cases: &[(&str, Repeat, Told)] = &[
        ("in force: it confirms", repeat(Became::InForce, LOWER), Told::Confirms),
        (
            "in force, and its policy was edited: it waits for a re-evaluation",
            changed(Became::InForce, LOWER),
            Told::Confirms,
        ),
        ("displaced by a person's choice, over its rank", repeat(Became::Standing, LOWER), Told::Confirms),
        ("displaced, and the other one got stale", repeat(Became::Standing, stale), Told::Confirms),
        ("superseded by a word of another of its source's keys", repeat(Became::Superseded, EMPTY), Told::Confirms),
        ("held, failed, kept, or another's too", repeat(Became::NoEntry, EMPTY), Told::Confirms),
        ("held, and its map was decided since", changed(Became::NoEntry, EMPTY), Told::Confirms),
        ("a challenger, and a higher rank holds the field", repeat(Became::Waiting, HIGHER), Told::Confirms),
        ("a challenger, and a person pinned the value in force", repeat(Became::Waiting, pinned), Told::Confirms),
        (
            "a challenger, and a stale value is pinned",
            repeat(Became::Waiting, Field { stale: true, ..pinned }),
            Told::Confirms,
        ),
        ("a challenger, and its source is not authoritative", unlisted, Told::Confirms),
        ("a challenger, and what is in force came to say the same", repeat(Became::Waiting, equal), Told::Confirms),
        ("it waits for a reviewer, whatever holds the field", for_a_person, Told::Confirms),
        ("a challenger: the pin was lifted", repeat(Became::Waiting, LOWER), Told::DecideAnew),
        ("a challenger: the holder was revoked", repeat(Became::Waiting, EMPTY), Told::DecideAnew),
        ("a challenger: the holder is stale", repeat(Became::Waiting, stale), Told::DecideAnew),
        ("a challenger that an edited policy would let in", changed(Became::Waiting, LOWER), Told::Confirms),
        (
            "a challenger: the holder is stale by an edited policy too",
            changed(Became::Waiting, stale),
            Told::DecideAnew,
        ),
        ("rejected", repeat(Became::Rejected, EMPTY), Told::Confirms),
        ("rejected, and the holder is stale", repeat(Became::Rejected, stale), Told::Confirms),
        ("rejected, and its map, policy or binding was changed", changed(Became::Rejected, EMPTY), Told::DecideAnew),
        ("rejected, likewise where it will wait", changed(Became::Rejected, HIGHER), Told::DecideAnew),
        ("revoked", repeat(Became::Revoked, EMPTY), Told::Confirms),
        ("revoked, and its map, policy or binding was changed", changed(Became::Revoked, EMPTY), Told::DecideAnew),
        ("older than the last word: in force", older(Became::InForce, LOWER), Told::Nothing),
        ("older than the last word: a challenger that would be let in", older(Became::Waiting, stale), Told::Nothing),
        ("older than the last word: rejected, and changed", older(Became::Rejected, EMPTY), Told::Nothing),
    ];
    for (case, repeat, does) in cases {
        assert_eq!(told(repeat), *does, "{case}: {repeat:?}");
    }
}

/// The rules as the page states them, each in full, and none relying on another's having been tested.
fn by_the_page(repeat: &Repeat, field: Field, place: Place, policy: (CommitMode, bool)) -> Told {
    // A value of this source that nothing stands in the way of would be written by these policies.
    let by_policy = policy.0 == CommitMode::OnIngest || (policy.1 && place.by_name);
    let equal = field.equal && field.rank.is_some();
    let vouches = field.rank.is_some_and(|rank| place.rank < rank) && !field.pinned;
    let goes_before = field.rank.is_none_or(|rank| place.rank <= rank);
    let free = place.authoritative && by_policy && (field.rank.is_none() || !field.pinned) && (!equal || vouches);
    let by_stale = free && field.rank.is_some() && field.stale && !goes_before;
    let by_itself = free && goes_before;
    let let_in = by_stale || (by_itself && !repeat.came_by_changed);
    let exceptions = [
        repeat.became == Became::Waiting && let_in,
        repeat.became == Became::Rejected && repeat.came_by_changed,
        repeat.became == Became::Revoked && repeat.came_by_changed,
    ];
    match (repeat.older, exceptions.contains(&true)) {
        (true, _) => Told::Nothing,
        (false, true) => Told::DecideAnew,
        (false, false) => Told::Confirms,
    }
}

/// A repeat, and what it meets.
type Met = (Repeat, Field, Place, (CommitMode, bool));

fn every_combination(mut visit: impl FnMut(Met)) {
    let flags = [false, true];
    let places = [PLACE, Place { by_name: false, ..PLACE }, UNLISTED];
    let fields = [None, Some(0), Some(1), Some(2)].into_iter().flat_map(|rank| {
        let of = move |bits: u8| Field { rank, stale: bits & 1 > 0, pinned: bits & 2 > 0, equal: bits & 4 > 0 };
        (0..8).map(of)
    });
    for field in fields {
        for place in places {
            for policy in CommitMode::ALL.iter().flat_map(|mode| flags.map(|auto| (*mode, auto))) {
                let now = news(field, place, policy);
                for became in Became::ALL {
                    for (older, came_by_changed) in flags.into_iter().flat_map(|older| flags.map(|by| (older, by))) {
                        let repeat = Repeat { became, older, came_by_changed, now };
                        visit((repeat, field, place, policy));
                    }
                }
            }
        }
    }
}

#[test]
fn every_combination_is_told_as_the_page_says() {
    let mut seen = [0; 3];
    every_combination(|(repeat, field, place, policy)| {
        let does = told(&repeat);
        assert_eq!(does, by_the_page(&repeat, field, place, policy), "{repeat:?} {field:?} {place:?}");
        seen[does as usize] += 1;
    });
    assert!(seen.iter().all(|count| *count > 0), "an answer was never met: {seen:?}");
}

/// What was decided anew is not decided anew by the next repeat: a daily delivery comes to rest.
#[test]
fn a_word_is_decided_anew_once() {
    every_combination(|(repeat, field, ..)| {
        if told(&repeat) != Told::DecideAnew {
            return;
        }
        let became = match repeat.now.action {
            Action::Write { .. } => Became::InForce,
            Action::Wait { .. } => Became::Waiting,
            Action::Supersede | Action::Hold | Action::Unchanged { .. } => Became::NoEntry,
        };
        let next = Repeat { became, came_by_changed: false, ..repeat };
        assert_eq!(told(&next), Told::Confirms, "{repeat:?} {field:?}");
    });
}
