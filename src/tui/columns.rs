//! The columns of a pane as a person laid them out: which are shown, in which order and how wide.
//!
//! A layout starts as the pane's description has it; every other field of the table stands behind, hidden. The state file
//! keeps names and widths alone, so that a later version's fields and descriptions are no trouble.

use serde::{Deserialize, Serialize};

use super::panes::{PaneSpec, Width};
use crate::model::{Field, Kind};

/// The widths that can be given.
pub const NARROWEST: u16 = 3;
pub const WIDEST: u16 = 200;
/// The width of names up to the ten millionth: `ITM-9999999`.
const NAME: u16 = 11;

/// One field of the table in the layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    pub field: &'static Field,
    pub title: &'static str,
    /// The width that the column has by itself.
    auto: Width,
    /// The width that a person gave it.
    pub given: Option<u16>,
    pub shown: bool,
}

impl Column {
    pub fn width(&self) -> Width {
        self.given.map_or(self.auto, Width::Cells)
    }

    /// The cells that it has at least.
    pub fn least(&self) -> u16 {
        match self.width() {
            Width::Cells(cells) | Width::Fill(cells) => cells,
            Width::Name => NAME,
        }
    }

    /// Makes it narrower or wider by so many cells.
    pub fn widen(&mut self, by: i16) {
        self.given = Some(self.least().saturating_add_signed(by).clamp(NARROWEST, WIDEST));
    }
}

/// A column as it is kept: only what is shown, in its order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    pub field: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u16>,
}

/// Every field of a table, the shown ones first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns(Vec<Column>);

impl Columns {
    /// As the pane's description has them.
    pub fn described(spec: &'static PaneSpec) -> Columns {
        let named = spec.columns.iter().filter_map(|column| {
            let field = spec.table.field(column.field)?;
            Some(Column { field, title: column.title, auto: column.width, given: None, shown: true })
        });
        let rest =
            spec.table.fields().iter().filter(|field| !spec.columns.iter().any(|column| column.field == field.name));
        let hidden =
            rest.map(|field| Column { field, title: field.title, auto: auto(field), given: None, shown: false });
        Columns(named.chain(hidden).collect())
    }

    /// As they were kept, as far as the table still has them; without any, as described.
    pub fn restored(spec: &'static PaneSpec, kept: &[Kept]) -> Columns {
        let mut left = Columns::described(spec).0;
        let mut shown: Vec<Column> = Vec::new();
        for Kept { field, width } in kept {
            if let Some(at) = left.iter().position(|column| column.field.name == field) {
                let given = width.map(|width| width.clamp(NARROWEST, WIDEST));
                shown.push(Column { given, shown: true, ..left.remove(at) });
            }
        }
        if shown.is_empty() {
            return Columns(left);
        }
        shown.extend(left.into_iter().map(|column| Column { shown: false, ..column }));
        Columns(shown)
    }

    pub fn kept(&self) -> Vec<Kept> {
        self.shown().iter().map(|column| Kept { field: column.field.name.into(), width: column.given }).collect()
    }

    pub fn all(&self) -> &[Column] {
        &self.0
    }

    /// The shown columns: they stand first.
    pub fn shown(&self) -> &[Column] {
        let end = self.0.iter().take_while(|column| column.shown).count();
        self.0.get(..end).unwrap_or_default()
    }

    pub fn get_mut(&mut self, at: usize) -> Option<&mut Column> {
        self.0.get_mut(at)
    }

    /// Shows a column after the last one that is shown, or hides it; answers where it stands now. The last one stays.
    pub fn toggle(&mut self, at: usize) -> usize {
        let shown = self.shown().len();
        match self.0.get_mut(at) {
            Some(column) if column.shown && shown > 1 => column.shown = false,
            Some(column) if !column.shown => column.shown = true,
            _ => return at,
        }
        let to = if at < shown { shown - 1 } else { shown };
        let column = self.0.remove(at);
        self.0.insert(to, column);
        to
    }

    /// Moves a shown column by one place; answers where it stands now.
    pub fn shift(&mut self, at: usize, down: bool) -> usize {
        let to = if down { at + 1 } else { at.saturating_sub(1) };
        if at.max(to) < self.shown().len() {
            self.0.swap(at, to);
            return to;
        }
        at
    }
}

/// The width of a field that the description does not show.
fn auto(field: &Field) -> Width {
    match field.kind {
        Kind::Time => Width::Cells(16),
        Kind::Guid => Width::Cells(36),
        Kind::Int => Width::Cells(9),
        Kind::Hundredths | Kind::Flag => Width::Cells(6),
        Kind::Name | Kind::Link(_) => Width::Name,
        Kind::User | Kind::Choice(_) => Width::Cells(12),
        Kind::Text(_) => Width::Fill(14),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::panes;

    fn names(columns: &Columns) -> Vec<&str> {
        columns.shown().iter().map(|column| column.field.name).collect()
    }

    #[test]
    fn a_layout_holds_every_field_once_whatever_is_done_to_it() {
        for spec in panes::ALL {
            let mut columns = Columns::described(spec);
            let described: Vec<&str> = spec.columns.iter().map(|column| column.field).collect();
            assert_eq!(names(&columns), described);
            for at in [0, 3, 1, 7, 2, 0] {
                columns.toggle(at);
                columns.shift(at, at % 2 == 0);
            }
            let mut fields: Vec<&str> = columns.all().iter().map(|column| column.field.name).collect();
            fields.sort_unstable();
            fields.dedup();
            assert_eq!(fields.len(), spec.table.fields().len());
            assert_eq!(Columns::restored(spec, &columns.kept()).kept(), columns.kept());
        }
    }

    #[test]
    fn a_column_is_hidden_shown_moved_and_widened() {
        let spec = panes::ALL[0];
        let mut columns = Columns::described(spec);
        let shown = columns.shown().len();
        assert_eq!(columns.toggle(1), shown - 1);
        assert!(!names(&columns).contains(&"external_key"));
        assert_eq!(columns.toggle(shown - 1), shown - 1);
        assert_eq!(names(&columns).last(), Some(&"external_key"));
        assert_eq!(columns.shift(1, false), 0);
        assert_eq!(names(&columns)[..2], ["source_system_key", "identifier_id"]);
        columns.get_mut(0).unwrap().widen(-300);
        assert_eq!(columns.shown()[0].width(), Width::Cells(NARROWEST));
        for _ in 0..50 {
            columns.toggle(0);
        }
        assert_eq!(columns.shown().len(), 1, "the last column stays");
    }

    #[test]
    fn what_was_kept_of_another_version_is_read_as_far_as_it_goes() {
        let spec = panes::ALL[0];
        let kept = |field: &str, width| Kept { field: field.into(), width };
        let columns = Columns::restored(spec, &[kept("lost", None), kept("guid", Some(60_000)), kept("guid", None)]);
        assert_eq!(columns.kept(), [kept("guid", Some(WIDEST))]);
        assert_eq!(Columns::restored(spec, &[kept("lost", None)]), Columns::described(spec));
    }
}
