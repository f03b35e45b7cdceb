//! How fast a long act is, and how long it takes yet: for whoever waits.

use super::text::grouped;
use super::time::Micros;

const SECOND: i64 = 1_000_000;

/// How far an act is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    pub done: i64,
    pub of: i64,
    /// The time that it took so far.
    pub took: Micros,
}

impl Pace {
    /// Rows a second, once that can be told.
    pub fn rate(self) -> Option<i64> {
        (self.took >= SECOND / 2 && self.done > 0).then(|| self.done.saturating_mul(SECOND) / self.took)
    }

    /// Seconds that are left at this rate.
    pub fn left(self) -> Option<i64> {
        let rate = self.rate().filter(|rate| *rate > 0)?;
        Some((self.of - self.done).max(0) / rate + 1)
    }

    /// Of so many cells of a bar, those that are full.
    pub fn cells(self, of: u16) -> u16 {
        let share = self.done.clamp(0, self.of.max(0)) as f64 / self.of.max(1) as f64;
        (share * f64::from(of)) as u16
    }

    /// `12,000 of 50,000 rows, 3,400 a second, 12 s left`
    pub fn told(self) -> String {
        let far = format!("{} of {} rows", grouped(self.done), grouped(self.of));
        match (self.rate(), self.left()) {
            (Some(rate), Some(left)) => format!("{far}, {} a second, {} left", grouped(rate), time_left(left)),
            _ => far,
        }
    }
}

fn time_left(seconds: i64) -> String {
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7_199 => format!("{} min", seconds / 60),
        _ => format!("{} h", seconds / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rate_and_time_left_are_told_once_they_can_be() {
        let cases = [
            (0, 50_000, 0, "0 of 50,000 rows", 0),
            (1_000, 50_000, SECOND / 4, "1,000 of 50,000 rows", 0),
            (10_000, 50_000, 2 * SECOND, "10,000 of 50,000 rows, 5,000 a second, 9 s left", 4),
            (10_000, 5_000_000, 2 * SECOND, "10,000 of 5,000,000 rows, 5,000 a second, 16 min left", 0),
            (1, 1_000_000, 60 * SECOND, "1 of 1,000,000 rows", 0),
            (50_000, 50_000, 10 * SECOND, "50,000 of 50,000 rows, 5,000 a second, 1 s left", 20),
            // What came meanwhile makes no bar longer than it is.
            (60, 50, SECOND, "60 of 50 rows, 60 a second, 1 s left", 20),
        ];
        for (done, of, took, told, cells) in cases {
            let pace = Pace { done, of, took };
            assert_eq!((pace.told().as_str(), pace.cells(20)), (told, cells), "{done} of {of}");
        }
    }
}
