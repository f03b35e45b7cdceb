//! One table on the screen: what it lists, the rows in memory, the cursor and the marks. It serves all six tables.
//!
//! It asks for pages and takes them when they come; it draws nothing ([`super::pane_view`]) and decides nothing about keys.
//! A method that needs to know how many rows fit on the screen is told so: the pane does not know the terminal.

use super::actions::Id;
use super::beside::Beside;
use super::columns::Columns;
use super::cut;
use super::desk::Desk;
use super::expected::{Expected, Purpose};
use super::keymap::Keymap;
use super::listing::Listing;
pub use super::marks::Marks;
use super::marks::Range;
use super::panes::{PaneSpec, Plan, RowAct};
use super::read::{Answer, Near, Request, Slot, Trouble};

use super::window::{Edge, Window};
use crate::model::query::{Count, Cursor, Page, Position};
use crate::model::{Field, Row};

/// Screens of rows in one page.
const PAGE: usize = 3;

/// Where a pane stood, to come back to.
#[derive(Debug, Clone)]
pub struct Bookmark {
    pub listing: Listing,
    place: Option<(i64, Cursor)>,
    line: usize,
    column: usize,
    columns: Columns,
}

#[derive(Debug)]
pub struct Pane {
    pub spec: &'static PaneSpec,
    pub listing: Listing,
    pub window: Window,
    pub columns: Columns,
    /// The shown column that the cursor is in.
    pub column: usize,
    pub marks: Marks,
    pub(super) range: Option<Range>,
    /// How many rows match, once counted.
    pub count: Option<Count>,
    pub detail: bool,
    pub beside: Beside,
    /// Whether the rows are those of the store as far as is known.
    fresh: bool,
    expects: Option<Expected>,
    /// Rows that the cursor is to move by once they are there.
    owed: isize,
    /// Rows that were asked for and not read, because something else took their place.
    missed: Option<(Request, Purpose)>,
    /// There is reason to read again once the rows are there.
    again: bool,
    /// Rows that one's own act brought above the first one are to be seen.
    reveals: bool,
    /// Then the row under the cursor is held there.
    holds: bool,
    /// The row that had changed when the rows were read again, while it was under the cursor, and what became of it.
    pub(super) changed: Option<(i64, String)>,
    counting: Option<u64>,
}

impl Pane {
    pub fn new(spec: &'static PaneSpec) -> Pane {
        Pane {
            spec,
            listing: Listing::first(spec),
            window: Window::default(),
            columns: Columns::described(spec),
            column: 0,
            marks: Marks::None,
            range: None,
            count: None,
            detail: true,
            beside: Beside::default(),
            fresh: false,
            expects: None,
            owed: 0,
            missed: None,
            again: false,
            reveals: false,
            holds: false,
            changed: None,
            counting: None,
        }
    }

    /// Whether rows are on their way that will take the place of what is shown.
    pub fn is_loading(&self) -> bool {
        self.expects.as_ref().is_some_and(|expected| !matches!(expected.purpose, Purpose::Edge(_)))
    }

    /// Whether the list has come down to one row.
    pub fn is_one_row(&self) -> bool {
        !self.is_loading() && self.window.whole().is_some_and(|whole| whole.n == 1)
    }

    /// What an empty list says; `all` is the number of rows in the table, where it is known.
    pub fn emptiness(&self, all: Option<i64>, keymap: Keymap) -> [String; 2] {
        let key = |id| keymap.key(id);
        if self.is_loading() {
            ["reading…".into(), String::new()]
        } else if self.missed.is_some() {
            ["The rows were not read.".into(), format!("{} reads them.", key(Id::Refresh))]
        } else if self.listing.is_filtered() && all != Some(0) {
            let (filter, drop, views) = (key(Id::EditFilter), key(Id::DropCondition), key(Id::Views));
            // What it drops is said: after a search it is a word, and not what the view lists.
            let drops = format!("{drop} drops {}", cut::cut(&self.listing.last_condition(), 24));
            let first = match self.listing.finds_words_within() {
                true => "No row of this view matches; another view may have what is looked for.",
                false => "No row matches.",
            };
            [first.into(), format!("{filter} changes the filter, {drops}, {views} chooses a view.")]
        } else {
            ["There are no rows yet.".into(), self.spec.filled_by.into()]
        }
    }

