//! What goes out to a receiver, and as which of its codes (engine.md, "Outbound").

pub use crate::model::fact::ReverseMap;

use super::name;
use crate::model::choice::OnEmpty;

/// A source's code for a canonical code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reverse<'a> {
    Found(&'a ReverseMap),
    /// No map leads there.
    Missing,
    /// Several codes do, and not exactly one of them is preferred (`ST050`).
    Ambiguous,
}

/// Reads value maps backwards, whatever their order: the maps of one code list that lead to one canonical code.
///
/// Maps without a source count where the receiver has none of its own. Maps of the same code are one candidate.
pub fn reverse<'a>(maps: &'a [ReverseMap], receiver: &str) -> Reverse<'a> {
    let own = |map: &&ReverseMap| map.source.as_deref().is_some_and(|source| name::same(source, receiver));
    let mut candidates: Vec<&ReverseMap> = maps.iter().filter(own).collect();
    if candidates.is_empty() {
        candidates = maps.iter().filter(|map| name::is_any(map.source.as_deref())).collect();
    }
    candidates.sort_by_key(|map| map.id);
    if candidates.is_empty() {
        return Reverse::Missing;
    }
    let preferred: Vec<&ReverseMap> = candidates.iter().copied().filter(|map| map.preferred).collect();
    one_code(&preferred).or_else(|| one_code(&candidates)).map_or(Reverse::Ambiguous, Reverse::Found)
}

/// The first of some maps if all of them are of one code.
fn one_code<'a>(maps: &[&'a ReverseMap]) -> Option<&'a ReverseMap> {
    let first = *maps.first()?;
    maps.iter().all(|map| map.code == first.code).then_some(first)
}

/// What is known when a field's value in force changed, of one receiver.
///
/// Values are canonical ones; `None` within is no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change<'a> {
    /// Now in force.
    pub value: Option<&'a str>,
    /// The receiver itself supplied the value in force.
    pub supplied: bool,
    /// The receiver knows the record by a key of its own.
    pub known_record: bool,
    /// What waits to be sent to it.
    pub open: Option<Option<&'a str>>,
    /// What it last said or was sent, as far as that is known.
    pub last: Option<Option<&'a str>>,
    /// It is known by what it was sent, and not by a word of its own.
    pub got: bool,
    /// A value of its own waits to be decided on.
    pub own_open: bool,
    /// What its binding says of a value that became empty.
    pub on_empty: OnEmpty,
    /// The value came back by an undo, and of what that takes back the receiver heard nothing: it was sent nothing and
    /// said nothing since.
    pub unheard: bool,
}

/// What becomes of a changed value for one receiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outgoing {
    /// What waits, if anything does, is right as it is.
    Keep,
    /// Nothing is to be sent, and what waits is no longer.
    Withdraw,
    /// The value is to be sent, in the place of what waits.
    Send,
    /// That there is no value waits for a person, in the place of what waits.
    Hold,
}

/// Decides what becomes of a changed value for one receiver.
///
/// A value never goes back to the source that supplied it, nor to one that has it. That a value is gone is for those alone
/// who got one from here, whose binding asks for it, and who say nothing else of the field. An undo queues nothing that was
/// not queued before.
pub fn outgoing(change: &Change) -> Outgoing {
    let has_it = change.last.map_or(change.value.is_none(), |last| last == change.value);
    let emptied = change.value.is_none();
    let takes_emptied = change.got && !change.own_open && change.on_empty != OnEmpty::Default;
    if !change.known_record || change.supplied {
        Outgoing::Withdraw
    } else if change.open == Some(change.value) {
        Outgoing::Keep
    } else if has_it || (emptied && !takes_emptied) || (change.unheard && change.open.is_none()) {
        Outgoing::Withdraw
    } else if emptied && change.on_empty == OnEmpty::Hold {
        Outgoing::Hold
    } else {
        Outgoing::Send
    }
}

