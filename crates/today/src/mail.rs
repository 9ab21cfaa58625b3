//! Mail behind a port: SMTP for an installation, a folder of `.eml` files for tests and for looking.

use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message};
use lettre::{Address, AsyncFileTransport, AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use std::path::Path;
use uuid::Uuid;

/// A letter of plain text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    /// Its number; the same letter sent twice bears the same, so that mail programs show it once.
    pub id: Uuid,
    /// Address of the receiver.
    pub to: String,
    /// Subject.
    pub subject: String,
    /// Text.
    pub body: String,
}

/// Why mail cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The address of the server, the sender or the receiver is none.
    #[error("not a mail address or server: {0}")]
    Address(String),
    /// The server refused or was not reached.
    #[error("the mail was not sent: {0}")]
    Refused(String),
}

/// A way for mail to leave.
pub trait Mailer: Send + Sync {
    /// Sends a letter. What is not sent is tried again later.
    fn send<'a>(&'a self, mail: &'a Mail) -> std::pin::Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>>;
}

/// Whether a text is the address of a mailbox.
pub fn is_address(text: &str) -> bool {
    text.len() <= 200 && text.parse::<Address>().is_ok() && text.rsplit_once('@').is_some_and(|(_, host)| host.contains('.'))
}

fn letter(from: &Mailbox, mail: &Mail) -> Result<Message, MailError> {
    let to: Address = mail.to.parse().map_err(|_| MailError::Address(mail.to.clone()))?;
    Message::builder()
        .from(from.clone())
        .to(Mailbox::new(None, to))
        .message_id(Some(format!("<{}@{}>", mail.id, from.email.domain())))
        .subject(mail.subject.replace(['\r', '\n'], " "))
        .header(ContentType::TEXT_PLAIN)
        .body(mail.body.clone())
        .map_err(|e| MailError::Refused(e.to_string()))
}

fn sender(from: &str) -> Result<Mailbox, MailError> {
    from.parse().map_err(|_| MailError::Address(from.to_owned()))
}

/// Mail by SMTP.
#[derive(Debug)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Smtp {
    /// A server such as `smtps://user:password@mail.example.vn` or `smtp://host:587?tls=required`, and the sender, such as
    /// `Cổng Làng <cong@example.vn>`.
    ///
    /// # Errors
    /// [`MailError::Address`].
    pub fn at(url: &str, from: &str) -> Result<Smtp, MailError> {
        let builder = AsyncSmtpTransport::<Tokio1Executor>::from_url(url).map_err(|e| MailError::Address(e.to_string()))?;
        Ok(Smtp { transport: builder.timeout(Some(std::time::Duration::from_secs(20))).build(), from: sender(from)? })
    }
}

impl Mailer for Smtp {
    fn send<'a>(&'a self, mail: &'a Mail) -> std::pin::Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>> {
        Box::pin(async move { self.transport.send(letter(&self.from, mail)?).await.map(drop).map_err(|e| MailError::Refused(e.to_string())) })
    }
}

/// Mail as files `<id>.eml` in a folder.
#[derive(Debug)]
pub struct Files {
    transport: AsyncFileTransport<Tokio1Executor>,
    from: Mailbox,
}

impl Files {
    /// A folder that is there.
    ///
    /// # Errors
    /// [`MailError::Address`] of the sender.
    pub fn in_folder(folder: &Path, from: &str) -> Result<Files, MailError> {
        Ok(Files { transport: AsyncFileTransport::new(folder), from: sender(from)? })
    }
}

impl Mailer for Files {
    fn send<'a>(&'a self, mail: &'a Mail) -> std::pin::Pin<Box<dyn Future<Output = Result<(), MailError>> + Send + 'a>> {
        Box::pin(async move { self.transport.send(letter(&self.from, mail)?).await.map(drop).map_err(|e| MailError::Refused(e.to_string())) })
    }
}

/// The way that a setting names: `file:folder` or an SMTP server, see [`Smtp::at`].
///
/// # Errors
/// [`MailError::Address`] when it names neither, or the sender is none.
pub fn mailer_at(setting: &str, from: &str) -> Result<std::sync::Arc<dyn Mailer>, MailError> {
    match setting.strip_prefix("file:") {
        Some(folder) if Path::new(folder).is_dir() => Ok(std::sync::Arc::new(Files::in_folder(Path::new(folder), from)?)),
        Some(folder) => Err(MailError::Address(format!("{folder} is no folder"))),
        None => Ok(std::sync::Arc::new(Smtp::at(setting, from)?)),
    }
}
