//! The command line: one file a subcommand, each of which reads its arguments, calls the engine or a reader, and prints.
//!
//! Data goes to stdout and sentences about it to stderr. Exit codes: 0 done, 1 refused or failed with a sentence, 2 wrong
//! usage; `verify` has its own (store.md). A reader of stdout who goes away is not an error.
//!
//! Nothing here decides anything about data, and nothing here knows the workbench: [`run`] answers what is to come
//! [`Next`], and `main` does it.

mod accept;
mod acting;
mod agreed;
mod attest;
mod backup;
mod bind;
mod check_proof;
mod completions;
mod decide;
mod demo;
mod dispose;
mod doctor;
mod edit;
mod explain;
mod explain_json;
mod failure;
mod families;
mod history;
mod hold;
mod identity;
mod import;
mod ingest;
mod init;
mod list;
mod map;
mod map_history;
mod parsers;
mod pin;
mod prove;
mod reevaluate;
mod report;
mod rules;
mod send;
mod session;
mod settings;
mod show;
mod stats;
mod suggest;
mod triage;
mod undo;
mod upgrade;
mod user;
mod value_from;
mod verify;
mod withdraw;
mod workbench;

use std::ffi::OsString;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::SystemTime;

use clap::{ArgMatches, CommandFactory, FromArgMatches, Parser};

use crate::engine::{Actor, Verb};
use crate::model::time::before_1970;
use crate::store::Store;

pub use demo::make_or_open as demo_store;

use failure::Failure;
use session::Session;

/// What `main` does when the command line has done its part.
pub enum Next {
    Exit(u8),
    Workbench {
        store: Store,
        actor: Actor,
        plain: bool,
    },
    /// Ask what to do where there is no store at `path`; the demo would lie at `demo`.
    FirstRun {
        path: PathBuf,
        demo: PathBuf,
        actor: Actor,
        plain: bool,
    },
    /// Show the workbench's settings, only check them, or show a theme.
    Settings {
        check: bool,
        theme: Option<String>,
    },
}

/// A terminal workbench for people who keep data right between systems
///
/// Without a command it opens the workbench.
#[derive(Debug, Parser)]
#[command(name = "steward", version, max_term_width = 100)]
pub struct Args {
    #[command(flatten)]
    session: Session,
    /// The workbench as linear text, for screen readers, dumb terminals and scripts: a line is read, what changed is said
    #[arg(long)]
    plain: bool,
    #[command(subcommand)]
    command: Option<Subcommand>,
}

