//! Picking up where one left off: the place in words, for the file and for home, and going back to it.

use super::actions::Place;
use super::app::App;
use super::columns::Columns;
use super::desk::Desk;
use super::listing::Listing;
use super::paint::Span;
use super::pane::Pane;
use super::panes::{PaneSpec, Target};
use super::settings::Start;
use super::state::Left;
use super::theme::Role;
use crate::model::query::Sort;
use crate::model::shown;
use crate::model::text::grouped;

impl App {
    /// Where one stands now: in the pane that is shown, else in the one that was shown before home.
    pub fn left(&self) -> Option<Left> {
        let pane = self.pane();
        pane.map(|pane| of(pane, &self.desk)).or_else(|| self.home.left.clone())
    }

    /// Shows what the settings say comes up first.
    pub(super) fn start(&mut self, start: Start) {
        match (start, self.home.left.clone()) {
            (Start::Last, Some(left)) => self.pick_up(&left),
            (Start::Home | Start::Last, _) => {}
            (Start::Pane(table, None), _) => self.show(Place::Pane(table)),
            (Start::Pane(table, Some(view)), _) => {
                self.place = Place::Pane(table);
                self.with_pane(|pane, desk, height| pane.list(Listing::view(table, view), desk, height));
            }
        }
    }

    /// Goes to where one left off; `Backspace` comes back.
    pub(super) fn pick_up(&mut self, left: &Left) {
        self.go(left.table, Target::Filter(left.filter.clone()));
        let own = self.kept.views(left.table).find(|view| {
            Some(&view.name) == left.view.as_ref() && view.filter == left.filter && view.sort == left.sort
        });
        let columns = own.map(|view| view.columns.clone()).filter(|columns| !columns.is_empty());
        let listing = own.and_then(|view| Listing::saved(view).ok()).unwrap_or_else(|| listing(left));
        let row = left.row;
        if let Some(columns) = columns {
            self.with_pane(|pane, _, _| pane.lay_out(Columns::restored(pane.spec, &columns)));
        }
        self.with_pane(|pane, desk, height| match row {
            Some(row) => pane.list_at(listing, row, desk, height),
            None => pane.list(listing, desk, height),
        });
    }
}

fn of(pane: &Pane, desk: &Desk) -> Left {
    let listing = &pane.listing;
    Left {
        table: pane.spec.table,
        view: listing.view.as_deref().map(ToString::to_string),
        filter: listing.text().into(),
        sort: listing.sort_text(),
        row: pane.selected().map(|row| row.id),
        number: pane.window.number(),
        at: desk.now(),
    }
}

/// What was listed, as far as this version of the program can still read it.
fn listing(left: &Left) -> Listing {
    let spec = PaneSpec::of(left.table);
    let view = spec.views.iter().find(|view| Some(view.name) == left.view.as_deref());
    if let Some(view) = view.filter(|view| view.filter == left.filter && view.sort == left.sort) {
        return Listing::view(left.table, view);
    }
    let mut listing = Listing::all(left.table);
    if listing.set_filter(&left.filter).is_err() {
        return Listing::first(spec);
    }
    listing.sort = Sort::parse(left.table, &left.sort).unwrap_or(Sort::OLDEST);
    listing
}

/// The place in a line of home: `Ledger, view "Pending", row 1,204   2026-11-21 08:51`.
pub fn spans(left: &Left, desk: &Desk) -> Vec<Span> {
    let title = left.table.info().title;
    let listing = match (&left.view, left.filter.as_str()) {
        (Some(view), _) => format!(", view \"{}\"", shown(view)),
        (None, "") => String::new(),
        (None, filter) => format!(", {}", shown(filter)),
    };
    let row = match (left.number, left.row) {
        (Some(number), _) => format!(", row {}", grouped(number)),
        (None, Some(row)) => format!(", {}", left.table.row_name(row)),
        (None, None) => String::new(),
    };
    let place = format!("    {title}{listing}{row}");
    vec![(format!("{place:<55}"), Role::Plain), (format!("  {}", desk.zone.minute(left.at)), Role::Quiet)]
}
