//! The time zone in which the workbench shows times. The store keeps UTC.

use std::borrow::Cow;

use chrono::{DateTime, FixedOffset, Local, TimeZone};

use crate::model::time::Micros;
use crate::model::{Field, Kind, Row, Value, row};

/// Where a person is, as far as clocks go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Zone {
    /// The machine's.
    Local,
    /// Seconds east of Greenwich: what tests use, so that a frame is the same everywhere.
    Fixed(i32),
}

impl Zone {
    /// To the minute: `2026-11-22 09:14`.
    pub fn minute(self, at: Micros) -> String {
        self.format(at, "%Y-%m-%d %H:%M")
    }

    /// To the second: `2026-11-22 09:14:05`.
    pub fn second(self, at: Micros) -> String {
        self.format(at, "%Y-%m-%d %H:%M:%S")
    }

    /// What a person sees of a field of a row; not yet shown.
    pub fn display<'a>(self, row: &'a Row, name: &str) -> Cow<'a, str> {
        match (row.table.fields().iter().find(|field| field.name == name), row.value(name)) {
            (Some(Field { kind: Kind::Time, .. }), Value::Int(at)) => self.minute(*at).into(),
            (Some(field), value) => row::display(field, value),
            (None, _) => "".into(),
        }
    }

    fn format(self, at: Micros, format: &str) -> String {
        let text = DateTime::from_timestamp_micros(at).and_then(|time| match self {
            Zone::Local => Some(time.with_timezone(&Local).format(format).to_string()),
            Zone::Fixed(seconds) => {
                let offset = FixedOffset::east_opt(seconds)?;
                Some(offset.from_utc_datetime(&time.naive_utc()).format(format).to_string())
            }
        });
        text.unwrap_or_else(|| format!("out of range ({at})"))
    }
}
