//! Deciding again on a field's entries after its policy changed (engine.md: "a new policy reaches old entries only by an
//! explicit, previewed re-evaluation").
//!
//! What was certified stays certified, since only a person takes that back, with revoke; it gets the rank that its source
//! has now. What is Pending is decided on as if it came now: first the live ones, which may have to wait again, then
//! the waiting ones, oldest first, each against the value that then holds. Doing it twice changes nothing the second time.
//!
//! Of one source the newest proposal is its word, as it is where values are delivered: older ones give way to it, but for
//! one that holds the value while the newest waits.

use std::cmp::Ordering;

use super::name;
use super::policy::Applied;
use super::ranking::Place;
use super::survivorship::{self, Entry};
use super::verdict::{Action, Age, Facts, Holder, decide};
use crate::model::choice::LedgerStatus;

/// A standing entry of the field, and where its source stands by the policy in force.
#[derive(Debug, Clone)]
pub struct Standing<'a> {
    pub entry: Entry,
    pub value: Option<&'a str>,
    pub place: Place,
    /// A person typed the value.
    pub typed: bool,
}

/// What an entry is from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Renewed {
    pub id: i64,
    pub rank: i64,
    /// Certified now by the engine.
    pub certified: bool,
    pub live: bool,
    /// The newer word of its source that it gave way to; it is a candidate no more.
    pub superseded_by: Option<i64>,
}

/// What re-evaluation changes in one field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reevaluation {
    /// The entries that change, in the order given.
    pub renewed: Vec<Renewed>,
    /// The entry that the verdict puts before all rivals, if one was written.
    pub chosen: Option<i64>,
    /// The row of the table for each entry that was decided on, as (entry, row).
    pub rows: Vec<(i64, u8)>,
}

/// Decides again on the standing entries of one field: active, and Certified or Pending.
///
/// `stale`: whether an entry as it is by then, were it to hold the value, would be past its stale-after days by the policy
/// in force.
pub fn reevaluate(entries: &[Standing], policy: &Applied, stale: impl Fn(&Entry) -> bool) -> Reevaluation {
    let renewed = |standing: &Standing| Entry { rank: standing.place.rank, ..standing.entry.clone() };
    let now = entries.iter().map(renewed).collect();
    let gone = vec![None; entries.len()];
    let mut field = Field { policy, now, gone, chosen: None, rows: Vec::new(), stale: &stale };
    field.drop_older_waiting(entries);
    for (at, standing) in entries.iter().enumerate() {
        if standing.entry.status == LedgerStatus::Pending && standing.entry.live && !standing.entry.pinned {
            field.decide_live(at, standing);
        }
    }
    let open = |at: &usize| waits(&entries[*at].entry) && field.gone[*at].is_none();
    let mut waiting: Vec<usize> = (0..entries.len()).filter(open).collect();
    waiting.sort_by(|a, b| by_age(&entries[*a].entry, &entries[*b].entry));
    for at in waiting {
        field.decide_waiting(at, entries);
    }
    field.drop_older_live(entries);
    let changed = (0..entries.len()).filter(|at| entries[*at].entry != field.now[*at]);
    Reevaluation {
        renewed: changed
            .map(|at| (&entries[at].entry, &field.now[at], field.gone[at]))
            .map(|(before, now, superseded_by)| Renewed {
                id: now.id,
                rank: now.rank,
                certified: now.status == LedgerStatus::Certified && before.status != now.status,
                live: now.live,
                superseded_by,
            })
            .collect(),
        chosen: field.chosen.filter(|at| field.gone[*at].is_none()).map(|at| field.now[at].id),
        rows: field.rows,
    }
}

/// The field's entries as they are decided on.
struct Field<'a> {
    policy: &'a Applied,
    now: Vec<Entry>,
    /// What each gave way to, where it did.
    gone: Vec<Option<i64>>,
    chosen: Option<usize>,
    rows: Vec<(i64, u8)>,
    stale: &'a dyn Fn(&Entry) -> bool,
}

