//! Last words: whose they are, what repeats them, and since when nothing else is news.

use super::*;
use LedgerStatus::{Certified, Rejected};

const K: i64 = 1;
const L: i64 = 2;

const OTHER: Text = Text::Other(Some(7));

/// The word of a key with its entry, by its job, which is also its time and its entry.
fn word(identifier: i64, job: i64, text: Text, status: LedgerStatus) -> Word {
    let entry = Entry { id: job, status, active: true, live: false };
    Word { identifier, text, place: Place { job, sequence: 1 }, at: job, entry: Some(entry), closed: false }
}

fn same(identifier: i64, job: i64) -> Word {
    word(identifier, job, Text::Same, Certified)
}

fn other(identifier: i64, job: i64) -> Word {
    word(identifier, job, OTHER, Certified)
}

fn rejected(identifier: i64, job: i64, text: Text) -> Word {
    word(identifier, job, text, Rejected)
}

/// A word without an entry.
fn row(word: Word) -> Word {
    Word { entry: None, ..word }
}

fn closed(identifier: i64, job: i64, text: Text) -> Word {
    Word { closed: true, ..row(word(identifier, job, text, Certified)) }
}

fn again(identifier: i64, job: i64) -> Again {
    Again { identifier, job, at: job }
}

/// What a value of the key K is: whether it repeats its own (true) or its source's (false) last word; whether that was turned
/// down; the newest time that counts.
#[test]
fn what_is_a_repeat_and_since_when_nothing_else_is_news() {
    type Case = (&'static str, Vec<Word>, Vec<Again>, (Option<bool>, bool, Option<Micros>));
    let cases: Vec<Case> = vec![
        ("nobody spoke", vec![], vec![], (None, false, None)),
        ("the key's last", vec![same(K, 10)], vec![], (Some(true), false, Some(10))),
        ("not the key's last", vec![same(K, 10), other(K, 20)], vec![], (None, false, Some(20))),
        ("what was turned down is a last word", vec![rejected(K, 10, Text::Same)], vec![], (Some(true), true, None)),
        (
            "and hides what was said before, but not its time",
            vec![same(K, 10), rejected(K, 20, OTHER)],
            vec![],
            (None, false, Some(10)),
        ),
        ("a held word", vec![same(K, 10), row(other(K, 20))], vec![], (None, false, Some(20))),
        ("a held word again", vec![other(K, 10), row(same(K, 20))], vec![], (Some(true), false, Some(20))),
        ("another key's", vec![same(L, 10)], vec![], (Some(false), false, Some(10))),
        ("each key its own", vec![same(K, 10), other(L, 20)], vec![], (Some(true), false, Some(20))),
        ("not the source's last", vec![other(K, 20), same(L, 10)], vec![], (None, false, Some(20))),
        (
            "of the key's and the source's the newer",
            vec![rejected(K, 10, Text::Same), same(L, 20)],
            vec![],
            (Some(false), false, Some(20)),
        ),
        (
            "what another key had said, said again by this one, and then another word of the source",
            vec![same(L, 10), row(same(K, 10)), other(L, 30)],
            vec![again(K, 20)],
            (Some(true), false, Some(30)),
        ),
        (
            "the same, where that word was turned down since",
            vec![rejected(L, 10, Text::Same), row(same(K, 10))],
            vec![again(K, 20)],
            (Some(true), true, None),
        ),
        (
            "a held word that was released and turned down",
            vec![row(same(K, 20)), rejected(K, 20, Text::Same)],
            vec![],
            (Some(true), true, None),
        ),
        (
            "closed, since the same was turned down before",
            vec![rejected(K, 10, Text::Same), other(K, 20), closed(K, 30, Text::Same)],
            vec![again(K, 40)],
            (Some(true), true, Some(20)),
        ),
        (
            "closed, and what it was closed for was taken back",
            vec![same(K, 10), other(K, 20), closed(K, 30, Text::Same)],
            vec![],
            (Some(true), false, Some(30)),
        ),
        ("disposed of", vec![word(K, 10, Text::Gone, Certified)], vec![], (None, false, None)),
        ("a repeat's time counts", vec![same(K, 10)], vec![again(K, 20)], (Some(true), false, Some(20))),
        ("another key's, too", vec![same(K, 10)], vec![again(L, 20)], (Some(true), false, Some(20))),
        (
            "a repeat of what was turned down",
            vec![rejected(K, 10, Text::Same)],
            vec![again(K, 20)],
            (Some(true), true, None),
        ),
        (
            "a repeat from before the word that was turned down",
            vec![same(K, 10), rejected(K, 30, OTHER)],
            vec![again(K, 20)],
            (None, false, Some(20)),
        ),
    ];
    for (case, words, again, expected) in cases {
        let spoke = !words.is_empty();
        let judged = Words { words, again }.judge(K);
        let repeated = judged.repeated;
        let seen = (repeated.map(|it| it.own), repeated.is_some_and(|it| it.turned_down), judged.newest);
        assert_eq!(seen, expected, "{case}");
        assert_eq!(judged.spoke, spoke, "{case}");
    }
}

#[test]
fn a_word_is_not_late_because_of_itself() {
    let words =
        Words { words: vec![other(L, 5), same(K, 10), row(same(L, 10))], again: vec![again(K, 20), again(L, 30)] };
    assert_eq!(words.newest(None), Some(30));
    assert_eq!(words.newest(Some(Place { job: 10, sequence: 1 })), Some(5));
}

#[test]
fn a_repeated_word_was_last_said_when_its_key_said_it() {
    let at =
        |again: Vec<Again>| Words { words: vec![same(K, 10)], again }.judge(K).repeated.map(|repeated| repeated.at);
    assert_eq!(at(vec![]), Some(10));
    assert_eq!(at(vec![again(K, 20), again(L, 30)]), Some(20));
}
