//! What a preview can be about: some rows, one value map, identifier or policy, a record or delivery to vouch for, values to
//! send, or suggestions. Its words, and what does it.

use std::collections::BTreeSet;

use super::bulk::{Bulk, Reason};
use super::deck::{Question, Shared};
use super::read::Request;
use super::sending::Sending;
use super::write::Work;
use crate::engine::suggest;
use crate::engine::{Attested, Command, MapChoice, Outcome, Reevaluated, Rows, Verb};
use crate::model::text::{counted, grouped};
use crate::model::{Table, shown};

/// From so many rows on their number has to be typed.
const TYPED_FROM: i64 = 1_000;

/// Suggestions that are shown of those that would be accepted.
const SAMPLE: usize = 12;

#[derive(Debug)]
pub enum Proposal {
    Rows(Bulk, Rows),
    /// Taking a value map or an identifier out of use.
    Retire {
        table: Table,
        id: i64,
        row_version: i64,
        name: String,
    },
    /// Deciding again on what a policy governs, or on what came through a value map.
    Reevaluate {
        scope: Reevaluated,
        name: String,
    },
    /// Vouching for a record, a table or a delivery; the name is visible text.
    Attest {
        scope: Attested,
        name: String,
    },
    /// Taking back what a delivery said.
    Withdraw {
        job: i64,
        name: String,
        source: String,
    },
    /// Taking the values from old rows for good.
    Dispose {
        table: Table,
        rows: Rows,
    },
    /// Writing what waits for a receiver into a file.
    Send(Sending),
    /// Giving marked value maps one canonical code; `rows`: what was marked.
    MapMarked {
        maps: Vec<i64>,
        canonical: String,
        rows: Rows,
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
    /// Vouching for something, which is named as one reads it.
    pub fn attest(scope: Attested) -> Proposal {
        let name = match &scope {
            Attested::Record { target_table, target_id } => {
                format!("the record {} of {}", shown(target_id), shown(target_table))
            }
            Attested::Table { target_table } => format!("every record of the table {}", shown(target_table)),
            Attested::File { job } => format!("all that the delivery of {} brought", Table::SyncJobs.row_name(*job)),
        };
        Proposal::Attest { scope, name }
    }

    /// `Certify`, for a title and a button.
    pub fn title(&self) -> &'static str {
        match self {
            Proposal::Rows(what, _) => what.title(),
            Proposal::Retire { .. } => "Retire",
            Proposal::Reevaluate { .. } => "Re-evaluate",
            Proposal::Attest { .. } => "Attest",
            Proposal::Withdraw { .. } => "Withdraw",
            Proposal::Dispose { .. } => "Dispose of values",
            Proposal::Send(_) => "Send",
            Proposal::MapMarked { .. } => "Map",
            Proposal::Accept { .. } => "Accept",
        }
    }

