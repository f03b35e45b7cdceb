//! The time zone and the form in which the workbench shows times. The store keeps UTC, and filters are typed in ISO form.

use std::borrow::Cow;

use chrono::{DateTime, Datelike, FixedOffset, Local, NaiveDate, Offset, TimeZone, Utc};
use chrono_tz::Tz;

use crate::model::time::{self, Micros};
use crate::model::{Field, Kind, Row, Value};

/// From this year on the tables of zones hold no summer time: they say how clocks are set up to then.
const UNKNOWN_FROM: i32 = 2100;

/// Where a person is, as far as clocks go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The machine's.
    Local,
    Named(Tz),
    Fixed(FixedOffset),
}

/// How a day is written. All forms take the same ten characters, so that columns need no other width.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DateForm {
    /// `2026-11-22`
    #[default]
    Iso,
    /// `11/22/2026`
    MonthFirst,
    /// `22/11/2026`
    DayFirst,
    /// `22.11.2026`
    Dotted,
}

/// The forms by the names that settings use.
pub const DATE_FORMS: [(&str, DateForm); 4] = [
    ("iso", DateForm::Iso),
    ("month-first", DateForm::MonthFirst),
    ("day-first", DateForm::DayFirst),
    ("dotted", DateForm::Dotted),
];

impl DateForm {
    fn pattern(self) -> &'static str {
        match self {
            DateForm::Iso => "%Y-%m-%d",
            DateForm::MonthFirst => "%m/%d/%Y",
            DateForm::DayFirst => "%d/%m/%Y",
            DateForm::Dotted => "%d.%m.%Y",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Zone {
    place: Place,
    form: DateForm,
}

impl Zone {
    /// The machine's.
    pub const LOCAL: Zone = Zone { place: Place::Local, form: DateForm::Iso };

    /// Seconds east of Greenwich: what tests use, so that a frame is the same everywhere.
    pub fn fixed(seconds: i32) -> Zone {
        let place = FixedOffset::east_opt(seconds).map_or(Place::Named(Tz::UTC), Place::Fixed);
        Zone { place, form: DateForm::Iso }
    }

    /// `local`, a name such as `America/New_York`, or an offset such as `+02:00`; else a sentence.
    pub fn parse(text: &str) -> Result<Zone, String> {
        let place = if text == "local" {
            Some(Place::Local)
        } else if text.starts_with(['+', '-']) {
            text.parse().ok().map(Place::Fixed)
        } else {
            text.parse().ok().map(Place::Named)
        };
        match place {
            Some(place) => Ok(Zone { place, form: DateForm::Iso }),
            None => {
                let near = crate::model::text::nearest(text, chrono_tz::TZ_VARIANTS.iter().map(|zone| zone.name()));
                let hint = near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
                let text = crate::model::Shown(text);
                Err(format!("There is no time zone \"{text}\"; write local, UTC, America/New_York or +02:00.{hint}"))
            }
        }
    }

    pub fn with_form(self, form: DateForm) -> Zone {
        Zone { form, ..self }
    }

    /// To the minute: `2026-11-22 09:14`.
    pub fn minute(self, at: Micros) -> String {
        self.format(at, "%H:%M")
    }

    /// To the second: `2026-11-22 09:14:05`.
    pub fn second(self, at: Micros) -> String {
        self.format(at, "%H:%M:%S")
    }

    /// What a person sees of a field of a row; not yet shown.
    pub fn display<'a>(self, row: &'a Row, name: &str) -> Cow<'a, str> {
        match (row.table.fields().iter().find(|field| field.name == name), row.value(name)) {
            (Some(Field { kind: Kind::Time, .. }), Value::Int(at)) => self.minute(*at).into(),
            _ => row.display(name),
        }
    }

    /// Whether a time may take more cells here than most do.
    pub fn may_be_long(self) -> bool {
        !matches!(self.place, Place::Fixed(_) | Place::Named(Tz::UTC))
    }

