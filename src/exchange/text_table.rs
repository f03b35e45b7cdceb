//! A plain table for people: columns aligned, cut to the width, every cell by way of [`shown`].
//!
//! The first rows decide how wide the columns are; later ones are cut to fit, so that a listing can stream.

use std::io::{self, Write};

use unicode_segmentation::UnicodeSegmentation;

use crate::model::shown;
use crate::model::width::{cells, width};

/// A column is not made narrower than this, even where the table then is wider than the terminal.
const NARROWEST: usize = 6;

const GAP: &str = "  ";

/// A column's heading, and how its cells are laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    title: &'static str,
    align: Align,
    /// Cut only where cutting the other columns is not enough.
    whole: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Align {
    Left,
    Right,
}

impl Column {
    /// Text, of which the beginning says something.
    pub const fn text(title: &'static str) -> Column {
        Column { title, align: Align::Left, whole: false }
    }

    /// Names, times and other texts that say nothing when they are cut.
    pub const fn whole(title: &'static str) -> Column {
        Column { title, align: Align::Left, whole: true }
    }

    /// Numbers, aligned to the right.
    pub const fn number(title: &'static str) -> Column {
        Column { title, align: Align::Right, whole: true }
    }
}

/// Writes rows of cells; nothing is written before the first rows come, a table without rows stays empty.
pub struct TextTable<W> {
    out: W,
    columns: Vec<Column>,
    /// In terminal cells; empty until the first rows came.
    widths: Vec<usize>,
    width: usize,
}

impl<W: Write> TextTable<W> {
    /// `width` is the terminal's, in cells.
    pub fn new(out: W, columns: Vec<Column>, width: usize) -> Self {
        TextTable { out, columns, widths: Vec::new(), width }
    }

    /// Each row has a cell for each column.
    pub fn write(&mut self, rows: &[Vec<String>]) -> io::Result<()> {
        let rows: Vec<Vec<_>> = rows.iter().map(|row| row.iter().map(|cell| shown(cell)).collect()).collect();
        if self.widths.is_empty() && !rows.is_empty() {
            let natural = self.columns.iter().enumerate().map(|(at, column)| {
                let cells = rows.iter().filter_map(|row| row.get(at)).map(|cell| width(cell));
                cells.chain([width(column.title)]).max().unwrap_or(0)
            });
            self.widths = fitted(natural.collect(), &self.columns, self.width);
            let titles: Vec<&str> = self.columns.iter().map(|column| column.title).collect();
            self.line(&titles)?;
            let rules: Vec<String> = self.widths.iter().map(|width| "─".repeat(*width)).collect();
            self.line(&rules)?;
        }
        rows.iter().try_for_each(|row| self.line(row))
    }

    fn line(&mut self, cells: &[impl AsRef<str>]) -> io::Result<()> {
        let last = self.columns.len() - 1;
        let mut line = String::new();
        for (at, ((column, width), cell)) in self.columns.iter().zip(&self.widths).zip(cells).enumerate() {
            let cell = cut(cell.as_ref(), *width);
            let padding = " ".repeat(width - self::width(&cell).min(*width));
            match column.align {
                Align::Left if at == last => line += &cell,
                Align::Left => line += &(cell + &padding),
                Align::Right => line += &(padding + &cell),
            }
            if at < last {
                line += GAP;
            }
        }
        writeln!(self.out, "{}", line.trim_end())
    }
}

/// Takes from the widest columns until the table fits, from those that should stay whole last.
fn fitted(mut widths: Vec<usize>, columns: &[Column], total: usize) -> Vec<usize> {
    let room = total.saturating_sub(GAP.len() * widths.len().saturating_sub(1));
    for width in &mut widths {
        *width = (*width).min(room.max(NARROWEST));
    }
    for also_whole in [false, true] {
        while widths.iter().sum::<usize>() > room {
            let may_give = |column: &Column| also_whole || !column.whole;
            let giving = widths.iter_mut().zip(columns).filter(|(_, column)| may_give(column)).map(|(width, _)| width);
            match giving.max() {
                Some(widest) if *widest > NARROWEST => *widest -= 1,
                _ => break,
            }
        }
    }
    widths
}

/// The text, or as much of its beginning as fits before a `…`; widths are in terminal cells.
fn cut(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.into();
    }
    let mut out = String::new();
    let mut used = 0;
    for part in text.graphemes(true) {
        used += cells(part);
        if used >= room {
            break;
        }
        out += part;
    }
    out + "…"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(width: usize, rows: &[[&str; 3]]) -> String {
        let columns = vec![Column::whole("Name"), Column::text("Value"), Column::number("N")];
        let mut out = Vec::new();
        let mut table = TextTable::new(&mut out, columns, width);
        let rows: Vec<_> = rows.iter().map(|row| row.map(String::from).to_vec()).collect();
        table.write(&rows).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn columns_are_aligned_by_what_a_terminal_draws() {
        assert_eq!(
            table(80, &[["日本", "a\nb", "1"], ["x", "", "1,000"]]),
            "Name  Value      N\n────  ─────  ─────\n日本  a⏎b        1\nx            1,000\n"
        );
    }

    #[test]
    fn the_widest_column_gives_way_first() {
        let out = table(24, &[["short", "a very long value indeed", "1"]]);
        assert!(out.contains("short  a very long v…  1"), "{out}");
        assert!(out.lines().all(|line| width(line) <= 24), "{out}");
    }

    #[test]
    fn names_stay_whole_while_texts_can_be_cut() {
        let out = table(24, &[["JOB-0000001", "some text", "1"]]);
        assert!(out.contains("JOB-0000001  some te…  1"), "{out}");
        let out = table(18, &[["JOB-0000001", "some text", "1"]]);
        assert!(out.contains("JOB-00…  some …  1"), "{out}");
    }

    #[test]
    fn a_cut_never_splits_what_is_one_character_to_a_reader() {
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut("日本語", 6), "日本語");
        assert_eq!(cut("", 0), "");
    }

    #[test]
    fn no_rows_make_no_table() {
        assert_eq!(table(80, &[]), "");
    }
}
