//! `steward bind`

use std::collections::BTreeMap;
use std::io::Write;

use crate::engine::suggest::{Fit, fits, newest_fields};
use crate::engine::{Command, Import, ImportRow, same_name, same_place};
use crate::exchange::json_line;
use crate::model::Shown;
use crate::model::choice::YesNo;
use crate::model::text::{grouped, nearest};

use super::acting::act;
use super::failure::{Done, Failure};
use super::report::{ReportArgs, say};
use super::session::Session;

#[derive(Debug, clap::Args)]
pub(super) struct Bind {
    /// List the code lists that fit the values of the delivered fields, the best first
    #[arg(long, conflicts_with_all = ["table", "source", "dry_run"])]
    suggest: bool,
    /// The target table
    #[arg(required_unless_present = "suggest", requires = "field")]
    table: Option<String>,
    /// The field
    field: Option<String>,
    /// The code list that its values are codes of
    #[arg(required_unless_present_any = ["suggest", "on_empty"])]
    list: Option<String>,
    /// For this source alone
    #[arg(long, value_name = "SOURCE")]
    source: Option<String>,
    /// What the source is sent when the value is gone, where it was sent one before: hold has it wait for a person, default
    /// sends nothing
    #[arg(long, value_name = "hold|default|send", requires = "source", conflicts_with = "suggest")]
    on_empty: Option<String>,
    #[command(flatten)]
    report: ReportArgs,
}

impl Bind {
    pub(super) fn run(&self, session: &Session, out: &mut dyn Write) -> Done {
        if self.suggest {
            return self.suggest(session, out);
        }
        let given = [
            ("target_table", &self.table),
            ("field_name", &self.field),
            ("code_list", &self.list),
            ("source_system_key", &self.source),
            ("on_empty", &self.on_empty),
        ];
        let mut fields = self.as_bound(session)?;
        fields.extend(given.into_iter().filter_map(|(name, value)| Some((name.to_string(), value.clone()?))));
        let command = Command::Import { into: Import::Bindings, rows: vec![ImportRow { line: 1, fields }] };
        let outcome = act(&command, &self.report, session)?;
        self.report.write(&outcome, out)?;
        if !self.report.json() {
            let came = self.tell_what_came_before(session)?;
            if !came {
                self.warn_of_a_field_that_nobody_delivers(session)?;
            }
        }
        Ok(())
    }

    /// What the binding of this very place says by now: an import states a binding anew, and this is for what was given.
    fn as_bound(&self, session: &Session) -> Result<BTreeMap<String, String>, Failure> {
        let bindings = session.reader()?.bindings()?;
        let there = bindings.iter().find(|known| {
            self.table.as_deref().is_some_and(|table| same_name(&known.target_table, table))
                && same_place(known.field_name.as_deref(), self.field.as_deref())
                && same_place(known.source.as_deref(), self.source.as_deref())
        });
        let Some(known) = there else { return Ok(BTreeMap::new()) };
        let mut fields: BTreeMap<String, String> = [
            ("on_unmapped", known.on_unmapped.label()),
            ("on_blank", known.on_blank.label()),
            ("on_no_match", known.on_no_match.label()),
            ("on_unknown_key", known.on_unknown_key.label()),
            ("on_empty", known.on_empty.label()),
            ("outbound", if known.outbound { YesNo::Yes } else { YesNo::No }.label()),
        ]
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .into();
        let texts = [("fixed_value", &known.fixed_value), ("code_list", &known.code_list)];
        fields.extend(texts.into_iter().filter_map(|(name, value)| Some((name.to_string(), value.clone()?))));
        Ok(fields)
    }

    /// A code list is for what comes from now on; what came before is read by it when somebody asks for it. Answers whether
    /// anything did.
    fn tell_what_came_before(&self, session: &Session) -> Result<bool, Failure> {
        let (Some(table), Some(field), Some(list)) = (&self.table, &self.field, &self.list) else { return Ok(false) };
        let came = session.reader()?.came_without_codes(table, field, list, self.source.as_deref())?;
        if came.n > 0 {
            let (table, field, values) = (Shown(table), Shown(field), if came.n == 1 { "value" } else { "values" });
            say(&format!(
                "{came} {values} of {table}.{field} came before, not through this list. What it makes of them: \
                 steward reevaluate codes {table} {field} --dry-run"
            ));
        }
        Ok(came.n > 0)
    }

    /// A table may be bound before its first delivery; but once it came, a field that did not is rather a slip.
    fn warn_of_a_field_that_nobody_delivers(&self, session: &Session) -> Done {
        let (Some(table), Some(field)) = (&self.table, &self.field) else { return Ok(()) };
        let fields = newest_fields(&session.reader()?, table)?;
        if fields.is_empty() || fields.iter().any(|known| known.to_lowercase() == field.to_lowercase()) {
            return Ok(());
        }
        let near = nearest(field, fields.iter().map(String::as_str));
        let near = near.map(|near| format!(" Did you mean {}?", Shown(near))).unwrap_or_default();
        say(&format!("The newest deliveries of {} have no field {}.{near}", Shown(table), Shown(field)));
        Ok(())
    }

    fn suggest(&self, session: &Session, out: &mut dyn Write) -> Done {
        let fits = fits(&session.reader()?)?;
        if fits.is_empty() && !self.report.json() {
            say("No delivered field's values fit a code list.");
        }
        for fit in &fits {
            if self.report.json() {
                json_line(out, fit)?;
            } else {
                write_for_people(fit, out)?;
            }
        }
        Ok(())
    }
}

fn write_for_people(fit: &Fit, out: &mut dyn Write) -> Done {
    let (table, field, source) = (Shown(&fit.target_table), Shown(&fit.field_name), Shown(&fit.source_system_key));
    let (percent, fitting, list) = ((fit.share * 100.0).floor(), fit.fitting, Shown(&fit.code_list));
    let of = if fit.values < fit.delivered {
        format!("the {} most frequent of {}", fit.values, grouped(fit.delivered as i64))
    } else {
        fit.values.to_string()
    };
    write!(out, "{table}.{field} of {source}: {list} {percent} % of what came ({fitting} of {of} different values")?;
    if !fit.others.is_empty() {
        let others: Vec<String> = fit.others.iter().map(|other| format!("\"{}\"", Shown(other))).collect();
        write!(out, "; not {}", others.join(", "))?;
    }
    let bound = match &fit.bound_to {
        Some(bound) if *bound == fit.code_list => ", and is looked up in it".to_string(),
        Some(bound) => format!(", and is looked up in {}", Shown(bound)),
        None => String::new(),
    };
    Ok(writeln!(out, "){bound}")?)
}
