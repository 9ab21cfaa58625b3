//! Configuration from three layers: a TOML file, the environment, flags. A later layer wins; a word that no layer knows is refused.

use anyhow::{Context as _, bail};
use serde::Deserialize;
use std::fmt;
use std::path::Path;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogStyle {
    /// For people.
    Human,
    /// One JSON object per line, for collectors.
    Json,
}

/// Settings as one layer gives them; what it does not mention is left to the layers below.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// `sqlite:path` or `postgres://user@host/name`.
    pub database: Option<String>,
    /// Address and port to serve on.
    pub listen: Option<String>,
    /// Address and port for `/metrics` alone.
    pub metrics_listen: Option<String>,
    /// Made-up data and accounts for everybody to try.
    pub demo: Option<bool>,
    /// Browsers reach us by https.
    pub https: Option<bool>,
    /// Every request comes through a proxy of ours.
    pub behind_proxy: Option<bool>,
    /// The virus scanner: `unix:/run/clamav/clamd.ctl` or `tcp:host:port`.
    pub scanner: Option<String>,
    /// Without a scanner, evidence is given to signed-in people with the mark that it was not scanned.
    pub serve_unscanned: Option<bool>,
    /// How mail leaves: `smtps://user:password@host`, or `file:folder` to look at it; nothing for no mail.
    pub mail: Option<String>,
    /// The sender of mail: `Cổng Làng <cong@example.vn>`.
    pub mail_from: Option<String>,
    /// The address under which people reach the platform, for links in mail and for passkeys: `https://cong.example.vn`.
    pub public_address: Option<String>,
    /// Providers at which people may sign in too, only in the file: `[[sign_on]]` with key, name, issuer, client_id, client_secret.
    pub sign_on: Option<Vec<access::Provider>>,
    /// How log lines look.
    pub log: Option<LogStyle>,
    /// What is logged: `info`, `debug`, `info,sqlx=warn`.
    pub log_level: Option<String>,
}

/// The prefix of the environment's variables.
const PREFIX: &str = "CONGLANG_";
/// Variables of the tests and benchmarks, which are no settings.
const NOT_SETTINGS: &[&str] = &["CONGLANG_TEST_", "CONGLANG_BENCH_", "CONGLANG_KILLS"];
/// Names the file; a flag and a variable, never a line of the file itself.
pub const CONFIG_VARIABLE: &str = "CONGLANG_CONFIG";

impl Layer {
    /// Reads a configuration file.
    ///
    /// # Errors
    /// The line and the word that is not understood.
    pub fn from_file(path: &Path) -> anyhow::Result<Layer> {
        let text = std::fs::read_to_string(path).with_context(|| format!("cannot read the configuration file {}", path.display()))?;
        toml::from_str(&text).with_context(|| format!("the configuration file {} is not understood", path.display()))
    }

    /// Reads the variables `CONGLANG_…`, named like the lines of the file in capitals.
    ///
    /// # Errors
    /// The variable that is unknown or not understood.
    pub fn from_env(variables: impl IntoIterator<Item = (String, String)>) -> anyhow::Result<Layer> {
        let mut table = toml::Table::new();
        for (name, value) in variables {
            let Some(key) = name.strip_prefix(PREFIX) else { continue };
            if name == CONFIG_VARIABLE || NOT_SETTINGS.iter().any(|other| name.starts_with(other)) {
                continue;
            }
            let key = key.to_lowercase();
            let value = match key.as_str() {
                "demo" | "https" | "behind_proxy" | "serve_unscanned" => {
                    toml::Value::Boolean(yes_or_no(&value).with_context(|| format!("{name} must be true or false"))?)
                }
                _ => toml::Value::String(value),
            };
            let mut one = toml::Table::new();
            one.insert(key.clone(), value.clone());
            if let Err(error) = Layer::deserialize(one) {
                bail!("the environment variable {name} is not understood: {}", error.message());
            }
            table.insert(key, value);
        }
        Ok(Layer::deserialize(table)?)
    }

    /// This layer laid over another: what is set here wins.
    pub fn over(self, below: Layer) -> Layer {
        Layer {
            database: self.database.or(below.database),
            listen: self.listen.or(below.listen),
            metrics_listen: self.metrics_listen.or(below.metrics_listen),
            demo: self.demo.or(below.demo),
            https: self.https.or(below.https),
            behind_proxy: self.behind_proxy.or(below.behind_proxy),
            scanner: self.scanner.or(below.scanner),
            serve_unscanned: self.serve_unscanned.or(below.serve_unscanned),
            mail: self.mail.or(below.mail),
            mail_from: self.mail_from.or(below.mail_from),
            public_address: self.public_address.or(below.public_address),
            sign_on: self.sign_on.or(below.sign_on),
            log: self.log.or(below.log),
            log_level: self.log_level.or(below.log_level),
        }
    }

