//! The programme through HTTP and through its use cases, on every database.

#[cfg(test)]
mod facts;
#[cfg(test)]
mod house;
