//! The codes of one list that wait, with all that a person sees before deciding one.

use std::collections::BTreeSet;

use anyhow::Result;

use super::table::{facts, known_list};
use crate::engine::{Command, Error, MapChoice, MapKey};
use crate::model::choice::Relationship;
use crate::model::text::counted;
use crate::rules::families::{self, Method};
use crate::rules::suggest::{Candidate, Decision, Index, MOST, Question};
use crate::store::{Reader, SampleItem, WaitingCode};

/// The shares of the items, in hundredths, that are counted down to one after the other.
const SHARES: [i64; 3] = [70, 90, 100];

/// The waiting codes of one list.
pub struct Deck {
    list: String,
    index: Index,
    cards: Vec<WaitingCode>,
    /// The places of each card's family in `cards`, the card itself among them.
    families: Vec<Vec<usize>>,
}

/// All suggestions from a score on, as one command to preview.
#[derive(Debug, Clone, PartialEq)]
pub struct Bulk {
    pub command: Command,
    /// What it accepts: the card's map, its code and the suggestion. A preview shows a sample of these.
    pub accepted: Vec<(i64, String, Candidate)>,
}

impl Bulk {
    /// The command without some codes, named by their maps; its reason says how many they are.
    pub fn without(&self, maps: &BTreeSet<i64>) -> Command {
        let Command::MapMany { choices, reason, .. } = &self.command else { return self.command.clone() };
        let is_kept = |choice: &&MapChoice| !matches!(&choice.map, MapKey::Id(map) if maps.contains(map));
        let kept: Vec<MapChoice> = choices.iter().filter(is_kept).cloned().collect();
        let reason = match choices.len() - kept.len() {
            0 => reason.clone(),
            n => reason.as_ref().map(|reason| format!("{reason}, {} left out", counted(n as i64, "code"))),
        };
        Command::MapMany { choices: kept, reason, left_out: maps.iter().copied().collect() }
    }
}

impl Deck {
    /// Reads the codes of a list that wait, and what suggestions for them go by.
    ///
    /// # Errors
    /// [`crate::engine::Refusal::NotFound`] where no such list was imported.
    pub fn read(reader: &Reader, list: &str) -> Result<Deck, Error> {
        let list = known_list(reader, list)?;
        let (entries, decisions) = facts(reader, &list)?;
        let cards = reader.waiting_codes(Some(&list), usize::MAX)?;
        let index = Index::new(entries, &decisions);
        let mut deck = Deck { list, index, cards, families: Vec::new() };
        deck.find_families();
        Ok(deck)
    }

    /// The list's own spelling.
    pub fn list(&self) -> &str {
        &self.list
    }

    /// The waiting codes, those that most items wait for first.
    pub fn cards(&self) -> &[WaitingCode] {
        &self.cards
    }

    pub fn card(&self, map: i64) -> Option<&WaitingCode> {
        self.place(map).map(|at| &self.cards[at])
    }

    /// Held items that wait for the list's codes.
    pub fn waiting(&self) -> i64 {
        self.cards.iter().map(|card| card.waiting).sum()
    }

    /// "849 codes hold 6,331 items; the next 40 decisions release 70 %"; where more than these waited once, "840 codes hold
    /// 4,000 items; 31 decisions more, and 70 % are released": each decision brings one nearer to the same share. Where
    /// families are counted as one decision each, it says so.
    pub fn headline(&self, once: i64) -> String {
        let all = self.waiting();
        if all == 0 {
            return format!("{} to decide, and no item waits for one", counted(self.cards.len() as i64, "code"));
        }
        let hold = if self.cards.len() == 1 { "holds" } else { "hold" };
        let held = format!("{} {hold} {}", counted(self.cards.len() as i64, "code"), counted(all, "item"));
        let once = once.max(all);
        let (decisions, released, as_one) = self.next_decisions(once, once - all);
        let (share, told) = (released * 100 / once, counted(decisions, "decision"));
        if once > all {
            return match as_one {
                true => format!("{held}; {told} more, families as one, make it {share} %"),
                false => format!("{held}; {told} more, and {share} % are released"),
            };
        }
        let release = if decisions == 1 { "releases" } else { "release" };
        match as_one {
            true => format!("{held}; {told}, families as one, {release} {share} %"),
            false => format!("{held}; the next {} {release} {share} %", told.trim_start_matches("1 ")),
        }
    }

    /// How many decisions lead to the next share of all that waited once, families as one; what is released then, and
    /// whether there were such families.
    fn next_decisions(&self, once: i64, mut released: i64) -> (i64, i64, bool) {
        let mut open: Vec<bool> = vec![true; self.cards.len()];
        let (mut decisions, mut as_one) = (0, false);
        let goal = SHARES.into_iter().find(|share| released * 100 < once * share).unwrap_or(100);
        for at in 0..self.cards.len() {
            if released * 100 >= once * goal {
                break;
            }
            if !open[at] {
                continue;
            }
            decisions += 1;
            let members = self.families[at].iter().filter(|member| std::mem::take(&mut open[**member]));
            let waiting: Vec<i64> = members.map(|member| self.cards[*member].waiting).collect();
            as_one |= waiting.len() > 1;
            released += waiting.iter().sum::<i64>();
        }
        (decisions, released, as_one)
    }