impl Field<'_> {
    /// What is written stays written if the policy would write it at all; whether it holds the value is survivorship's.
    fn decide_live(&mut self, at: usize, standing: &Standing) {
        let facts = self.facts(standing, None, false);
        let verdict = decide(&facts);
        self.rows.push((standing.entry.id, verdict.row));
        match verdict.action {
            Action::Write { certified: true } => self.certify(at),
            Action::Write { certified: false } => {}
            _ => self.now[at].live = false,
        }
    }

    fn decide_waiting(&mut self, at: usize, entries: &[Standing]) {
        let standing = &entries[at];
        let holder = self.holder();
        let equals = holder.is_some_and(|holder| entries[holder].value == standing.value);
        let facts = self.facts(standing, holder.map(|holder| &self.now[holder]), equals);
        let verdict = decide(&facts);
        self.rows.push((standing.entry.id, verdict.row));
        if let Action::Write { certified } = verdict.action {
            match certified {
                true => self.certify(at),
                false => self.now[at].live = true,
            }
            self.chosen = Some(at);
        }
    }

    /// The newest of a source's proposals that is newer than this one.
    fn newer_word(&self, at: usize, entries: &[Standing]) -> Option<usize> {
        let own = &entries[at].entry;
        let newer = |other: &Entry| is_proposal(other) && name::same(&other.source, &own.source);
        let others = (0..entries.len()).filter(|other| newer(&entries[*other].entry));
        let newest = others.max_by(|a, b| by_age(&entries[*a].entry, &entries[*b].entry))?;
        by_age(&entries[newest].entry, own).is_gt().then_some(newest)
    }

    fn drop_older_waiting(&mut self, entries: &[Standing]) {
        for (at, standing) in entries.iter().enumerate() {
            if waits(&standing.entry) {
                self.give_way(at, self.newer_word(at, entries));
            }
        }
    }

    /// What was written gives way to what is written now, and what holds the value to nothing that waits.
    fn drop_older_live(&mut self, entries: &[Standing]) {
        for (at, standing) in entries.iter().enumerate() {
            let open = self.now[at].status == LedgerStatus::Pending && self.gone[at].is_none();
            let Some(newer) = self.newer_word(at, entries).filter(|_| open && is_proposal(&standing.entry)) else {
                continue;
            };
            if survivorship::eligible(&self.now[newer]) || self.holder() != Some(at) {
                self.give_way(at, Some(newer));
            }
        }
    }

    fn give_way(&mut self, at: usize, newer: Option<usize>) {
        if let Some(newer) = newer {
            self.gone[at] = Some(self.now[newer].id);
            (self.now[at].active, self.now[at].live) = (false, false);
        }
    }

    fn certify(&mut self, at: usize) {
        self.now[at].status = LedgerStatus::Certified;
        self.now[at].live = false;
    }

    /// The place of the entry that holds the value so far.
    fn holder(&self) -> Option<usize> {
        let of = |entry: &Entry| self.now.iter().position(|one| one.id == entry.id);
        self.chosen.or_else(|| survivorship::holder(&self.now).and_then(of))
    }

    fn facts<'f>(&'f self, standing: &'f Standing, holder: Option<&'f Entry>, equals_current: bool) -> Facts<'f> {
        Facts {
            mode: self.policy.mode,
            auto_certify: self.policy.auto_certify,
            typed: standing.typed,
            place: standing.place,
            // An entry was made of a value that was certain enough, and of nothing that its source said before.
            confident: true,
            age: age(&standing.entry),
            own_last: None,
            repeats_own: false,
            equals_current,
            holder: holder.map(|holder| Holder {
                rank: holder.rank,
                age: age(holder),
                stale: (self.stale)(holder),
                pinned: holder.pinned,
                changed_since_pin: false,
            }),
        }
    }
}

fn waits(entry: &Entry) -> bool {
    is_proposal(entry) && !entry.live
}

/// Whether a newer word of its source takes its place; what a person pinned stays.
fn is_proposal(entry: &Entry) -> bool {
    entry.status == LedgerStatus::Pending && !entry.pinned
}

fn age(entry: &Entry) -> Age<'_> {
    Age { source_time: entry.source_time, sequence: entry.sequence, source: &entry.source }
}

