//! What identifies a table's records for people: a rule of the store, `label.TABLE`, that names fields.

use super::asked::invalid;
use super::{Done, Error, Operation};
use crate::model::Shown;
use crate::model::setting::{LABEL_TAKES, label_fields, label_key};
use crate::model::text::nearest;
use crate::store::Change;

impl Operation<'_, '_> {
    /// Sets the label of a table, for everybody and from now on; without fields there is none any more.
    pub(super) fn set_label(&mut self, table: &str, value: &str) -> Result<Done, Error> {
        let table = self.known_name("table", table)?;
        let mut fields = Vec::new();
        for field in label_fields(value) {
            let field = self.known_name("field", field)?;
            if field.contains([',', '"', '\\']) {
                let problem = format!("{} cannot stand in a label, which takes {LABEL_TAKES}.", Shown(&field));
                return Err(invalid(&label_key(&table), problem).into());
            }
            if !fields.contains(&field) {
                fields.push(field);
            }
        }
        let (key, value) = (label_key(&table), fields.join(","));
        let before = self.write.setting_row(&key)?;
        let was = before.as_ref().map(|(_, was)| was.clone()).unwrap_or_default();
        match before {
            None if value.is_empty() => {}
            None => self.effects.changed += i64::from(self.write.insert_setting(&key, &value)? > 0),
            Some((id, _)) => {
                let changed = self.write.change_row("setting", id, &[Change::text("value", Some(&value))])?;
                self.effects.changed += i64::from(changed);
            }
        }
        let said = |value: &str| if value.is_empty() { "nothing".to_string() } else { value.to_string() };
        Ok(Done::new("setting", format!("Set {key} to {}; it was {}", said(&value), said(&was)), &[]))
    }

    /// A table or field that the store knows, by its spelling there: a slip of the pen would name no record.
    fn known_name(&self, kind: &'static str, name: &str) -> Result<String, Error> {
        if let Some(spelling) = self.write.known_spelling(kind, name)? {
            return Ok(spelling);
        }
        let known = self.write.known_names(kind)?;
        let near = nearest(name, known.iter().map(String::as_str));
        let hint = near.map(|near| format!(" Did you mean {}?", Shown(near))).unwrap_or_default();
        let problem = format!("no {kind} that the store knows is called {}.{hint}", Shown(name));
        Err(invalid("label", problem).into())
    }
}
