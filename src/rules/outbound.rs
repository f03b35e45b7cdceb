//! What goes out to a receiver, and as which of its codes (engine.md, "Outbound").

pub use crate::model::fact::ReverseMap;

use super::name;

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
    /// What waits to be exported to it.
    pub open: Option<Option<&'a str>>,
    /// What it last sent or was sent, as far as that is known.
    pub last: Option<Option<&'a str>>,
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
}

/// Decides what becomes of a changed value for one receiver.
///
/// A value never goes back to the source that supplied it, nor to one that has it. A source that never sent or was sent
/// the field has nothing that an empty value could take away.
pub fn outgoing(change: &Change) -> Outgoing {
    let has_it = change.last.map_or(change.value.is_none(), |last| last == change.value);
    if !change.known_record || change.supplied {
        Outgoing::Withdraw
    } else if change.open == Some(change.value) {
        Outgoing::Keep
    } else if has_it {
        Outgoing::Withdraw
    } else {
        Outgoing::Send
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
        use Outgoing::{Keep, Send, Withdraw};
        const NEW: Change = Change { value: Some("Ann"), supplied: false, known_record: true, open: None, last: None };
        let cases: &[(&str, Change, Outgoing)] = &[
            ("never sent", NEW, Send),
            ("last something else", Change { last: Some(Some("Bo")), ..NEW }, Send),
            ("last the same", Change { last: Some(Some("Ann")), ..NEW }, Withdraw),
            ("supplied by the receiver", Change { supplied: true, last: Some(Some("Bo")), ..NEW }, Withdraw),
            ("a record it does not know", Change { known_record: false, ..NEW }, Withdraw),
            ("waits already", Change { open: Some(Some("Ann")), last: Some(Some("Bo")), ..NEW }, Keep),
            ("something else waits", Change { open: Some(Some("Cy")), ..NEW }, Send),
            ("back to what it has", Change { open: Some(Some("Cy")), last: Some(Some("Ann")), ..NEW }, Withdraw),
            ("gone", Change { value: None, last: Some(Some("Bo")), ..NEW }, Send),
            ("gone and never sent", Change { value: None, ..NEW }, Withdraw),
            ("gone, and it knows", Change { value: None, last: Some(None), ..NEW }, Withdraw),
            ("gone, and that waits", Change { value: None, open: Some(None), last: Some(Some("Bo")), ..NEW }, Keep),
        ];
        for (case, change, expected) in cases {
            assert_eq!(outgoing(change), *expected, "{case}");
        }
    }
}
