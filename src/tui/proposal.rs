//! What a preview can be about: some rows, one value map or policy, or suggestions. Its words, and the command that does it.

use std::collections::BTreeSet;

use super::bulk::{Bulk, Reason};
use super::deck::{Question, Shared};
use super::read::Request;
use crate::engine::suggest;
use crate::engine::{Command, Outcome, Reevaluated, Rows, Verb};
use crate::model::shown;
use crate::model::text::{counted, grouped};

/// Suggestions that are shown of those that would be accepted.
const SAMPLE: usize = 12;

#[derive(Debug)]
pub enum Proposal {
    Rows(Bulk, Rows),
    /// Taking a value map out of use.
    Retire {
        id: i64,
        row_version: i64,
        name: String,
    },
    /// Deciding again on what a policy governs, or on what came through a value map.
    Reevaluate {
        scope: Reevaluated,
        name: String,
    },
    /// Accepting every best suggestion from a score on, once they are found.
    Accept {
        deck: Shared,
        hundredths: u8,
        found: Option<suggest::Bulk>,
        /// The maps of codes that a person leaves out.
        left_out: BTreeSet<i64>,
    },
}

impl Proposal {
    /// `Certify`, for a title and a button.
    pub fn title(&self) -> &'static str {
        match self {
            Proposal::Rows(what, _) => what.title(),
            Proposal::Retire { .. } => "Retire",
            Proposal::Reevaluate { .. } => "Re-evaluate",
            Proposal::Accept { .. } => "Accept",
        }
    }

    /// What is being done, in a word for the message line.
    pub fn doing(&self) -> &'static str {
        match self {
            Proposal::Rows(what, _) => what.doing(),
            Proposal::Retire { .. } => "Retiring",
            Proposal::Reevaluate { .. } => "Re-evaluating",
            Proposal::Accept { .. } => "Accepting",
        }
    }

    /// What one of the rows is called.
    pub fn row(&self) -> &'static str {
        match self {
            Proposal::Rows(what, _) => what.row(),
            Proposal::Retire { .. } => "value map",
            Proposal::Reevaluate { .. } => "row",
            Proposal::Accept { .. } => "code",
        }
    }

    pub fn reason(&self) -> Reason {
        match self {
            Proposal::Rows(what, _) => what.reason(),
            Proposal::Retire { .. } => Reason::Needed,
            Proposal::Reevaluate { .. } => Reason::Offered,
            // The log says the score.
            Proposal::Accept { .. } => Reason::Unasked,
        }
    }

    /// The reasons that people usually have, in the order of their digits.
    pub fn listed(&self) -> &'static [&'static str] {
        match self {
            Proposal::Rows(what, _) => what.listed(),
            _ => &[],
        }
    }

    /// What is said before the field of the reason.
    pub fn reason_kept(&self) -> &'static str {
        let with_entries = matches!(self, Proposal::Rows(what, _) if what.is_decision());
        match (self.reason(), with_entries) {
            (Reason::Needed, true) => "Reason, kept with each entry",
            (Reason::Needed, false) => "Reason, kept in the history ",
            (_, true) => "Note, kept with each entry  ",
            (_, false) => "Note, kept in the history   ",
        }
    }

    /// A reason can take in rows that are held back without one.
    pub fn reason_counts(&self) -> bool {
        matches!(self, Proposal::Rows(Bulk::Decide(Verb::Certify), _))
    }

    /// What was chosen, as visible text.
    pub fn rule(&self) -> String {
        match self {
            Proposal::Rows(_, Rows::Ids(ids)) => format!("the {} you marked", counted(ids.len() as i64, "row")),
            Proposal::Rows(_, Rows::Filter(filter)) if filter.is_empty() => "every row of the table".into(),
            Proposal::Rows(_, Rows::Filter(filter)) => format!("all rows that match: {}", shown(filter)),
            Proposal::Retire { name, .. } => format!("the value map {}", shown(name)),
            Proposal::Reevaluate { scope: Reevaluated::Map(_), name } => format!("what came through {}", shown(name)),
            Proposal::Reevaluate { name, .. } => format!("what {} governs", shown(name)),
            Proposal::Accept { hundredths, .. } => {
                format!("every code whose best suggestion has at least {}", score(*hundredths))
            }
        }
    }

    /// What the numbers are of, once they are there: what follows how many rows change.
    pub fn consequences(&self, outcome: &Outcome) -> String {
        let values = counted(outcome.values_changed, "current value");
        match self {
            Proposal::Rows(Bulk::Retry, _) => {
                let (on, off) = (outcome.released, outcome.changed - outcome.released);
                format!(": {} go on, {} do not; {values} would differ", grouped(on), grouped(off))
            }
            Proposal::Rows(Bulk::Decide(_), _) => format!("; {values} will be different"),
            Proposal::Rows(Bulk::Park | Bulk::Unpark, _) => String::new(),
            Proposal::Retire { .. } => "; what came through it stays as it is".into(),
            Proposal::Reevaluate { .. } => format!("; {values} will be different"),
            Proposal::Accept { .. } => format!(": {} released, {values} changed", counted(outcome.released, "item")),
        }
    }

    /// The command, where there is one by now. What is only counted is counted with any reason that may stand there.
    pub fn command(&self, reason: Option<String>) -> Option<Command> {
        Some(match self {
            Proposal::Rows(what, rows) => what.command(rows.clone(), reason),
            Proposal::Retire { id, row_version, .. } => {
                let reason = reason.unwrap_or_else(|| "preview".into());
                Command::RetireMap { id: *id, row_version: *row_version, reason }
            }
            Proposal::Reevaluate { scope, .. } => Command::Reevaluate { scope: scope.clone(), reason },
            Proposal::Accept { found, left_out, .. } => found.as_ref()?.without(left_out),
        })
    }

    /// What has to be read before anything can be counted.
    pub fn needs(&self) -> Option<Request> {
        let Proposal::Accept { deck, hundredths, found: None, .. } = self else { return None };
        Some(Request::Deck(Question::Accept { deck: deck.clone(), hundredths: *hundredths }))
    }

    /// The value map whose past is shown.
    pub fn map(&self) -> Option<i64> {
        match self {
            Proposal::Retire { id, .. } | Proposal::Reevaluate { scope: Reevaluated::Map(id), .. } => Some(*id),
            _ => None,
        }
    }

    pub fn found(&mut self, bulk: suggest::Bulk) {
        if let Proposal::Accept { found, .. } = self {
            *found = Some(bulk);
        }
    }

    /// The suggestions, those first that nobody accepts without a look: the least sure, and some of the others.
    pub fn suggestions(&self) -> Vec<&(i64, String, suggest::Candidate)> {
        let Proposal::Accept { found: Some(found), .. } = self else { return Vec::new() };
        let mut sample: Vec<_> = found.accepted.iter().collect();
        sample.sort_by(|a, b| a.2.score.total_cmp(&b.2.score));
        let rest = sample.split_off(sample.len().min(SAMPLE / 2));
        let step = rest.len().div_ceil(SAMPLE / 2).max(1);
        let mut others = Vec::new();
        for (at, suggestion) in rest.into_iter().enumerate() {
            if at % step == 0 { sample.push(suggestion) } else { others.push(suggestion) }
        }
        sample.append(&mut others);
        sample
    }

    /// How many of them have to be looked at.
    pub fn sample(&self) -> usize {
        let Proposal::Accept { found: Some(found), .. } = self else { return 0 };
        let rest = found.accepted.len().saturating_sub(SAMPLE / 2);
        let step = rest.div_ceil(SAMPLE / 2).max(1);
        found.accepted.len().min(SAMPLE / 2) + rest.div_ceil(step)
    }

    /// The maps of codes that a person leaves out.
    pub fn left_out(&self) -> Option<&BTreeSet<i64>> {
        match self {
            Proposal::Accept { left_out, .. } => Some(left_out),
            _ => None,
        }
    }

    /// Leaves a code out, or takes it up again.
    pub fn leave_out(&mut self, map: i64) {
        if let Proposal::Accept { left_out, .. } = self
            && !left_out.remove(&map)
        {
            left_out.insert(map);
        }
    }
}

