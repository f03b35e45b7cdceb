pub mod cli;
pub mod demo;
pub mod engine;
pub mod exchange;
pub mod model;
pub mod rules;
pub mod store;
pub mod tui;
