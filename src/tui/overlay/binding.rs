//! The binding of a field: which code list its values are looked up in, and what becomes of those that are not there. It is
//! a hop of triage's trace, and has no pane of its own.

use crossterm::event::KeyEvent;

use super::{Hint, Overlay, Step};
use crate::engine::Stopped;
use crate::model::choice::OnEmpty;
use crate::model::text::shell_word;
use crate::model::{Table, shown};
use crate::store::TriageGroup;
use crate::tui::cut;
use crate::tui::desk::Desk;
use crate::tui::layout::{self, Areas};
use crate::tui::paint::Paint;
use crate::tui::panes;
use crate::tui::theme::Role;

const LABEL: usize = 18;
/// Lines of one text.
const LINES: usize = 6;

/// What a binding says, in a line.
pub(super) fn summary(stopped: &Stopped) -> String {
    let list = stopped.code_list.as_deref().map(shown);
    match (&stopped.binding, list) {
        (None, None) => "none: values pass unchanged".into(),
        (None, Some(list)) => format!("none; the code list {list} has the field's name, and unmapped codes are held"),
        (Some(binding), list) => {
            let list = list.map_or("no code list".into(), |list| format!("code list {list}"));
            format!("{list}, unmapped: {}, blank: {}", binding.on_unmapped.label(), binding.on_blank.label())
        }
    }
}

#[derive(Debug)]
pub(super) struct BindingView {
    /// Whose values they are: field, table and source.
    about: String,
    lines: Vec<(&'static str, String)>,
    list: Option<String>,
}

impl BindingView {
    pub fn new(group: &TriageGroup, stopped: &Stopped) -> BindingView {
        let field = group.field_name.as_deref().unwrap_or_default();
        let about = format!("{} of {} from {}", shown(field), shown(&group.target_table), shown(&group.source));
        BindingView { about, lines: lines(stopped, change(group)), list: stopped.code_list.clone() }
    }
}

fn lines(stopped: &Stopped, change: String) -> Vec<(&'static str, String)> {
    let text = |text: &Option<String>, none: &str| text.as_deref().map_or(none.into(), shown).into_owned();
    let list = text(&stopped.code_list, "none");
    let Some(binding) = &stopped.binding else {
        let because = match &stopped.code_list {
            Some(_) => "No binding speaks of the field; this list has its name, and codes without a map are held.",
            None => "No binding speaks of the field, and no code list has its name: its values pass unchanged.",
        };
        return vec![("Code list", list), ("Why", because.into()), ("To change it", change)];
    };
    let outbound = if binding.outbound { "yes" } else { "no" };
    let mut lines = vec![
        ("Row", binding.id.to_string()),
        ("Table", shown(&binding.target_table).into_owned()),
        ("Field", text(&binding.field_name, "every field")),
        ("Source", text(&binding.source, "every source")),
        ("Code list", list),
        ("Code without map", binding.on_unmapped.label().into()),
        ("Blank value", binding.on_blank.label().into()),
        ("No match", binding.on_no_match.label().into()),
        ("Fixed value", text(&binding.fixed_value, "none")),
        ("Sent to source", outbound.into()),
    ];
    lines.extend(binding.outbound.then(|| ("Emptied value", emptied(binding.on_empty).into())));
    lines.push(("To change it", change));
    lines
}

/// What its source is sent when the value is gone.
fn emptied(on_empty: OnEmpty) -> &'static str {
    match on_empty {
        OnEmpty::Default => "not sent",
        OnEmpty::Hold => "held for a person, where the source was sent a value",
        OnEmpty::Send => "sent, where the source was sent a value",
    }
}

/// How it is changed.
fn change(group: &TriageGroup) -> String {
    let field = group.field_name.as_deref().unwrap_or_default();
    let word = |text: &str| shell_word(&shown(text));
    format!(
        "On the command line: steward bind {} {} LIST; retry the items afterwards.",
        word(&group.target_table),
        word(field)
    )
}

impl Overlay for BindingView {
    fn title(&self) -> String {
        format!("Binding: {}", self.about)
    }

    fn hints(&self) -> Vec<Hint> {
        let mut hints = vec![("Esc", "back")];
        hints.extend(self.list.as_ref().map(|_| ("Enter", "maps of the list")));
        hints
    }

    fn key(&mut self, _key: &KeyEvent, name: &str, _desk: &mut Desk) -> Step {
        match (name, &self.list) {
            ("Esc" | "Backspace" | "q", _) => Step::Close,
            ("Enter", Some(list)) => Step::Go(Table::ValueMaps, panes::rows_with(&[("list", list)])),
            _ => Step::Stay,
        }
    }

    fn stays(&self) -> bool {
        true
    }

    fn draw(&self, paint: &mut Paint, areas: &Areas, _desk: &Desk) {
        let cells = usize::from(areas.content.width).saturating_sub(LABEL + 3);
        let mut at = 0;
        for (label, text) in &self.lines {
            let mut label = *label;
            for text in cut::wrapped_shown(text, cells, LINES) {
                let area = layout::line(areas.content, at);
                let x = paint.put_at(area, area.x, &format!(" {label:<LABEL$} "), Role::Quiet);
                paint.put_at(area, x, &text, Role::Plain);
                label = "";
                at += 1;
            }
        }
    }
}
