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

    /// What a terminal shows after one frame that is full, and one with a word in the middle of it.
    fn after(word: &str) -> vt100::Parser {
        let mut bytes = Vec::new();
        let options = TerminalOptions { viewport: Viewport::Fixed(Rect::new(0, 0, WIDTH, 3)) };
        let mut terminal = Terminal::with_options(Careful(CrosstermBackend::new(&mut bytes)), options).unwrap();
        let theme = Theme::default();
        for text in ["A".repeat(WIDTH.into()), format!("{word}|")] {
            terminal
                .draw(|frame| {
                    let mut paint = Paint::new(frame.buffer_mut(), &theme);
                    for line in 0..3 {
                        let area = Rect::new(0, line, WIDTH, 1);
                        let text = if line == 1 { text.clone() } else { "B".repeat(WIDTH.into()) };
                        paint.put(area, &text, Role::Plain);
                    }
                })
                .unwrap();
        }
        drop(terminal);
        let mut parser = vt100::Parser::new(3.try_into().unwrap(), WIDTH.try_into().unwrap(), 0);
        parser.process(&bytes);
        parser
    }

    #[test]
    fn a_word_is_shown_letter_by_letter_and_nothing_of_what_stood_there_before() {
        for word in WORDS {
            let parser = after(word);
            let lines: Vec<String> = parser.screen().rows(0, WIDTH).collect();
            let other = "B".repeat(WIDTH.into());
            assert_eq!((&lines[0], &lines[2]), (&other, &other), "{word}: the lines around it");
            // Where a letter may need a second cell, this terminal leaves it empty.
            let shown = lines[1].replace(' ', "");
            assert_eq!(shown, format!("{}|", word.replace(' ', "")), "{word}");
        }
        assert!(WORDS.iter().flat_map(|word| word.graphemes(true)).any(is_uncertain));
    }
}
