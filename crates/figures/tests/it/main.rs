//! Figures on real places, on every database.

#[cfg(test)]
mod api;
#[cfg(test)]
mod carry;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod export;
#[cfg(test)]
mod intake;
#[cfg(test)]
mod ledger;
#[cfg(test)]
mod office;
#[cfg(test)]
mod public;
#[cfg(test)]
mod together;
#[cfg(test)]
mod world;
