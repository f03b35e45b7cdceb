//! Draws the whole screen from the state alone: it asks nothing, changes nothing and cannot fail.

use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

use super::actions::Place;
use super::app::App;
use super::cut;
use super::footer;
use super::layout::{self, Areas, SMALLEST};
use super::listing::Listing;
use super::overlay::{Overlay, Place as OverlayPlace};
use super::paint::{Paint, Span};
use super::pane::{Marks, Pane};
use super::pane_view;
use super::panes::PaneSpec;
use super::theme::Role;
use crate::engine::ROLES;
use crate::model::query::{Count, SortKey};
use crate::model::text::{counted, grouped};
use crate::model::{Table, shown};
use crate::store::{by_stale_time, sorts_by_index};

/// Cells from which on a sentence is broken into lines.
const TOLD_FROM: usize = 12;

/// Draws the workbench; answers where the terminal's cursor is to stand, if anywhere.
pub fn draw(app: &App, buffer: &mut Buffer) -> Option<Position> {
    let area = buffer.area;
    let mut paint = Paint::new(buffer, &app.theme);
    let Some(areas) = layout::areas(area.width, area.height) else {
        let text = format!("steward needs {}x{}, this is {}x{}", SMALLEST.0, SMALLEST.1, area.width, area.height);
        let lines = cut::wrapped_shown(&text, area.width.into(), area.height.into());
        // A few cells show how the sentence begins; words on lines of their own need some width.
        let lines = if usize::from(area.width) < TOLD_FROM { vec![text] } else { lines };
        for (at, line) in (0..).zip(lines) {
            paint.put(layout::line(area, at), &line, Role::Plain);
        }
        return None;
    };
    draw_title(app, &mut paint, areas.title);
    draw_tabs(app, &mut paint, areas.tabs);
    draw_view(app, &mut paint, areas.view);
    paint.rule(areas.upper_rule, "");
    draw_content(app, &mut paint, &areas);
    paint.rule(areas.lower_rule, "");
    draw_bar(app, &mut paint, areas.lower_rule);
    draw_status(app, &mut paint, areas.status);
    draw_message(app, &mut paint, &areas);
    draw_hints(app, &mut paint, areas.hints);
    // Something small may lie over something that takes the whole content.
    let top = app.overlays.last().filter(|top| top.place() != OverlayPlace::Content);
    if let Some(overlay) = content_overlay(app) {
        overlay.draw(&mut paint, &areas, &app.desk);
    }
    if let Some(overlay) = top {
        if overlay.place() == OverlayPlace::Line {
            paint.clear(areas.status);
            paint.clear(areas.message);
        }
        overlay.draw(&mut paint, &areas, &app.desk);
    }
    paint.cursor
}

/// The topmost overlay that is shown instead of the content.
pub(super) fn content_overlay(app: &App) -> Option<&dyn Overlay> {
    app.overlays.iter().rfind(|overlay| overlay.place() == OverlayPlace::Content).map(AsRef::as_ref)
}

fn draw_title(app: &App, paint: &mut Paint, area: Rect) {
    let all = ROLES.iter().all(|role| app.person.has(&[role]));
    let roles = match app.person.roles.as_str() {
        "" => "no user of this store",
        _ if all => "all roles",
        roles => roles,
    };
    let person = format!("{} ({}) ", shown(&app.person.login), shown(roles));
    // The store and the person come before the person's roles.
    let roomy = cut::width(&person) * 2 < area.width.into();
    let person = if roomy { person } else { format!("{} ", shown(&app.person.login)) };
    let store = format!(" steward | {}", shown(&app.store));
    let room = usize::from(area.width).saturating_sub(cut::width(&person) + 2);
    let end = paint.put_at(area, area.x, cut::head(&store, room), Role::Title);
    paint.put_right(area, end, &person, Role::Plain);
}

/// A tab on the screen.
pub struct Tab {
    pub place: Place,
    pub area: Rect,
    text: String,
    before: &'static str,
}

