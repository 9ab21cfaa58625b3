use super::{open_ready, said};
use crate::config::Config;
use access::{Access, Account, Context, NewAccount, NewGrant, Options, Role, UnitDirectory as _};
use anyhow::{Context as _, anyhow, bail};
use calendar::Clock;
use clap::Subcommand;
use db::Db;
use jiff::civil::Date;
use places::Places;
use std::io::{Read as _, Write as _};
use std::sync::Arc;
use uuid::Uuid;

pub(super) const UNIT_HELP: &str = "Name, code or id of the unit, such as \"Việt Nam\", 24 or \"xã Phúc Hòa\"";

#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// Add an account; without --password-stdin it gets a one-time password, which is printed
    #[command(after_help = "Example: conglang user add lan.nguyen --name \"Nguyễn Thị Lan\" --unit \"xã Phúc Hòa\"")]
    Add {
        /// Letters, digits and . _ - @
        login: String,
        /// The person's name
        #[arg(long)]
        name: String,
        #[arg(long, help = UNIT_HELP, default_value = "Việt Nam")]
        unit: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give a role in a unit and everything below it
    #[command(after_help = "Example: conglang user grant lan.nguyen officer --unit 07330 --basis \"Quyết định số 12/QĐ-UBND\"")]
    Grant {
        /// Whose
        login: String,
        /// viewer, officer, reviewer or administrator
        #[arg(value_parser = role)]
        role: Role,
        #[arg(long, help = UNIT_HELP)]
        unit: String,
        /// First day, YYYY-MM-DD; today if not given
        #[arg(long)]
        from: Option<Date>,
        /// First day on which it no longer holds, YYYY-MM-DD
        #[arg(long)]
        to: Option<Date>,
        /// The decision that assigns the task
        #[arg(long, default_value = "")]
        basis: String,
    },
    /// Give a new one-time password, or set the one read from standard input; ends all sessions
    Password {
        /// Whose
        login: String,
        /// Read the password from standard input
        #[arg(long)]
        password_stdin: bool,
    },
    /// List accounts and their roles
    List {
        /// Only those whose login or name contains this
        #[arg(default_value = "")]
        like: String,
    },
    /// Say what personal data are past the term that was entered for them; with --apply erase them
    #[command(
        after_help = "Example: conglang user retention --apply\nTerms are entered with their document on the page /admin/personal; without one everything stays."
    )]
    Retention {
        /// Erase, instead of only counting
        #[arg(long)]
        apply: bool,
    },
    /// Close an account at once; with --enable open it again
    Disable {
        /// Whose
        login: String,
        /// Open it again
        #[arg(long)]
        enable: bool,
    },
}

fn role(text: &str) -> Result<Role, String> {
    Role::parse(text).ok_or_else(|| "use viewer, officer, reviewer or administrator".to_owned())
}

pub(super) struct Desk {
    pub access: Access,
    pub places: Places,
    pub ctx: Context,
}

impl Desk {
    async fn find(&self, login: &str) -> anyhow::Result<Account> {
        self.access.find_account(&self.ctx, login).await.map_err(said)?.ok_or_else(|| anyhow!("there is no account {login} (không có tài khoản này)"))
    }

    pub(super) fn unit(&self, text: &str) -> anyhow::Result<(Uuid, String)> {
        let today = self.ctx.today();
        let found = self.places.find(text, today);
        if let Some(found) = found {
            return Ok(found);
        }
        let atlas = self.places.atlas();
        let near: Vec<String> = atlas
            .find(text, today, 8)
            .into_iter()
            .map(|hit| {
                let above: Vec<String> = atlas.path(hit.unit, today).into_iter().skip(1).map(|u| atlas.full_name(u, today)).collect();
                format!("  {}  {}, {}", hit.unit, atlas.full_name(hit.unit, today), above.join(", "))
            })
            .collect();
        if near.is_empty() {
            bail!("there is no unit {text:?} (không có nơi này)");
        }
        bail!("several units fit {text:?}; name one by its id (có nhiều nơi trùng tên):\n{}", near.join("\n"))
    }
}

