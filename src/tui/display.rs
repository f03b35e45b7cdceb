//! Frames on the terminal: each draws what differs from the one before, or all of itself where the terminal may have lost
//! what it showed.

use std::io::{self, IsTerminal, Stdout, stdout};
use std::mem::ManuallyDrop;

use anyhow::Context as _;
use ratatui::backend::CrosstermBackend;
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};

pub struct Display {
    /// Not dropped: it would complain on a terminal that is gone, and the cursor is given back with the terminal.
    screen: ManuallyDrop<ratatui::Terminal<CrosstermBackend<Stdout>>>,
    anew: bool,
}

impl Display {
    /// Its first frame is drawn as a whole: another display may have drawn on the terminal before.
    pub fn new() -> anyhow::Result<Display> {
        let screen = ManuallyDrop::new(ratatui::Terminal::new(CrosstermBackend::new(stdout()))?);
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
