mod period;
mod workday;
mod due;
