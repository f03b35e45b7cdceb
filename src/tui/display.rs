//! Frames on the terminal: each draws what differs from the one before, or all of itself where the terminal may have lost
//! what it showed.

use std::io::{self, IsTerminal, Stdout, stdout};
use std::mem::ManuallyDrop;

use anyhow::Context as _;
use ratatui::backend::{Backend, ClearType, CrosstermBackend, WindowSize};
use ratatui::buffer::{Buffer, Cell, CellDiffOption};
use ratatui::layout::{Position, Rect, Size};

pub struct Display {
    /// Not dropped: it would complain on a terminal that is gone, and the cursor is given back with the terminal.
    screen: ManuallyDrop<ratatui::Terminal<Careful<CrosstermBackend<Stdout>>>>,
    anew: bool,
}

impl Display {
    /// Its first frame is drawn as a whole: another display may have drawn on the terminal before.
    pub fn new() -> anyhow::Result<Display> {
        let screen = ManuallyDrop::new(ratatui::Terminal::new(Careful(CrosstermBackend::new(stdout())))?);
        Ok(Display { screen, anew: true })
    }

    /// Has the next frame drawn as a whole. After any change of the size, even one that was taken back before a frame was
    /// drawn: a terminal forgets what it had to cut off.
    pub fn renew(&mut self) {
        self.anew = true;
    }

    /// Draws a frame with what fills it and answers where the cursor is; false if the terminal is gone.
    pub fn draw(&mut self, fill: impl FnOnce(&mut Buffer) -> Option<Position>) -> anyhow::Result<bool> {
        match self.try_draw(fill) {
            Err(_) if !stdout().is_terminal() => Ok(false),
            drawn => drawn.map(|()| true).context("The terminal cannot be written to"),
        }
    }

    fn try_draw(&mut self, fill: impl FnOnce(&mut Buffer) -> Option<Position>) -> io::Result<()> {
        if std::mem::take(&mut self.anew) {
            // Clearing would ask the terminal for its cursor, and the answer would go to the thread that reads keys.
            let area = Rect::from((Position::ORIGIN, self.screen.size()?));
            self.screen.resize(area)?;
        }
        self.screen.draw(|frame| {
            if let Some(position) = fill(frame.buffer_mut()) {
                frame.set_cursor_position(position);
            }
        })?;
        Ok(())
    }
}

/// A terminal that is not trusted to know how wide every letter is. Where terminals differ, a letter's cells are cleared
/// before it is drawn, and what stands behind it is placed anew: what one of them draws narrower leaves nothing of the frame
/// before, and what one draws wider moves nothing.
pub struct Careful<B>(pub B);

impl<B: Backend> Backend for Careful<B> {
    type Error = B::Error;

