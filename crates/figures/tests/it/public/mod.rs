//! The pages everybody sees, through HTTP.

mod budget;
mod desk;
mod hostile;
mod live;
mod numbers;
mod privacy;
mod wayfinding;
