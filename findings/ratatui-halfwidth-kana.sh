#!/usr/bin/env bash
# ratatui-core counts a halfwidth kana with its voiced mark (two characters) as three cells.
#
# It adds a cell for each U+FF9E and U+FF9F, since unicode-width was to count them as none. unicode-width counts them as one,
# so that a value such as the Japanese word for Germany is taken to be wider than it is drawn, and the cells behind it are not
# drawn anew: letters of the row that stood there before show inside the value. Columns that are laid out by unicode-width
# and drawn by ratatui do not fit either.
#
# Needs cargo and crates.io. Ends with 1 where this is no longer so.
set -euo pipefail
ratatui=0.1.2
width=0.2.3
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir "$folder/src"
cat > "$folder/Cargo.toml" <<TOML
[package]
name = "finding"
version = "0.0.0"
edition = "2024"

[workspace]

[dependencies]
ratatui-core = "=$ratatui"
unicode-width = "=$width"
TOML
cat > "$folder/src/main.rs" <<'RUST'
use ratatui_core::buffer::{Buffer, Cell, CellWidth};
use ratatui_core::layout::Rect;
use ratatui_core::style::Style;
use unicode_width::UnicodeWidthStr;

fn main() {
    let letter = "\u{ff84}\u{ff9e}";
    println!("unicode-width: {} cells; ratatui-core: {} cells", letter.width(), letter.cell_width());
    // Two frames of one line: ABCD, then the letter alone. What is sent to the terminal for the second one?
    let area = Rect::new(0, 0, 4, 1);
    let mut before = Buffer::filled(area, Cell::new(" "));
    before.set_string(0, 0, "ABCD", Style::default());
    let mut after = Buffer::filled(area, Cell::new(" "));
    after.set_string(0, 0, letter, Style::default());
    let sent: Vec<u16> = before.diff(&after).into_iter().map(|(x, ..)| x).collect();
    println!("cells sent for the second frame: {sent:?}");
}
RUST
said=$(cd "$folder" && cargo run --quiet)
echo "ratatui-core $ratatui, unicode-width $width"
echo "$said"
expected='unicode-width: 2 cells; ratatui-core: 3 cells
cells sent for the second frame: [0, 3]'
if [ "$said" = "$expected" ]; then
  echo "As found: the third cell is not sent, so the C of the frame before stays behind the letter."
else
  echo "It is another way now. Expected:"
  echo "$expected"
  exit 1
fi
