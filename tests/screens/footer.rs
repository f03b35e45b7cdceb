//! The footer: whatever the size, what people do all day is in it, and how one comes by the rest.

use super::harness::Harness;
use super::{LARGE, LEAST, SMALL, golden, lacks, shows};

/// The keys of the daily flows (`flows.rs`), as they stand in the footer where they apply.
const DAILY: [&str; 9] =
    ["c certify", "i alike", "r reject", "m map", "t retry", "w why", "/ find", "u undo", "? help"];

fn footer(harness: &Harness) -> String {
    format!("{} ", harness.text().lines().last().unwrap_or_default())
}

#[test]
fn the_daily_keys_are_in_every_pane_s_footer_at_every_size() {
    for size in [LEAST, SMALL, LARGE] {
        for mut harness in [Harness::agency(size), Harness::demo(size), Harness::empty(size)] {
            for place in ["0", "1", "2", "3", "4", "5", "6"] {
                harness.keys(place);
                for _ in 0..12 {
                    let footer = footer(&harness);
                    let here = harness.app.applicable();
                    let here = here.iter().map(|action| format!("{} {}", action.key(), harness.app.word(action)));
                    for hint in here.filter(|hint| DAILY.contains(&hint.as_str())) {
                        assert!(footer.contains(&format!(" {hint} ")), "{place} at {size:?}: no {hint} in {footer}");
                    }
                    harness.keys("Down");
                }
            }
        }
    }
}

#[test]
fn where_there_is_no_room_the_footer_says_how_many_more_keys_there_are() {
    for place in ["1", "5", "6"] {
        let mut harness = Harness::demo(LEAST);
        let footer = footer(harness.keys(place));
        let (_, rest) = footer.split_once("? help +").unwrap_or_else(|| panic!("{place}: {footer}"));
        let more: usize = rest.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap();
        let here = harness.app.applicable();
        let hints = here.iter().filter(|action| !action.hint.is_empty() && !action.keys.is_empty());
        let hints: Vec<String> =
            hints.map(|action| format!(" {} {} ", action.key(), harness.app.word(action))).collect();
        let missing = hints.iter().filter(|hint| !footer.contains(hint.as_str())).count();
        assert_eq!(missing, more, "{place}: {footer}");
    }
    let wide = (400, 45);
    shows(Harness::demo(wide).keys("6"), "? help  q quit");
}

#[test]
fn what_lies_over_a_screen_shows_all_its_keys_where_the_footer_has_no_room() {
    let mut harness = Harness::agency(LEAST);
    let footer = footer(harness.keys("M"));
    assert!(footer.contains(" F1 +") && footer.contains(" Esc close"), "{footer}");
    lacks(&harness, "how exact");
    shows(harness.keys("F1"), "Every key that works here");
    shows(&harness, "w/n/~       how exact");
    golden("codes_all_keys_least", &harness);
    shows(harness.keys("Esc"), "Esc close");
    // Help lists keys itself.
    lacks(harness.keys("Esc ? F1"), "Every key that works here");
    // So does ?, but where it is part of a text.
    for script in ["Esc W ?", "Esc Esc U ?", "Esc Esc 6 g Enter ?"] {
        shows(harness.keys(script), "Every key that works here");
    }
    lacks(harness.keys("Esc Esc 3 E ?"), "Every key that works here");
    // Keys that the footer never names are listed there.
    let mut harness = Harness::agency(LARGE);
    shows(harness.keys("3 E F1"), "Space       another choice");
    shows(harness.keys("Esc Esc 6 C F1"), "PgUp/PgDn   scroll what is shown");
}
