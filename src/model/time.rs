//! Times: UTC microseconds since 1970 wherever they are stored, RFC 3339 where they are exchanged.

use chrono::{DateTime, Local, NaiveDate, NaiveDateTime, SecondsFormat, TimeZone, Utc};

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

/// The time now by the machine's clock.
pub fn now() -> Micros {
    Utc::now().timestamp_micros()
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
}
