//! Views and columns that are a person's own: shown, changed, and remembered of the store.

use super::actions::Place;
use super::app::App;
use super::columns::Columns;
use super::desk::Effect;
use super::listing::Listing;
use super::overlay::columns::ColumnChoice;
use super::overlay::views::Views;
use super::pane::Pane;
use super::panes::PaneSpec;
use super::state::{Change, SavedView};
use crate::model::{Table, shown};

impl App {
    /// Lays the panes' columns out as they were left.
    pub(super) fn restore_columns(&mut self) {
        for table in Table::ALL {
            let columns = self.kept.columns.get(table.info().name).cloned().unwrap_or_default();
            self.with_table(table, |pane, _, _| pane.lay_out(Columns::restored(pane.spec, &columns)));
        }
    }

    /// The person's view of this name, if a pane is shown and has one.
    fn own_view(&self, name: &str) -> Option<&SavedView> {
        let table = self.pane()?.spec.table;
        self.kept.views(table).find(|view| view.name == name)
    }

    /// Lists a view, built in or the person's own, with its columns.
    pub(super) fn show_view(&mut self, name: &str) {
        let Some(pane) = self.pane() else { return };
        let (spec, table) = (pane.spec, pane.spec.table);
        let own = self.own_view(name).cloned();
        let built_in = spec.views.iter().find(|view| view.name == name);
        let listing = match (built_in, &own) {
            (Some(view), _) => Listing::view(table, view),
            (None, Some(own)) => match Listing::saved(own) {
                Ok(listing) => listing,
                Err(error) => return self.desk.complain(format!("This view cannot be read any more. {error}")),
            },
            (None, None) => return self.desk.complain("There is no such view any more."),
        };
        let laid = own.map(|view| view.columns).filter(|columns| !columns.is_empty());
        let columns = laid.or_else(|| self.kept.columns.get(table.info().name).cloned()).unwrap_or_default();
        self.with_pane(|pane, desk, height| {
            pane.lay_out(Columns::restored(spec, &columns));
            pane.list(listing, desk, height);
        });
    }

    /// The overlay that lists the views.
    pub(super) fn views(&self) -> Option<Views> {
        let pane = self.pane()?;
        let now = SavedView {
            table: pane.spec.table,
            name: pane.listing.view.as_deref().unwrap_or_default().into(),
            filter: pane.listing.text().into(),
            sort: pane.listing.sort_text(),
            columns: pane.columns.kept(),
        };
        Some(Views::new(pane.spec, now, self.kept.views(pane.spec.table).cloned().collect()))
    }

    /// The names of the views of the pane that is shown, with their filters.
    pub(super) fn view_names(&self) -> Vec<(String, String)> {
        let Some(pane) = self.pane() else { return Vec::new() };
        let built_in = pane.spec.views.iter().map(|view| (view.name.to_string(), view.filter.to_string()));
        let own = self.kept.views(pane.spec.table).map(|view| (view.name.clone(), view.filter.clone()));
        built_in.chain(own).collect()
    }

    pub(super) fn column_choice(&self) -> Option<ColumnChoice> {
        self.pane().map(|pane| ColumnChoice::open(pane.spec, pane.columns.clone(), pane.column))
    }

    /// Lays the columns out and keeps that: with the person's own view where one is shown, else with the table.
    pub(super) fn lay_columns(&mut self, columns: Columns) {
        let Place::Pane(table) = self.place else { return };
        let kept = columns.kept();
        let as_described = columns == Columns::described(PaneSpec::of(table));
        self.with_pane(|pane, _, _| pane.lay_out(columns));
        let view = self.pane().and_then(|pane| pane.listing.view.clone());
        let own = view.and_then(|name| self.own_view(&name).cloned());
        self.keep(match own {
            Some(view) => Change::View(SavedView { columns: kept, ..view }),
            None => Change::Columns(table, if as_described { Vec::new() } else { kept }),
        });
    }

    /// Takes a change to what is remembered over at once, and has it kept.
    pub(super) fn keep(&mut self, change: Change) {
        match &change {
            Change::View(view) => {
                let name = view.name.clone();
                self.name_listing(|_| true, Some(name));
            }
            Change::Rename { from, to, .. } => self.name_listing(|name| name == Some(from), Some(to.clone())),
            Change::Delete { name: gone, .. } => {
                self.name_listing(|name| name == Some(gone), None);
                self.desk.say(format!("The view {} is deleted.", shown(gone)));
            }
            Change::Columns(..) => {}
        }
        self.kept.apply(change.clone());
        self.desk.push(Effect::Remember(change));
    }

    /// Gives the listing that is shown another view's name, if its own is one of these.
    fn name_listing(&mut self, is: impl FnOnce(Option<&String>) -> bool, name: Option<String>) {
        self.with_pane(|pane: &mut Pane, _, _| {
            let now = pane.listing.view.as_ref().map(|name| name.to_string());
            if is(now.as_ref()) {
                pane.listing.view = name.map(Into::into);
            }
        });
    }
}
