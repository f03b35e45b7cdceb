//! What a source's code means, by the value maps of one code list (engine.md, step 4).

pub use crate::model::fact::MapFact;

use super::name;
use crate::model::choice::MapState;
use crate::model::text;
use std::cmp::Reverse;

/// What the maps say of a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lookup<'a> {
    /// A map with a canonical code; of several that agree, the one with the highest confidence, then the oldest.
    Found(&'a MapFact),
    /// A person decided that the code has no match.
    NoMatch(&'a MapFact),
    /// The decisions of one level differ: two canonical codes, or a canonical code and no match (`ST021`).
    Ambiguous,
    /// Not decided: the Proposed, Flagged or Rejected row of exactly this source and code, if there is one, in that
    /// order of preference, so that a code has one row that its items wait for (`ST020`).
    Undecided(Option<&'a MapFact>),
}

/// Looks `code` up for `source`: (source, exact), (source, normal), then the same two for maps without a source.
///
/// The first level with a decision, a map that is Active or No match, decides; an undecided map never hides a later
/// level.
pub fn lookup<'a>(maps: &'a [MapFact], source: &str, code: &str) -> Lookup<'a> {
    let normal = text::normal(code);
    let own = |map: &MapFact| !any_source(map) && map.source.as_deref().is_some_and(|named| name::same(named, source));
    let exact = |map: &MapFact| map.code == code;
    let alike = |map: &MapFact| map.normal_code == normal;

    decision(maps, |map| own(map) && exact(map))
        .or_else(|| decision(maps, |map| own(map) && alike(map)))
        .or_else(|| decision(maps, |map| any_source(map) && exact(map)))
        .or_else(|| decision(maps, |map| any_source(map) && alike(map)))
        .unwrap_or_else(|| Lookup::Undecided(open(maps.iter().filter(|map| own(map) && exact(map)))))
}

fn any_source(map: &MapFact) -> bool {
    name::is_any(map.source.as_deref())
}

/// What the decided maps of one level say together; None where there are none.
fn decision<'a>(maps: &'a [MapFact], at_level: impl Fn(&MapFact) -> bool) -> Option<Lookup<'a>> {
    let decided = || maps.iter().filter(|map| is_decided(map) && at_level(map));
    let best = decided().min_by_key(|map| (Reverse(map.confidence), map.id))?;
    Some(match best.state {
        _ if decided().any(|map| !agree(map, best)) => Lookup::Ambiguous,
        MapState::NoMatch => Lookup::NoMatch(best),
        _ => Lookup::Found(best),
    })
}

fn is_decided(map: &MapFact) -> bool {
    matches!(map.state, MapState::Active | MapState::NoMatch)
}

/// A canonical code left over in a No-match row means nothing.
fn agree(a: &MapFact, b: &MapFact) -> bool {
    a.state == b.state && (a.state == MapState::NoMatch || a.canonical == b.canonical)
}