impl Desk {
    /// Opens the gate on a database that is ready.
    pub(super) async fn open(config: &Config) -> anyhow::Result<(Db, Desk)> {
        let db = open_ready(&config.database).await?;
        let places = Places::open(db.clone(), Clock::system()).await?;
        let Some(centre) = places.atlas().nation() else {
            bail!("the database holds no places yet: serve it once first (hãy chạy `conglang serve` một lần trước)")
        };
        let access = Access::new(db.clone(), Clock::system(), Arc::new(places.clone()), Options { demo: true, ..Options::new(centre) });
        let ctx = access.system();
        Ok((db, Desk { access, places, ctx }))
    }
}

pub(super) async fn run(config: &Config, what: User) -> anyhow::Result<()> {
    let (db, desk) = Desk::open(config).await?;
    let said_so = act(&desk, what).await?;
    std::io::stdout().lock().write_all(said_so.as_bytes())?;
    db.close().await;
    Ok(())
}

async fn act(desk: &Desk, what: User) -> anyhow::Result<String> {
    let Desk { access, places, ctx } = desk;
    Ok(match what {
        User::Add { login, name, unit, password_stdin } => {
            let (unit, place) = desk.unit(&unit)?;
            let password = if password_stdin { Some(typed()?) } else { None };
            let (_, shown) = access.add_account(ctx, NewAccount { login: login.clone(), name, unit, password }).await.map_err(said)?;
            let secret = shown.map(|s| format!("One-time password, valid for three days (mật khẩu dùng một lần): {s}\n")).unwrap_or_default();
            format!("Added {login} in {place}. It has no role yet: conglang user grant {login} ROLE --unit UNIT\n{secret}")
        }
        User::Grant { login, role, unit, from, to, basis } => {
            let account = desk.find(&login).await?;
            let (unit, place) = desk.unit(&unit)?;
            let new = NewGrant { role, unit, from: from.unwrap_or_else(|| ctx.today()), to, basis };
            access.grant(ctx, account.id, new).await.map_err(said)?;
            format!("{} is {} ({}) in {place}.\n", account.login, role.as_str(), role.label(ui::Lang::Vi))
        }
        User::Password { login, password_stdin } => {
            let account = desk.find(&login).await?;
            if password_stdin {
                access.set_password(ctx, account.id, &typed()?).await.map_err(said)?;
                format!("The password of {} is set; its sessions are ended.\n", account.login)
            } else {
                let secret = access.reset_password(ctx, account.id).await.map_err(said)?;
                format!("One-time password of {}, valid for three days (mật khẩu dùng một lần): {secret}\n", account.login)
            }
        }
        User::List { like } => {
            let mut out = String::new();
            let mut after = String::new();
            let today = ctx.today();
            loop {
                let page = access.list_accounts(ctx, &like, &after, 200).await.map_err(said)?;
                for account in &page.items {
                    let state = if account.disabled {
                        " [closed]"
                    } else if account.demo {
                        " [demo]"
                    } else {
                        ""
                    };
                    out.push_str(&format!("{}  {}{state}\n", account.login, account.name));
                    for held in access.grants_of(ctx, account.id).await.map_err(said)?.iter().filter(|held| held.grant.holds_on(today)) {
                        let place = places.name(held.grant.unit, today).unwrap_or_default();
                        out.push_str(&format!("    {} in {place} from {}\n", held.grant.role.as_str(), held.grant.from));
                    }
                }
                match page.next {
                    Some(next) => after = next,
                    None => break out,
                }
            }
        }
        User::Retention { apply } => {
            let terms = access.retention_terms().await.map_err(said)?;
            if terms.is_empty() {
                "no term is entered, so everything stays (chưa nhập thời hạn nào)\n".to_owned()
            } else {
                let (verb, past) = if apply {
                    ("erased", access.keep_terms(ctx).await.map_err(said)?)
                } else {
                    ("past their term; --apply erases them", access.overdue_data(ctx).await.map_err(said)?)
                };
                format!("{} accounts and {} lines of the audit: {verb}\n", past.accounts, past.lines)
            }
        }
        User::Disable { login, enable } => {
            let account = desk.find(&login).await?;
            access.disable(ctx, account.id, !enable).await.map_err(said)?;
            format!("{} is {}.\n", account.login, if enable { "open again" } else { "closed" })
        }
    })
}

fn typed() -> anyhow::Result<String> {
    let mut text = String::new();
    std::io::stdin().take(4_096).read_to_string(&mut text).context("cannot read the password from standard input")?;
    Ok(text.trim_end_matches(['\r', '\n']).to_owned())
}