/// A value that a receiver delivered, beside what it is sent and was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer<'a> {
    pub value: Option<&'a str>,
    /// What waits to be sent to it.
    pub open: Option<Option<&'a str>>,
    /// What it was sent last, unless it has said something else since.
    pub sent: Option<Sent<'a>>,
    /// Its own word, as far as an entry keeps it.
    pub own: Option<Option<&'a str>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sent<'a> {
    pub value: Option<&'a str>,
    /// What it had before.
    pub before: Option<&'a str>,
    pub acknowledged: bool,
    /// It was sent a second time already.
    pub again: bool,
    /// It was sent after what was delivered now had been said.
    pub sent_after: bool,
}

/// What a delivered value says of what its source is sent and was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answered {
    Nothing,
    /// It has what waits already: there is nothing left to send.
    HasIt,
    /// It took what it was sent.
    Took,
    /// It still has what it had before: perhaps it never came to it.
    SendAgain,
    /// The same after the second time: somebody has to look (`ST052`).
    Hold,
    /// It has another value by now, so that what it was sent no longer tells what it has.
    SaysElse,
}

/// Compares what a receiver delivered with what it is sent and was sent.
pub fn answered(answer: &Answer) -> Answered {
    if answer.open == Some(answer.value) {
        return Answered::HasIt;
    }
    let Some(sent) = &answer.sent else { return Answered::Nothing };
    let repeats = answer.value == sent.before || answer.own == Some(answer.value);
    if sent.value == answer.value {
        Answered::Took
    } else if sent.sent_after {
        Answered::Nothing
    } else if sent.acknowledged || answer.open.is_some() || !repeats {
        Answered::SaysElse
    } else if sent.again {
        Answered::Hold
    } else {
        Answered::SendAgain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(id: i64, source: Option<&str>, code: &str, preferred: bool) -> ReverseMap {
        let (source, name) = (source.map(str::to_owned), format!("MAP-{id}"));
        ReverseMap { id, name, source, code: code.to_owned(), canonical: "A".to_owned(), preferred }
    }

    #[test]
    fn a_code_is_found_backwards() {
        let fin = Some("FIN");
        let cases: &[(&str, &[ReverseMap], Result<i64, Reverse>)] = &[
            ("none", &[], Err(Reverse::Missing)),
            ("another source's", &[map(1, Some("HR"), "x", true)], Err(Reverse::Missing)),
            ("one needs no preference", &[map(1, Some("fin"), "x", false)], Ok(1)),
            ("the preferred one", &[map(1, fin, "x", false), map(2, fin, "y", true)], Ok(2)),
            ("none preferred", &[map(1, fin, "x", false), map(2, fin, "y", false)], Err(Reverse::Ambiguous)),
            ("two preferred", &[map(1, fin, "x", true), map(2, fin, "y", true)], Err(Reverse::Ambiguous)),
            ("two rows of one code", &[map(2, fin, "x", false), map(1, fin, "x", false)], Ok(1)),
            ("any source's", &[map(1, None, "x", false)], Ok(1)),
            ("its own before any source's", &[map(1, None, "x", true), map(2, fin, "y", false)], Ok(2)),
        ];
        for (case, maps, expected) in cases {
            match (reverse(maps, "FIN"), expected) {
                (Reverse::Found(found), Ok(id)) => assert_eq!(found.id, *id, "{case}"),
                (other, expected) => assert_eq!(Err(other), *expected, "{case}"),
            }
        }
    }

    #[test]
    fn what_goes_out() {
        use Outgoing::{Hold, Keep, Send, Withdraw};
        const NEW: Change = Change {
            value: Some("Ann"),
            supplied: false,
            known_record: true,
            open: None,
            last: None,
            got: false,
            own_open: false,
            on_empty: OnEmpty::Default,
            unheard: false,
        };
        const BO: Option<Option<&str>> = Some(Some("Bo"));
        const GONE: Change = Change { value: None, last: BO, got: true, on_empty: OnEmpty::Send, ..NEW };
        let cases: &[(&str, Change, Outgoing)] = &[
            ("never sent", NEW, Send),
            ("last something else", Change { last: BO, ..NEW }, Send),
            ("last the same", Change { last: Some(Some("Ann")), ..NEW }, Withdraw),
            ("supplied by the receiver", Change { supplied: true, last: BO, ..NEW }, Withdraw),
            ("a record it does not know", Change { known_record: false, ..NEW }, Withdraw),
            ("waits already", Change { open: Some(Some("Ann")), last: BO, ..NEW }, Keep),
            ("something else waits", Change { open: Some(Some("Cy")), ..NEW }, Send),
            ("back to what it has", Change { open: Some(Some("Cy")), last: Some(Some("Ann")), ..NEW }, Withdraw),
            ("its own word is open, and a value is in force", Change { own_open: true, last: BO, ..NEW }, Send),
            ("gone, and its binding says send", GONE, Send),
            ("gone, and its binding says hold", Change { on_empty: OnEmpty::Hold, ..GONE }, Hold),
            ("gone, and its binding says nothing", Change { on_empty: OnEmpty::Default, ..GONE }, Withdraw),
            (
                "gone, and that waits where nothing is to",
                Change { on_empty: OnEmpty::Default, open: BO, ..GONE },
                Withdraw,
            ),
            ("gone, and it has its own word", Change { got: false, ..GONE }, Withdraw),
            ("gone, and its own word is open", Change { own_open: true, ..GONE }, Withdraw),
            ("gone, and it was never sent", Change { last: None, got: false, ..GONE }, Withdraw),
            ("gone, and it knows", Change { last: Some(None), ..GONE }, Withdraw),
            ("gone, and that waits", Change { open: Some(None), ..GONE }, Keep),
            ("gone, and a value waits", Change { open: Some(Some("Cy")), ..GONE }, Send),
            ("an undo it heard nothing of", Change { unheard: true, last: BO, ..NEW }, Withdraw),
            ("the same, and something waits", Change { unheard: true, open: BO, ..NEW }, Send),
            ("the same, and it is gone", Change { unheard: true, ..GONE }, Withdraw),
        ];
        for (case, change, expected) in cases {
            assert_eq!(outgoing(change), *expected, "{case}");
        }
    }

    #[test]
    fn what_a_receivers_word_says_of_what_it_was_sent() {
        use Answered::{HasIt, Hold, Nothing, SaysElse, SendAgain, Took};
        const SENT: Sent =
            Sent { value: Some("new"), before: Some("old"), acknowledged: false, again: false, sent_after: false };
        const SAID: Answer = Answer { value: Some("old"), open: None, sent: Some(SENT), own: None };
        let sent = |sent| Answer { sent: Some(sent), ..SAID };
        let cases: &[(&str, Answer, Answered)] = &[
            ("sent nothing", Answer { sent: None, ..SAID }, Nothing),
            ("what waits", Answer { open: Some(Some("old")), ..SAID }, HasIt),
            ("what it was sent", Answer { value: Some("new"), ..SAID }, Took),
            (
                "what it was sent, said before that",
                Answer { value: Some("new"), ..sent(Sent { sent_after: true, ..SENT }) },
                Took,
            ),
            ("what it had before", SAID, SendAgain),
            (
                "its own word, which is older still",
                Answer { value: Some("own"), own: Some(Some("own")), ..SAID },
                SendAgain,
            ),
            ("what it had before, said before it was sent", sent(Sent { sent_after: true, ..SENT }), Nothing),
            ("what it had before, for the second time", sent(Sent { again: true, ..SENT }), Hold),
            ("what it had before, after it took it", sent(Sent { acknowledged: true, ..SENT }), SaysElse),
            ("what it had before, and something else waits", Answer { open: Some(Some("newer")), ..SAID }, SaysElse),
            ("another value", Answer { value: Some("else"), ..SAID }, SaysElse),
            ("nothing, as before", Answer { value: None, ..sent(Sent { before: None, ..SENT }) }, SendAgain),
            ("nothing, and it had something", Answer { value: None, ..SAID }, SaysElse),
        ];
        for (case, answer, expected) in cases {
            assert_eq!(answered(answer), *expected, "{case}");
        }
    }
}
