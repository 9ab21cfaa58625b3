//! A running `conglang` and a caller who speaks plain HTTP/1.1 to it, one connection per request.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The program, killed when dropped.
pub struct Program {
    child: Child,
    pub address: String,
}

/// A port that was free a moment ago.
fn port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

impl Program {
    /// Starts serving and waits until it is ready.
    pub fn serve(database: &str, log: &PathBuf, more: &[&str]) -> Program {
        for _ in 0..5 {
            let address = format!("127.0.0.1:{}", port());
            let log = std::fs::File::options().create(true).append(true).open(log).unwrap();
            let child = Command::new(env!("CARGO_BIN_EXE_conglang"))
                .args(["serve", "--database", database, "--listen", &address])
                .args(more)
                .env_clear()
                .stdin(Stdio::null())
                .stdout(log.try_clone().unwrap())
                .stderr(log)
                .spawn()
                .unwrap();
            let mut program = Program { child, address };
            let began = Instant::now();
            while began.elapsed() < Duration::from_secs(60) {
                if program.caller("").get("/readyz").is_ok_and(|answer| answer.status == 200) {
                    return program;
                }
                // Somebody else took the port: try another.
                if program.child.try_wait().unwrap().is_some() {
                    break;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
        }
        panic!("the program did not start; its log is {}", log.display());
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Kills it as the machine's failure would: at once, without a word.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Asks it to end and waits; its exit code.
    pub fn end(mut self) -> Option<i32> {
        let told = Command::new("kill").args(["-TERM", &self.id().to_string()]).status().unwrap();
        assert!(told.success());
        self.child.wait().unwrap().code()
    }

    pub fn caller(&self, cookie: &str) -> Caller {
        Caller { address: self.address.clone(), cookie: cookie.to_owned() }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Runs a command to its end: exit code and what it said.
pub fn command(args: &[&str]) -> (i32, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_conglang")).args(args).env_clear().output().unwrap();
    (out.status.code().unwrap(), String::from_utf8_lossy(&out.stdout).into_owned() + &String::from_utf8_lossy(&out.stderr))
}

#[derive(Clone)]
pub struct Caller {
    address: String,
    cookie: String,
}

pub struct Answer {
    pub status: u16,
    pub body: String,
    /// Where it sends the browser.
    pub location: Option<String>,
}

impl Answer {
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} is no JSON: {}", self.status, self.body))
    }
}

impl Caller {
    pub fn get(&self, path: &str) -> std::io::Result<Answer> {
        self.send("GET", path, "", "", "")
    }

    /// Sends JSON under an idempotency key.
    pub fn post(&self, path: &str, key: &str, body: &serde_json::Value) -> std::io::Result<Answer> {
        self.send("POST", path, "application/json", key, &body.to_string())
    }

    /// Sends a form as browsers do.
    pub fn form(&self, path: &str, fields: &[(&str, &str)]) -> std::io::Result<Answer> {
        let body: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={}", ui::percent_encode(value))).collect();
        self.send("POST", path, "application/x-www-form-urlencoded", "", &body.join("&"))
    }

    /// Sends a form that may carry files, without any.
    pub fn upload(&self, path: &str, fields: &[(&str, &str)]) -> std::io::Result<Answer> {
        let part = |(name, value): &(&str, &str)| format!("--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
        let body: String = fields.iter().map(part).collect();
        self.send("POST", path, "multipart/form-data; boundary=X", "", &format!("{body}--X--\r\n"))
    }

    /// An answer that is complete, or an error: a connection that breaks off acknowledges nothing.
    fn send(&self, method: &str, path: &str, kind: &str, key: &str, body: &str) -> std::io::Result<Answer> {
        let broken = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
        let mut stream = TcpStream::connect(&self.address)?;
        stream.set_read_timeout(Some(Duration::from_secs(60)))?;
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: gate.test\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
        for (name, value) in [("cookie", &self.cookie[..]), ("content-type", kind), ("idempotency-key", key)] {
            if !value.is_empty() {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
        }
        stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
        let mut text = Vec::new();
        stream.read_to_end(&mut text)?;
        let text = String::from_utf8_lossy(&text).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").ok_or_else(broken)?;
        let length = head.lines().find_map(|l| l.to_lowercase().strip_prefix("content-length: ").and_then(|n| n.parse::<usize>().ok()));
        if length.is_some_and(|n| body.len() < n) {
            return Err(broken());
        }
        let status = head.split_whitespace().nth(1).and_then(|s| s.parse().ok()).ok_or_else(broken)?;
        let location = head.lines().find_map(|l| l.split_once(": ").filter(|(name, _)| name.eq_ignore_ascii_case("location"))).map(|(_, to)| to.to_owned());
        Ok(Answer { status, body: body.to_owned(), location })
    }
}
