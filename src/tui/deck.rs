//! The codes that the map screen decides: read, asked about and taken off beside the keys.
//!
//! The deck itself ([`crate::engine::suggest`]) stays with the reading lanes, which share it; the screen holds what it
//! shows. Before the codes are answered again the deck is told what was decided, and where it then holds other codes than
//! the store, because others wrote or something was taken back, it is read anew.

use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::engine::Error;
use crate::engine::suggest::{Bulk, Candidate, Deck};
use crate::store::{Reader, SampleItem, WaitingCode, WaitingList};

/// Records that show what a code comes with.
const SAMPLES: usize = 3;

/// A deck that the lanes have in common. Two of them are equal if they are the same one.
#[derive(Clone, Default)]
pub struct Shared(Arc<RwLock<Option<Deck>>>);

impl Shared {
    fn look(&self) -> RwLockReadGuard<'_, Option<Deck>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self) -> RwLockWriteGuard<'_, Option<Deck>> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Shared")
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Shared) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl Eq for Shared {}

/// Codes that were decided alike; without a canonical code they have no match.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    pub maps: Vec<i64>,
    pub canonical: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// The lists in which codes wait, and the codes of one; by default of that which most items wait for. `once` is how many
    /// items waited for its codes when one began.
    Codes { deck: Shared, list: Option<String>, decided: Vec<Decided>, once: i64 },
    /// What there is to know about a code before it is decided.
    Card { deck: Shared, map: i64 },
    /// The codes that differ from a code's family by a letter or two.
    LookAlikes { deck: Shared, map: i64 },
    /// All codes whose best suggestion has at least so many hundredths.
    Accept { deck: Shared, hundredths: u8 },
}

#[derive(Debug)]
pub enum Told {
    Codes(Codes),
    Card(Card),
    LookAlikes(Vec<WaitingCode>),
    Accept(Bulk),
}

/// The lists, and the codes of one of them.
#[derive(Debug, Default)]
pub struct Codes {
    pub lists: Vec<WaitingList>,
    pub list: Option<String>,
    pub headline: String,
    pub cards: Vec<WaitingCode>,
    /// Why the list's codes cannot be decided.
    pub problem: Option<String>,
}

#[derive(Debug, Default)]
pub struct Card {
    pub candidates: Vec<Candidate>,
    /// Other spellings of it that wait.
    pub family: Vec<WaitingCode>,
    pub earlier: Vec<Earlier>,
    pub samples: Vec<SampleItem>,
}

/// What people decided about a label like a code's.
#[derive(Debug)]
pub struct Earlier {
    pub label: String,
    pub code: Option<String>,
    /// Whether that was chosen; else it was rejected.
    pub chosen: bool,
    pub times: u32,
}

/// Answers one question.
///
/// # Errors
/// Where the store cannot be read, or the deck that is asked about has gone.
pub fn answer(reader: &Reader, question: &Question) -> anyhow::Result<Told> {
    let gone = || anyhow::anyhow!("The code list is being read anew; try again.");
    Ok(match question {
        Question::Codes { deck, list, decided, once } => {
            Told::Codes(codes(reader, deck, list.as_deref(), decided, *once)?)
        }
        Question::Card { deck, map } => {
            Told::Card(deck.look().as_ref().map_or_else(|| Ok(Card::default()), |deck| card(reader, deck, *map))?)
        }
        Question::LookAlikes { deck, map } => {
            let deck = deck.look();
            Told::LookAlikes(deck.as_ref().ok_or_else(gone)?.look_alikes(*map).into_iter().cloned().collect())
        }
        Question::Accept { deck, hundredths } => {
            let deck = deck.look();
            Told::Accept(deck.as_ref().ok_or_else(gone)?.accept_from(f32::from(*hundredths) / 100.0))
        }
    })
}

fn codes(reader: &Reader, deck: &Shared, list: Option<&str>, decided: &[Decided], once: i64) -> anyhow::Result<Codes> {
    let lists = reader.waiting_lists()?;
    let Some(list) = list.map(str::to_string).or_else(|| lists.first().map(|list| list.name.clone())) else {
        return Ok(Codes::default());
    };
    let mut held = deck.change();
    for decided in decided {
        held.iter_mut().for_each(|deck| deck.forget(&decided.maps, decided.canonical.as_deref()));
    }
    let as_stored = match held.as_ref().filter(|deck| deck.list() == list) {
        Some(deck) => deck.cards() == reader.waiting_codes(Some(&list), usize::MAX)?,
        None => false,
    };
    if !as_stored {
        *held = None;
        match Deck::read(reader, &list) {
            Ok(deck) => *held = Some(deck),
            Err(Error::Refused(refusal)) => {
                let problem = Some(refusal.to_string());
                return Ok(Codes { lists, list: Some(list), problem, ..Codes::default() });
            }
            Err(Error::Failed(error)) => return Err(error),
        }
    }
    let headline = held.as_ref().map_or(String::new(), |deck| deck.headline(once));
    let cards = held.as_ref().map_or(Vec::new(), |deck| deck.cards().to_vec());
    Ok(Codes { lists, list: Some(list), headline, cards, problem: None })
}

fn card(reader: &Reader, deck: &Deck, map: i64) -> anyhow::Result<Card> {
    let earlier = deck.decided_alike(map).into_iter().map(|decision| Earlier {
        label: decision.label.clone(),
        code: decision.code.clone(),
        chosen: decision.chosen,
        times: decision.times,
    });
    Ok(Card {
        candidates: deck.candidates(map),
        family: deck.family(map).into_iter().cloned().collect(),
        earlier: earlier.collect(),
        samples: deck.samples(reader, map, SAMPLES)?,
    })
}
