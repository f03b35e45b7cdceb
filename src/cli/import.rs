//! `steward import`: setup rows from a CSV file, all of them or none.

use std::collections::BTreeMap;
use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};

use crate::engine::{self, Command, Error, ImportRow, Refusal};
use crate::exchange::{CsvRecords, Header, Input};
use crate::model::Shown;
use crate::model::choice::YesNo;
use crate::model::record::{Cell, Record};
use crate::model::table::NEW_TARGET;
use crate::model::text::nearest;

use super::agreed::Careful;
use super::failure::{Done, Failure};
use super::report::{ReportArgs, say};
use super::session::Session;

#[derive(Debug, clap::Args)]
pub(super) struct Import {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, clap::Subcommand)]
enum What {
    /// The canonical codes of a list
    Codes(Codes),
    /// Which code list a field uses, and what happens to blank and unmapped values
    ///
    /// It is for what comes from now on; what came before is read by the list when asked to: steward reevaluate codes.
    Bindings(File),
    /// When values are written, and which sources count how much
    Policies(File),
    /// What sources' codes stand for
    ValueMaps(File),
    /// Which records sources' keys stand for
    Identifiers(Identifiers),
}

#[derive(Debug, clap::Args)]
struct Codes {
    #[command(flatten)]
    file: File,
    /// The code list's name
    #[arg(long, value_name = "NAME")]
    list: String,
    /// The column with the codes [default: code, else the first]
    #[arg(long, value_name = "C")]
    code_column: Option<String>,
    /// The column with the labels [default: label, else the second]
    #[arg(long, value_name = "L")]
    label_column: Option<String>,
}

#[derive(Debug, clap::Args)]
struct Identifiers {
    #[command(flatten)]
    file: File,
    /// A row without a target id is of a new record, which gets one
    #[arg(long)]
    new: bool,
    /// Import them without a question where a source would know a record by two keys
    #[arg(long)]
    yes: bool,
}

#[derive(Debug, clap::Args)]
struct File {
    /// A CSV file whose header has the fields' names in snake_case; - is the standard input
    file: PathBuf,
    #[command(flatten)]
    report: ReportArgs,
}

impl Import {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        match &self.what {
            What::Codes(codes) => {
                let into = engine::Import::Codes { list: codes.list.clone() };
                let File { file, report } = &codes.file;
                File::import(file, report, into, |header| code_fields(header, codes), session, out)
            }
            What::Bindings(file) => file.import_named(engine::Import::Bindings, session, out),
            What::Policies(file) => file.import_named(engine::Import::Policies, session, out),
            What::ValueMaps(file) => file.import_named(engine::Import::ValueMaps, session, out),
            What::Identifiers(identifiers) => identifiers.import(session, out),
        }
    }
}

/// Decides codes from a file of value maps; each row needs its canonical code.
pub(super) fn value_maps(path: &Path, report: &ReportArgs, session: &Session, out: &mut dyn Write) -> Done {
    let known = engine::import_fields(&engine::Import::ValueMaps);
    let fields = |header: &Header| {
        let fields = named_fields(header, known)?;
        for needed in ["code_list", "source_code", "canonical_code_value"] {
            if !fields.contains(&Some(needed)) {
                return Err(format!("It has no column {needed}, which says what to decide."));
            }
        }
        Ok(fields)
    };
    File::import(path, report, engine::Import::ValueMaps, fields, session, out)
}

/// The field that each column of a file fills, if any.
type Fields = Vec<Option<&'static str>>;

impl Identifiers {
    fn import(&self, session: &Session, out: &mut dyn Write) -> Done {
        let into = engine::Import::Identifiers;
        let known = engine::import_fields(&into);
        let File { file, report } = &self.file;
        let how = Careful { report, yes: self.yes, input: Some(file) };
        let fill = |row: &mut ImportRow| {
            // By such files the store hears of records in the first place: an id stands as it is.
            if self.new || row.fields.get("target_id").is_some_and(|id| !id.trim().is_empty()) {
                row.fields.entry(NEW_TARGET.name.into()).or_insert_with(|| YesNo::Yes.label().into());
            }
        };
        File::import_rows(&how, file, into, |header| named_fields(header, known), fill, session, out)
    }
}

impl File {
    /// A file whose header has the names of the import's fields.
    fn import_named(&self, into: engine::Import, session: &Session, out: &mut dyn Write) -> Done {
        // The engine checks the names again, but by then the place in the header is lost.
        let known = engine::import_fields(&into);
        File::import(&self.file, &self.report, into, |header| named_fields(header, known), session, out)
    }

    fn import(
        file: &Path,
        report: &ReportArgs,
        into: engine::Import,
        fields: impl FnOnce(&Header) -> Result<Fields, String>,
        session: &Session,
        out: &mut dyn Write,
    ) -> Done {
        let how = Careful { report, yes: true, input: Some(file) };
        File::import_rows(&how, file, into, fields, |_| {}, session, out)
    }

    fn import_rows(
        how: &Careful,
        file: &Path,
        into: engine::Import,
        fields: impl FnOnce(&Header) -> Result<Fields, String>,
        fill: impl FnMut(&mut ImportRow),
        session: &Session,
        out: &mut dyn Write,
    ) -> Done {
        // The engine first: a missing store is worth knowing before a mistake in the file is.
        let mut engine = session.engine()?;
        let mut input = Input::open(file)?;
        let rows = CsvRecords::new(input.reader()?).and_then(|records| rows(records, fields));
        let mut rows = rows.map_err(|problem| input.refuse(problem))?;
        rows.iter_mut().for_each(fill);
        let outcome = how.attempt(&mut engine, &Command::Import { into, rows }, out)?.map_err(|error| match error {
            Error::Refused(Refusal::Invalid { .. }) => Failure::from(input.refuse(error.to_string())),
            other => Failure::from(other),
        })?;
        Ok(how.report.write(&outcome, out)?)
    }
}

