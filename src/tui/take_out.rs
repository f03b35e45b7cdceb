//! Rows that leave the workbench: onto the clipboard, or into a file.

use super::actions::Id;
use super::app::App;
use super::desk::Effect;
use super::export::{Told, What};
use super::file_name;
use super::overlay::export::ExportForm;
use super::pane::Marks;
use super::read::{Answer, Chosen, Request, Slot, Trouble};
use crate::model::shown;
use crate::model::text::counted;
use crate::model::time::rfc3339;

impl App {
    /// Has the marked rows, or the one under the cursor, read for the clipboard, with the columns that are shown.
    pub(super) fn copy_rows(&mut self) {
        let asked = self.pane().and_then(|pane| {
            let row = pane.selected()?.id;
            let chosen = match pane.marks {
                Marks::None => Chosen { ids: Some(vec![row]), ..pane.taken() },
                _ => pane.taken(),
            };
            Some((chosen, pane.columns.shown().iter().map(|column| column.field).collect()))
        });
        if let Some((chosen, fields)) = asked {
            self.desk.ask(Slot::Copy, Request::Copy { chosen, fields });
        }
    }

    pub(super) fn rows_copied(&mut self, answer: Result<Answer, Trouble>) {
        match answer {
            Ok(Answer::Copied(copied)) => {
                let rows = counted(copied.rows, "row");
                if copied.more {
                    let export = self.desk.keymap.key(Id::Export);
                    self.desk.complain(format!(
                        "Only the first {rows} copied: a terminal's clipboard takes no more. {export} exports all."
                    ));
                } else {
                    self.desk.say(format!("{rows} copied with a header, for a spreadsheet."));
                }
                self.desk.push(Effect::Copy(copied.text));
            }
            Err(Trouble::Failed(problem)) => self.desk.complain(problem),
            Ok(_) | Err(Trouble::Replaced | Trouble::Stopped) => {}
        }
    }

    /// The form that asks for the file.
    pub(super) fn export_form(&self) -> Option<ExportForm> {
        let pane = self.pane()?;
        let what = match (&pane.marks, pane.listing.text()) {
            (Marks::Ids(ids), _) => format!("the {} you marked", counted(ids.len() as i64, "row")),
            (_, "") => format!("every row of {}", pane.spec.table.info().title),
            (_, filter) => format!("all rows that match: {}", shown(filter)),
        };
        let day = rfc3339(self.desk.now()).chars().take(10).collect::<String>();
        let name = file_name::offered(pane.spec.table, pane.listing.text(), &pane.marks, &day);
        Some(ExportForm::new(pane.taken(), what, &name))
    }

    pub(super) fn export_told(&mut self, told: &Told) {
        let rows = match told.what {
            What::Begun => Some(0),
            What::Rows(rows) => Some(rows),
            What::Done(..) | What::Exists | What::Failed(_) => None,
        };
        self.desk.exported(told.ticket, rows);
        match &told.what {
            What::Done(rows, path) => {
                self.desk.say(format!("Exported {} to {}.", counted(*rows, "row"), shown(path)));
            }
            What::Failed(problem) => self.desk.complain(problem.clone()),
            What::Exists if self.overlays.is_empty() => {
                self.desk.complain("Nothing was exported: there is such a file already.");
            }
            What::Begun | What::Rows(_) | What::Exists => {}
        }
        self.tell_overlays(|overlay, _| overlay.export_told(told));
    }
}
