//! The footer: as many keys as the line has room for, what people do all day first, and how many more there are.
//!
//! The hints stand in the order of the table of actions, wherever that is; what is dropped where there is no room is
//! decided by [`DAILY`], then by that order. How a person gets at the rest is never dropped.

use std::borrow::Cow;

use super::actions::{ALWAYS, Action, Id};
use super::app::App;
use super::cut;
use super::marks::Marks;
use super::panes::RowAct;

/// A key as it is shown, and the word for what it does.
pub type Shown = (String, Cow<'static, str>);

/// What is never dropped for the sake of another key, the most important first.
const DAILY: [Id; 12] = [
    Id::Row(RowAct::Certify),
    Id::Row(RowAct::CertifyAlike),
    Id::Row(RowAct::Reject),
    Id::Row(RowAct::Map),
    Id::Row(RowAct::Retry),
    Id::Cause,
    Id::Find,
    Id::Undo,
    Id::Quit,
    Id::Open,
    Id::Back,
    // From home one goes there; in a pane it is one key among many.
    Id::Triage,
];

/// From so many cells on the hints stand apart; below, there is one space between them, so that more fit.
const ROOMY: u16 = 80;

/// The key that shows all keys of what lies over a screen.
pub const ALL_KEYS: &str = "F1";

/// The hints for so many cells, and what stands behind each.
pub fn hints(app: &App, width: u16) -> (Vec<Shown>, &'static str) {
    match app.overlay_hints() {
        Some(hints) => (of_overlay(hints, width.into()), " "),
        None if width < ROOMY => (of_place(app, Line { width: width.into(), apart: 0 }), ""),
        None => (of_place(app, Line { width: width.into(), apart: 1 }), " "),
    }
}

/// A line of so many cells, with so many behind each hint.
#[derive(Debug, Clone, Copy)]
struct Line {
    width: usize,
    apart: usize,
}

impl Line {
    fn cells(self, (key, word): &Shown) -> usize {
        cut::width(key) + cut::width(word) + 2 + self.apart
    }

    fn holds<'a>(self, hints: impl Iterator<Item = &'a Shown>) -> bool {
        hints.map(|hint| self.cells(hint)).sum::<usize>() <= self.width
    }

    fn without(self, hint: &Shown) -> Line {
        Line { width: self.width.saturating_sub(self.cells(hint)), ..self }
    }
}

/// Those that fit, each tried in the order of its rank, in the order in which they were given.
fn fitting(hints: Vec<(usize, Shown)>, line: Line) -> Vec<Shown> {
    let mut order: Vec<usize> = (0..hints.len()).collect();
    order.sort_by_key(|at| hints[*at].0);
    let mut left = line.width;
    let mut kept = vec![false; hints.len()];
    for at in order {
        if let Some(rest) = left.checked_sub(line.cells(&hints[at].1)) {
            (left, kept[at]) = (rest, true);
        }
    }
    hints.into_iter().zip(kept).filter(|(_, kept)| *kept).map(|((_, hint), _)| hint).collect()
}

fn of_place(app: &App, line: Line) -> Vec<Shown> {
    let here = |id: Id| id != Id::Triage || app.pane().is_none();
    let rank = |id: Id| DAILY.iter().position(|daily| *daily == id && here(id));
    let hint = |action: &&'static Action| (action.key().to_string(), app.word(action));
    let mut hints: Vec<(usize, Shown)> = Vec::new();
    let (last, others): (Vec<_>, Vec<_>) = app.applicable().into_iter().partition(|action| ALWAYS.contains(&action.id));
    let quit = last.iter().find(|action| action.id == Id::Quit);
    // With marks the keys for one row are for all that are marked.
    let is_twin = |id: Id| matches!(id, Id::Bulk(_)) && app.pane().is_some_and(|pane| pane.marks != Marks::None);
    let named =
        others.iter().filter(|action| !action.hint.is_empty() && !action.key().is_empty() && !is_twin(action.id));
    for (at, action) in named.chain(quit).enumerate() {
        hints.push((rank(action.id).unwrap_or(DAILY.len() + at), hint(action)));
    }
    let help = last.iter().find(|action| action.id == Id::Help).map(hint).unwrap_or_default();
    let all = hints.len();
    if line.holds(hints.iter().map(|(_, hint)| hint).chain([&help])) {
        return with_help(hints.into_iter().map(|(_, hint)| hint).collect(), help, quit.is_some());
    }
    let (key, word) = help;
    // Two digits are kept free, whatever the number comes to.
    let widest = (key.clone(), Cow::from(format!("{word} +00")));
    let kept = fitting(hints, line.without(&widest));
    let help = (key, format!("{word} +{}", all - kept.len()).into());
    let ends = quit.is_some_and(|quit| kept.last().is_some_and(|(key, _)| key == quit.key()));
    with_help(kept, help, ends)
}

/// Help stands last but for the way out.
fn with_help(mut hints: Vec<Shown>, help: Shown, ends_with_quit: bool) -> Vec<Shown> {
    hints.insert(hints.len() - usize::from(ends_with_quit), help);
    hints
}

/// The way out of an overlay stands last; before it, where keys had to be left out, the key that shows them all.
fn of_overlay(hints: Vec<Shown>, width: usize) -> Vec<Shown> {
    let line = Line { width, apart: 1 };
    if line.holds(hints.iter()) {
        return hints;
    }
    let all = hints.len();
    let mut hints = hints;
    let Some(out) = hints.pop() else { return hints };
    let more = |n: usize| (ALL_KEYS.to_string(), Cow::from(format!("+{n}")));
    // What only goes the other way round is missed least.
    let rank = |at: usize, key: &str| if key == "Shift+Tab" { usize::MAX } else { at };
    let ranked = hints.into_iter().enumerate().map(|(at, hint)| (rank(at, &hint.0), hint)).collect();
    let mut kept = fitting(ranked, line.without(&out).without(&more(10)));
    kept.push(more(all - 1 - kept.len()));
    kept.push(out);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hint(key: &str, word: &'static str) -> Shown {
        (key.into(), word.into())
    }

    #[test]
    fn what_matters_more_is_kept_and_the_order_stays() {
        let hints = vec![(2, hint("a", "less")), (0, hint("b", "most")), (1, hint("c", "more"))];
        let line = |width| Line { width, apart: 1 };
        assert_eq!(fitting(hints.clone(), line(16)), [hint("b", "most"), hint("c", "more")]);
        assert_eq!(fitting(hints, line(24)).len(), 3);
    }

    #[test]
    fn an_overlay_says_how_many_keys_had_no_room() {
        let hints = vec![hint("a", "one"), hint("b", "a long word"), hint("c", "three"), hint("Esc", "close")];
        assert_eq!(of_overlay(hints.clone(), 60), hints);
        let some = of_overlay(hints, 36);
        assert_eq!(some, [hint("a", "one"), hint("c", "three"), hint(ALL_KEYS, "+1"), hint("Esc", "close")]);
    }
}
