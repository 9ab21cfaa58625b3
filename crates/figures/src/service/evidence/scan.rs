//! The virus scanner behind a port, and the state of each file.

use places::pages::BoxFuture;
use std::fmt;
use std::path::PathBuf;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpStream, UnixStream};
use ui::Lang;

/// What is known about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Scan {
    /// Not looked at yet.
    Unscanned,
    /// Nothing was found.
    Clean,
    /// Something was found; it is never given out.
    Infected,
    /// Nothing to look at: a link.
    NotNeeded,
    /// The scanner refuses to look at it, mostly because of its size; treated like one not looked at.
    Refused,
}

impl Scan {
    /// The number in the database.
    pub fn to_i64(self) -> i64 {
        match self {
            Scan::Unscanned => 0,
            Scan::Clean => 1,
            Scan::Infected => 2,
            Scan::NotNeeded => 3,
            Scan::Refused => 4,
        }
    }

    /// Reads [`Scan::to_i64`]; a number that nobody wrote counts as not looked at.
    pub fn of(number: i64) -> Scan {
        [Scan::Clean, Scan::Infected, Scan::NotNeeded, Scan::Refused].into_iter().find(|s| s.to_i64() == number).unwrap_or(Scan::Unscanned)
    }

    /// The word in the interface for programs.
    pub fn word(self) -> &'static str {
        match self {
            Scan::Unscanned => "unscanned",
            Scan::Clean => "clean",
            Scan::Infected => "infected",
            Scan::NotNeeded => "not_needed",
            Scan::Refused => "refused",
        }
    }

    /// The words on the screen; `awaited` when a scanner is configured.
    pub fn label(self, awaited: bool, lang: Lang) -> &'static str {
        match self {
            Scan::Unscanned if awaited => lang.t("chờ quét vi-rút", "waits for the virus scan"),
            Scan::Unscanned => lang.t("chưa quét vi-rút", "not scanned for viruses"),
            Scan::Clean => lang.t("đã quét, sạch", "scanned, clean"),
            Scan::Infected => lang.t("có mã độc", "infected"),
            Scan::NotNeeded => "",
            Scan::Refused => lang.t("máy quét không quét được", "the scanner could not scan it"),
        }
    }
}

/// What a scanner says about a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// What was found.
    Infected(String),
    /// It looks at no such file, and why.
    Refused(String),
}

/// Why a scanner said nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ScanProblem {
    /// It is not there, or hung up.
    Gone(String),
    /// It did not answer in time.
    Timeout,
}

impl fmt::Display for ScanProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ScanProblem::Gone(why) => write!(f, "the virus scanner is not there: {why}"),
            ScanProblem::Timeout => f.write_str("the virus scanner did not answer in time"),
        }
    }
}

/// A virus scanner.
pub trait Scanner: Send + Sync + fmt::Debug {
    /// Looks at the bytes of one file.
    fn scan<'a>(&'a self, bytes: &'a [u8]) -> BoxFuture<'a, Result<Verdict, ScanProblem>>;
}

/// ClamAV's `clamd`, spoken to by its command INSTREAM (clamd(8)).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Clamd {
    place: Place,
    patience: Duration,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Unix(PathBuf),
    Tcp(String),
}

/// Bytes of one chunk of INSTREAM.
const CHUNK: usize = 64 * 1024;
/// A verdict is one short line.
const LONGEST_ANSWER: u64 = 4_096;

impl Clamd {
    /// A scanner at `unix:/run/clamav/clamd.ctl` or `tcp:127.0.0.1:3310`. None when it is neither.
    pub fn at(address: &str) -> Option<Clamd> {
        let place = if let Some(path) = address.strip_prefix("unix:") {
            Some(path).filter(|p| p.starts_with('/')).map(|p| Place::Unix(p.into()))?
        } else {
            let (host, port) = address.strip_prefix("tcp:")?.rsplit_once(':')?;
            port.parse::<u16>().ok().filter(|_| !host.is_empty())?;
            Place::Tcp(format!("{host}:{port}"))
        };
        Some(Clamd { place, patience: Duration::from_secs(20) })
    }

