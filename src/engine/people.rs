//! The first row of a new store, and its people.

use anyhow::Result;

use super::session::ROLES;
use super::{Done, Engine, Error, Operation, Refusal};
use crate::model::setting::{SETTINGS, Setting, label_table};
use crate::model::text::nearest;
use crate::store::{Change, Draft, ENGINE_LOGIN, ENGINE_USER};

impl Engine {
    /// Fills a new store: its id and settings, the engine's own user, and the acting person as its first admin.
    pub(super) fn found(&mut self) -> Result<(), Error> {
        let login = self.context.actor.login.clone();
        let mut write = self.writer.begin((self.context.clock)())?;
        let store_id = write.new_id().to_string();
        write.insert_setting("store_id", &store_id)?;
        for setting in SETTINGS {
            write.insert_setting(setting.key, setting.default)?;
        }
        let engine = write.insert_user(ENGINE_LOGIN, Some("The engine itself"), "")?;
        debug_assert_eq!(engine, ENGINE_USER);
        let admin = write.insert_user(&login, None, &ROLES.join(","))?;
        write.act_as(admin);
        write.flush_counts()?;
        write.commit(&Draft {
            kind: "init",
            summary: "Made the store",
            reason: None,
            undoes: None,
            actor: &login,
            role: "admin",
            on_behalf_of: None,
            host: &self.context.host,
        })?;
        Ok(())
    }
}

impl Operation<'_, '_> {
    pub(super) fn add_user(&mut self, login: &str, full_name: Option<&str>, roles: &[String]) -> Result<Done, Error> {
        let length = login.chars().count();
        if length == 0 || length > 100 || login.chars().any(|c| c.is_control() || c.is_whitespace() || c == ':') {
            return Err(invalid("login", "a login has 1 to 100 characters and no spaces or colons.".into()).into());
        }
        if self.write.person(login)?.is_some() {
            return Err(invalid("login", format!("{login} is a user of this store already.")).into());
        }
        check_roles(roles)?;
        if roles.is_empty() {
            return Err(invalid("roles", format!("give at least one of {}.", ROLES.join(", "))).into());
        }
        self.write.insert_user(login, full_name, &roles.join(","))?;
        self.effects.changed += 1;
        Ok(Done::new("user", format!("Added {login} as {}", roles.join(", ")), &[]))
    }

    /// Changes what a person may do from now on; somebody must stay an admin.
    pub(super) fn set_roles(&mut self, login: &str, roles: &[String]) -> Result<Done, Error> {
        check_roles(roles)?;
        let person = self.write.person(login)?.filter(|person| person.id != ENGINE_USER);
        let person = person.ok_or_else(|| Refusal::NotFound {
            what: "user",
            name: login.into(),
            hint: " See them with: steward user list".into(),
        })?;
        if !roles.iter().any(|role| role == "admin") && self.write.other_admins(person.id)? == 0 {
            let problem = format!("{login} is the only admin: give the role to somebody else first.");
            return Err(invalid("roles", problem).into());
        }
        let given = roles.join(",");
        let active = i64::from(!roles.is_empty());
        let changes = [Change::text("roles", Some(&given)), Change::int("active", active)];
        if self.write.change_row("system_user", person.id, &changes)? {
            self.effects.changed += 1;
        }
        let now = if roles.is_empty() { "may no longer act".into() } else { format!("is now {}", roles.join(", ")) };
        Ok(Done::new("user", format!("{login} {now}"), &[]))
    }

    /// Changes a setting of the store, for everybody and from the next operation on.
    pub(super) fn set_setting(&mut self, key: &str, value: &str) -> Result<Done, Error> {
        if let Some(table) = label_table(key) {
            return self.set_label(table, value);
        }
        let setting = Setting::find(key).ok_or_else(|| {
            let near = nearest(key, SETTINGS.map(|setting| setting.key).into_iter().chain(["label.TABLE"]));
            let hint = near.map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
            Refusal::NotFound { what: "setting", name: key.into(), hint }
        })?;
        let value = setting.check(value).map_err(|problem| invalid(setting.key, problem))?;
        let before = self.write.setting_row(setting.key)?;
        let was = before.as_ref().map_or(setting.default, |(_, was)| was).to_string();
        match before {
            None => self.effects.changed += i64::from(self.write.insert_setting(setting.key, &value)? > 0),
            Some((id, _)) => {
                let changed = self.write.change_row("setting", id, &[Change::text("value", Some(&value))])?;
                self.effects.changed += i64::from(changed);
            }
        }
        Ok(Done::new("setting", format!("Set {} to {value}; it was {was}", setting.key), &[]))
    }
}

fn invalid(field: &str, problem: String) -> Refusal {
    Refusal::Invalid { place: String::new(), field: field.into(), problem }
}

fn check_roles(roles: &[String]) -> Result<(), Refusal> {
    let Some(role) = roles.iter().find(|role| !ROLES.contains(&role.as_str())) else { return Ok(()) };
    let hint = nearest(role, ROLES).map(|near| format!(" Did you mean {near}?")).unwrap_or_default();
    Err(invalid("roles", format!("{role} is not one of {}.{hint}", ROLES.join(", "))))
}
