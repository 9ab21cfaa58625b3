//! `conglang`: the one binary.

// Answers are made of many small pieces; the system allocator is slow at that with several threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    server::cli::main()
}