    fn format(self, at: Micros, clock: &str) -> String {
        let pattern = format!("{} {clock}", self.form.pattern());
        let text = DateTime::<Utc>::from_timestamp_micros(at).map(|time| match self.place {
            Place::Local => time::written(&time.with_timezone(&Local), &pattern),
            Place::Named(zone) if time.year() >= UNKNOWN_FROM && changes_clocks(zone) => {
                format!("{} UTC", time.format(&pattern))
            }
            Place::Named(zone) => time::written(&time.with_timezone(&zone), &pattern),
            Place::Fixed(offset) => time.with_timezone(&offset).format(&pattern).to_string(),
        });
        text.unwrap_or_else(|| format!("out of range ({at})"))
    }
}

/// Whether the zone has summer time by the last year that is known of it.
fn changes_clocks(zone: Tz) -> bool {
    let offset = |month| {
        let noon = NaiveDate::from_ymd_opt(UNKNOWN_FROM - 1, month, 1)?.and_hms_opt(12, 0, 0)?;
        Some(zone.offset_from_utc_datetime(&noon).fix())
    };
    (2..=12).any(|month| offset(month) != offset(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_that_a_clock_shows_twice_says_which_it_is() {
        let at = |text: &str| time::parse(text).unwrap();
        let cases = [
            ("Europe/Berlin", "2026-10-24T23:59:00Z", "2026-10-25 01:59"),
            ("Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25 02:30+02:00"),
            ("Europe/Berlin", "2026-10-25T01:30:00Z", "2026-10-25 02:30+01:00"),
            ("Europe/Berlin", "2026-10-25T02:00:00Z", "2026-10-25 03:00"),
            ("America/New_York", "2026-11-01T05:30:00Z", "2026-11-01 01:30-04:00"),
            ("America/New_York", "2026-11-01T06:30:00Z", "2026-11-01 01:30-05:00"),
            ("Australia/Lord_Howe", "2026-04-04T15:15:00Z", "2026-04-05 01:45+10:30"),
            ("UTC", "2026-10-25T01:30:00Z", "2026-10-25 01:30"),
            ("+02:00", "2026-10-25T00:30:00Z", "2026-10-25 02:30"),
        ];
        for (zone, time, shown) in cases {
            assert_eq!(Zone::parse(zone).unwrap().minute(at(time)), shown, "{zone} {time}");
        }
    }

    /// The rules of a zone are known up to a year; after that its summer time would be left out.
    #[test]
    fn a_time_beyond_what_is_known_of_a_zone_is_told_in_utc() {
        let at = |text: &str| time::parse(text).unwrap();
        let cases = [
            ("Europe/Berlin", "2099-07-01T12:00:00Z", "2099-07-01 14:00"),
            ("Europe/Berlin", "2100-07-01T12:00:00Z", "2100-07-01 12:00 UTC"),
            ("America/New_York", "2150-01-01T12:00:00Z", "2150-01-01 12:00 UTC"),
            ("Asia/Tokyo", "2150-07-01T12:00:00Z", "2150-07-01 21:00"),
            ("UTC", "2150-07-01T12:00:00Z", "2150-07-01 12:00"),
        ];
        for (zone, time, shown) in cases {
            assert_eq!(Zone::parse(zone).unwrap().minute(at(time)), shown, "{zone} {time}");
        }
    }

    /// 22 November 2026, 09:14:05 UTC.
    const AT: Micros = 1_795_338_845_000_000;

    #[test]
    fn zones_are_read_by_name_and_by_offset() {
        for (text, expected) in
            [("UTC", "09:14"), ("America/New_York", "04:14"), ("+02:00", "11:14"), ("-03:30", "05:44")]
        {
            assert_eq!(Zone::parse(text).unwrap().minute(AT), format!("2026-11-22 {expected}"));
        }
        assert_eq!(Zone::parse("local"), Ok(Zone::LOCAL));
        assert!(Zone::parse("America/NewYork").unwrap_err().ends_with("Did you mean America/New_York?"));
        assert!(Zone::parse("+99:00").is_err());
    }

    #[test]
    fn days_are_written_in_ten_characters_in_each_form() {
        let written = DATE_FORMS.map(|(_, form)| Zone::fixed(0).with_form(form).second(AT));
        assert_eq!(
            written,
            ["2026-11-22 09:14:05", "11/22/2026 09:14:05", "22/11/2026 09:14:05", "22.11.2026 09:14:05"]
        );
    }
}
