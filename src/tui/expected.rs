//! What a pane has asked for and waits for.

use super::read::{Near, Request};
use super::window::Edge;

/// What a page that was asked for is to become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    First,
    Last,
    /// With the cursor so many lines below the top of the screen.
    Around {
        line: usize,
    },
    Edge(Edge),
}

/// A question that is on its way.
#[derive(Debug)]
pub(super) struct Expected {
    pub ticket: u64,
    pub request: Request,
    pub purpose: Purpose,
    /// Rows of the page that came before the page did.
    pub found: usize,
    /// The row that had the cursor when it was asked.
    pub here: Option<i64>,
    /// Others' writes are why it is read: the row under the cursor is held there.
    pub holds: bool,
}

impl Expected {
    /// The row under the cursor, if it was asked for to stay there.
    pub fn reads_again(&self) -> Option<i64> {
        match self.request {
            Request::Around { near: Near::Row(id, _), .. } if self.here == Some(id) => Some(id),
            _ => None,
        }
    }
}