#[derive(Debug, clap::Subcommand)]
enum Subcommand {
    /// Make a store; whoever makes it is its first admin
    Init,
    /// Make a store with a believable agency's data, and open it
    Demo,
    /// Add codes, bindings, policies, value maps or identifiers from a CSV file
    Import(import::Import),
    /// Take in a delivery from a source
    Ingest(ingest::Ingest),
    /// List the rows of a table
    List(list::List),
    /// Show all fields of one row
    Show(show::Show),
    /// Say why the value of a field is what it is, and why no other is
    Explain(explain::Explain),
    /// Give a source's code its canonical code, and release the items that wait for it
    ///
    /// One code, or with --file all of a CSV file whose header has the fields' names of a value map.
    Map(map::Map),
    /// Find candidates for labels in a code list, with a score and why
    Suggest(suggest::Suggest),
    /// List the codes that wait and are most likely one code in several spellings
    Families(families::Families),
    /// Say that a field's values are codes of a list, or with --suggest which list fits
    Bind(bind::Bind),
    /// Say who decided a value map, when, and what came through it
    MapHistory(map_history::MapHistory),
    /// Change fields of an identifier, a value map or a commit policy
    ///
    /// The record that a source's key stands for is the identifier's target_id: leading a key to another record merges two,
    /// splits one, or retargets what was joined wrongly.
    Edit(edit::Edit),
    /// Take a value map, or with --identifier an identifier, out of use; what came through it stays
    Retire(map_history::Retire),
    /// Certify the ledger entries that match
    Certify(decide::Decide),
    /// Reject the ledger entries that match
    Reject(decide::Decide),
    /// Revoke the ledger entries that match
    Revoke(decide::Decide),
    /// Have rejected ledger entries decided on again
    Reopen(decide::Decide),
    /// Certify stale values again, which restarts their clocks
    Recertify(decide::Decide),
    /// Hold the value in force of a field, whatever its sources deliver
    Pin(pin::Pin),
    /// Let a pinned value go
    Unpin(pin::Pin),
    /// Decide on held, failed and parked items again
    ///
    /// From what was delivered, or one item with --value from another value. An item that fails the same way again
    /// is parked; one that is held again waits on for what releases it.
    Retry(triage::Retry),
    /// Decide again on old entries after a policy, a value map or a field's code list changed; look first with --dry-run
    #[command(subcommand)]
    Reevaluate(reevaluate::Reevaluate),
    /// Set held and failed items aside
    Park(triage::Park),
    /// Take parked items up again
    Unpark(triage::Unpark),
    /// Set held, failed and parked items aside for good: nothing tries or releases them, and their values may be disposed of
    Close(triage::Close),
    /// Take the values from old rows under a records schedule, for good; the log can still be checked
    Dispose(dispose::Dispose),
    /// Keep rows from being disposed of whatever a records schedule says, or list what is kept so
    #[command(subcommand)]
    Hold(hold::Hold),
    /// Vouch for a whole record, table or delivery, and certify what is pending in it
    #[command(subcommand)]
    Attest(attest::Attest),
    /// Take back what a delivery said: its values, and what it alone made; look first with --dry-run
    Withdraw(withdraw::Withdraw),
    /// Write the values that wait for a receiver; they count as sent when they are written
    Send(send::Send),
    /// The older name of send
    #[command(hide = true)]
    Export(send::Send),
    /// List the operations, newest first
    History(history::History),
    /// Take back an operation, by default your last one
    Undo(undo::Undo),
    /// Check the whole log and all that follows from it
    ///
    /// Exit codes: 0 sound; 10 tampered, with the first bad operation; 11 older than the digest; 12 forked from it;
    /// 13 unreadable; 14 sound, but no outside digest was given.
    Verify(verify::Verify),
    /// Print one line that stands for the whole log up to now, to keep elsewhere for verify --digest
    Digest(upgrade::Copied),
    /// Prove to whoever holds a digest that the log vouches for a row
    Prove(prove::Prove),
    /// Check what prove --json printed, without the store
    ///
    /// Exit codes: 0 proved; 10 forged; 12 not of this digest; 13 no proof; 14 fits in itself, but no digest was given.
    CheckProof(check_proof::CheckProof),
    /// Count rows, queues and jobs
    Stats(stats::Stats),
    /// Copy the store while others work in it, and check the copy
    Backup(backup::Backup),
    /// Put a backup in the store's place; the store as it was is put aside
    Restore(backup::Restore),
    /// Give the room back that was freed in the store's file; nobody else may have it open
    Compact,
    /// Move the store's file, with all that belongs to it; nobody else may have it open
    Move(backup::Move),
    /// Say what is wrong with the store and around its file, and what to do; --fix works out again what follows from the rows
    Doctor(doctor::Doctor),
    /// List the programs that have the store open, and who of them writes
    Locks(backup::Locks),
    /// Bring a store of an older format up to date, which its admins may; a copy of it as it was is put beside it first
    Upgrade,
    /// Add and list the people of a store
    #[command(subcommand)]
    User(user::User),
    /// List the rules that hold for everybody in the store, such as four eyes, or change one
    #[command(subcommand)]
    Rules(rules::Rules),
    /// Print where the workbench's settings lie, and every setting with its default
    Settings(settings::Settings),
    /// Print a completion script for a shell
    Completions(completions::Completions),
}

impl Subcommand {
    /// What makes, moves or replaces a store's files, by its name.
    fn of_files(&self) -> Option<&'static str> {
        Some(match self {
            Subcommand::Init => "init",
            Subcommand::Demo => "demo",
            Subcommand::Backup(_) => "backup",
            Subcommand::Restore(_) => "restore",
            Subcommand::Compact => "compact",
            Subcommand::Move(_) => "move",
            _ => return None,
        })
    }
}

/// Reads the program's arguments and does what they ask.
pub fn run() -> Next {
    let args = match parse(std::env::args_os()) {
        Ok(args) => args,
        Err(error) => {
            let error = visible(error);
            // Where the message cannot be printed there is nobody to read it.
            let _ = error.print();
            return Next::Exit(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let result = dispatch(args, &mut out).and_then(|next| {
        out.flush()?;
        Ok(next)
    });
    match result {
        Ok(Next::Exit(0)) if acting::was_stopped() => Next::Exit(1),
        Ok(next) => next,
        Err(Failure::BrokenPipe) => Next::Exit(0),
        Err(Failure::Sentence(sentence)) => {
            let _ = out.flush();
            report::say(&format!("steward: {sentence}"));
            Next::Exit(1)
        }
    }
}

/// The commands by name, each with what it does: for the workbench's finder, which starts none of them.
pub fn commands() -> &'static [(String, String)] {
    static COMMANDS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
        let command = Args::command();
        let shown = command.get_subcommands().filter(|command| !command.is_hide_set());
        shown.map(|command| (command.get_name().into(), command.get_about().unwrap_or_default().to_string())).collect()
    });
    &COMMANDS
}

/// Reads arguments. Whether a command only says what would happen, the session knows whichever it is: it writes nothing to
/// an older store then.
fn parse(args: impl IntoIterator<Item = OsString>) -> Result<Args, clap::Error> {
    let matches = Args::command().try_get_matches_from(args)?;
    let mut args = Args::from_arg_matches(&matches).map_err(|error| error.format(&mut Args::command()))?;
    args.session.dry_run = is_set(&matches, "dry_run");
    Ok(args)
}

