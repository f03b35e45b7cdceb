//! Sorting by several columns.

use super::harness::Harness;
use super::{SMALL, golden, shows};

fn heading(harness: &Harness) -> String {
    harness.text().lines().nth(4).unwrap_or_default().to_string()
}

#[test]
fn a_further_key_is_added_turned_and_taken_out() {
    let mut harness = Harness::agency(SMALL);
    harness.keys("5 v 5 Right Right");
    let other = |harness: &Harness| heading(harness);
    shows(harness.keys("s"), "by ");
    let one = other(&harness);
    assert!(one.contains(" ^") && !one.contains("1^"), "{one}");
    shows(harness.keys("Right S"), ", then ");
    let both = other(&harness);
    assert!(both.contains(" 1^") && both.contains(" 2^"), "{both}");
    golden("sorted_by_two", &harness);
    assert!(other(harness.keys("S")).contains(" 2v"));
    shows(&harness, "highest first");
    assert_eq!(other(harness.keys("S")).trim_end(), one.trim_end(), "the third time it is gone");
    // s begins anew, with this column alone.
    harness.keys("S s");
    assert!(!other(&harness).contains('1'), "{}", other(&harness));
}

#[test]
fn a_key_that_makes_no_difference_is_refused_with_a_sentence() {
    let mut harness = Harness::agency(SMALL);
    shows(harness.keys("5 v 5 s Right S"), "No two rows have the same Item ID");
}

#[test]
fn a_view_keeps_all_keys_of_its_order_and_rows_are_numbered_in_it() {
    let mut harness = Harness::demo(SMALL);
    harness.keys("5 v 5 Right Right Right s Right S S");
    let (order, first) = (harness.app.pane().unwrap().listing.sort_text(), harness.text());
    assert_eq!(order.matches(',').count(), 1, "{order}");
    harness.keys("v s 'two keys' Enter v 1");
    shows(&harness, "View: Not applied");
    harness.keys("v Up Up Up Up Up Up Up End");
    let place = harness.text().lines().position(|line| line.contains("two keys"));
    assert!(place.is_some(), "{}", harness.text());
    shows(harness.keys("8"), "View: two keys");
    assert_eq!(harness.app.pane().unwrap().listing.sort_text(), order);
    let rows = |text: &str| text.lines().skip(5).take(6).map(str::to_string).collect::<Vec<_>>();
    assert_eq!(rows(&harness.text()), rows(&first));
    shows(harness.keys("Ctrl+G '7' Enter"), "Row 7 of");
    let seventh = harness.app.pane().unwrap().selected().map(|row| row.id);
    harness.keys("g Down Down Down Down Down Down");
    assert_eq!(harness.app.pane().unwrap().selected().map(|row| row.id), seventh);
    shows(harness.keys("G F5"), "Row ");
}
