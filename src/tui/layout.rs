//! Where each part of the screen stands: the same lines in the same places on every screen, from the size alone.

use ratatui::layout::Rect;

/// The smallest terminal that shows more than one line saying so.
pub const SMALLEST: (u16, u16) = (60, 16);
/// From this width on the detail stands at the right of the list.
const SIDE_BY_SIDE: u16 = 120;
/// Lines above and below the content.
const ABOVE: u16 = 4;
const BELOW: u16 = 4;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Areas {
    pub title: Rect,
    pub tabs: Rect,
    pub view: Rect,
    pub upper_rule: Rect,
    pub content: Rect,
    pub lower_rule: Rect,
    pub status: Rect,
    pub message: Rect,
    pub hints: Rect,
}

impl Areas {
    /// The message line and those above it, which a long sentence takes too.
    pub fn rising(&self) -> [Rect; 3] {
        [self.message, self.status, self.lower_rule]
    }
}

/// The parts of a screen; none where the terminal is too small.
pub fn areas(width: u16, height: u16) -> Option<Areas> {
    if width < SMALLEST.0 || height < SMALLEST.1 {
        return None;
    }
    let line = |y| Rect::new(0, y, width, 1);
    Some(Areas {
        title: line(0),
        tabs: line(1),
        view: line(2),
        upper_rule: line(3),
        content: Rect::new(0, ABOVE, width, height - ABOVE - BELOW),
        lower_rule: line(height - 4),
        status: line(height - 3),
        message: line(height - 2),
        hints: line(height - 1),
    })
}

/// The parts of a pane's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PaneAreas {
    pub heading: Rect,
    pub list: Rect,
    /// The line or column between list and detail, and the detail.
    pub detail: Option<(Rect, Rect)>,
    pub beside: bool,
}

pub fn pane(content: Rect, detail: bool) -> PaneAreas {
    let beside = content.width >= SIDE_BY_SIDE;
    match (detail, beside) {
        (false, _) => parts(content, None, beside),
        (true, true) => side_by_side(content, (content.width * 2 / 5).clamp(44, 80)),
        (true, false) => stacked(content, (content.height * 7 / 16).clamp(3, 12)),
    }
}

/// The parts of a record's content: its fields, and beside or below them what there is to say of one of them, which is
/// the more; `fields` is their number.
pub fn record(content: Rect, fields: u16) -> PaneAreas {
    if content.width >= SIDE_BY_SIDE {
        return side_by_side(content, content.width / 2);
    }
    let list = fields.saturating_add(1).clamp(2, (content.height * 7 / 16).max(2));
    stacked(content, content.height.saturating_sub(list))
}

fn side_by_side(content: Rect, width: u16) -> PaneAreas {
    let left = content.width.saturating_sub(width + 1);
    let line = Rect::new(content.x + left, content.y, 1, content.height);
    let detail = Rect::new(line.x + 1, content.y, width, content.height);
    parts(Rect { width: left, ..content }, Some((line, detail)), true)
}

/// The detail takes so many lines, with the line above it.
fn stacked(content: Rect, height: u16) -> PaneAreas {
    let height = height.min(content.height);
    let top = content.height - height;
    let line = Rect::new(content.x, content.y + top, content.width, height.min(1));
    let detail = Rect::new(content.x, line.y + line.height, content.width, height - line.height);
    parts(Rect { height: top, ..content }, Some((line, detail)), false)
}

fn parts(list: Rect, detail: Option<(Rect, Rect)>, beside: bool) -> PaneAreas {
    let heading = Rect { height: list.height.min(1), ..list };
    let list = Rect { y: list.y + heading.height, height: list.height - heading.height, ..list };
    PaneAreas { heading, list, detail, beside }
}

/// The lowest lines of an area, at most all of them.
pub fn bottom(area: Rect, lines: u16) -> Rect {
    let lines = lines.min(area.height);
    Rect { y: area.y + area.height - lines, height: lines, ..area }
}

/// One line of an area, counted from its top; none beyond its end.
pub fn line(area: Rect, at: u16) -> Rect {
    Rect { y: area.y.saturating_add(at), height: u16::from(at < area.height), ..area }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_lie_within_their_whole_at_every_size() {
        for (width, height) in (0..250).step_by(7).flat_map(|w| (0..90).step_by(3).map(move |h| (w, h))) {
            let Some(areas) = areas(width, height) else { continue };
            let whole = Rect::new(0, 0, width, height);
            for pane in [pane(areas.content, true), pane(areas.content, false), record(areas.content, width % 9)] {
                let parts = [pane.heading, pane.list];
                for part in parts.into_iter().chain(pane.detail.into_iter().flat_map(|(line, area)| [line, area])) {
                    assert_eq!(part.intersection(areas.content), part, "{width}x{height}");
                }
            }
            assert_eq!(areas.hints.intersection(whole), areas.hints);
        }
    }

    #[test]
    fn eighty_columns_show_eight_rows_over_six_lines() {
        let areas = areas(80, 24).unwrap();
        let pane = pane(areas.content, true);
        assert_eq!((pane.list.height, pane.detail.unwrap().1.height, pane.beside), (8, 6, false));
    }
}
