//! What the engine does not decide itself: the time, new ids, who acts and where.

use std::sync::Arc;

use uuid::Uuid;

use crate::model::time::{Clock, system_clock};
use crate::store::{Ids, host};

/// Who acts: the operating system's user, and the person an admin acts for (`--as`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub login: String,
    pub on_behalf_of: Option<String>,
    /// Where the user's number is one of a user namespace, in which everybody may be anybody: what it is outside, as far as
    /// that can be seen.
    pub mapped_from: Option<String>,
}

impl Actor {
    pub fn new(login: &str) -> Actor {
        Actor { login: login.to_string(), on_behalf_of: None, mapped_from: None }
    }
}

/// The engine's surroundings; a test puts its own clock and ids in.
#[derive(Clone)]
pub struct Context {
    pub actor: Actor,
    pub clock: Clock,
    pub ids: Ids,
    pub host: String,
    /// How deliveries are cut.
    pub chunks: Chunks,
}

/// Where the chunks of a delivery end. What a delivery leaves must not depend on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Chunks {
    /// As many records as take a while, measured as it goes.
    #[default]
    ByTime,
    /// So many records in the first chunk, so many in the next, and from the front again; for tests.
    Sizes(Vec<usize>),
}

impl Context {
    /// The machine's clock, random ids.
    pub fn new(actor: Actor) -> Context {
        Context::at(actor, system_clock())
    }

    /// A clock of the caller's.
    pub fn at(actor: Actor, clock: Clock) -> Context {
        // In the log it stands beside the machine's name: that is where the number holds.
        let host = match &actor.mapped_from {
            Some(outside) => format!("{} (mapped from {outside})", host()),
            None => host(),
        };
        Context { actor, clock, ids: Arc::new(Uuid::now_v7), host, chunks: Chunks::default() }
    }
}