    /// Gives up after another time than 20 seconds.
    pub fn patience(mut self, patience: Duration) -> Clamd {
        self.patience = patience;
        self
    }

    async fn ask(&self, bytes: &[u8]) -> std::io::Result<String> {
        match &self.place {
            Place::Unix(path) => stream(UnixStream::connect(path).await?, bytes).await,
            Place::Tcp(address) => stream(TcpStream::connect(address).await?, bytes).await,
        }
    }
}

/// Sends the bytes in chunks and reads the one line that answers. A scanner that has seen enough answers and hangs up
/// while we still send, so its answer counts for more than our trouble in sending.
async fn stream(socket: impl AsyncRead + AsyncWrite, bytes: &[u8]) -> std::io::Result<String> {
    let (read, mut write) = tokio::io::split(socket);
    let send = async {
        write.write_all(b"zINSTREAM\0").await?;
        for chunk in bytes.chunks(CHUNK) {
            write.write_all(&u32::try_from(chunk.len()).unwrap_or_default().to_be_bytes()).await?;
            write.write_all(chunk).await?;
        }
        write.write_all(&[0; 4]).await?;
        write.flush().await
    };
    let receive = async {
        let mut answer = Vec::new();
        let end = read.take(LONGEST_ANSWER).read_to_end(&mut answer).await;
        (end.err().filter(|_| answer.is_empty()), String::from_utf8_lossy(&answer).trim_end_matches(['\0', '\n']).to_owned())
    };
    let (sent, (trouble, text)) = tokio::join!(send, receive);
    match (sent, trouble) {
        (Err(error), _) | (_, Some(error)) if text.is_empty() => Err(error),
        _ => Ok(text),
    }
}

/// Reads clamd's line: `stream: OK`, `stream: Eicar-Test-Signature FOUND`, `INSTREAM size limit exceeded. ERROR`.
fn verdict(line: &str) -> Result<Verdict, ScanProblem> {
    let said = line.strip_prefix("stream: ").unwrap_or(line).trim();
    if said == "OK" {
        return Ok(Verdict::Clean);
    }
    if let Some(found) = said.strip_suffix(" FOUND") {
        return Ok(Verdict::Infected(found.chars().take(200).collect()));
    }
    if said.contains("size limit") {
        return Ok(Verdict::Refused(said.chars().take(200).collect()));
    }
    Err(ScanProblem::Gone(if said.is_empty() { "no answer".to_owned() } else { said.chars().take(200).collect() }))
}

impl Scanner for Clamd {
    fn scan<'a>(&'a self, bytes: &'a [u8]) -> BoxFuture<'a, Result<Verdict, ScanProblem>> {
        Box::pin(async move {
            match tokio::time::timeout(self.patience, self.ask(bytes)).await {
                Err(_) => Err(ScanProblem::Timeout),
                Ok(Err(error)) => Err(ScanProblem::Gone(error.to_string())),
                Ok(Ok(line)) => verdict(&line),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_sockets_or_ports() {
        assert!(Clamd::at("unix:/run/clamav/clamd.ctl").is_some() && Clamd::at("tcp:[::1]:3310").is_some());
        for bad in ["", "unix:", "unix:clamd.ctl", "tcp:3310", "tcp::3310", "tcp:host:x", "http://x:1"] {
            assert_eq!(Clamd::at(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_ok_is_clean() {
        assert_eq!(verdict("stream: OK"), Ok(Verdict::Clean));
        assert_eq!(verdict("stream: Win.Test.EICAR_HDB-1 FOUND"), Ok(Verdict::Infected("Win.Test.EICAR_HDB-1".into())));
        assert!(matches!(verdict("INSTREAM size limit exceeded. ERROR"), Ok(Verdict::Refused(_))));
        for odd in ["", "OK?", "UNKNOWN COMMAND", "stream: OKAY"] {
            assert!(matches!(verdict(odd), Err(ScanProblem::Gone(_))), "{odd}");
        }
    }
}