    /// Each setting with its value as text, if set. Secrets in addresses are hidden.
    pub fn entries(&self) -> [(&'static str, Option<String>); 14] {
        let flag = |value: Option<bool>| value.map(|v| v.to_string());
        let style = |style| match style {
            LogStyle::Human => "human".to_owned(),
            LogStyle::Json => "json".to_owned(),
        };
        [
            ("database", self.database.as_deref().map(hide_secret)),
            ("listen", self.listen.clone()),
            ("metrics_listen", self.metrics_listen.clone()),
            ("demo", flag(self.demo)),
            ("https", flag(self.https)),
            ("behind_proxy", flag(self.behind_proxy)),
            ("scanner", self.scanner.clone()),
            ("serve_unscanned", flag(self.serve_unscanned)),
            ("mail", self.mail.as_deref().map(hide_secret)),
            ("mail_from", self.mail_from.clone()),
            ("public_address", self.public_address.clone()),
            ("sign_on", self.sign_on.as_deref().map(|all| all.iter().map(|one| format!("{} ({})", one.key, one.issuer)).collect::<Vec<_>>().join(", "))),
            ("log", self.log.map(style)),
            ("log_level", self.log_level.clone()),
        ]
    }
}

/// What holds when nobody says anything.
pub fn defaults() -> Layer {
    Layer {
        database: Some("sqlite:var/conglang.db".to_owned()),
        listen: Some("127.0.0.1:8080".to_owned()),
        metrics_listen: None,
        demo: Some(false),
        https: Some(false),
        behind_proxy: Some(false),
        scanner: None,
        serve_unscanned: Some(true),
        mail: None,
        mail_from: None,
        public_address: None,
        sign_on: None,
        log: Some(LogStyle::Human),
        log_level: Some("info,sqlx=warn".to_owned()),
    }
}

/// The settings in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// `sqlite:path` or `postgres://user@host/name`.
    pub database: String,
    /// Address and port to serve on.
    pub listen: String,
    /// Address and port for `/metrics` alone.
    pub metrics_listen: Option<String>,
    /// Made-up data and accounts for everybody to try.
    pub demo: bool,
    /// Browsers reach us by https.
    pub https: bool,
    /// Every request comes through a proxy of ours.
    pub behind_proxy: bool,
    /// The virus scanner, see [`figures::evidence::Clamd::at`].
    pub scanner: Option<String>,
    /// Without a scanner, evidence is given to signed-in people with the mark that it was not scanned.
    pub serve_unscanned: bool,
    /// How mail leaves, see [`today::mailer_at`].
    pub mail: Option<String>,
    /// The sender of mail.
    pub mail_from: Option<String>,
    /// The address under which people reach the platform.
    pub public_address: Option<String>,
    /// Providers at which people may sign in too.
    pub sign_on: Vec<access::Provider>,
    /// How log lines look.
    pub log: LogStyle,
    /// What is logged.
    pub log_level: String,
}

impl Config {
    /// Puts file, environment and flags together and checks the result.
    ///
    /// # Errors
    /// Everything that cannot be right, in one message.
    pub fn of(file: Layer, environment: Layer, flags: Layer) -> anyhow::Result<Config> {
        let all = flags.over(environment).over(file).over(defaults());
        let config = Config {
            database: all.database.unwrap_or_default(),
            listen: all.listen.unwrap_or_default(),
            metrics_listen: all.metrics_listen,
            demo: all.demo.unwrap_or_default(),
            https: all.https.unwrap_or_default(),
            behind_proxy: all.behind_proxy.unwrap_or_default(),
            scanner: all.scanner,
            serve_unscanned: all.serve_unscanned.unwrap_or(true),
            mail: all.mail,
            mail_from: all.mail_from,
            public_address: all.public_address,
            sign_on: all.sign_on.unwrap_or_default(),
            log: all.log.unwrap_or(LogStyle::Human),
            log_level: all.log_level.unwrap_or_default(),
        };
        let problems = config.problems();
        if problems.is_empty() { Ok(config) } else { bail!("the configuration cannot be right:\n  {}", problems.join("\n  ")) }
    }

    /// What works with less than it could, in words for whoever checks.
    pub fn hints(&self) -> Vec<String> {
        let passkeys = self.public_address.as_deref().is_some_and(access::Access::carries_passkeys);
        if passkeys {
            return Vec::new();
        }
        let said = self.public_address.as_deref().unwrap_or("(not set)");
        vec![format!("public_address = {said}: passkeys need https and a host name (http://localhost works for a try); passwords and codes go on working")]
    }

