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

/// Looks `code` up for `source`; without one, for any source: (source, exact), (any source, exact), then the same two by
/// what the codes fold to.
///
/// The first level with a decision, a map that is Active or No match, decides; an undecided map hides no exact one. The
/// folded levels hold only where nothing speaks against them: never past an open map of exactly this spelling, and not where
/// `differ` says that the list has two codes of its own that fold to this one. It is asked only where it matters.
pub fn lookup<'a, E>(
    maps: &'a [MapFact],
    source: Option<&str>,
    code: &str,
    differ: impl FnOnce() -> Result<bool, E>,
) -> Result<Lookup<'a>, E> {
    let own = |map: &MapFact| is_of(map, source);
    let exact = |map: &MapFact| map.code == code;
    let found =
        decision(maps, |map| own(map) && exact(map)).or_else(|| decision(maps, |map| any_source(map) && exact(map)));
    if let Some(found) = found {
        return Ok(found);
    }
    let waits = || Lookup::Undecided(open(maps.iter().filter(|map| own(map) && exact(map))));
    if maps.iter().any(|map| (own(map) || any_source(map)) && exact(map)) {
        return Ok(waits());
    }
    let normal = text::normal(code);
    let alike = |map: &MapFact| map.normal_code == normal;
    let folded =
        decision(maps, |map| own(map) && alike(map)).or_else(|| decision(maps, |map| any_source(map) && alike(map)));
    match folded {
        Some(folded) if !differ()? => Ok(folded),
        _ => Ok(waits()),
    }
}

/// What waits no longer once codes were decided: proposals that are closed, and open maps that stand but whose items go on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TakenAlong {
    pub closed: Vec<i64>,
    pub released: Vec<i64>,
}

/// Which open maps the decisions among `maps` speak for by now. A proposal that its code would not have got today is closed,
/// but for those to `keep`; a map that a person flagged or rejected stands, and bars what is only like its spelling, while
/// its items go on by a map of exactly their code.
pub fn taken_along(maps: &[MapFact], differ: bool, keep: impl Fn(&MapFact) -> bool) -> TakenAlong {
    let mut left = maps.to_vec();
    let mut along = TakenAlong::default();
    let proposed = |map: &MapFact| map.state == MapState::Proposed && !keep(map);
    // Those of any source bar others.
    let (any, own): (Vec<&MapFact>, Vec<&MapFact>) = maps.iter().partition(|map| any_source(map));
    for map in any.into_iter().chain(own) {
        let same = |other: &MapFact| other.code == map.code && is_of(other, map.source.as_deref());
        if proposed(map) {
            let rest: Vec<MapFact> = left.iter().filter(|other| !(proposed(other) && same(other))).cloned().collect();
            if speaks(&rest, map, differ) {
                along.closed.push(map.id);
                left.retain(|other| other.id != map.id);
            }
        } else if !is_decided(map) && !keep(map) && speaks(&left, map, differ) {
            along.released.push(map.id);
        }
    }
    along
}

/// Whether some maps decide what an open map waits for.
fn speaks(maps: &[MapFact], open: &MapFact, differ: bool) -> bool {
    let source = open.source.as_deref().filter(|_| !any_source(open));
    let found = lookup(maps, source, &open.code, || Ok::<_, std::convert::Infallible>(differ));
    matches!(found, Ok(Lookup::Found(_) | Lookup::NoMatch(_)))
}

/// Whether a map is the source's own; of none in particular, whether it is any source's.
fn is_of(map: &MapFact, source: Option<&str>) -> bool {
    match (any_source(map), source) {
        (any, None) => any,
        (any, Some(source)) => !any && map.source.as_deref().is_some_and(|named| name::same(named, source)),
    }
}

