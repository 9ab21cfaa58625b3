//! Tests of today through HTTP, on both databases.

#[cfg(test)]
mod burden;
#[cfg(test)]
mod house;
#[cfg(test)]
mod list;
#[cfg(test)]
mod reminders;
#[cfg(test)]
mod schema;