    fn problems(&self) -> Vec<String> {
        let mut out = Vec::new();
        let known = ["sqlite:", "postgres://", "postgresql://"].iter().any(|scheme| self.database.strip_prefix(scheme).is_some_and(|rest| !rest.is_empty()));
        if !known || self.database.contains(":memory:") {
            out.push(format!("database = {:?}: use sqlite:path/to/file.db or postgres://user@host/name", hide_secret(&self.database)));
        }
        for (name, address) in [("listen", Some(&self.listen)), ("metrics_listen", self.metrics_listen.as_ref())] {
            if let Some(address) = address
                && !address.rsplit_once(':').is_some_and(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok())
            {
                out.push(format!("{name} = {address:?}: use host:port, such as 127.0.0.1:8080 or [::1]:8080"));
            }
        }
        if let Some(address) = &self.scanner
            && figures::evidence::Clamd::at(address).is_none()
        {
            out.push(format!("scanner = {address:?}: use unix:/run/clamav/clamd.ctl or tcp:127.0.0.1:3310"));
        }
        match (&self.mail, &self.mail_from, &self.public_address) {
            (None, ..) => {}
            (Some(mail), Some(from), Some(_)) => {
                if let Err(error) = today::mailer_at(mail, from) {
                    out.push(format!("mail = {:?}, mail_from = {from:?}: {error}", hide_secret(mail)));
                }
            }
            (Some(_), ..) => out.push("mail needs mail_from (the sender) and public_address (for the links in letters)".to_owned()),
        }
        out.extend(self.sign_on.iter().filter_map(access::Provider::problem));
        let mut keys: Vec<&str> = self.sign_on.iter().map(|one| one.key.as_str()).collect();
        keys.sort_unstable();
        if let Some([twice, _]) = keys.array_windows().find(|[a, b]| a == b) {
            out.push(format!("sign_on: two providers have the key {twice:?}"));
        }
        if !self.sign_on.is_empty() && self.public_address.is_none() {
            out.push("sign_on needs public_address, to which the provider sends people back".to_owned());
        }
        if let Err(error) = tracing_subscriber::EnvFilter::try_new(&self.log_level) {
            out.push(format!("log_level = {:?}: {error}", self.log_level));
        }
        out
    }
}

/// The settings in force and where each comes from, for `config check`.
#[derive(Clone, Debug)]
pub struct Report {
    rows: Vec<(&'static str, String, &'static str)>,
}

impl Report {
    /// Tells for each setting which layer decides.
    pub fn of(file: &Layer, environment: &Layer, flags: &Layer) -> Report {
        let layers = [(flags.entries(), "flag"), (environment.entries(), "environment"), (file.entries(), "file"), (defaults().entries(), "default")];
        let names = defaults().entries().map(|entry| entry.0);
        let decide = |name: &'static str| {
            let found = layers.iter().find_map(|(entries, from)| entries.iter().find(|e| e.0 == name).and_then(|e| e.1.clone()).map(|value| (value, *from)));
            let (value, from) = found.unwrap_or_else(|| ("(not set)".to_owned(), "default"));
            (name, value, from)
        };
        Report { rows: names.into_iter().map(decide).collect() }
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wide = self.rows.iter().map(|row| row.1.chars().count()).max().unwrap_or_default();
        for (name, value, from) in &self.rows {
            writeln!(f, "{name:<15} {value:<wide$}  {from}")?;
        }
        Ok(())
    }
}

fn yes_or_no(text: &str) -> anyhow::Result<bool> {
    match text.to_lowercase().as_str() {
        "1" | "true" | "yes" | "on" => Ok(true),
        "0" | "false" | "no" | "off" | "" => Ok(false),
        _ => bail!("{text:?} is neither true nor false"),
    }
}

/// A database address without the password in it.
pub fn hide_secret(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    let (rest, query) = rest.split_once('?').map_or((rest, None), |(rest, query)| (rest, Some(query)));
    let rest = match rest.rsplit_once('@') {
        Some((who, host)) => format!("{}@{host}", who.split_once(':').map_or_else(|| who.to_owned(), |(user, _)| format!("{user}:…"))),
        None => rest.to_owned(),
    };
    let query = query.map_or_else(String::new, |query| {
        let shown: Vec<String> = query.split('&').map(|pair| if pair.starts_with("password=") { "password=…".to_owned() } else { pair.to_owned() }).collect();
        format!("?{}", shown.join("&"))
    });
    format!("{scheme}://{rest}{query}")
}
