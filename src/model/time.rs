//! Times: UTC microseconds since 1970 wherever they are stored, RFC 3339 where they are exchanged.

use std::time::{SystemTime, UNIX_EPOCH};

use super::text::counted;
use chrono::{DateTime, Local, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone};

/// UTC microseconds since 1970-01-01T00:00:00Z.
pub type Micros = i64;

pub const SECOND: Micros = 1_000_000;
pub const DAY: Micros = 86_400 * SECOND;

/// Where the time comes from, so that a test can stop it.
pub type Clock = std::sync::Arc<dyn Fn() -> Micros + Send + Sync>;

/// The machine's clock.
pub fn system_clock() -> Clock {
    std::sync::Arc::new(now)
}

/// The time now by the machine's clock. One that is before 1970 counts from 1970 on: [`before_1970`] refuses it.
pub fn now() -> Micros {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_micros().try_into().unwrap_or(Micros::MAX)
}

/// What is wrong with a clock that says that it is before 1970, which libraries take for a fault of the program; none
/// where it does not.
pub fn before_1970(clock: SystemTime) -> Option<String> {
    let before = UNIX_EPOCH.duration_since(clock).ok().filter(|before| !before.is_zero())?;
    let days = counted(before.as_secs().div_ceil(86_400).max(1).cast_signed(), "day");
    Some(format!(
        "This machine's clock is set to a time before 1970, by {days}. Set it right: what is written carries its time."
    ))
}

/// RFC 3339 in UTC with as many decimals of a second as the value has, for example `2026-11-22T14:05:09Z`.
pub fn rfc3339(at: Micros) -> String {
    match DateTime::from_timestamp_micros(at) {
        Some(time) => time.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        None => format!("out of range ({at})"),
    }
}

/// The person's local time to the minute, for a column: `2026-11-22 09:14`.
pub fn short_local(at: Micros) -> String {
    match DateTime::from_timestamp_micros(at) {
        Some(time) => written(&time.with_timezone(&Local), "%Y-%m-%d %H:%M"),
        None => format!("out of range ({at})"),
    }
}

/// A time in its zone; where the zone's clock shows it twice, its offset says which of the two it is.
pub fn written<Z: TimeZone>(time: &DateTime<Z>, pattern: &str) -> String
where
    Z::Offset: std::fmt::Display,
{
    let twice = time.timezone().offset_from_local_datetime(&time.naive_local()).single().is_none();
    let pattern = if twice { format!("{pattern}%:z") } else { pattern.to_string() };
    time.format(&pattern).to_string()
}

/// Reads `2026-11-22`, `2026-11-22 14:05`, `2026-11-22T14:05:09` (all UTC) or RFC 3339 with an offset.
///
/// Answers `None` for anything else, and for times that microseconds cannot hold.
pub fn parse(text: &str) -> Option<Micros> {
    let text = text.trim();
    if let Ok(time) = DateTime::parse_from_rfc3339(text) {
        return Some(time.timestamp_micros());
    }
    for format in ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"] {
        if let Ok(time) = NaiveDateTime::parse_from_str(text, format) {
            return Some(time.and_utc().timestamp_micros());
        }
    }
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()?;
    Some(date.and_hms_opt(0, 0, 0)?.and_utc().timestamp_micros())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        for at in [0, 1, 1_500_000, 1_795_000_000_123_456] {
            assert_eq!(parse(&rfc3339(at)), Some(at));
        }
    }

    #[test]
    fn dates_and_offsets_are_read() {
        assert_eq!(parse("1970-01-02"), Some(DAY));
        assert_eq!(parse("1970-01-01T01:00:00+01:00"), Some(0));
        assert_eq!(parse("1970-01-01 00:01"), Some(60 * SECOND));
        assert_eq!(parse("yesterday"), None);
        assert_eq!(parse("2026-13-01"), None);
    }

    #[test]
    fn a_clock_before_1970_is_told_and_no_other() {
        let hour = Duration::from_secs(3_600);
        for (clock, told) in [
            (UNIX_EPOCH - hour * 36, Some("by 2 days")),
            (UNIX_EPOCH - Duration::from_nanos(1), Some("by 1 day.")),
            (UNIX_EPOCH, None),
            (SystemTime::now(), None),
        ] {
            let said = before_1970(clock);
            assert_eq!(said.is_some(), told.is_some(), "{clock:?}");
            assert!(said.unwrap_or_default().contains(told.unwrap_or_default()), "{clock:?}");
        }
    }
}