    pub fn is_counting(&self) -> bool {
        self.counting.is_some()
    }

    pub fn field(&self) -> Option<&'static Field> {
        self.columns.shown().get(self.column).map(|column| column.field)
    }

    pub fn selected(&self) -> Option<&Row> {
        self.window.selected()
    }

    /// What an action would do to the row under the cursor.
    pub fn plan(&self, act: RowAct) -> Option<Plan> {
        // Where stale values are listed, certifying one is certifying it again.
        let act = if act == RowAct::Certify && self.lists_stale() { RowAct::Recertify } else { act };
        self.selected().filter(|_| self.changed().is_none()).and_then(|row| self.spec.plan(act, row))
    }

    pub fn lists_stale(&self) -> bool {
        self.listing.is_stale()
    }

    pub fn move_column(&mut self, right: bool) {
        let last = self.columns.shown().len().saturating_sub(1);
        self.column = if right { (self.column + 1).min(last) } else { self.column.saturating_sub(1) };
    }

    /// Lays the columns out anew; the cursor stays in its column where that is still shown.
    pub fn lay_out(&mut self, columns: Columns) {
        let here = self.field();
        let at = columns.shown().iter().position(|column| Some(column.field) == here);
        self.column = at.unwrap_or(self.column.min(columns.shown().len().saturating_sub(1)));
        self.columns = columns;
    }

    /// Moves the cursor by rows.
    pub fn step(&mut self, rows: isize, desk: &mut Desk, height: usize) {
        let left = self.window.step(rows, height);
        self.owe(left, height);
        self.prefetch(desk, height);
    }

    pub fn page(&mut self, down: bool, desk: &mut Desk, height: usize) {
        let left = self.window.page(down, height);
        self.owe(left, height);
        self.prefetch(desk, height);
    }

    /// A key that comes before the rows it leads to is not lost: the cursor goes there with them. It is at most a page, so
    /// that a key that was held down does not go on for long after it was let go.
    fn owe(&mut self, rows: isize, height: usize) {
        let page = height.max(1) as isize;
        self.owed = if rows == 0 { 0 } else { (self.owed + rows).clamp(-page, page) };
    }

    /// Goes to the listing's first or last row.
    pub fn jump(&mut self, edge: Edge, desk: &mut Desk, height: usize) {
        if !self.window.jump(edge, height) {
            let (position, purpose) = match edge {
                Edge::Before => (Position::First, Purpose::First),
                Edge::After => (Position::Last, Purpose::Last),
            };
            self.ask(position, purpose, desk, height);
        }
    }

    /// Asks for what the detail shows beside the row under the cursor, wherever that has come to.
    pub fn look_beside(&mut self, desk: &mut Desk) {
        self.forget_left_behind();
        let Some(row) = self.window.selected().filter(|_| self.detail) else { return };
        if let Some(key) = (self.spec.in_force)(row) {
            self.beside.follow(row, key, desk);
        }
    }

    /// Goes to the row with a number, or to the last one.
    pub fn go_to(&mut self, number: i64, desk: &mut Desk, height: usize) {
        self.ask_around(Near::Number(number), height / 2, desk, height);
    }

    /// Shows the pane: reads its rows and counts them unless that was done or is under way.
    pub fn enter(&mut self, desk: &mut Desk, height: usize) {
        if !self.fresh {
            self.reload(false, desk, height);
        } else if self.count.is_none() && self.counting.is_none() {
            self.recount(desk);
        }
    }

    /// Reads what is shown again after others wrote: the row under the cursor stays there, whatever became of it.
    pub fn follow(&mut self, desk: &mut Desk, height: usize) {
        if !self.fresh {
            self.reload(true, desk, height);
        }
    }

    /// The rows may have changed: they are read again when the pane is shown next.
    pub fn outdate(&mut self) {
        self.beside.forget();
        self.fresh = false;
    }

    /// One did something here oneself: where the beginning of the list is in sight, it stays so. What others write moves no
    /// row on the screen.
    pub fn reveal(&mut self) {
        self.reveals = self.window.is_at_beginning();
    }

    /// Reads the rows again and keeps the cursor on its row, wherever that stands now. Rows that are on their way are let
    /// come first: reading that takes longer than the time between two writes would never end otherwise.
    fn reload(&mut self, holds: bool, desk: &mut Desk, height: usize) {
        // What one did oneself moves the cursor on, whoever else wrote meanwhile.
        self.holds = holds && (self.holds || !self.again);
        if self.is_loading() {
            self.again = true;
            return;
        }
        self.again = false;
        match (self.missed.take(), self.window.place()) {
            (Some((request, purpose)), _) => self.expect(request, purpose, desk),
            (None, Some((id, place))) => {
                let line = if std::mem::take(&mut self.reveals) { height } else { self.window.line() };
                self.ask_around(Near::Row(id, Some(place)), line, desk, height);
            }
            (None, None) => self.ask(Position::First, Purpose::First, desk, height),
        }
        if self.counting.is_none() {
            self.recount(desk);
        }
    }

    /// A mark that is a rule about one filter does not outlive it.
    fn adopt(&mut self, listing: Listing) {
        if listing.text() != self.listing.text() && matches!(self.marks, Marks::Rule(_)) {
            self.marks = Marks::None;
        }
        self.listing = listing;
        self.count = None;
    }

    /// Lists something else, from its first row on.
    pub fn list(&mut self, listing: Listing, desk: &mut Desk, height: usize) {
        self.adopt(listing);
        self.ask(Position::First, Purpose::First, desk, height);
        self.recount(desk);
    }

    /// Lists something else, with the cursor on one row of it.
    pub fn list_at(&mut self, listing: Listing, id: i64, desk: &mut Desk, height: usize) {
        self.adopt(listing);
        self.ask_around(Near::Row(id, None), height / 2, desk, height);
        self.recount(desk);
    }

    pub fn bookmark(&self) -> Bookmark {
        Bookmark {
            listing: self.listing.clone(),
            place: self.window.place(),
            line: self.window.line(),
            column: self.column,
            columns: self.columns.clone(),
        }
    }

    /// Comes back to where the pane stood.
    pub fn restore(&mut self, bookmark: Bookmark, desk: &mut Desk, height: usize) {
        self.adopt(bookmark.listing);
        (self.column, self.columns) = (bookmark.column, bookmark.columns);
        match bookmark.place {
            Some((id, place)) => self.ask_around(Near::Row(id, Some(place)), bookmark.line, desk, height),
            None => self.ask(Position::First, Purpose::First, desk, height),
        }
        self.recount(desk);
    }

    /// Takes an answer to one of the pane's questions; one that nobody waits for any more is nothing.
    pub fn answered(&mut self, ticket: u64, answer: Result<Answer, Trouble>, desk: &mut Desk, height: usize) {
        if let Ok(Answer::Found(page)) = answer {
            self.found(ticket, page, height);
        } else if self.counting.take_if(|counting| *counting == ticket).is_some() {
            match answer {
                Ok(Answer::Count(count)) => self.counted(count),
                Err(Trouble::Failed(problem)) => desk.complain(problem),
                Ok(_) | Err(Trouble::Replaced | Trouble::Stopped) => {}
            }
        } else if let Some(expected) = self.expects.take_if(|expected| expected.ticket == ticket) {
            match answer {
                Ok(answer) => self.take(&expected, answer, desk, height),
                Err(trouble) => self.miss(expected, trouble, desk),
            }
        }
    }

    /// Shows rows at once while the page's others are still searched for. What is on the screen stays where it is.
    fn found(&mut self, ticket: u64, page: Page, height: usize) {
        let Some(expected) = self.expects.as_mut().filter(|expected| expected.ticket == ticket) else { return };
        let rows = page.rows.len();
        match (expected.purpose, expected.found) {
            (Purpose::First, 0) => {
                self.owed = 0;
                self.window.show_first(page);
            }
            (Purpose::First | Purpose::Edge(Edge::After), _) => self.window.append(page, height),
            _ => return,
        }
        expected.found += rows;
        self.pay(height);
    }

    /// Moves the cursor by the rows that it could not move by before these came.
    fn pay(&mut self, height: usize) {
        let owed = std::mem::take(&mut self.owed);
        if owed != 0 {
            let left = self.window.step(owed, height);
            self.owe(left, height);
        }
    }

    fn take(&mut self, expected: &Expected, answer: Answer, desk: &mut Desk, height: usize) {
        let purpose = expected.purpose;
        match (purpose, answer) {
            (Purpose::First | Purpose::Edge(Edge::After), Answer::Page(page)) if expected.found > 0 => {
                self.window.append(page.after(expected.found), height);
            }
            (Purpose::First, Answer::Page(page)) => self.window.show_first(page),
            (Purpose::Last, Answer::Page(page)) => self.window.show_last(page, height),
            (Purpose::Around { line }, Answer::Around { before, from, number, left }) => {
                // Where the cursor's own row was read again, it may have moved on meanwhile.
                let again = expected.reads_again();
                let moved = again.and_then(|id| self.window.moved_from(id)).unwrap_or_default();
                let was = self.window.copy_of_selected().filter(|_| again.is_some() && expected.holds);
                self.window.show_around(before, from, number, line, height);
                self.window.step(moved, height);
                self.changed = was.and_then(|was| self.kept(was, left, height));
            }
            (Purpose::Edge(Edge::After), Answer::Page(page)) => self.window.append(page, height),
            (Purpose::Edge(Edge::Before), Answer::Page(page)) => self.window.prepend(page, height),
            _ => {}
        }
        if matches!(purpose, Purpose::Edge(_)) || expected.found > 0 {
            self.pay(height);
        } else {
            self.owed = 0;
        }
        let counted = self.count.filter(|_| self.counting.is_none());
        if let Some(count) = self.window.whole().or(counted) {
            self.counted(count);
        }
        if self.again {
            self.reload(self.holds, desk, height);
        } else {
            self.prefetch(desk, height);
        }
    }

    fn counted(&mut self, count: Count) {
        self.count = Some(count);
        self.window.counted(count);
    }

    /// Rows that did not come are asked for again when the pane is entered next; a further page only when it is needed.
    fn miss(&mut self, expected: Expected, trouble: Trouble, desk: &mut Desk) {
        self.again = false;
        if !matches!(expected.purpose, Purpose::Edge(_)) {
            self.fresh = false;
            self.missed = Some((expected.request, expected.purpose));
        }
        if let Trouble::Failed(problem) = trouble {
            desk.complain(problem);
        }
    }

    /// Keeps the cursor in sight and the window filled, for example in a terminal that has grown.
    pub fn resize(&mut self, desk: &mut Desk, height: usize) {
        self.window.scroll(height);
        self.prefetch(desk, height);
    }

    /// Asks for more rows where the cursor has come near an end of those in memory.
    pub fn fill(&mut self, desk: &mut Desk, height: usize) {
        self.prefetch(desk, height);
    }

    fn prefetch(&mut self, desk: &mut Desk, height: usize) {
        if self.expects.is_some() {
            return;
        }
        if let Some((edge, cursor)) = self.window.wants(height) {
            let position = match edge {
                Edge::Before => Position::Before(cursor),
                Edge::After => Position::After(cursor),
            };
            self.ask(position, Purpose::Edge(edge), desk, height);
        }
    }

    fn ask(&mut self, position: Position, purpose: Purpose, desk: &mut Desk, height: usize) {
        let request = Request::Page { query: self.listing.query(), position, limit: height.max(1) * PAGE };
        self.expect(request, purpose, desk);
    }

    fn ask_around(&mut self, near: Near, line: usize, desk: &mut Desk, height: usize) {
        let height = height.max(1);
        let (before, limit) = (line + height, height * (PAGE - 1));
        let request = Request::Around { query: self.listing.query(), near, before, limit };
        self.expect(request, Purpose::Around { line }, desk);
    }

    fn expect(&mut self, request: Request, purpose: Purpose, desk: &mut Desk) {
        self.fresh = true;
        self.missed = None;
        let ticket = desk.ask(Slot::Rows(self.spec.table), request.clone());
        let here = self.selected().map(|row| row.id);
        let holds = std::mem::take(&mut self.holds);
        self.expects = Some(Expected { ticket, request, purpose, found: 0, here, holds });
    }

    fn recount(&mut self, desk: &mut Desk) {
        // An unfiltered table's rows are counted by the store itself; home and tabs show them.
        self.counting = self
            .listing
            .is_filtered()
            .then(|| desk.ask(Slot::Count(self.spec.table), Request::Count(self.listing.query())));
    }
}