/// `0.90`
fn score(hundredths: u8) -> String {
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_sure_suggestions_are_in_every_sample() {
        let candidate = |n: i64| suggest::Candidate {
            code: None,
            label: String::new(),
            score: n as f32 / 100.0,
            reason: String::new(),
        };
        let accepted: Vec<_> = (0..100).rev().map(|n| (n, format!("C{n}"), candidate(n))).collect();
        let command = Command::MapMany { choices: Vec::new(), reason: None };
        let found = Some(suggest::Bulk { command, accepted });
        let left_out = BTreeSet::new();
        let mut proposal = Proposal::Accept { deck: Shared::default(), hundredths: 5, found, left_out };
        let shown: Vec<i64> = proposal.suggestions().iter().map(|(map, ..)| *map).collect();
        assert_eq!(shown[..proposal.sample()], [0, 1, 2, 3, 4, 5, 6, 22, 38, 54, 70, 86]);
        assert_eq!((shown[12], shown.len(), proposal.sample()), (7, 100, 12));
        // What is left out stays in sight, and out of the command.
        proposal.leave_out(5);
        assert_eq!((proposal.suggestions().len(), proposal.left_out().map(BTreeSet::len)), (100, Some(1)));
        proposal.leave_out(5);
        assert_eq!(proposal.left_out().map(BTreeSet::len), Some(0));
        assert!(proposal.rule().ends_with("0.05"));
    }
}