/// The tabs in the longest wording that fits.
pub fn tabs(app: &App, area: Rect) -> Vec<Tab> {
    let width = |tabs: &[String]| tabs.iter().map(|tab| cut::width(tab) + 1).sum::<usize>() + 1;
    let fits = |tabs: &Vec<String>| width(tabs) <= area.width.into();
    let wording = |word: fn(&PaneSpec) -> &'static str, numbers: bool| -> Vec<String> {
        let rows =
            |table| app.home.rows(table).filter(|_| numbers).map_or(String::new(), |n| format!(" {}", grouped(n)));
        let panes = (1..).zip(Table::ALL);
        let named = panes.map(|(at, table)| format!("{at} {}{}", word(PaneSpec::of(table)), rows(table)));
        std::iter::once("0 Home".to_string()).chain(named).collect()
    };
    let shortest = wording(|spec| spec.tab[1], false);
    let wordings = [
        wording(|spec| spec.table.info().title, true),
        wording(|spec| spec.table.info().title, false),
        wording(|spec| spec.tab[0], false),
    ];
    let texts = wordings.into_iter().find(fits).unwrap_or(shortest);
    let roomy = width(&texts) + texts.len() <= area.width.into();
    let places = std::iter::once(Place::Home).chain(Table::ALL.map(Place::Pane));
    let mut x = area.x;
    let mut was_here = false;
    let place = |(text, place): (String, Place)| {
        let here = place == app.place;
        let before = separator(was_here, Some(place).filter(|_| !here), roomy);
        was_here = here;
        x += cut::width(before) as u16;
        let area = Rect { x, width: cut::width(&text) as u16, ..area };
        x += area.width;
        Tab { place, area, text, before }
    };
    texts.into_iter().zip(places).map(place).collect()
}

fn draw_tabs(app: &App, paint: &mut Paint, area: Rect) {
    let mut end = (area.x, false);
    for tab in tabs(app, area) {
        let here = tab.place == app.place;
        paint.put_at(area, end.0, tab.before, Role::Tab);
        paint.put_at(area, tab.area.x, &tab.text, if here { Role::TabHere } else { Role::Tab });
        end = (tab.area.right(), here);
    }
    paint.put_at(area, end.0, if end.1 { "]" } else { " " }, Role::Tab);
}

/// What stands between two tabs: brackets around the one that is shown, and a line between the two groups of tables,
/// what is set up and what is processed. `next` is none where the tab that follows is the one shown.
fn separator(after_shown: bool, next: Option<Place>, roomy: bool) -> &'static str {
    let group = next == Some(Place::Pane(Table::SyncJobs));
    match (after_shown, next, roomy) {
        (_, None, false) => "[",
        (_, None, true) => " [",
        (true, Some(_), false) => "]",
        (true, Some(_), true) if group => "]|",
        (true, Some(_), true) => "] ",
        (false, Some(_), false) if group => "|",
        (false, Some(_), true) if group => " |",
        (false, Some(_), false) => " ",
        (false, Some(_), true) => "  ",
    }
}

fn draw_view(app: &App, paint: &mut Paint, area: Rect) {
    if let Some(overlay) = content_overlay(app) {
        return paint.spans(area, &[(format!(" {}", overlay.title()), Role::Heading)]);
    }
    let Some(pane) = app.pane() else {
        return paint.put(area, " What needs attention; Enter opens the rows behind a number", Role::Quiet);
    };
    let count = count_text(app, pane);
    let view = pane.listing.view.as_deref().map_or("your own".into(), shown);
    let filter = if pane.listing.text().is_empty() { "none" } else { pane.listing.text() };
    let end = paint.put_at(area, area.x, &format!(" View: {view} (v)   Filter: "), Role::Plain);
    let room = usize::from(area.right().saturating_sub(end)).saturating_sub(cut::width(&count) + 1);
    let end = paint.put_at(area, end, &cut::cut(filter, room), Role::Plain);
    paint.put_right(area, end, &count, Role::Plain);
}

/// `584 of 6,331 rows`, as far as it is known.
pub fn count_text(app: &App, pane: &Pane) -> String {
    let all = app.home.rows(pane.spec.table);
    match (pane.listing.is_filtered(), pane.count, all) {
        (false, _, Some(all)) => format!("{} ", counted(all, "row")),
        (_, Some(count), Some(all)) => format!("{} of {} rows ", count_number(count), grouped(all)),
        (_, Some(count), None) => format!("{} rows ", count_number(count)),
        (_, None, _) if pane.is_counting() => "counting… ".into(),
        (_, None, _) => "not counted ".into(),
    }
}

fn count_number(count: Count) -> String {
    count.to_string()
}

fn draw_content(app: &App, paint: &mut Paint, areas: &Areas) {
    if content_overlay(app).is_some() {
        return;
    }
    match app.pane() {
        Some(pane) => {
            let areas = layout::pane(areas.content, pane.detail);
            pane_view::draw(pane, app.home.rows(pane.spec.table), paint, areas, &app.desk);
        }
        None => app.home.draw(paint, areas.content, &app.desk),
    }
}

