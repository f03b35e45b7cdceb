//! What everything else speaks in: tables, fields, rows, choices, codes, filters and times. No I/O.

pub mod choice;
pub mod code;
pub mod fact;
pub mod filter;
mod filter_parse;
mod filter_quotes;
pub mod logged_value;
pub mod pace;
pub mod query;
pub mod record;
pub mod row;
pub mod setting;
pub mod shown;
pub mod table;
pub mod text;
pub mod time;
pub mod versions;
pub mod width;

pub use filter_quotes::in_quotes;
pub use logged_value::{field_title, logged_value};
pub use row::{Row, Value};
pub use shown::{Shown, is_blank, sentence, shown};
pub use table::{Field, Kind, Table};
pub use versions::Versions;
