//! What is written is read again, by calamine and by a look at the package's own parts.

#[cfg(test)]
mod annotated;
#[cfg(test)]
mod charts;
#[cfg(test)]
mod read;
#[cfg(test)]
mod reports;
#[cfg(test)]
mod tables;
#[cfg(test)]
mod templates;
#[cfg(test)]
mod uploads;
