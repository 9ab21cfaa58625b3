mod due;
mod period;
mod workday;
