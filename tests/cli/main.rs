//! Every subcommand through the real binary in a temporary folder: what it prints, where, and how it exits.

mod attest;
mod backup;
mod bad_input;
mod bad_store;
mod decisions;
mod doctor;
mod doubts;
mod edit;
mod explain;
mod files;
mod harness;
mod hostile;
#[path = "../hostile/mod.rs"]
mod hostile_store;
mod identity;
mod ingest;
mod killed;
mod lines;
mod manual;
mod older_log;
mod older_store;
mod overlap;
mod plain;
mod races;
mod read_only;
mod reevaluate;
mod rows;
mod send;
mod settings;
mod setup;
mod suggest;
mod triage;
mod verify;
mod withdraw;
