//! Who acts in an open transaction, and what their roles allow (engine.md, "Roles"). Checked inside the transaction, so
//! that a role taken away a moment ago is gone.

use uuid::Uuid;

use super::context::Actor;
use super::{Error, Refusal};
use crate::model::setting::{ALLOWED, MAPPED_USERS};
use crate::model::time::Micros;
use crate::store::{Draft, Lease, Person, Process, Write};

/// What a person needs a role for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Permission {
    /// Maps codes, edits value maps, bindings, identifiers and code lists, takes deliveries in.
    Steward,
    /// Certifies, rejects, revokes.
    Reviewer,
    /// Takes deliveries in, retries, parks.
    Support,
    /// Policies, people, settings.
    Admin,
    /// Whoever may write at all; the operation itself looks closer.
    Any,
}

impl Permission {
    /// The roles that give it, the plainest first.
    fn roles(self) -> &'static [&'static str] {
        match self {
            Permission::Steward => &["steward", "admin"],
            Permission::Reviewer => &["reviewer", "admin"],
            Permission::Support => &["support", "steward", "admin"],
            Permission::Admin => &["admin"],
            Permission::Any => &["steward", "reviewer", "support", "admin"],
        }
    }
}

/// The roles that a person may have.
pub const ROLES: [&str; 5] = ["steward", "reviewer", "support", "auditor", "admin"];

/// The acting person of one operation, and the role that allows it.
#[derive(Debug, Clone)]
pub struct Session {
    /// The person in whose name rows are written.
    pub person: Person,
    /// The operating system's user where an admin acts for somebody else.
    behind: Option<Person>,
    pub role: &'static str,
    host: String,
}

impl Session {
    /// Finds the acting person and checks what they want to do.
    pub fn begin(
        write: &mut Write,
        actor: &Actor,
        host: &str,
        permission: Permission,
        action: &'static str,
    ) -> Result<Session, Error> {
        if let Some(outside) = &actor.mapped_from {
            may_be_mapped(write, outside)?;
        }
        let real = known(write, &actor.login)?;
        let person = match &actor.on_behalf_of {
            Some(_) if !has(&real, "admin") => return Err(Refusal::NotAnAdmin { login: real.login }.into()),
            Some(login) => known(write, login)?,
            None => real.clone(),
        };
        let role = allowing(&person, permission, action)?;
        write.act_as(person.id);
        let behind = (person.id != real.id).then_some(real);
        Ok(Session { person, behind, role, host: host.to_string() })
    }

    /// Refuses what the person's roles do not allow.
    pub fn check(&self, permission: Permission, action: &'static str) -> Result<(), Refusal> {
        allowing(&self.person, permission, action).map(|_| ())
    }

    /// Who has a hand in what is done: the person named, and the one at the keyboard.
    pub fn persons(&self) -> Vec<i64> {
        [Some(&self.person), self.behind.as_ref()].into_iter().flatten().map(|person| person.id).collect()
    }

    /// The lease of a run of this session, which begins now.
    pub fn lease(&self, token: Uuid, now: Micros) -> Lease {
        let process = Process::ours();
        let (person, host) = (self.person.login.clone(), self.host.clone());
        Lease { token, person, host, process, taken: now, renewed: now }
    }

    /// The log row of an operation of this session.
    pub fn draft<'a>(&'a self, kind: &'a str, summary: &'a str, reason: Option<&'a str>) -> Draft<'a> {
        Draft {
            kind,
            summary,
            reason,
            undoes: None,
            actor: &self.behind.as_ref().unwrap_or(&self.person).login,
            role: self.role,
            on_behalf_of: self.behind.is_some().then_some(&self.person.login),
            host: &self.host,
        }
    }
}

/// In a user namespace the kernel vouches for nobody: a user may be mapped to any number in it. That matters where there is
/// somebody else to pass for.
fn may_be_mapped(write: &Write, outside: &str) -> Result<(), Error> {
    if write.active_people()? < 2 || write.setting(MAPPED_USERS.key)?.as_deref() == Some(ALLOWED) {
        return Ok(());
    }
    Err(Refusal::Mapped { outside: outside.to_string() }.into())
}

fn known(write: &Write, login: &str) -> Result<Person, Error> {
    match write.person(login)? {
        Some(person) if person.active => Ok(person),
        _ => Err(Refusal::UnknownUser { login: login.to_string() }.into()),
    }
}

/// The person's role that allows it.
fn allowing(person: &Person, permission: Permission, action: &'static str) -> Result<&'static str, Refusal> {
    permission.roles().iter().copied().find(|role| has(person, role)).ok_or_else(|| Refusal::Role {
        login: person.login.clone(),
        action,
        role: permission.roles()[0],
    })
}

fn has(person: &Person, role: &str) -> bool {
    person.roles.split(',').any(|given| given.trim() == role)
}
