//! Deciding again on a field's entries after its policy changed (engine.md: "a new policy reaches old entries only by an
//! explicit, previewed re-evaluation").
//!
//! What was certified stays certified, since only a person takes that back, with revoke; it gets the rank that its source
//! has now. What is Pending is decided on as if it came now: first the live ones, which may have to wait again, then
//! the waiting ones, oldest first, each against the value that then holds. Doing it twice changes nothing the second time.

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
}

/// What re-evaluation changes in one field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reevaluation {
    /// The entries that change, in the order given.
    pub renewed: Vec<Renewed>,
    /// The entry that the verdict puts before all rivals, if one was written.
    pub chosen: Option<i64>,
}

/// Decides again on the standing entries of one field: active, and Certified or Pending.
///
/// `stale`: whether an entry as it is by then, were it to hold the value, would be past its stale-after days by the policy
/// in force.
pub fn reevaluate(entries: &[Standing], policy: &Applied, stale: impl Fn(&Entry) -> bool) -> Reevaluation {
    let renewed = |standing: &Standing| Entry { rank: standing.place.rank, ..standing.entry.clone() };
    let mut field = Field { policy, now: entries.iter().map(renewed).collect(), chosen: None, stale: &stale };
    for (at, standing) in entries.iter().enumerate() {
        if standing.entry.status == LedgerStatus::Pending && standing.entry.live && !standing.entry.pinned {
            field.decide_live(at, standing);
        }
    }
    let mut waiting: Vec<usize> = (0..entries.len()).filter(|at| waits(&entries[*at].entry)).collect();
    waiting.sort_by(|a, b| by_age(&entries[*a].entry, &entries[*b].entry));
    for at in waiting {
        field.decide_waiting(at, entries);
    }
    let changed = entries.iter().zip(&field.now).filter(|(before, now)| before.entry != **now);
    Reevaluation {
        renewed: changed
            .map(|(before, now)| Renewed {
                id: now.id,
                rank: now.rank,
                certified: now.status == LedgerStatus::Certified && before.entry.status != now.status,
                live: now.live,
            })
            .collect(),
        chosen: field.chosen.map(|at| field.now[at].id),
    }
}

/// The field's entries as they are decided on.
struct Field<'a> {
    policy: &'a Applied,
    now: Vec<Entry>,
    chosen: Option<usize>,
    stale: &'a dyn Fn(&Entry) -> bool,
}

impl Field<'_> {
    /// What is written stays written if the policy would write it at all; whether it holds the value is survivorship's.
    fn decide_live(&mut self, at: usize, standing: &Standing) {
        let facts = self.facts(standing, None, false);
        match decide(&facts).action {
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
        if let Action::Write { certified } = decide(&facts).action {
            match certified {
                true => self.certify(at),
                false => self.now[at].live = true,
            }
            self.chosen = Some(at);
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
    entry.status == LedgerStatus::Pending && !entry.live && !entry.pinned
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
        let same = |id, rank| Renewed { id, rank, certified: false, live: false };
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
            assert_eq!(again(&entries, &policy, &[]), Reevaluation { renewed, chosen }, "{name}");
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
        assert_eq!(again(&entries, &policy(OnIngest, true, ""), &[]), Reevaluation::default());
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
                    let mut entries: Vec<Entry> = [(1, "HR", shape), (2, "FIN", shape / 3), (3, "IT", shape / 9)]
                        .map(|(id, source, n)| entry(id, source, status(n).0, status(n).1))
                        .to_vec();
                    let policy = policy(mode, auto, sources);
                    for change in again(&entries, &policy, &[]).renewed {
                        let of = entries.iter_mut().find(|entry| entry.id == change.id).unwrap();
                        of.rank = change.rank;
                        of.live = change.live;
                        if change.certified {
                            of.status = Certified;
                        }
                    }
                    let second = again(&entries, &policy, &[]);
                    assert_eq!(second.renewed, [], "{mode:?} {auto} {sources} {shape}");
                }
            }
        }
    }
}