/// Whether a map for a source, or for any, has a say about the codes of another one.
pub fn reaches(map: Option<&str>, other: Option<&str>) -> bool {
    match (map, other) {
        (Some(map), Some(other)) => name::is_any(Some(map)) || name::same(map, other),
        (map, _) => name::is_any(map),
    }
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
    use std::convert::Infallible;

    use super::*;
    use MapState::{Active, Flagged, NoMatch, Proposed, Rejected};

    /// What happens, the maps, those that are closed, and those whose items go on.
    type Case<'a> = (&'a str, &'a [Fact], &'a [i64], &'a [i64]);
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
                "level 2: any source, exact",
                &[(1, "", "FFP", Active, "B"), (2, "HR", " ffp ", Active, "C")],
                ("found", Some(1)),
            ),
            (
                "level 3: source, folded",
                &[(1, "", "ffp", Active, "B"), (2, "HR", "Ffp", Active, "C")],
                ("found", Some(2)),
            ),
            ("level 4: any source, folded", &[(1, "", "ｆｆｐ", Active, "B")], ("found", Some(1))),
            (
                "no match of any source, exact, before a folded one",
                &[(1, "", "FFP", NoMatch, ""), (2, "HR", "ffp", Active, "C")],
                ("no match", Some(1)),
            ),
            (
                "never past a proposal of that spelling",
                &[(1, "HR", "FFP", Proposed, ""), (2, "HR", "ffp", Active, "A")],
                ("undecided", Some(1)),
            ),
            (
                "never past a flag of that spelling",
                &[(1, "HR", "FFP", Flagged, ""), (2, "HR", "ffp", Active, "A")],
                ("undecided", Some(1)),
            ),
            (
                "never past a rejection of that spelling",
                &[(1, "HR", "FFP", Rejected, "A"), (2, "", "ffp", Active, "A")],
                ("undecided", Some(1)),
            ),
            (
                "never past a no match of that spelling",
                &[(1, "HR", "FFP", NoMatch, ""), (2, "HR", "ffp", Active, "A")],
                ("no match", Some(1)),
            ),
            (
                "never past any source's proposal of that spelling",
                &[(1, "", "FFP", Proposed, ""), (2, "HR", "ffp", Active, "A")],
                ("undecided", None),
            ),
            (
                "past another source's proposal",
                &[(1, "FIN", "FFP", Proposed, ""), (2, "HR", "ffp", Active, "A")],
                ("found", Some(2)),
            ),
            (
                "past a proposal of another spelling",
                &[(1, "HR", "Ffp", Proposed, ""), (2, "HR", "ffp", Active, "A")],
                ("found", Some(2)),
            ),
            (
                "a rejection hides no exact map",
                &[(1, "HR", "FFP", Rejected, ""), (2, "", "FFP", Active, "A")],
                ("found", Some(2)),
            ),
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
            assert_eq!(looked_up(&maps, false), *expected, "{case}");
        }
    }

    #[test]
    fn step_4_no_folding_where_two_codes_of_the_list_fold_alike() {
        let maps = |source: &'static str, code: &'static str| [map(&(1, source, code, Active, "A"))];
        for (source, code, then) in
            [("HR", "ffp", ("undecided", None)), ("", "ffp", ("undecided", None)), ("HR", "FFP", ("found", Some(1)))]
        {
            assert_eq!(looked_up(&maps(source, code), true), then, "{source} {code}");
        }
        // It costs a look into the list, and is not asked where it does not matter.
        let asked = std::cell::Cell::new(0);
        let differ = || {
            asked.set(asked.get() + 1);
            Ok::<_, Infallible>(false)
        };
        for (code, n) in [("FFP", 0), ("XX", 0), ("ffp", 1)] {
            let _ = lookup(&maps("HR", code), Some("HR"), "FFP", differ);
            assert_eq!(asked.get(), n, "{code}");
        }
    }

    /// Which open maps are closed, and whose items go on, once map 1 was decided.
    #[test]
    fn deciding_a_code_takes_its_twins_along() {
        let hr = (1, "HR", "ffp", Active, "A");
        let none = (1, "HR", "ffp", NoMatch, "");
        let any = (1, "", "ffp", Active, "A");
        let cases: &[Case] = &[
            ("a twin of the source", &[hr, (2, "HR", "FFP", Proposed, "")], &[2], &[]),
            ("a twin of a code without a match", &[none, (2, "HR", "FFP", Proposed, "")], &[2], &[]),
            (
                "twins in several spellings",
                &[hr, (2, "HR", "FFP", Proposed, ""), (3, "HR", "Ffp", Proposed, "")],
                &[2, 3],
                &[],
            ),
            (
                "a second row of one spelling",
                &[hr, (2, "HR", "FFP", Proposed, ""), (3, "HR", "FFP", Proposed, "")],
                &[2, 3],
                &[],
            ),
            ("its own spelling", &[hr, (2, "HR", "ffp", Proposed, "")], &[2], &[]),
            ("another source's", &[hr, (2, "FIN", "FFP", Proposed, "")], &[], &[]),
            ("any source's", &[hr, (2, "", "FFP", Proposed, "")], &[], &[]),
            ("a flagged one stands", &[hr, (2, "HR", "FFP", Flagged, "")], &[], &[]),
            ("a rejected one stands", &[hr, (2, "HR", "FFP", Rejected, "A")], &[], &[]),
            ("one without a match stands", &[hr, (2, "HR", "FFP", NoMatch, "")], &[], &[]),
            (
                "any source's map: each source's spelling",
                &[any, (2, "HR", "ffp", Proposed, ""), (3, "FIN", "FFP", Proposed, "")],
                &[2, 3],
                &[],
            ),
            (
                "any source's map: any source's twin bars no more",
                &[any, (2, "HR", "FFP", Proposed, ""), (3, "", "FFP", Proposed, "")],
                &[3, 2],
                &[],
            ),
            (
                "any source's map: flagged of exactly that code goes on and stands",
                &[any, (2, "HR", "ffp", Flagged, "")],
                &[],
                &[2],
            ),
            ("any source's map: rejected in another spelling stands", &[any, (2, "HR", "FFP", Rejected, "")], &[], &[]),
            (
                "decided otherwise in two spellings",
                &[hr, (2, "HR", "Ffp", Active, "B"), (3, "HR", "FFP", Proposed, "")],
                &[],
                &[],
            ),
            ("undecided yet", &[(1, "HR", "ffp", Proposed, ""), (2, "HR", "FFP", Proposed, "")], &[], &[]),
        ];
        for (case, facts, closed, released) in cases {
            let maps: Vec<_> = facts.iter().map(map).collect();
            let along = taken_along(&maps, false, |_| false);
            assert_eq!((&along.closed[..], &along.released[..]), (*closed, *released), "{case}");
            // In a list with two such codes only exact maps speak.
            let exact = taken_along(&maps, true, |_| false);
            let same = |id: &i64| maps.iter().any(|map| map.id == *id && map.code == "ffp");
            assert!(exact.closed.iter().all(same), "{case}");
            assert!(taken_along(&maps, false, |_| true).closed.is_empty(), "{case}");
        }
    }

    fn looked_up(maps: &[MapFact], differ: bool) -> (&'static str, Option<i64>) {
        let Ok(found) = lookup(maps, Some("HR"), "FFP", || Ok::<_, Infallible>(differ));
        in_short(found)
    }

    #[test]
    fn of_maps_that_agree_the_most_confident_speaks() {
        let unsure = map(&(1, "HR", "FFP", Active, "A"));
        let sure = MapFact { id: 2, confidence: Some(95), ..unsure.clone() };
        let less = MapFact { id: 3, confidence: Some(40), ..unsure.clone() };
        assert_eq!(looked_up(&[unsure, sure, less], false), ("found", Some(2)));
    }
}
