use super::said;
use super::users::{Desk, UNIT_HELP};
use crate::config::Config;
use clap::Subcommand;
use std::io::Write as _;

#[derive(Debug, Subcommand)]
pub(super) enum Organisation {
    /// Make the standard organisations of a place that are missing, with their usual posts
    #[command(after_help = "Example: conglang organisation make --unit 24 --below")]
    Make {
        #[arg(long, help = UNIT_HELP)]
        unit: String,
        /// Also of all places below it; not for the whole nation at once
        #[arg(long)]
        below: bool,
    },
    /// List the organisations of a place with the people in their posts
    List {
        #[arg(long, help = UNIT_HELP)]
        unit: String,
    },
}

pub(super) async fn run(config: &Config, what: Organisation) -> anyhow::Result<()> {
    let (db, desk) = Desk::open(config).await?;
    let Desk { access, ctx, .. } = &desk;
    let mut out = String::new();
    match what {
        Organisation::Make { unit, below } => {
            let (unit, place) = desk.unit(&unit)?;
            let made = access.make_standard(ctx, unit, below).await.map_err(said)?;
            out = format!("{place}: {} places looked at, {} organisations and {} posts made.\n", made.units, made.organisations, made.posts);
        }
        Organisation::List { unit } => {
            let (unit, _) = desk.unit(&unit)?;
            let today = ctx.today();
            for organisation in access.organisations_of(unit, today).await.map_err(said)? {
                out.push_str(&format!("{}  {}\n", organisation.id, organisation.name));
                for member in access.members_of(organisation.id, today).await.map_err(said)? {
                    out.push_str(&format!("    {}: {}\n", member.post.title, member.name));
                }
            }
        }
    }
    std::io::stdout().lock().write_all(out.as_bytes())?;
    db.close().await;
    Ok(())
}
