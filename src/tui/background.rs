//! Whether the terminal's background is light: asked of the terminal itself (OSC 11), where nobody chose a theme.

use std::io::{self, IsTerminal};
use std::time::Duration;

use terminal_colorsaurus::{QueryOptions, background_color};

/// Terminals answer within milliseconds, and all but a few answer what stands behind the question, so that the wait ends
/// early where this one is not understood. A late answer would come as keys, so a slow line has its time.
const PATIENCE: Duration = Duration::from_secs(1);

/// What the terminal says; none where it says nothing, or where there is none.
pub fn is_light() -> Option<bool> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return None;
    }
    let mut options = QueryOptions::default();
    options.timeout = PATIENCE;
    background_color(options).ok().map(|colour| colour.perceived_lightness() > 0.5)
}