/// Whether a flag was given to a command or to one of its own.
fn is_set(matches: &ArgMatches, flag: &str) -> bool {
    let here = matches.try_get_one::<bool>(flag).ok().flatten().is_some_and(|given| *given);
    here || matches.subcommand().is_some_and(|(_, below)| is_set(below, flag))
}

/// The complaint about the arguments as they are shown: it repeats them, and they may hold what acts on a terminal.
fn visible(error: clap::Error) -> clap::Error {
    let shown = std::env::args_os().map(|arg| crate::model::shown(&arg.to_string_lossy()).into_owned().into());
    parse(shown).err().unwrap_or(error)
}

fn dispatch(args: Args, out: &mut dyn Write) -> Result<Next, Failure> {
    let session = &args.session;
    if let Some(problem) = before_1970(SystemTime::now()) {
        return Err(Failure::new(problem));
    }
    if let Some(what) = args.command.as_ref().and_then(Subcommand::of_files) {
        session::not_with_lent_rights(what)?;
    }
    match args.command {
        None => return workbench::open(session, args.plain),
        Some(Subcommand::Settings(settings)) => {
            return Ok(Next::Settings { check: settings.check, theme: settings.theme });
        }
        Some(Subcommand::Demo) => return demo::run(session, args.plain, out),
        Some(Subcommand::Verify(verify)) => return verify.run(session, out).map(Next::Exit),
        Some(Subcommand::CheckProof(check)) => return check.run(out).map(Next::Exit),
        Some(Subcommand::Init) => init::run(session, out),
        Some(Subcommand::Import(import)) => import.run(session, out),
        Some(Subcommand::Ingest(ingest)) => ingest.run(session, out),
        Some(Subcommand::List(list)) => list.run(session, out),
        Some(Subcommand::Show(show)) => show.run(session, out),
        Some(Subcommand::Explain(explain)) => explain.run(session, out),
        Some(Subcommand::Map(map)) => map.run(session, out),
        Some(Subcommand::Suggest(suggest)) => suggest.run(session, out),
        Some(Subcommand::Families(families)) => families.run(session, out),
        Some(Subcommand::Bind(bind)) => bind.run(session, out),
        Some(Subcommand::MapHistory(history)) => history.run(session, out),
        Some(Subcommand::Edit(edit)) => edit.run(session, out),
        Some(Subcommand::Retire(retire)) => retire.run(session, out),
        Some(Subcommand::Certify(decide)) => decide.run(Verb::Certify, session, out),
        Some(Subcommand::Reject(decide)) => decide.run(Verb::Reject, session, out),
        Some(Subcommand::Revoke(decide)) => decide.run(Verb::Revoke, session, out),
        Some(Subcommand::Reopen(decide)) => decide.run(Verb::Reopen, session, out),
        Some(Subcommand::Recertify(decide)) => decide.run(Verb::Recertify, session, out),
        Some(Subcommand::Pin(pin)) => pin.run(true, session, out),
        Some(Subcommand::Unpin(pin)) => pin.run(false, session, out),
        Some(Subcommand::Retry(retry)) => retry.run(session, out),
        Some(Subcommand::Reevaluate(reevaluate)) => reevaluate.run(session, out),
        Some(Subcommand::Park(park)) => park.run(session, out),
        Some(Subcommand::Unpark(unpark)) => unpark.run(session, out),
        Some(Subcommand::Close(close)) => close.run(session, out),
        Some(Subcommand::Dispose(dispose)) => dispose.run(session, out),
        Some(Subcommand::Hold(hold)) => hold.run(session, out),
        Some(Subcommand::Attest(attest)) => attest.run(session, out),
        Some(Subcommand::Withdraw(withdraw)) => withdraw.run(session, out),
        Some(Subcommand::Send(send)) => send.run(session, out),
        Some(Subcommand::Export(send)) => send.run_as_export(session, out),
        Some(Subcommand::History(history)) => history.run(session, out),
        Some(Subcommand::Undo(undo)) => undo.run(session, out),
        Some(Subcommand::Digest(copied)) => verify::digest(&copied, session, out),
        Some(Subcommand::Backup(backup)) => backup.run(session, out),
        Some(Subcommand::Restore(restore)) => restore.run(session, out),
        Some(Subcommand::Compact) => backup::compact(session, out),
        Some(Subcommand::Move(to)) => to.run(session, out),
        Some(Subcommand::Locks(locks)) => locks.run(session, out),
        Some(Subcommand::Doctor(doctor)) => doctor.run(session, out),
        Some(Subcommand::Upgrade) => upgrade::run(session, out),
        Some(Subcommand::Prove(prove)) => prove.run(session, out),
        Some(Subcommand::Stats(stats)) => stats.run(session, out),
        Some(Subcommand::User(user)) => user.run(session, out),
        Some(Subcommand::Rules(rules)) => rules.run(session, out),
        Some(Subcommand::Completions(completions)) => completions.run(out),
    }
    .map(|()| Next::Exit(0))
}

#[cfg(test)]
mod hints_tests;

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    #[test]
    fn the_arguments_are_well_defined() {
        super::Args::command().debug_assert();
    }
}