    fn draw<'a, I>(&mut self, content: I) -> Result<(), B::Error>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let content: Vec<(u16, u16, &Cell)> = content.collect();
        let blank = |(x, y, cell): &(u16, u16, &Cell)| match cell.diff_option {
            CellDiffOption::ForcedWidth(width) => {
                let mut blank = (*cell).clone();
                blank.set_symbol(&" ".repeat(width.get().into()));
                Some((*x, *y, blank))
            }
            _ => None,
        };
        let blanks: Vec<(u16, u16, Cell)> = content.iter().filter_map(blank).collect();
        if !blanks.is_empty() {
            self.0.draw(blanks.iter().map(|(x, y, cell)| (*x, *y, cell)))?;
        }
        self.0.draw(content.into_iter())
    }

    fn hide_cursor(&mut self) -> Result<(), B::Error> {
        self.0.hide_cursor()
    }

    fn show_cursor(&mut self) -> Result<(), B::Error> {
        self.0.show_cursor()
    }

    fn get_cursor_position(&mut self) -> Result<Position, B::Error> {
        self.0.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> Result<(), B::Error> {
        self.0.set_cursor_position(position)
    }

    fn clear(&mut self) -> Result<(), B::Error> {
        self.0.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> Result<(), B::Error> {
        self.0.clear_region(clear_type)
    }

    fn size(&self) -> Result<Size, B::Error> {
        self.0.size()
    }

    fn window_size(&mut self) -> Result<WindowSize, B::Error> {
        self.0.window_size()
    }

    fn flush(&mut self) -> Result<(), B::Error> {
        self.0.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ratatui::{Terminal, TerminalOptions, Viewport};

    use crate::model::width::is_uncertain;
    use crate::tui::paint::Paint;
    use crate::tui::theme::{Role, Theme};
    use unicode_segmentation::UnicodeSegmentation;

    const WIDTH: u16 = 30;

    /// Words of scripts in which terminals do not agree how wide a letter is.
    const WORDS: [&str; 9] = ["ﾄﾞｲﾂ", "ｶﾝﾎﾞｼﾞｱ", "ជប៉ុន", "ශ්රී ලංකාව", "இந்தியா", "മലേഷ്യ", "বাংলাদেশ", "ಭಾರತ", "မြန်မာ"];

    /// What is sent to a terminal for frames of three lines, of which these are the middle ones.
    fn sent(texts: &[String]) -> Vec<u8> {
        let mut bytes = Vec::new();
        let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, WIDTH, 3)) };
        let mut terminal = Terminal::with_options(Careful(CrosstermBackend::new(&mut bytes)), options).unwrap();
        let theme = Theme::default();
        for text in texts {
            let draw = |frame: &mut ratatui::Frame| {
                let mut paint = Paint::new(frame.buffer_mut(), &theme);
                for line in 0..3 {
                    let text = if line == 1 { text.clone() } else { "B".repeat(WIDTH.into()) };
                    paint.put(Rect::new(0, line, WIDTH, 1), &text, Role::Plain);
                }
            };
            terminal.draw(draw).unwrap();
        }
        drop(terminal);
        bytes
    }

    /// What a terminal shows that puts all signs of a letter in one cell.
    fn by_letters(bytes: &[u8]) -> Vec<String> {
        let mut parser = vt100::Parser::new(3.try_into().unwrap(), WIDTH.try_into().unwrap(), 0);
        parser.process(bytes);
        parser.screen().rows(0, WIDTH).collect()
    }

    /// What a terminal shows that gives each sign a cell of its own that stands beside its letter, as tmux does.
    fn by_characters(bytes: &[u8]) -> Vec<String> {
        let mut cells = vec![vec![String::from(" "); WIDTH.into()]; 3];
        let (mut x, mut y) = (0_usize, 0_usize);
        let text = std::str::from_utf8(bytes).unwrap();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            if c == '\u{1b}' {
                let code: String = chars.by_ref().skip(1).take_while(|c| !c.is_ascii_alphabetic()).collect();
                // Only a move has two numbers; colours have none or several, and end in another letter.
                if let Some((line, column)) = code.split_once(';')
                    && let (Ok(line), Ok(column)) = (line.parse::<usize>(), column.parse::<usize>())
                    && text.contains(&format!("\u{1b}[{code}H"))
                {
                    (y, x) = (line - 1, column - 1);
                }
                continue;
            }
            match crate::model::width::width(&c.to_string()) {
                0 => cells[y][x - 1].push(c),
                width => {
                    cells[y][x] = c.to_string();
                    cells[y][x + 1..x + width].iter_mut().for_each(String::clear);
                    x += width;
                }
            }
        }
        cells.into_iter().map(|line| line.concat()).collect()
    }

    #[test]
    fn a_word_is_shown_letter_by_letter_and_nothing_of_what_stood_there_before() {
        let plain = |text: &str| text.replace(' ', "");
        let other = "B".repeat(WIDTH.into());
        for (word, before) in WORDS.into_iter().zip(WORDS.into_iter().cycle().skip(1)) {
            // What stood there was full, or words of other scripts at other places.
            let frames = ["A".repeat(WIDTH.into()), format!(" {before}|"), format!("  {word}|"), format!("{word}|")];
            for from in 0..3 {
                let bytes = sent(&[frames[from].clone(), frames[3].clone()]);
                for lines in [by_letters(&bytes), by_characters(&bytes)] {
                    assert_eq!((&lines[0], &lines[2]), (&other, &other), "{word}: the lines around it");
                    // Where a letter may need a second cell, a terminal that needs none leaves it empty.
                    assert_eq!(plain(&lines[1]), plain(&frames[3]), "{word} after {}", frames[from]);
                }
            }
        }
        assert!(WORDS.iter().flat_map(|word| word.graphemes(true)).any(is_uncertain));
    }
}