    /// Up to nine candidates, the best first; one without a code says that labels like this had no match.
    pub fn candidates(&self, map: i64) -> Vec<Candidate> {
        self.card(map).map_or_else(Vec::new, |card| self.index.suggest(&question(card), MOST))
    }

    /// The best candidate of every card, in the order of the cards.
    pub fn best(&self) -> Vec<Option<Candidate>> {
        let questions: Vec<Question> = self.cards.iter().map(question).collect();
        self.index.suggest_all(&questions, 1).into_iter().map(|mut answer| answer.pop()).collect()
    }

    /// What people decided about labels that are other spellings of this one, or near it.
    pub fn decided_alike(&self, map: i64) -> Vec<&Decision> {
        let Some(card) = self.card(map) else { return Vec::new() };
        let own = text(card);
        let decisions = self.index.decisions();
        let labels: Vec<&str> =
            std::iter::once(own).chain(decisions.iter().map(|decision| decision.label.as_str())).collect();
        let spelled = families::families(&labels, Method::Spelling).into_iter().find(|family| family[0] == 0);
        let mut alike: Vec<usize> = spelled.unwrap_or_default();
        alike.extend(families::look_alikes(&labels, &[0]));
        alike.sort_unstable();
        alike.dedup();
        alike.into_iter().filter(|at| *at > 0).map(|at| &decisions[at - 1]).collect()
    }

    /// The other spellings of a card's label among the waiting codes: what a decision on the family takes along.
    pub fn family(&self, map: i64) -> Vec<&WaitingCode> {
        let Some(at) = self.place(map) else { return Vec::new() };
        self.families[at].iter().filter(|member| **member != at).map(|member| &self.cards[*member]).collect()
    }

    /// Waiting codes that differ by a letter or two from the family: to be offered, never taken along unasked.
    pub fn look_alikes(&self, map: i64) -> Vec<&WaitingCode> {
        let Some(at) = self.place(map) else { return Vec::new() };
        let labels: Vec<&str> = self.cards.iter().map(text).collect();
        families::look_alikes(&labels, &self.families[at]).into_iter().map(|other| &self.cards[other]).collect()
    }

    /// Some of the items that wait for a card, with what came beside them.
    pub fn samples(&self, reader: &Reader, map: i64, most: usize) -> Result<Vec<SampleItem>> {
        reader.sample_items(map, most)
    }

    /// The command that decides some cards alike: a canonical code, or no match.
    pub fn decide(&self, maps: &[i64], canonical: Option<&str>) -> Command {
        let choice = |map: &i64| MapChoice::of(*map, canonical.map(str::to_string));
        Command::MapMany { choices: maps.iter().map(choice).collect(), reason: None, left_out: Vec::new() }
    }

    /// All cards whose best suggestion has at least this score, as scores are shown: with two decimals.
    pub fn accept_from(&self, score: f32) -> Bulk {
        let best = self.cards.iter().zip(self.best());
        let accepted: Vec<(i64, String, Candidate)> = best
            .filter_map(|(card, best)| Some((card.map, card.code.clone(), best?)))
            .filter(|(_, _, best)| hundredths(best.score) >= hundredths(score))
            .collect();
        let choices = accepted.iter().map(|(map, _, best)| MapChoice {
            map: MapKey::Id(*map),
            canonical: best.code.clone(),
            relationship: Relationship::Equal,
            score: Some(hundredths(best.score)),
        });
        let reason = format!("Suggestions from {score:.2} on accepted");
        Bulk {
            command: Command::MapMany { choices: choices.collect(), reason: Some(reason), left_out: Vec::new() },
            accepted,
        }
    }

    /// Takes cards off the deck that were decided, and lets its suggestions know what for.
    pub fn forget(&mut self, maps: &[i64], canonical: Option<&str>) {
        for map in maps {
            let Some(at) = self.place(*map) else { continue };
            let card = self.cards.remove(at);
            let label = card.label.filter(|label| *label != card.code);
            for label in [Some(card.code), label].into_iter().flatten() {
                self.index.learn(Decision { label, code: canonical.map(str::to_string), chosen: true, times: 1 });
            }
        }
        self.find_families();
    }

    fn place(&self, map: i64) -> Option<usize> {
        self.cards.iter().position(|card| card.map == map)
    }

    fn find_families(&mut self) {
        let labels: Vec<&str> = self.cards.iter().map(text).collect();
        let mut all: Vec<Vec<usize>> = (0..labels.len()).map(|at| vec![at]).collect();
        for family in families::families(&labels, Method::Spelling) {
            for member in &family {
                all[*member] = family.clone();
            }
        }
        self.families = all;
    }
}

/// A score as it is shown and kept: what is shown as 0.90 is accepted from 0.90 on, and becomes the confidence 0.90.
fn hundredths(score: f32) -> i64 {
    (f64::from(score) * 100.0).round() as i64
}

fn question(card: &WaitingCode) -> Question {
    Question { code: Some(card.code.clone()), label: card.label.clone() }
}

/// What a card is spelled like: its label, else its code.
fn text(card: &WaitingCode) -> &str {
    card.label.as_deref().filter(|label| !label.trim().is_empty()).unwrap_or(&card.code)
}
