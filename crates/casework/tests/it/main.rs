//! Casework through HTTP, on both databases.
#![cfg(test)]

mod bad_days;
mod calendar;
mod document_signature;
mod dossier_api;
mod dossier_house;
mod dossier_life;
mod engine;
mod heirs;
mod house;
mod procedures;
mod recognition;
mod register_books;
mod register_import;
mod share_count;
