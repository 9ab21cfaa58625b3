mod checked;
mod files;
mod judged;
mod shipped;
