//! Why an entry is suggested, in words for people.

use super::Candidate;
use super::fold::Folded;
use super::index::{EntryId, Index, Origin};
use super::measure::Kind;
use super::weigh::{By, Evidence};
use crate::model::text::counted;

impl Index {
    pub(super) fn candidate(&self, entry: EntryId, evidence: Evidence) -> Candidate {
        let Some(of) = self.entries.get(entry as usize) else {
            return Candidate { code: None, label: String::new(), score: 0.0, reason: String::new() };
        };
        Candidate {
            code: (self.no_match != Some(entry)).then(|| of.code.clone()),
            label: of.label.clone(),
            score: (evidence.score * 100.0).round() / 100.0,
            reason: self.reason(entry, evidence),
        }
    }

    fn reason(&self, entry: EntryId, evidence: Evidence) -> String {
        let By::Name(name) = evidence.by else { return "same code".into() };
        let name = &self.names[name as usize];
        let label = &self.entries[entry as usize].label;
        let in_words = match evidence.kind {
            Kind::Same => "same words",
            Kind::Both => "same words with their abbreviation",
            Kind::Words => "same words in another order",
            Kind::Letters => "same letters",
            Kind::Endings => "same words with other endings",
            Kind::Initials | Kind::InitialsAnd | Kind::MostInitials => {
                return said(self.initials_reason(name.origin, label), evidence.part);
            }
            Kind::Slip => "spelled almost like",
            Kind::Spelled if evidence.score >= 0.5 => "spelled almost like",
            Kind::Spelled | Kind::Somewhat => "somewhat like",
            Kind::Shared => "shares words with it",
            Kind::More => "all of its words, and others",
            Kind::Fewer => "some of its words, and no others",
            Kind::Padded => "same words, and others that decisions show to add nothing",
        };
        let in_words = said(in_words.to_string(), evidence.part);
        let (Origin::Decided(at) | Origin::DecidedPart(at)) = name.origin else { return in_words };
        let decision = &self.decisions[at as usize];
        let chosen = self.chosen.get(&Folded::new(&decision.label).key());
        let times = chosen.and_then(|all| all.iter().find(|(of, _)| *of == entry)).map_or(1, |(_, times)| *times);
        let times = counted(i64::from(times), "time");
        let what = if decision.code.is_none() { "no match" } else { "so" };
        match evidence.kind {
            Kind::Same if !evidence.part && name.origin == Origin::Decided(at) => {
                format!("decided {what} {times} before: {}", decision.label)
            }
            _ => format!("{in_words} as decided {what} {times} before: {}", decision.label),
        }
    }

    fn initials_reason(&self, origin: Origin, label: &str) -> String {
        match origin {
            Origin::Decided(at) | Origin::DecidedPart(at) => {
                format!("abbreviation of {}, decided before", self.decisions[at as usize].label)
            }
            _ => format!("abbreviation of {label}"),
        }
    }
}

fn said(reason: String, part: bool) -> String {
    if part { format!("in part: {reason}") } else { reason }
}