    /// What is being done, in a word for the message line.
    pub fn doing(&self) -> &'static str {
        match self {
            Proposal::Rows(what, _) => what.doing(),
            Proposal::Retire { .. } => "Retiring",
            Proposal::Reevaluate { .. } => "Re-evaluating",
            Proposal::Attest { .. } => "Attesting",
            Proposal::Withdraw { .. } => "Withdrawing",
            Proposal::Dispose { .. } => "Disposing",
            Proposal::Send(_) => "Sending",
            Proposal::MapMarked { .. } => "Mapping",
            Proposal::Accept { .. } => "Accepting",
        }
    }

    /// What one of the rows is called.
    pub fn row(&self) -> &'static str {
        match self {
            Proposal::Rows(what, _) => what.row(),
            Proposal::Retire { table, .. } | Proposal::Dispose { table, .. } => table.info().one,
            Proposal::Reevaluate { .. } | Proposal::Withdraw { .. } => "row",
            Proposal::Attest { .. } => "ledger entry",
            Proposal::Send(_) => "value",
            Proposal::Accept { .. } | Proposal::MapMarked { .. } => "code",
        }
    }

    pub fn reason(&self) -> Reason {
        match self {
            Proposal::Rows(what, _) => what.reason(),
            Proposal::Retire { .. } | Proposal::Dispose { .. } => Reason::Needed,
            Proposal::Reevaluate { .. }
            | Proposal::Attest { .. }
            | Proposal::Withdraw { .. }
            | Proposal::MapMarked { .. } => Reason::Offered,
            // The log says the score, and the receiver.
            Proposal::Accept { .. } | Proposal::Send(_) => Reason::Unasked,
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
        let with_entries = match self {
            Proposal::Rows(what, _) => what.is_decision(),
            Proposal::Attest { .. } | Proposal::Withdraw { .. } => true,
            Proposal::Dispose { .. } => return "Schedule, kept in history   ",
            _ => false,
        };
        match (self.reason(), with_entries) {
            (Reason::Needed, true) => "Reason, kept with each entry",
            (Reason::Needed, false) => "Reason, kept in the history ",
            (_, true) => "Note, kept with each entry  ",
            (_, false) => "Note, kept in the history   ",
        }
    }

    /// What is said where the reason is missing.
    pub fn reason_missing(&self) -> String {
        let kept = self.reason_kept().trim_start_matches("Reason, ").trim_end();
        match self {
            Proposal::Dispose { .. } => "The records schedule is needed; it is kept in the history.".into(),
            _ => format!("A reason is needed; it is {kept}."),
        }
    }

    /// From how many rows on their number has to be typed; where nothing can be taken back, always.
    pub fn typed_from(&self) -> i64 {
        if matches!(self, Proposal::Dispose { .. }) { 1 } else { TYPED_FROM }
    }

    /// A reason can take in rows that are held back without one.
    pub fn reason_counts(&self) -> bool {
        matches!(self, Proposal::Rows(Bulk::Decide(Verb::Certify), _) | Proposal::Attest { .. })
    }

    /// What was chosen, as visible text.
    pub fn rule(&self) -> String {
        match self {
            Proposal::Rows(_, rows) | Proposal::Dispose { rows, .. } => match rows {
                Rows::Ids(ids) => format!("the {} you marked", counted(ids.len() as i64, "row")),
                Rows::Filter(filter) if filter.is_empty() => "every row of the table".into(),
                Rows::Filter(filter) => format!("all rows that match: {}", shown(filter)),
            },
            Proposal::Retire { table, name, .. } => format!("the {} {}", table.info().one, shown(name)),
            Proposal::Attest { name, .. } => name.clone(),
            Proposal::Withdraw { name, source, .. } => format!("the delivery {} of {}", shown(name), shown(source)),
            Proposal::Send(sending) => {
                let of = sending.export.table.as_ref().map(|table| format!(" of {}", shown(table)));
                let (source, of) = (shown(&sending.export.source), of.unwrap_or_default());
                format!("what waits for {source}{of}, into {}", shown(&sending.path))
            }
            Proposal::Reevaluate { scope: Reevaluated::Map(_), name } => format!("what came through {}", shown(name)),
            Proposal::Reevaluate { name, .. } => format!("what {} governs", shown(name)),
            Proposal::MapMarked { maps, canonical, .. } => {
                format!("the {} you marked, all to {}", counted(maps.len() as i64, "value map"), shown(canonical))
            }
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
            Proposal::Rows(Bulk::Close, _) => "; nothing releases or tries a closed item".into(),
            Proposal::Retire { .. } => "; what came through it stays as it is".into(),
            Proposal::Attest { .. } => {
                let certified = grouped((outcome.changed - 1).max(0));
                format!(": {certified} certified, 1 vouching; {} changed", counted(outcome.values_changed, "value"))
            }
            Proposal::Dispose { .. } => "; for good: there is no way back".into(),
            Proposal::Send(_) => "; they count as sent once the file is there".into(),
            Proposal::Reevaluate { .. } | Proposal::Withdraw { .. } => format!("; {values} will be different"),
            Proposal::Accept { .. } | Proposal::MapMarked { .. } => {
                format!(": {} released, {values} changed", counted(outcome.released, "item"))
            }
        }
    }

    /// What follows for later, in words of the engine's; the first part of its sentence says what was done.
    pub fn remark(&self, outcome: &Outcome) -> Option<String> {
        if outcome.parked > 0 {
            let are = if outcome.parked == 1 { "is" } else { "are" };
            let parked = grouped(outcome.parked);
            return Some(format!(
                "{parked} would fail the same way again and {are} parked: out of the queue until taken up."
            ));
        }
        if let Some(withdrawn) = &outcome.withdrawn {
            let parts = outcome.summary.split_once(": ").map(|(_, then)| format!("{}.", shown(then)));
            return Some(parts.into_iter().chain(withdrawn.notes()).collect::<Vec<_>>().join(" "));
        }
        let tells = matches!(self, Proposal::Retire { table: Table::Identifiers, .. } | Proposal::Send(_));
        outcome.summary.split_once(": ").filter(|_| tells).map(|(_, then)| shown(then).into_owned())
    }

    /// What does it, where that is known by now. What is only counted is counted with any reason that may stand there.
    pub fn work(&self, reason: Option<String>) -> Option<Work> {
        let said = || reason.clone().unwrap_or_else(|| "preview".into());
        let command = match self {
            Proposal::Rows(what, rows) => what.command(rows.clone(), reason),
            Proposal::Retire { table: Table::Identifiers, id, row_version, .. } => {
                Command::RetireIdentifier { id: *id, row_version: *row_version, reason: said() }
            }
            Proposal::Retire { id, row_version, .. } => {
                Command::RetireMap { id: *id, row_version: *row_version, reason: said() }
            }
            Proposal::Reevaluate { scope, .. } => Command::Reevaluate { scope: scope.clone(), reason },
            Proposal::Attest { scope, .. } => Command::Attest { scope: scope.clone(), reason },
            Proposal::Withdraw { job, .. } => Command::Withdraw { job: *job, reason },
            Proposal::Dispose { table, rows } => Command::Dispose { table: *table, rows: rows.clone(), reason: said() },
            Proposal::MapMarked { maps, canonical, .. } => {
                let choice = |map: &i64| MapChoice::of(*map, Some(canonical.clone()));
                Command::MapMany { choices: maps.iter().map(choice).collect(), reason, left_out: Vec::new() }
            }
            Proposal::Accept { found, left_out, .. } => found.as_ref()?.without(left_out),
            Proposal::Send(sending) => return Some(Work::Send(sending.clone())),
        };
        Some(command.into())
    }

    /// What has to be read before anything can be counted.
    pub fn needs(&self) -> Option<Request> {
        let Proposal::Accept { deck, hundredths, found: None, .. } = self else { return None };
        Some(Request::Deck(Question::Accept { deck: deck.clone(), hundredths: *hundredths }))
    }

    /// The value map whose past is shown.
    pub fn map(&self) -> Option<i64> {
        match self {
            Proposal::Retire { table: Table::ValueMaps, id, .. }
            | Proposal::Reevaluate { scope: Reevaluated::Map(id), .. } => Some(*id),
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
        let command = Command::MapMany { choices: Vec::new(), reason: None, left_out: Vec::new() };
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
