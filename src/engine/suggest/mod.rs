//! Suggestions for codes that wait: what a map screen and the command line show before a person decides.
//!
//! A [`Deck`] is read once from a [`Reader`] and holds the waiting codes of one list, those that most items wait for first,
//! the index of the list's entries and earlier decisions, and the spelling families. It reads again only what it must: the
//! samples of a card. Deciding goes by way of [`Command`]s, so that a dry run tells the exact effect; afterwards the deck is
//! told what was decided, and its next suggestions know it. Reading a deck of a list with 100,000 entries takes half a
//! second, and the effect of a code that 100,000 items wait for some three: both belong on a thread of their own.
//!
//! ```no_run
//! # use steward::engine::{Engine, Mode, suggest::Deck};
//! # use steward::store::Reader;
//! # fn screen(reader: &Reader, engine: &mut Engine) -> Result<(), Box<dyn std::error::Error>> {
//! // Left: the lists in which codes wait. Middle: the cards. Right: all about the card under the cursor.
//! let lists = reader.waiting_lists()?;
//! let mut deck = Deck::read(reader, "contract_type")?;
//! println!("{}", deck.headline(0));             // "849 codes hold 6,331 items; the next 40 decisions release 70 %"
//! let card = &deck.cards()[0];
//! let map = card.map;
//! let candidates = deck.candidates(map);        // digits 1 to 9
//! let look_alikes = deck.decided_alike(map);    // what was decided about labels like this one
//! let family = deck.family(map);                // `=`: other spellings, taken along unless the person drops them
//! let offered = deck.look_alikes(map);          // nearest neighbours: offered, never taken along
//! let samples = deck.samples(reader, map, 3)?;
//! // The effect of a digit, before it is pressed: the same code, taken back.
//! let code = candidates[0].code.clone();
//! let command = deck.decide(&[map], code.as_deref());
//! let effect = engine.run_in_chunks(&command, &Mode::DryRun)?;
//! println!("releases {} items, changes {} current values", effect.released, effect.values_changed);
//! drop((look_alikes, family, offered, samples));
//! // Pressed: run it, items by the thousand in operations of their own, and tell the deck.
//! engine.run_in_chunks(&command, &Mode::Real)?;
//! deck.forget(&[map], code.as_deref());
//! // Bulk: all cards whose best suggestion has at least this score, as a preview first.
//! let bulk = deck.accept_from(0.90);
//! let preview = engine.run_in_chunks(&bulk.command, &Mode::DryRun)?;
//! engine.run_in_chunks(&bulk.command, &Mode::AsPreviewed(preview.fingerprint))?;
//! # Ok(()) }
//! ```

mod deck;
mod fit;
mod table;

pub use crate::rules::families::{Method, families};
pub use crate::rules::suggest::{Candidate, MOST, Question, SURE};
pub use deck::{Bulk, Deck};
pub use fit::{Fit, fits, newest_fields};
pub use table::Suggester;
