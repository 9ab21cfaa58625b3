//! Casework through HTTP, on both databases.
#![cfg(test)]

mod calendar;
mod engine;
mod house;
mod procedures;
mod recognition;
