//! The platform as one program: command line, configuration, composition of the crates, serving, and keeping its data safe.

pub mod app;
pub mod bench;
pub mod cli;
pub mod config;
pub mod demo;
mod demo_dossiers;
pub mod keep;
pub mod web;
