//! Criteria on real places, on every database.

#[cfg(test)]
mod api;
#[cfg(test)]
mod house;
#[cfg(test)]
mod keeping;
#[cfg(test)]
mod office;
#[cfg(test)]
mod rehearsal;
#[cfg(test)]
mod scoring;
#[cfg(test)]
mod steady;