/// Reads every row, or answers a sentence about the first that cannot be read.
fn rows<R: BufRead>(
    records: CsvRecords<R>,
    fields: impl FnOnce(&Header) -> Result<Fields, String>,
) -> Result<Vec<ImportRow>, String> {
    let fields = fields(records.header())?;
    records
        .map(|next| {
            let record = next.map_err(|fault| nothing_imported(fault.line, &fault.problem))?;
            row(record, &fields)
        })
        .collect()
}

/// Blank cells are not given.
fn row(record: Record, fields: &[Option<&'static str>]) -> Result<ImportRow, String> {
    let mut given = BTreeMap::new();
    for ((name, cell), field) in record.fields.into_iter().zip(fields) {
        match (cell, field) {
            (_, None) => {}
            (Cell::Text(text), Some(field)) if !text.trim().is_empty() => {
                given.insert(field.to_string(), text);
            }
            (Cell::Text(_), Some(_)) => {}
            (Cell::NotText(_), Some(_)) => {
                let problem = format!("The value of \"{}\" is not UTF-8 text. Export the file in UTF-8.", Shown(&name));
                return Err(nothing_imported(record.line, &problem));
            }
        }
    }
    Ok(ImportRow { line: record.line, fields: given })
}

fn nothing_imported(line: u64, problem: &str) -> String {
    format!("Line {line}: {problem} Nothing was imported.")
}

/// Every column must be a field.
fn named_fields(header: &Header, known: &[&'static str]) -> Result<Fields, String> {
    let field = |(at, name): (usize, &std::sync::Arc<str>)| {
        known.iter().copied().find(|field| field.eq_ignore_ascii_case(name)).map(Some).ok_or_else(|| {
            let hint = nearest(name, known.iter().copied()).map(|near| format!(" Did you mean {near}?"));
            let (column, name, hint) = (at + 1, Shown(name), hint.unwrap_or_default());
            let separated = header.other_separator();
            format!("Column {column}, \"{name}\", is no field.{hint} The fields are: {}.{separated}", known.join(", "))
        })
    };
    header.names().iter().enumerate().map(field).collect()
}

/// The columns for code and label: as named, else by their names, else the first two; says which it took.
fn code_fields(header: &Header, codes: &Codes) -> Result<Fields, String> {
    let names = header.names();
    let place = |given: &Option<String>, usual: &str, position: usize| -> Result<Option<usize>, String> {
        let found = match given {
            Some(column) => header.find(column)?,
            None => match header.find(usual) {
                Ok(name) => name,
                Err(_) => return Ok((position < names.len()).then_some(position)),
            },
        };
        Ok(names.iter().position(|name| *name == found))
    };
    let code = place(&codes.code_column, "code", 0)?.unwrap_or(0);
    let label = place(&codes.label_column, "label", 1)?.filter(|label| *label != code);
    if codes.code_column.is_none() || codes.label_column.is_none() {
        let labels = match label {
            Some(label) => format!("labels from column \"{}\"", Shown(&names[label])),
            None => "no labels".into(),
        };
        say(&format!("Codes are taken from column \"{}\", {labels}.", Shown(&names[code])));
    }
    let field = |at| match at {
        _ if at == code => Some("code"),
        _ if Some(at) == label => Some("label"),
        _ => None,
    };
    Ok((0..names.len()).map(field).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::import_fields;

    fn read(text: &str, known: &[&'static str]) -> Result<Vec<ImportRow>, String> {
        rows(CsvRecords::new(text.as_bytes())?, |header| named_fields(header, known))
    }

    #[test]
    fn blank_cells_are_not_given() {
        let rows = read("target_table,Field_Name\nperson,\n,name\n", import_fields(&engine::Import::Bindings)).unwrap();
        assert_eq!(rows[0].fields, BTreeMap::from([("target_table".into(), "person".into())]));
        assert_eq!(rows[1].fields, BTreeMap::from([("field_name".into(), "name".into())]));
        assert_eq!(rows[1].line, 3);
    }

    #[test]
    fn a_wrong_column_or_row_refuses_the_whole_file() {
        let problem = read("target_tabel\nperson\n", import_fields(&engine::Import::Bindings)).unwrap_err();
        assert!(
            problem.starts_with("Column 1, \"target_tabel\", is no field. Did you mean target_table?"),
            "{problem}"
        );
        let problem = read("target_table\na\nb,c\n", import_fields(&engine::Import::Bindings)).unwrap_err();
        assert_eq!(problem, "Line 3: The row has 2 cells where the header has 1. Nothing was imported.");
    }

    #[test]
    fn columns_of_codes_are_guessed() {
        let taken = |names: &[&str], code: Option<&str>, label: Option<&str>| {
            let header = Header::new(names.iter().map(|name| name.as_bytes())).unwrap();
            let codes = Codes {
                file: File { file: PathBuf::new(), report: ReportArgs::default() },
                list: "l".into(),
                code_column: code.map(String::from),
                label_column: label.map(String::from),
            };
            code_fields(&header, &codes)
        };
        let (code, label) = (Some("code"), Some("label"));
        assert_eq!(taken(&["Label", "x", "Code"], None, None), Ok(vec![label, None, code]));
        assert_eq!(taken(&["a", "b", "c"], None, None), Ok(vec![code, label, None]));
        assert_eq!(taken(&["a", "b", "c"], Some("c"), Some("a")), Ok(vec![label, None, code]));
        assert_eq!(taken(&["a"], None, None), Ok(vec![code]));
        assert!(taken(&["a"], Some("b"), None).is_err());
    }
}
