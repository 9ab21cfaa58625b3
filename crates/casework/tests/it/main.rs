//! Casework through HTTP, on both databases.
#![cfg(test)]

mod calendar;
mod engine;
mod house;
mod procedures;
mod recognition;
mod document_signature;
mod dossier_api;
mod dossier_house;
mod dossier_life;
mod register_books;
mod register_import;
mod share_count;
