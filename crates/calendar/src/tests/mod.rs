mod period;
mod workday;
