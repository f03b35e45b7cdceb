//! Surroundings that make a store the same at each run: a clock that is set by hand, and ids that count.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use steward::engine::{Actor, Context};
use steward::model::time::Micros;
use uuid::Uuid;

use super::generator::Random;

/// 22 November 2026, 12:00 UTC: "now" in every store of the benchmarks.
pub const NOW: Micros = 1_795_348_800_000_000;

/// The person who does everything; whoever makes a store has all roles.
pub const PERSON: &str = "bench";

/// For what only takes a plain function as its clock.
pub fn now() -> Micros {
    NOW
}

/// A time that stands still until it is moved.
#[derive(Clone)]
pub struct Hand(Arc<AtomicI64>);

impl Hand {
    pub fn at(time: Micros) -> Hand {
        Hand(Arc::new(AtomicI64::new(time)))
    }

    pub fn set(&self, time: Micros) {
        self.0.store(time, Ordering::Relaxed);
    }
}

/// The engine's surroundings with ids in the order and with the spread of UUID v7. `from`: where the ids begin, so that
/// two engines on one store give different ones.
pub fn context(hand: &Hand, from: u64) -> Context {
    let hand = hand.clone();
    let count = AtomicU64::new(from);
    let ids = move || {
        let n = count.fetch_add(1, Ordering::Relaxed);
        let (milliseconds, within) = (1_780_000_000_000 + n / 200, n % 200);
        let tail = Random::new(n).next() >> 2;
        let bits = u128::from(milliseconds) << 80 | 7 << 76 | u128::from(within) << 64 | 2 << 62 | u128::from(tail);
        Uuid::from_u128(bits)
    };
    let clock = move || hand.0.load(Ordering::Relaxed);
    Context { ids: Arc::new(ids), host: "bench".into(), ..Context::at(Actor::new(PERSON), Arc::new(clock)) }
}
