//! A code with its other spellings, to be decided as one: members are dropped and taken up with Space. What only looks
//! alike is offered below and never taken along unasked.

use std::collections::HashSet;

use super::super::choose;
use crate::store::WaitingCode;

#[derive(Debug)]
pub(super) struct Member {
    pub card: WaitingCode,
    pub taken: bool,
    /// It only looks alike.
    pub alike: bool,
}

#[derive(Debug)]
pub(super) struct Family {
    pub members: Vec<Member>,
    pub at: usize,
    /// The question for what looks alike.
    asked: Option<u64>,
}

impl Family {
    pub fn new(own: WaitingCode, spellings: &[WaitingCode], asked: u64) -> Family {
        let member = |card: WaitingCode| Member { card, taken: true, alike: false };
        let members = std::iter::once(own).chain(spellings.iter().cloned()).map(member).collect();
        Family { members, at: 0, asked: Some(asked) }
    }

    pub fn awaits(&self, ticket: u64) -> bool {
        self.asked == Some(ticket)
    }

    pub fn missed(&mut self, ticket: u64) {
        self.asked.take_if(|asked| *asked == ticket);
    }

    pub fn offer(&mut self, alike: Vec<WaitingCode>) {
        self.asked = None;
        let known: HashSet<i64> = self.members.iter().map(|member| member.card.map).collect();
        let new = alike.into_iter().filter(|card| !known.contains(&card.map));
        self.members.extend(new.map(|card| Member { card, taken: false, alike: true }));
    }

    /// Keeps only the members that still wait.
    pub fn keep(&mut self, waits: impl Fn(i64) -> bool) {
        self.members.retain(|member| waits(member.card.map));
        self.at = self.at.min(self.members.len().saturating_sub(1));
    }

    pub fn taken(&self) -> Vec<i64> {
        self.members.iter().filter(|member| member.taken).map(|member| member.card.map).collect()
    }

    pub fn left_out(&self) -> Vec<i64> {
        self.members.iter().filter(|member| !member.taken).map(|member| member.card.map).collect()
    }

    /// Takes a key; false if it does nothing here.
    pub fn key(&mut self, name: &str) -> bool {
        match name {
            "Space" => {
                if let Some(member) = self.members.get_mut(self.at) {
                    member.taken = !member.taken;
                }
                choose("Down", &mut self.at, self.members.len())
            }
            "k" => choose("Up", &mut self.at, self.members.len()),
            "j" => choose("Down", &mut self.at, self.members.len()),
            _ => choose(name, &mut self.at, self.members.len()),
        }
    }
}
