//! Values that come from a file or the standard input: what stands on a command line can be read by everybody on the machine,
//! and lies in the shell's history.

use std::io::Read;
use std::path::Path;

use super::failure::Failure;
use crate::exchange::{named, read_problem};
use crate::model::Shown;

/// More than any value may have.
const MOST_BYTES: u64 = 4 << 20;

/// The text of a file, or with `-` of the standard input, without the end of its last line.
pub(super) fn read(path: &Path) -> Result<String, Failure> {
    let name = path.to_string_lossy();
    let unread = |problem: String| Failure::new(format!("The value cannot be read from {}: {problem}", Shown(&name)));
    let mut bytes = Vec::new();
    let read = match path == Path::new("-") {
        true => std::io::stdin().lock().take(MOST_BYTES + 1).read_to_end(&mut bytes),
        false => named::open(path).and_then(|file| file.take(MOST_BYTES + 1).read_to_end(&mut bytes)),
    };
    read.map_err(|error| unread(read_problem(&error)))?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(unread("it holds more than a value can have, 4 MiB.".into()));
    }
    let text = String::from_utf8(bytes).map_err(|_| unread("it is not valid UTF-8 text.".into()))?;
    let line = text.strip_suffix('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    Ok(line.unwrap_or(&text).to_string())
}
