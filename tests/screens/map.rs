//! The map screen: deciding codes with suggestions.

use super::harness::Harness;
use super::{LARGE, LEAST, SMALL, golden};

#[test]
fn codes_that_wait_are_shown_with_suggestions_and_the_effect() {
    for (size, name) in [(LEAST, "map_codes_least"), (SMALL, "map_codes"), (LARGE, "map_codes_large")] {
        golden(name, Harness::agency(size).keys("M"));
    }
}
