//! The buttons of forms and previews: what is done first, `Cancel` last, everywhere, in one line.
//!
//! They are drawn in the order in which `Tab`, `Right` and `Down` go through them, and `Left` and `Up` go back.

use ratatui::layout::Rect;

use crate::tui::cut;
use crate::tui::layout;
use crate::tui::paint::Paint;
use crate::tui::theme::Role;

/// What leaves a form or preview without doing anything.
pub const CANCEL: &str = "Cancel";

/// Cells between two buttons.
const BETWEEN: u16 = 3;

/// The text as it is drawn: a button that has the focus shows it by its marks, too.
fn drawn(text: &str, focus: bool) -> String {
    if focus { format!("[> {text} <]") } else { format!("[ {text} ]") }
}

/// Draws the buttons; `here` is the place of the one that has the focus.
pub fn draw(paint: &mut Paint, area: Rect, buttons: &[&str], here: Option<usize>) {
    let area = layout::line(area, 0);
    let mut x = area.x + 1;
    for (at, text) in buttons.iter().enumerate() {
        let focus = here == Some(at);
        let role = if focus { Role::Selected } else { Role::Plain };
        x = paint.put_at(area, x, &drawn(text, focus), role) + BETWEEN;
    }
}

/// The button at a column of the screen.
pub fn at(area: Rect, buttons: &[&str], here: Option<usize>, column: u16) -> Option<usize> {
    let mut x = area.x + 1;
    for (at, text) in buttons.iter().enumerate() {
        let cells = cut::width(&drawn(text, here == Some(at))) as u16;
        if (x..x + cells).contains(&column) {
            return Some(at);
        }
        x += cells + BETWEEN;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_finds_the_button_that_is_drawn_there() {
        let area = Rect::new(0, 5, 60, 1);
        // " [ Save ]   [> Cancel <]"
        let cases =
            [(0, None), (1, Some(0)), (8, Some(0)), (9, None), (11, None), (12, Some(1)), (23, Some(1)), (24, None)];
        for (column, button) in cases {
            assert_eq!(at(area, &["Save", CANCEL], Some(1), column), button, "{column}");
        }
    }
}