fn draw_status(app: &App, paint: &mut Paint, area: Rect) {
    if content_overlay(app).is_some() {
        return;
    }
    let Some(pane) = app.pane() else { return };
    let mut parts = Vec::new();
    if let Some(row) = pane.selected() {
        // All rows of the table are not those that match.
        let all = app.home.rows(pane.spec.table).filter(|_| !pane.listing.is_filtered());
        let count = pane.count.map(count_number).or_else(|| all.map(grouped));
        let of = count.map_or(String::new(), |n| format!(" of {n}"));
        parts.push(match pane.window.number() {
            Some(n) => format!("Row {}{of}", grouped(n)),
            None => format!("{}{of}", shown(row.name())),
        });
    }
    parts.extend(marked(pane));
    parts.push(sorted(&pane.listing));
    parts.extend(app.home.rows(pane.spec.table).and_then(|rows| slow_order(&pane.listing, rows)));
    parts.extend(pane.field().map(|field| format!("column {}", field.title)));
    let text = format!(" {}", parts.join(" | "));
    let end = paint.put_at(area, area.x, &text, Role::Plain);
    if pane.is_loading() {
        paint.put_right(area, end, "reading… ", Role::Quiet);
    }
}

/// What a bulk action would be for.
fn marked(pane: &Pane) -> Option<String> {
    match &pane.marks {
        Marks::None => None,
        Marks::Ids(ids) => Some(format!("{} marked", grouped(ids.len() as i64))),
        Marks::Rule(_) => Some("all matching marked".into()),
    }
}

/// From so many rows on a person notices that there is no index to sort by.
const LARGE: i64 = 100_000;

/// What is said of an order that no index has, in a table of so many rows.
fn slow_order(listing: &Listing, rows: i64) -> Option<String> {
    let slow = rows >= LARGE && !sorts_by_index(&listing.query());
    slow.then(|| "no index has this order: slow".into())
}

pub fn sorted(listing: &Listing) -> String {
    let key = |key: &SortKey| format!("{}{}", key.field.title, if key.descending { ", highest first" } else { "" });
    match (listing.sort.keys.as_slice(), listing.sort.newest) {
        ([], newest) if by_stale_time(&listing.query()) => {
            (if newest { "last to get stale first" } else { "longest stale first" }).into()
        }
        ([], true) => "newest first".into(),
        ([], false) => "oldest first".into(),
        (keys, _) => format!("by {}", keys.iter().map(key).collect::<Vec<_>>().join(", then ")),
    }
}

/// How far a long act is, along the line below the content.
fn draw_bar(app: &App, paint: &mut Paint, area: Rect) {
    if let Some(full) = app.desk.pace().map(|pace| pace.cells(area.width)) {
        paint.put(Rect { width: full, ..area }, &"━".repeat(full.into()), Role::Note);
    }
}

fn draw_message(app: &App, paint: &mut Paint, areas: &Areas) {
    match (app.desk.message(), app.desk.progress()) {
        (Some(message), _) => paint.sentence(&areas.rising(), &message.text, message.role),
        (None, Some(what)) => paint.put(areas.message, &format!(" {what}"), Role::Note),
        (None, None) => {}
    }
}

fn draw_hints(app: &App, paint: &mut Paint, area: Rect) {
    let mut spans: Vec<Span> = Vec::new();
    let (hints, apart) = footer::hints(app, area.width);
    for (key, word) in hints {
        spans.push((format!(" {key}"), Role::Key));
        spans.push((format!(" {word}{apart}"), Role::Plain));
    }
    paint.spans(area, &spans);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::query::Sort;

    #[test]
    fn an_order_without_an_index_says_so_where_it_makes_a_difference() {
        let mut listing = Listing::all(Table::SyncItems);
        assert_eq!(slow_order(&listing, 10_000_000), None);
        listing.sort = Sort::parse(Table::SyncItems, "-raw_value").unwrap();
        assert!(slow_order(&listing, 10_000_000).is_some_and(|said| said.contains("no index")));
        assert_eq!(slow_order(&listing, 1_000), None);
        for (sort, slow) in [("job", false), ("job,-raw_value", true), ("target,field", false), ("field,target", true)]
        {
            listing.sort = Sort::parse(Table::SyncItems, sort).unwrap();
            assert_eq!(slow_order(&listing, 10_000_000).is_some(), slow, "{sort}");
        }
    }

    #[test]
    fn stale_values_are_said_to_be_listed_by_how_long_they_are_stale() {
        let mut listing = Listing::all(Table::Ledger);
        assert_eq!(sorted(&listing), "oldest first");
        listing.set_filter("is:stale").unwrap();
        assert_eq!(sorted(&listing), "longest stale first");
        listing.sort = Sort::NEWEST;
        assert_eq!(sorted(&listing), "last to get stale first");
        listing.set_filter("-is:stale").unwrap();
        assert_eq!(sorted(&listing), "newest first");
    }
}
