//! Which of a source's words on a field is the last one, whether a delivered value repeats it, and since when no other word
//! is news (engine.md, "Last words").

use crate::model::choice::LedgerStatus;
use crate::model::time::Micros;

/// When a word came, among the words of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    pub job: i64,
    /// The record's place in its delivery; unknown of a word that no entry stands for.
    pub sequence: Option<i64>,
    /// The entry's; 0 where there is none.
    pub id: i64,
}

impl Order {
    /// By delivery, and within it by the record's place; a word that no entry stands for is kept only while it is the last.
    fn place(&self) -> (i64, i64, i64) {
        (self.job, self.sequence.unwrap_or(i64::MAX), self.id)
    }
}

/// The entry that a word brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub id: i64,
    pub status: LedgerStatus,
    pub active: bool,
    pub live: bool,
}

/// A word that was news when it came, by one of the keys that stand for the record by now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Of its key.
    pub identifier: i64,
    /// Whether it equals what is delivered now, as delivered.
    pub same: bool,
    pub order: Order,
    pub at: Micros,
    /// False for one that was rejected, revoked or disposed of: no other word is late because of it.
    pub counts: bool,
    pub entry: Option<Entry>,
}

/// That a key said its last word of the field again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Again {
    pub identifier: i64,
    pub job: i64,
    pub at: Micros,
}

/// The last word that a delivered value repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Repeated {
    pub entry: Option<Entry>,
    pub counts: bool,
    /// When it was last said, repeats of its key included.
    pub at: Micros,
}

/// What the words of a field say of a delivered value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Judged {
    /// None: the value is news.
    pub repeated: Option<Repeated>,
    /// The newest time of a word that counts, repeats included.
    pub newest: Option<Micros>,
    /// The source said something of the field before.
    pub spoke: bool,
}

impl Judged {
    /// Whether nothing can come of the value but a clock that starts anew: it repeats a word that neither waits nor was
    /// turned down.
    pub fn is_settled(&self) -> bool {
        let waits = |entry: Entry| entry.status == LedgerStatus::Pending && entry.active && !entry.live;
        self.repeated.is_some_and(|repeated| repeated.counts && !repeated.entry.is_some_and(waits))
    }
}

/// Judges a value that a key delivers, by all words and repeats of its source on the record's field.
pub fn judge(words: &[Word], again: &[Again], identifier: i64) -> Judged {
    let own = last_of(words, identifier).filter(|word| word.same);
    let repeated = own.or_else(|| last_of_source(words).filter(|word| word.same));
    let at = |word: &Word| {
        let said_again = again.iter().filter(|again| again.identifier == identifier).map(|again| again.at);
        said_again.chain([word.at]).max().unwrap_or(word.at)
    };
    Judged {
        repeated: repeated.map(|word| Repeated { entry: brought(words, word), counts: word.counts, at: at(word) }),
        newest: newest(words, again),
        spoke: !words.is_empty(),
    }
}

/// The last word of a key.
fn last_of(words: &[Word], identifier: i64) -> Option<&Word> {
    words.iter().filter(|word| word.identifier == identifier).max_by_key(|word| word.order.place())
}

/// The newest of the last words of all keys. Where two of one delivery cannot be told apart, none is.
fn last_of_source(words: &[Word]) -> Option<&Word> {
    let mut keys: Vec<i64> = words.iter().map(|word| word.identifier).collect();
    keys.sort_unstable();
    keys.dedup();
    let lasts: Vec<&Word> = keys.into_iter().filter_map(|key| last_of(words, key)).collect();
    let newest = lasts.iter().max_by_key(|word| word.order.place())?;
    let unsure = lasts.iter().filter(|word| word.order.job == newest.order.job);
    match unsure.clone().count() > 1 && unsure.clone().any(|word| word.order.sequence.is_none()) {
        true => None,
        false => Some(newest),
    }
}

/// The entry behind a word. One that was held, or kept otherwise, may have brought one since.
fn brought(words: &[Word], word: &Word) -> Option<Entry> {
    let later = |other: &&Word| other.identifier == word.identifier && other.same && other.order.job == word.order.job;
    word.entry.or_else(|| words.iter().filter(later).filter_map(|other| other.entry).max_by_key(|entry| entry.id))
}