fn open<'a>(maps: impl Iterator<Item = &'a MapFact>) -> Option<&'a MapFact> {
    maps.min_by_key(|map| {
        let preference = match map.state {
            MapState::Proposed => 0,
            MapState::Flagged => 1,
            MapState::Rejected | MapState::Active | MapState::NoMatch => 2,
        };
        (preference, map.id)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use MapState::{Active, Flagged, NoMatch, Proposed, Rejected};

    type Fact = (i64, &'static str, &'static str, MapState, &'static str);

    fn map(&(id, source, code, state, canonical): &Fact) -> MapFact {
        MapFact {
            id,
            source: (!source.is_empty()).then(|| source.to_owned()),
            code: code.to_owned(),
            normal_code: text::normal(code),
            state,
            canonical: (!canonical.is_empty()).then(|| canonical.to_owned()),
            confidence: None,
        }
    }

    fn in_short(answer: Lookup) -> (&'static str, Option<i64>) {
        match answer {
            Lookup::Found(map) => ("found", Some(map.id)),
            Lookup::NoMatch(map) => ("no match", Some(map.id)),
            Lookup::Ambiguous => ("ambiguous", None),
            Lookup::Undecided(map) => ("undecided", map.map(|map| map.id)),
        }
    }

    /// Step 4, what `FFP` from HR means among (id, source, code, state, canonical code).
    #[test]
    fn step_4_lookup() {
        type Short = (&'static str, Option<i64>);
        let cases: &[(&str, &[Fact], Short)] = &[
            ("no map", &[], ("undecided", None)),
            (
                "level 1: source, exact",
                &[(1, "", "FFP", Active, "B"), (2, "HR", "ffp", Active, "C"), (3, "HR", "FFP", Active, "A")],
                ("found", Some(3)),
            ),
            (
                "level 2: source, normal",
                &[(1, "", "FFP", Active, "B"), (2, "HR", " ffp ", Active, "C")],
                ("found", Some(2)),
            ),
            (
                "level 3: any source, exact",
                &[(1, "", "ffp", Active, "B"), (2, "", "FFP", Active, "C")],
                ("found", Some(2)),
            ),
            ("level 4: any source, normal", &[(1, "", "ｆｆｐ", Active, "B")], ("found", Some(1))),
            ("another source's", &[(1, "FIN", "FFP", Active, "A")], ("undecided", None)),
            ("another code's", &[(1, "HR", "FFPX", Active, "A")], ("undecided", None)),
            ("sources compare without case", &[(1, "hr", "FFP", Active, "A")], ("found", Some(1))),
            (
                "no match decides too",
                &[(1, "HR", "FFP", NoMatch, ""), (2, "", "FFP", Active, "A")],
                ("no match", Some(1)),
            ),
            ("two that differ", &[(1, "HR", "FFP", Active, "A"), (2, "HR", "FFP", Active, "B")], ("ambiguous", None)),
            (
                "two that differ, by their normal codes",
                &[(1, "HR", "ffp", Active, "A"), (2, "HR", "Ffp", Active, "B")],
                ("ambiguous", None),
            ),
            (
                "two that differ, further off",
                &[(1, "HR", "FFP", Active, "A"), (2, "HR", "ffp", Active, "B")],
                ("found", Some(1)),
            ),
            (
                "two that agree: the older",
                &[(2, "HR", "FFP", Active, "A"), (1, "HR", "FFP", Active, "A")],
                ("found", Some(1)),
            ),
            (
                "a map and a no match",
                &[(1, "HR", "FFP", Active, "A"), (2, "HR", "FFP", NoMatch, "")],
                ("ambiguous", None),
            ),
            ("two no matches", &[(1, "HR", "FFP", NoMatch, "A"), (2, "HR", "FFP", NoMatch, "")], ("no match", Some(1))),
            (
                "canonical codes compare exactly",
                &[(1, "HR", "FFP", Active, "A"), (2, "HR", "FFP", Active, "a")],
                ("ambiguous", None),
            ),
            (
                "a proposal hides no later level",
                &[(1, "HR", "FFP", Proposed, ""), (2, "", "FFP", Active, "A")],
                ("found", Some(2)),
            ),
            ("undecided: proposed", &[(1, "HR", "FFP", Proposed, "A")], ("undecided", Some(1))),
            ("undecided: flagged", &[(1, "HR", "FFP", Flagged, "")], ("undecided", Some(1))),
            ("undecided: rejected", &[(1, "HR", "FFP", Rejected, "A")], ("undecided", Some(1))),
            (
                "undecided: the proposal first",
                &[(1, "HR", "FFP", Rejected, ""), (2, "HR", "FFP", Flagged, ""), (3, "HR", "FFP", Proposed, "")],
                ("undecided", Some(3)),
            ),
            ("undecided: another spelling has its own row", &[(1, "HR", "ffp", Proposed, "")], ("undecided", None)),
            ("undecided: any source's is not the source's own", &[(1, "", "FFP", Proposed, "")], ("undecided", None)),
        ];
        for (case, facts, expected) in cases {
            let maps: Vec<_> = facts.iter().map(map).collect();
            assert_eq!(in_short(lookup(&maps, "HR", "FFP")), *expected, "{case}");
        }
    }

    #[test]
    fn of_maps_that_agree_the_most_confident_speaks() {
        let unsure = map(&(1, "HR", "FFP", Active, "A"));
        let sure = MapFact { id: 2, confidence: Some(95), ..unsure.clone() };
        let less = MapFact { id: 3, confidence: Some(40), ..unsure.clone() };
        assert_eq!(in_short(lookup(&[unsure, sure, less], "HR", "FFP")), ("found", Some(2)));
    }
}
