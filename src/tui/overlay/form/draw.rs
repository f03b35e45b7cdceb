//! How a form's fields and what is offered for them are drawn, and said where there is no cursor.

use ratatui::layout::Rect;

use super::{Focus, Form, FormField, title};
use crate::model::shown;
use crate::tui::cut;
use crate::tui::layout;
use crate::tui::overlay::buttons::CANCEL;
use crate::tui::overlay::choices;
use crate::tui::overlay::form_field::LABEL;
use crate::tui::overlay::offers::{self, Offer};
use crate::tui::overlay::{Spoken, scrolled};
use crate::tui::paint::Paint;
use crate::tui::theme::Role;

impl Form {
    /// Draws what the map is about and its fields, so that the one with the cursor is in sight; answers the lines used.
    pub(super) fn draw_fields(&self, paint: &mut Paint, area: Rect) -> u16 {
        let about = &self.about;
        let all = about.len() + self.inputs.len();
        let here = match self.focus {
            Focus::Field(at) => about.len() + at,
            Focus::Offer(at, _) => (about.len() + at).saturating_sub(1),
            Focus::Save | Focus::Cancel => all.saturating_sub(1),
        };
        let skip = scrolled(here, area.height.into());
        for (line, at) in (0..area.height).zip(skip..all) {
            let area = layout::line(area, line);
            match at.checked_sub(about.len()).and_then(|at| Some((at, self.inputs.get(at)?))) {
                Some((at, input)) => {
                    let note = self.offers.note(input.field, input.text());
                    input.draw(paint, area, self.focus == Focus::Field(at), self.problem(input), note);
                }
                None => self.draw_fixed(paint, area, about.get(at).copied().unwrap_or_default()),
            }
        }
        (all - skip) as u16
    }

    fn draw_fixed(&self, paint: &mut Paint, area: Rect, name: &str) {
        let title = title(&self.row, name);
        let x = paint.put_at(area, area.x, &format!("  {title:<LABEL$}  "), Role::Quiet);
        let rest = Rect { x, width: area.right().saturating_sub(x), ..area };
        paint.stored(rest, self.row.text(name), Role::Plain);
    }

    pub(super) fn told(&self) -> Spoken {
        let value = |name: &str| format!("{}: {}", title(&self.row, name), shown(self.row.text(name)));
        let mut about: Vec<String> = self.about.iter().map(|name| value(name)).collect();
        about.extend(self.most_pressing().map(|(_, problem)| problem));
        let offer = |(text, label): &Offer| match label.as_str() {
            "" => format!("Offered: {}", shown(text)),
            label => format!("Offered: {}, {}", shown(text), shown(label)),
        };
        about.extend(self.listed().1.iter().take(offers::SPOKEN).map(offer));
        let mut choices: Vec<String> = self.inputs.iter().map(FormField::told).collect();
        choices.extend(["Save".to_string(), CANCEL.to_string()]);
        Spoken { about, choices }
    }

    /// Draws what helps with the field that has the cursor, where there is room: its options, codes, or names.
    pub(super) fn draw_below(&self, paint: &mut Paint, area: Rect) {
        if area.height < 2 {
            return;
        }
        match self.here().and_then(|input| Some((input, input.choices()?))) {
            Some((input, set)) => {
                choices::draw(paint, area, (input.field.name, input.field.title), set, input.text());
            }
            None if !self.listed().1.is_empty() => self.draw_offers(paint, area),
            None => {}
        }
    }

    fn draw_offers(&self, paint: &mut Paint, area: Rect) {
        let (heading, listed) = self.listed();
        let chosen = if let Focus::Offer(_, at) = self.focus { Some(at) } else { None };
        let is_target = self.is_at_target();
        offers::draw(paint, area, &heading, (&listed, chosen), |(text, label), width| {
            // A record is known by its keys and its label rather than by its id.
            if is_target {
                return format!("{}  {}", cut::cut(label, width.saturating_sub(20)), cut::fit(text, 13));
            }
            format!("{} {}", cut::fit(text, 18), cut::cut(label, width.saturating_sub(24)))
        });
    }
}
