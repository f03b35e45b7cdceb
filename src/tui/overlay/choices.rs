//! What each option of a form's choice comes to (engine.md, "What the engine does"): a name alone does not say it.

use ratatui::layout::Rect;

use super::scrolled;
use crate::model::choice::ChoiceSet;
use crate::tui::cut;
use crate::tui::layout;
use crate::tui::paint::Paint;
use crate::tui::theme::Role;

/// By field and option.
const MEANINGS: &[(&str, &str, &str)] = &[
    ("commit_mode", "On Ingest", "In force as soon as it is delivered, certified or not."),
    ("commit_mode", "On Certify", "It waits, and is in force once a reviewer certifies it."),
    ("auto_certify", "No", "A reviewer certifies each value."),
    ("auto_certify", "Yes", "Certified at once; with On Certify if its source is listed."),
    ("relationship", "equal", "The two codes mean the same."),
    ("relationship", "wider", "The canonical code means more than the source's code."),
    ("relationship", "narrower", "The canonical code means less than the source's code."),
    ("relationship", "inexact", "The two codes overlap, and neither covers the other."),
    ("preferred", "No", "Another map of the code says what is sent to the source."),
    ("preferred", "Yes", "Of several codes for one, this one is sent to the source."),
];

/// What an option of a field comes to; nothing of fields that no form has.
pub fn meaning(field: &str, option: &str) -> &'static str {
    MEANINGS.iter().find(|(of, label, _)| *of == field && *label == option).map_or("", |(.., meaning)| meaning)
}

/// Draws the options below a heading, the one that is chosen in sight.
pub fn draw(paint: &mut Paint, area: Rect, (field, title): (&str, &str), set: &ChoiceSet, chosen: &str) {
    paint.clear(area);
    paint.rule(layout::line(area, 0), &format!("{title}: Left and Right choose"));
    let at = set.options.iter().position(|option| option.label == chosen);
    let skip = scrolled(at.unwrap_or(0), usize::from(area.height.saturating_sub(1)));
    for (line, (n, option)) in (1..area.height).zip(set.options.iter().enumerate().skip(skip)) {
        let area = layout::line(area, line);
        let pointer = if at == Some(n) { '>' } else { ' ' };
        let x = paint.put_at(area, area.x, &format!(" {pointer} {} ", cut::fit(option.label, 11)), Role::Plain);
        let room = usize::from(area.right().saturating_sub(x));
        paint.put_at(area, x, &cut::cut_shown(meaning(field, option.label).into(), room), Role::Quiet);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::choice::YesNo;
    use crate::model::{Kind, Table};

    #[test]
    fn each_option_of_each_choice_in_a_form_says_what_it_comes_to() {
        let mut told = 0;
        for table in [Table::ValueMaps, Table::CommitPolicies] {
            for name in crate::tui::overlay::form_kind::added(table).unwrap() {
                let set = match table.field(name).unwrap().kind {
                    Kind::Choice(set) => set,
                    Kind::Flag => YesNo::SET,
                    _ => continue,
                };
                for option in set.options {
                    // In 80 columns it is read to its end.
                    assert!((1..=62).contains(&meaning(name, option.label).len()), "{name} {}", option.label);
                    told += 1;
                }
            }
        }
        assert_eq!(told, MEANINGS.len());
    }
}
