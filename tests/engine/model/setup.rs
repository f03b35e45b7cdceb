//! Policies and rankings of the model.

use super::{Name, Policy, Refused, Terms, World};

/// What policies speak of, the closest first: (table, field).
pub const PLACES: [(Name, Name); 3] = [("contact", "name"), ("contact", ""), ("*", "")];

/// Rankings as policies state them, and the sources of each place.
pub const RANKINGS: [(Name, &[&[Name]]); 4] = [
    ("", &[]),
    ("HR > FIN = TAX", &[&["HR"], &["FIN", "TAX"]]),
    ("FIN > HR", &[&["FIN"], &["HR"]]),
    ("TAX > *", &[&["TAX"], &["*"]]),
];

/// What of a policy is edited; the rest stays.
#[derive(Debug, Clone, Copy, Default)]
pub struct PolicyEdits {
    pub on_ingest: Option<bool>,
    pub auto: Option<bool>,
    pub ranking: Option<usize>,
    pub stale_days: Option<Option<i64>>,
}

/// Where a source stands in a ranking.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    pub authoritative: bool,
    pub rank: i64,
    pub by_name: bool,
}

pub fn place(ranking: usize, source: Name) -> Place {
    let (text, places) = RANKINGS[ranking];
    let rank_of = |name: Name| places.iter().position(|names| names.contains(&name)).map(|at| at as i64);
    match (rank_of(source), rank_of("*")) {
        _ if text.is_empty() => Place { authoritative: true, rank: 0, by_name: false },
        (Some(rank), _) => Place { authoritative: true, rank, by_name: true },
        (None, Some(rank)) => Place { authoritative: true, rank, by_name: false },
        (None, None) => Place { authoritative: false, rank: places.len() as i64, by_name: false },
    }
}

impl World {
    /// States the policy of a place.
    pub fn policy(&mut self, place: usize, terms: Terms) {
        let known = self.policies.iter().find(|(_, policy)| policy.active && policy.place == place).map(|(id, _)| id);
        match known {
            Some(id) => self.policies.change(id, self.stamp, |policy| policy.terms = terms),
            None => {
                self.policies.add(Policy { place, terms, active: true }, self.stamp);
            }
        }
    }

    /// The newest policy that was ever stated for a place.
    pub fn newest_policy(&self, place: usize) -> Option<usize> {
        self.policies.iter().rev().find(|(_, policy)| policy.place == place).map(|(id, _)| id)
    }

    /// Edits a policy that is in use. What it decided before stays.
    pub fn edit_policy(&mut self, id: usize, edits: PolicyEdits) -> Result<(), Refused> {
        if !self.policies[id].active {
            return Err(Refused);
        }
        self.policies.change(id, self.stamp, |Policy { terms, .. }| {
            *terms = Terms {
                on_ingest: edits.on_ingest.unwrap_or(terms.on_ingest),
                auto: edits.auto.unwrap_or(terms.auto),
                ranking: edits.ranking.unwrap_or(terms.ranking),
                stale_days: edits.stale_days.unwrap_or(terms.stale_days),
            };
        });
        Ok(())
    }

    /// The policy of a field with its row; an error where two stand at the closest place.
    pub fn policy_of(&self, field: Name) -> Result<(Option<usize>, Terms), Refused> {
        for (at, (_, named)) in PLACES.iter().enumerate() {
            if !named.is_empty() && *named != field {
                continue;
            }
            let mut here = self.policies.iter().filter(|(_, policy)| policy.active && policy.place == at);
            match (here.next(), here.next()) {
                (None, _) => {}
                (Some((id, policy)), None) => return Ok((Some(id), policy.terms)),
                (Some(_), Some(_)) => return Err(Refused),
            }
        }
        Ok((None, Terms::default()))
    }
}
