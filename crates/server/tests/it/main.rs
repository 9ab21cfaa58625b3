//! The platform as a whole: in this process through its router, and as the real program.
#![cfg(test)]

mod arrows;
mod bodies;
mod configuration;
mod described;
mod front;
mod house;
mod kept;
mod programs;
mod recognition;
mod refusal;
mod rows;
mod share;
mod statements;
mod trouble;