/// The newest time of a word that counts, or of a repeat of one. What was repeated is the word that was its key's last when
/// the repeat came; of a word that nobody knows any more it counts, too.
fn newest(words: &[Word], again: &[Again]) -> Option<Micros> {
    let said = words.iter().filter(|word| word.counts).map(|word| word.at);
    let of = |again: &Again| {
        let before = words.iter().filter(|word| word.identifier == again.identifier && word.order.job <= again.job);
        before.max_by_key(|word| word.order.place())
    };
    let repeated = again.iter().filter(|again| of(again).is_none_or(|word| word.counts)).map(|again| again.at);
    said.chain(repeated).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    const K: i64 = 1;
    const L: i64 = 2;

    /// An entry of a key that says `same`, by its job and time.
    fn entry(identifier: i64, job: i64, at: Micros, same: bool) -> Word {
        let order = Order { job, sequence: Some(1), id: job };
        let entry = Entry { id: job, status: LedgerStatus::Certified, active: true, live: false };
        Word { identifier, same, order, at, counts: true, entry: Some(entry) }
    }

    fn turned_down(word: Word) -> Word {
        Word { counts: false, ..word }
    }

    /// A word without an entry.
    fn said(identifier: i64, job: i64, at: Micros, same: bool) -> Word {
        Word { order: Order { job, sequence: None, id: 0 }, entry: None, ..entry(identifier, job, at, same) }
    }

    fn again(identifier: i64, job: i64, at: Micros) -> Again {
        Again { identifier, job, at }
    }

    /// What a value of the key K is to each ledger: (the job whose entry it repeats, the newest time that counts).
    #[test]
    fn the_last_word_of_a_key_and_of_its_source() {
        type Case = (&'static str, Vec<Word>, Vec<Again>, (bool, Option<Micros>));
        let cases: Vec<Case> = vec![
            ("nobody spoke", vec![], vec![], (false, None)),
            ("the key's last", vec![entry(K, 1, 10, true)], vec![], (true, Some(10))),
            ("not the key's last", vec![entry(K, 1, 10, true), entry(K, 2, 20, false)], vec![], (false, Some(20))),
            ("what was turned down is a last word", vec![turned_down(entry(K, 1, 10, true))], vec![], (true, None)),
            (
                "and hides what was said before, but not its time",
                vec![entry(K, 1, 10, true), turned_down(entry(K, 2, 20, false))],
                vec![],
                (false, Some(10)),
            ),
            ("a held word", vec![entry(K, 1, 10, true), said(K, 2, 20, false)], vec![], (false, Some(20))),
            ("a held word again", vec![entry(K, 1, 10, false), said(K, 2, 20, true)], vec![], (true, Some(20))),
            ("another key's last", vec![entry(L, 1, 10, true)], vec![], (true, Some(10))),
            ("each key its own", vec![entry(K, 1, 10, true), entry(L, 2, 20, false)], vec![], (true, Some(20))),
            (
                "another key's word that a newer one of the source followed",
                vec![entry(K, 2, 20, false), entry(L, 1, 10, true)],
                vec![],
                (false, Some(20)),
            ),
            (
                "two of one delivery of which one has no place in it",
                vec![entry(K, 1, 10, false), said(L, 1, 10, true)],
                vec![],
                (false, Some(10)),
            ),
            ("a repeat's time counts", vec![entry(K, 1, 10, true)], vec![again(K, 2, 20)], (true, Some(20))),
            ("another key's, too", vec![entry(K, 1, 10, true)], vec![again(L, 2, 20)], (true, Some(20))),
            (
                "a repeat of what was turned down",
                vec![turned_down(entry(K, 1, 10, true))],
                vec![again(K, 2, 20)],
                (true, None),
            ),
            (
                "a repeat from before the word that was turned down",
                vec![entry(K, 1, 10, true), turned_down(entry(K, 3, 30, false))],
                vec![again(K, 2, 20)],
                (false, Some(20)),
            ),
        ];
        for (case, words, repeats, expected) in cases {
            let judged = judge(&words, &repeats, K);
            assert_eq!((judged.repeated.is_some(), judged.newest), expected, "{case}");
            assert_eq!(judged.spoke, !words.is_empty(), "{case}");
        }
    }

    #[test]
    fn a_held_word_that_was_released_has_its_entry() {
        let released = entry(K, 2, 20, true);
        let judged = judge(&[entry(K, 1, 10, false), said(K, 2, 20, true), released], &[], K);
        assert_eq!(judged.repeated.and_then(|repeated| repeated.entry), released.entry);
    }

    #[test]
    fn a_repeated_word_was_last_said_when_its_key_said_it() {
        let words = [entry(K, 1, 10, true)];
        let at = |again: &[Again]| judge(&words, again, K).repeated.map(|repeated| repeated.at);
        assert_eq!(at(&[]), Some(10));
        assert_eq!(at(&[again(K, 2, 20), again(L, 3, 30)]), Some(20));
    }
}
