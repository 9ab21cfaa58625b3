//! The programme through HTTP and through its use cases, on every database.

#[cfg(test)]
mod desk;
#[cfg(test)]
mod facts;
#[cfg(test)]
mod house;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod tasks;
