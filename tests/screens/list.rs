//! Lists as a person arranges them: columns, views, marks, copies, exports, filters.

use steward::tui::Options;
use steward::tui::app::{App, Person};
use steward::tui::event::Event;
use steward::tui::theme::Theme;
use steward::tui::zone::Zone;

use crate::harness::Harness;
use crate::{LARGE, LEAST, SMALL, golden, lacks, shows};

fn heading(harness: &Harness) -> String {
    harness.text().lines().nth(4).unwrap_or_default().to_string()
}

#[test]
fn columns_are_hidden_shown_moved_and_given_a_width() {
    let mut harness = Harness::agency(SMALL);
    golden("columns_choice", harness.keys("6 |"));
    golden("columns_choice_least", Harness::agency(LEAST).keys("5 |"));
    golden("columns_choice_large", Harness::agency(LARGE).keys("5 | Down"));
    // The second column goes, the third comes before the first, and that one gets four cells more.
    harness.keys("Down Space < - - + + + + Enter");
    golden("columns_changed", &harness);
    let changed = heading(&harness);
    // The cursor's column, sorting and copying go by what is shown.
    shows(harness.keys("g Right Right"), "column ");
    assert_eq!(heading(harness.keys("5 6")), changed);
    assert_eq!(harness.state.columns.keys().collect::<Vec<_>>(), ["ledger"]);
    shows(harness.keys("|"), "wide");
    harness.keys("Ctrl+R Esc");
    assert_eq!(heading(&harness), changed, "left as it was");
    harness.keys("| Ctrl+R Enter");
    assert_ne!(heading(&harness), changed);
    assert!(harness.state.columns.is_empty(), "as described is nothing to remember");
}

#[test]
fn the_last_column_stays() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("6 | Space Space Space Space Space Space Space Space Space Space Space Space Space Space Space Enter");
    assert!(!heading(&harness).trim().is_empty());
    shows(harness.keys("Right Right s |"), "1 of ");
}

#[test]
fn what_is_listed_is_saved_as_a_view_renamed_and_deleted() {
    let mut harness = Harness::agency(SMALL);
    golden("views", harness.keys("6 v"));
    shows(harness.keys("s Enter"), "A name is needed");
    shows(harness.keys("'Pending' Enter"), "Pending is a built-in view");
    harness.keys("Esc Esc f Ctrl+U 'source:LEGACY' Enter | Down Space Enter v s");
    golden("views_name", harness.keys("'Old ones'"));
    shows(harness.keys("Enter"), "Saved as the view Old ones; v lists it.");
    shows(&harness, "View: Old ones (v)   Filter: source:LEGACY");
    // Built-in views come with the table's columns, this one with its own.
    let with_columns = heading(harness.keys("| Space Enter"));
    assert_ne!(heading(harness.keys("v 1")), with_columns);
    golden("views_own", harness.keys("v End Down Down Down Down Down Down Down Down"));
    shows(harness.keys("Enter"), "View: Old ones");
    assert_eq!(heading(&harness), with_columns);
    shows(harness.keys("v s Enter"), "Enter again takes its place");
    shows(harness.keys("Enter"), "Saved as the view Old ones");
    shows(harness.keys("v r Ctrl+U 'Legacy' Enter Esc"), "View: Legacy (v)");
    assert_eq!(harness.state.views[0].name, "Legacy");
    shows(harness.keys("v d"), "d again deletes the view");
    lacks(harness.keys("Up Down"), "d again deletes");
    shows(harness.keys("d d Esc"), "View: your own (v)   Filter: source:LEGACY");
    assert!(harness.state.views.is_empty());
}

#[test]
fn views_are_found_by_their_words_among_the_commands() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("6 f Ctrl+U 'source:LEGACY' Enter : 'save filter' Enter 'Old ones' Enter v 1");
    golden("palette_views", harness.keys(": 'old on'"));
    shows(harness.keys("Enter"), "View: Old ones (v)");
    shows(harness.keys(": 'view certified' Enter"), "View: Certified");
}

#[test]
fn columns_and_views_come_back_and_those_of_another_version_are_no_trouble() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("6 | Space Enter f Ctrl+U 'source:LEGACY' Enter v s 'mine' Enter");
    let columns = heading(&harness);
    let mut state = harness.state.clone();
    state.left = harness.app.left();
    let mut broken = state.views[0].clone();
    (broken.name, broken.filter) = ("x\u{1b}[2J\u{202e}".into(), "nonsense:1".into());
    state.views.push(broken);
    let options = Options { state, ..Options::plain(Theme::default(), Zone::fixed(0)) };
    let person = Person { login: "druiz".into(), roles: "steward".into() };
    harness.app = App::new("agency.db".into(), person, &options, SMALL);
    harness.send(Event::StoreChanged);
    harness.keys("6");
    assert_eq!(heading(&harness), columns);
    shows(harness.keys("0 G Enter"), "View: mine (v)   Filter: source:LEGACY");
    shows(harness.keys("v Down"), "x⟨U+001B⟩[2J⟨U+202E⟩");
    shows(harness.keys("Enter"), "This view cannot be read any more.");
}