/// Oldest first, as they would have been delivered.
fn by_age(a: &Entry, b: &Entry) -> Ordering {
    (a.source_time, a.sequence)
        .cmp(&(b.source_time, b.sequence))
        .then_with(|| name::order(&b.source, &a.source))
        .then_with(|| a.id.cmp(&b.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::choice::CommitMode::{OnCertify, OnIngest};
    use crate::rules::ranking::Ranking;
    use LedgerStatus::{Certified, Pending};

    fn entry(id: i64, source: &str, status: LedgerStatus, live: bool) -> Entry {
        Entry {
            id,
            status,
            live,
            active: true,
            pinned: false,
            rank: 0,
            source_time: id * 10,
            sequence: 1,
            source: source.into(),
            displaced_by: None,
        }
    }

    fn policy(mode: crate::model::choice::CommitMode, auto_certify: bool, sources: &str) -> Applied {
        Applied { mode, auto_certify, ranking: Ranking::parse(sources).unwrap(), ..Applied::default() }
    }

    fn again(entries: &[Entry], policy: &Applied, stale: &[i64]) -> Reevaluation {
        const VALUES: [&str; 4] = ["a", "b", "c", "d"];
        let standing: Vec<Standing> = entries
            .iter()
            .map(|entry| Standing {
                place: policy.ranking.place(&entry.source),
                value: Some(VALUES[entry.id as usize % 4]),
                typed: false,
                entry: entry.clone(),
            })
            .collect();
        reevaluate(&standing, policy, |entry| stale.contains(&entry.id))
    }

    #[test]
    fn what_the_policy_says_now() {
        let hr = |status, live| entry(1, "HR", status, live);
        let fin = |status, live| entry(2, "FIN", status, live);
        let same = |id, rank| Renewed { id, rank, certified: false, live: false, superseded_by: None };
        type Case<'a> = (&'a str, Vec<Entry>, Applied, Vec<Renewed>, Option<i64>);
        let cases: Vec<Case> = vec![
            (
                "nothing changed",
                vec![hr(Certified, false), fin(Pending, false)],
                policy(OnCertify, false, ""),
                vec![],
                None,
            ),
            (
                "a waiting one is written",
                vec![fin(Pending, false)],
                policy(OnIngest, false, ""),
                vec![Renewed { live: true, ..same(2, 0) }],
                Some(2),
            ),
            (
                "a waiting one is written and certified",
                vec![hr(Certified, false), fin(Pending, false)],
                policy(OnIngest, true, ""),
                vec![Renewed { certified: true, ..same(2, 0) }],
                Some(2),
            ),
            (
                "a live one is certified where it stands",
                vec![fin(Pending, true)],
                policy(OnIngest, true, ""),
                vec![Renewed { certified: true, ..same(2, 0) }],
                None,
            ),
            ("a live one waits again", vec![fin(Pending, true)], policy(OnCertify, false, ""), vec![same(2, 0)], None),
            (
                "a certified one gets its source's new rank and stays certified",
                vec![hr(Certified, false), fin(Certified, false)],
                policy(OnCertify, false, "FIN > HR"),
                vec![same(1, 1)],
                None,
            ),
            (
                "a lower rank does not get past the holder",
                vec![hr(Certified, false), fin(Pending, false)],
                policy(OnIngest, true, "HR > FIN"),
                vec![same(2, 1)],
                None,
            ),
            (
                "a source that is no longer authoritative waits",
                vec![hr(Certified, false), fin(Pending, true)],
                policy(OnIngest, false, "HR"),
                vec![same(2, policy(OnIngest, false, "HR").ranking.place("FIN").rank)],
                None,
            ),
            (
                "row 3 asks for the source by name",
                vec![fin(Pending, false)],
                policy(OnCertify, true, "HR > *"),
                vec![same(2, 1)],
                None,
            ),
        ];
        for (name, entries, policy, renewed, chosen) in cases {
            let found = again(&entries, &policy, &[]);
            assert_eq!((found.renewed, found.chosen), (renewed, chosen), "{name}");
        }
    }

    #[test]
    fn a_stale_holder_does_not_protect_itself_from_a_lower_rank() {
        let entries = [entry(1, "HR", Certified, false), entry(2, "FIN", Pending, false)];
        let ranked = policy(OnIngest, true, "HR > FIN");
        assert_eq!(again(&entries, &ranked, &[]).chosen, None);
        assert_eq!(again(&entries, &ranked, &[1]).chosen, Some(2));
    }

    #[test]
    fn a_pinned_holder_stays_and_so_do_those_against_it() {
        let pinned = Entry { pinned: true, ..entry(1, "HR", Pending, true) };
        let entries = [pinned, entry(2, "FIN", Pending, false)];
        let found = again(&entries, &policy(OnIngest, true, ""), &[]);
        assert_eq!((found.renewed, found.chosen, found.rows), (vec![], None, vec![(2, 11)]));
    }

    #[test]
    fn of_several_waiting_the_last_that_gets_past_the_others_is_chosen() {
        let entries = [entry(3, "HR", Pending, false), entry(1, "FIN", Pending, false), entry(2, "IT", Pending, false)];
        let all = again(&entries, &policy(OnIngest, false, ""), &[]);
        assert_eq!((all.renewed.len(), all.chosen), (3, Some(3)));
        let ranked = again(&entries, &policy(OnIngest, false, "FIN > *"), &[]);
        assert_eq!(ranked.chosen, Some(1), "lower ranks that come later do not");
        let live: Vec<i64> = ranked.renewed.iter().filter(|one| one.live).map(|one| one.id).collect();
        assert_eq!(live, [1]);
    }

    /// As where values are delivered: a source has one open candidate, and what holds the value gives way to what is
    /// written alone.
    #[test]
    fn a_source_has_one_open_candidate() {
        let old = |live| entry(1, "HR", Pending, live);
        let new = |live| entry(2, "HR", Pending, live);
        let fin = |id, status, live| entry(id, "FIN", status, live);
        let (waits, writes) = (policy(OnCertify, false, ""), policy(OnIngest, false, ""));
        type Case<'a> = (&'a str, Vec<Entry>, &'a Applied, &'a [(i64, i64)], Option<i64>);
        let ranked = policy(OnIngest, false, "FIN > HR");
        let named = policy(OnIngest, false, "FIN");
        let certifies = policy(OnIngest, true, "");
        let pinned = Entry { pinned: true, ..old(true) };
        let cases: Vec<Case> = vec![
            ("two waiting", vec![old(false), new(false)], &waits, &[(1, 2)], None),
            ("two waiting of two sources", vec![old(false), fin(2, Pending, false)], &waits, &[], None),
            ("the older one waits again", vec![old(true), new(false)], &waits, &[(1, 2)], None),
            ("the newer one is written", vec![old(true), new(false)], &writes, &[(1, 2)], Some(2)),
            ("two waiting, the newer one is written", vec![old(false), new(false)], &writes, &[(1, 2)], Some(2)),
            ("two waiting, the newer one is certified", vec![old(false), new(false)], &certifies, &[(1, 2)], Some(2)),
            ("two written", vec![old(true), new(true)], &writes, &[(1, 2)], None),
            (
                "the older one is written and not in force, and the newer one waits",
                vec![old(true), new(false), fin(3, Certified, false)],
                &ranked,
                &[(1, 2)],
                None,
            ),
            ("neither is authoritative", vec![old(true), new(false)], &named, &[(1, 2)], None),
            ("the older one is pinned", vec![pinned, new(false)], &writes, &[], None),
            (
                "three, whatever their order",
                vec![entry(3, "hr", Pending, false), old(false), new(false)],
                &waits,
                &[(1, 3), (2, 3)],
                None,
            ),
        ];
        for (name, entries, policy, superseded, chosen) in cases {
            let found = again(&entries, policy, &[]);
            let mut gone: Vec<(i64, i64)> =
                found.renewed.iter().filter_map(|renewed| Some((renewed.id, renewed.superseded_by?))).collect();
            gone.sort_unstable();
            assert_eq!((gone.as_slice(), found.chosen), (superseded, chosen), "{name}");
        }
    }

    #[test]
    fn twice_is_once() {
        for (mode, auto) in [(OnIngest, false), (OnIngest, true), (OnCertify, false), (OnCertify, true)] {
            for sources in ["", "HR > FIN > IT", "IT > FIN > HR", "HR", "FIN = IT > *"] {
                for shape in 0..27 {
                    let status = |n: i64| match n % 3 {
                        0 => (Certified, false),
                        1 => (Pending, true),
                        _ => (Pending, false),
                    };
                    for third in ["IT", "HR", "FIN"] {
                        let of = [(1, "HR", shape), (2, "FIN", shape / 3), (3, third, shape / 9)];
                        let mut entries: Vec<Entry> =
                            of.map(|(id, source, n)| entry(id, source, status(n).0, status(n).1)).to_vec();
                        let policy = policy(mode, auto, sources);
                        for change in again(&entries, &policy, &[]).renewed {
                            let of = entries.iter_mut().find(|entry| entry.id == change.id).unwrap();
                            of.rank = change.rank;
                            of.live = change.live;
                            of.active = change.superseded_by.is_none();
                            if change.certified {
                                of.status = Certified;
                            }
                        }
                        entries.retain(|entry| entry.active);
                        let second = again(&entries, &policy, &[]);
                        assert_eq!(second.renewed, [], "{mode:?} {auto} {sources} {shape} {third}");
                    }
                }
            }
        }
    }
}
