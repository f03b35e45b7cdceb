//! Which of a source's words on a field is the last one, whether a delivered value repeats it, and since when no other word
//! is news (engine.md, "Last words").

use crate::model::choice::LedgerStatus;
use crate::model::time::Micros;

/// A word's place among the words of one field: its delivery, and the record in that. An entry that came of it later has the
/// place of its word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    pub job: i64,
    pub sequence: i64,
}

/// The entry that a word brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    pub id: i64,
    pub status: LedgerStatus,
    pub active: bool,
    pub live: bool,
}

impl Entry {
    fn is_turned_down(&self) -> bool {
        matches!(self.status, LedgerStatus::Rejected | LedgerStatus::Revoked)
    }
}

/// A word that was news when it came, by one of the keys that stand for the record by now. Where a key said again what another
/// key had said, its word has the place of that one's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Word {
    /// Of its key.
    pub identifier: i64,
    pub text: Text,
    pub place: Place,
    pub at: Micros,
    /// None: it is kept by a row of its own.
    pub entry: Option<Entry>,
    /// It was closed at once, since a person had turned the same down before.
    pub closed: bool,
}

/// What a word says, as far as it matters to the value that is delivered now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Text {
    /// The same, as delivered.
    Same,
    /// Something else, by its hash where that was asked for.
    Other(Option<i64>),
    /// It was disposed of.
    Gone,
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
    pub place: Place,
    /// Its key's own last word; else the last word of its source, which another key said.
    pub own: bool,
    /// The entry that stands for it by now.
    pub entry: Option<Entry>,
    /// A person turned it down, or the same before.
    pub turned_down: bool,
    /// It was closed at once, since a person had turned the same down before.
    pub closed: bool,
    /// When its key said it last.
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
    /// Whether nothing can come of the value but a clock that starts anew: it repeats a word of its own key that neither waits
    /// nor was turned down.
    pub fn is_settled(&self) -> bool {
        let waits = |entry: Entry| entry.status == LedgerStatus::Pending && entry.active && !entry.live;
        self.repeated
            .is_some_and(|repeated| repeated.own && !repeated.turned_down && !repeated.entry.is_some_and(waits))
    }
}

/// All words and repeats of a source on a record's field.
#[derive(Debug, Clone, Default)]
pub struct Words {
    pub words: Vec<Word>,
    pub again: Vec<Again>,
}

impl Words {
    /// Judges a value that a key delivers.
    pub fn judge(&self, identifier: i64) -> Judged {
        let own = self.last_of(identifier).filter(|word| word.text == Text::Same);
        let of_source = self.last_of_source().filter(|word| word.text == Text::Same);
        // Of two that are equal the newer one counts.
        let newer = of_source.filter(|word| own.is_none_or(|own| word.place > own.place));
        let repeated = newer.or(own).map(|word| Repeated {
            place: word.place,
            own: newer.is_none(),
            entry: self.entry_of(word),
            turned_down: self.is_turned_down(word),
            closed: word.closed,
            at: self.last_said(word, identifier),
        });
        Judged { repeated, newest: self.newest(None), spoke: !self.words.is_empty() }
    }

    /// The newest time of a word that counts, or of a repeat of one; `except` the word of a place and what repeats it. What
    /// was repeated is the word that was its key's last when the repeat came; one that nobody knows any more counts, too.
    pub fn newest(&self, except: Option<Place>) -> Option<Micros> {
        let counts = |word: &Word| Some(word.place) != except && word.text != Text::Gone && !self.is_turned_down(word);
        let said = self.words.iter().filter(|word| counts(word)).map(|word| word.at);
        let of = |again: &Again| {
            let before = self.of_key(again.identifier).filter(|word| word.place.job <= again.job);
            before.max_by_key(|word| rank(word))
        };
        let repeated = self.again.iter().filter(|again| of(again).is_none_or(counts)).map(|again| again.at);
        said.chain(repeated).max()
    }

    fn of_key(&self, identifier: i64) -> impl Iterator<Item = &Word> {
        self.words.iter().filter(move |word| word.identifier == identifier)
    }

    fn last_of(&self, identifier: i64) -> Option<&Word> {
        self.of_key(identifier).max_by_key(|word| rank(word))
    }

    fn last_of_source(&self) -> Option<&Word> {
        self.words.iter().max_by_key(|word| rank(word))
    }

    /// When a key last said a word.
    fn last_said(&self, word: &Word, identifier: i64) -> Micros {
        let again = self.again.iter().filter(|again| again.identifier == identifier && again.job >= word.place.job);
        again.map(|again| again.at).chain([word.at]).max().unwrap_or(word.at)
    }

    /// The entry behind a word. One that was held, or kept otherwise, may have brought one since.
    fn entry_of(&self, word: &Word) -> Option<Entry> {
        let same_place = self.words.iter().filter(|other| other.place == word.place);
        let brought = same_place.filter_map(|other| other.entry).max_by_key(|entry| entry.id);
        brought.or_else(|| self.closed_by(word))
    }

    /// The entry for which a word was closed at once, as long as that stays turned down.
    fn closed_by(&self, word: &Word) -> Option<Entry> {
        let same = |other: &&Word| word.closed && other.text == word.text && !matches!(word.text, Text::Other(None));
        let entries = self.words.iter().filter(same).filter_map(|other| other.entry);
        entries.filter(|entry| entry.active && entry.is_turned_down()).max_by_key(|entry| entry.id)
    }

    fn is_turned_down(&self, word: &Word) -> bool {
        self.entry_of(word).is_some_and(|entry| entry.is_turned_down())
    }
}

/// Words in order; of one place its entries come after the word, and the newest of them last.
fn rank(word: &Word) -> (Place, i64) {
    (word.place, word.entry.map_or(0, |entry| entry.id))
}

#[cfg(test)]
#[path = "last_word_tests.rs"]
mod tests;
