//! Deciding many codes at once, saying what a code does not stand for, and taking a map out of use.

use steward::model::choice::MapState;

use super::{How, Name, Refused, World};

/// What one of several codes is to stand for.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    pub source: Name,
    pub code: Name,
    /// None: it has no match.
    pub canonical: Option<Name>,
    /// In hundredths, where it was accepted for its likeness.
    pub score: Option<i64>,
}

impl World {
    /// Decides codes one after the other; what is decided already stays as it is.
    pub fn map_many(&mut self, choices: &[Choice]) {
        for choice in choices {
            let id = self.map_to_decide(choice.source, choice.code);
            if self.is_decided(id) {
                continue;
            }
            let how = if choice.score.is_some() { How::ByLikeness } else { How::ByHand };
            let person = self.person;
            self.maps.change(id, self.stamp, |map| {
                (map.author, map.how, map.raised) = (Some(person), Some(how), Vec::new());
                match choice.canonical {
                    Some(to) => {
                        (map.state, map.canonical) = (MapState::Active, Some(to));
                        map.confidence = Some(choice.score.unwrap_or(100));
                    }
                    None => map.state = MapState::NoMatch,
                }
            });
            self.release(id);
            let named: Vec<(Name, Name)> = choices.iter().map(|choice| (choice.source, choice.code)).collect();
            self.take_along(id, &named);
        }
    }

    /// A code does not stand for a canonical one. Nobody decided what it stands for, so its items go on waiting.
    pub fn reject_match(&mut self, source: Name, code: Name, canonical: Name) -> Result<(), Refused> {
        let id = self.map_to_decide(source, code);
        if self.is_decided(id) {
            return Err(Refused);
        }
        let person = self.person;
        self.maps.change(id, self.stamp, |map| {
            // Saying it once more takes nobody's authorship.
            if (map.state, map.canonical) != (MapState::Rejected, Some(canonical)) {
                (map.state, map.canonical, map.author) = (MapState::Rejected, Some(canonical), Some(person));
            }
        });
        Ok(())
    }

    /// Takes a map out of use that nothing waits for.
    pub fn retire_map(&mut self, id: usize) -> Result<(), Refused> {
        if !self.maps[id].active || !self.waiting_for(id).is_empty() {
            return Err(Refused);
        }
        self.maps.change(id, self.stamp, |map| map.active = false);
        Ok(())
    }

    /// The newest map of a source, in use or not.
    pub fn newest_map_ever(&self, source: Name) -> Option<usize> {
        self.maps.iter().rev().find(|(_, map)| map.source == source).map(|(id, _)| id)
    }

    fn is_decided(&self, map: usize) -> bool {
        matches!(self.maps[map].state, MapState::Active | MapState::NoMatch)
    }

    /// The map of a code, one in use before others; a new one for a code that nobody met.
    fn map_to_decide(&mut self, source: Name, code: Name) -> usize {
        let mut known = self.maps_of(source, code);
        known.sort_by_key(|id| (self.maps[*id].state != MapState::Active, *id));
        known.first().copied().unwrap_or_else(|| self.propose(source, code))
    }
}
