//! The programme through HTTP and through its use cases, on every database.

#[cfg(test)]
mod api;
#[cfg(test)]
mod desk;
#[cfg(test)]
mod edit;
#[cfg(test)]
mod facts;
#[cfg(test)]
mod house;
#[cfg(test)]
mod library;
#[cfg(test)]
mod progress;
mod proof;
mod reading;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod tasks;
#[cfg(test)]
mod walk;
#[cfg(test)]
mod writes;
