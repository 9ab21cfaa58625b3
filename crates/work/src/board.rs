use crate::{About, CaseEvent, CaseFacts, CaseHook, Cases, Duty, DutySource, Fact, FactName};
use access::Context;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use ui::AppError;

/// What stands behind the ports. Cheap to clone; one per platform.
#[derive(Clone, Default)]
pub struct Board(Arc<Inner>);

#[derive(Default)]
struct Inner {
    duties: RwLock<Vec<Arc<dyn DutySource>>>,
    facts: RwLock<Vec<Arc<dyn CaseFacts>>>,
    hooks: RwLock<Vec<Arc<dyn CaseHook>>>,
    cases: OnceLock<Arc<dyn Cases>>,
}

impl std::fmt::Debug for Board {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<&str> = list(&self.0.duties).iter().map(|s| s.name()).collect();
        f.debug_struct("Board").field("duties", &names).finish_non_exhaustive()
    }
}

fn list<T: ?Sized>(of: &RwLock<Vec<Arc<T>>>) -> Vec<Arc<T>> {
    of.read().unwrap_or_else(PoisonError::into_inner).clone()
}

fn put<T: ?Sized>(of: &RwLock<Vec<Arc<T>>>, one: Arc<T>) {
    of.write().unwrap_or_else(PoisonError::into_inner).push(one);
}

impl Board {
    /// An empty board.
    pub fn new() -> Board {
        Board::default()
    }

    /// Adds a domain that knows what is due.
    pub fn add_duties(&self, source: Arc<dyn DutySource>) {
        put(&self.0.duties, source);
    }

    /// Adds a domain that knows facts about the subjects of cases.
    pub fn add_facts(&self, source: Arc<dyn CaseFacts>) {
        put(&self.0.facts, source);
    }

    /// Adds a domain that listens to what cases bring about.
    pub fn add_hook(&self, hook: Arc<dyn CaseHook>) {
        put(&self.0.hooks, hook);
    }

    /// Sets the case engine. The first one stays.
    pub fn set_cases(&self, cases: Arc<dyn Cases>) {
        let _ = self.0.cases.set(cases);
    }

    /// The case engine.
    ///
    /// # Errors
    /// 503 `no_case_engine` when the platform was composed without one.
    pub fn cases(&self) -> Result<Arc<dyn Cases>, AppError> {
        self.0.cases.get().cloned().ok_or_else(|| {
            AppError::new("no_case_engine", 503).say("Hệ thống chưa bật phần xử lý hồ sơ theo quy trình.", "The platform runs without the case engine.")
        })
    }

    /// What is due for the person of the context, over all domains: late first, then by the clock, at most `most` of each domain.
    ///
    /// # Errors
    /// Of the first domain that cannot answer.
    pub async fn duties(&self, ctx: &Context, most: usize) -> Result<Vec<Duty>, AppError> {
        ctx.require_signed_in()?;
        let mut all = Vec::new();
        for source in list(&self.0.duties) {
            let own = source.duties(ctx, most).await?;
            all.extend(own.into_iter().map(|duty| Duty { source: source.name(), ..duty }));
        }
        all.sort_by(|a, b| a.order().cmp(&b.order()));
        Ok(all)
    }

    /// Every fact that some domain offers, by name.
    pub fn fact_names(&self) -> Vec<FactName> {
        let mut names: Vec<FactName> = list(&self.0.facts).iter().flat_map(|f| f.names()).collect();
        names.sort_by(|a, b| a.name.cmp(&b.name));
        names
    }

    /// What the domains know about the subject of a case, as far as they are asked for by name.
    ///
    /// # Errors
    /// Of the first domain that cannot answer.
    pub async fn facts(&self, about: &About, wanted: &[String]) -> Result<Vec<Fact>, AppError> {
        let mut all = Vec::new();
        for source in list(&self.0.facts) {
            let names: Vec<String> = source.names().into_iter().map(|n| n.name).filter(|n| wanted.contains(n)).collect();
            if !names.is_empty() {
                all.extend(source.facts(about, &names).await?);
            }
        }
        Ok(all)
    }

    /// Tells every domain that listens, inside the transaction of the transition.
    ///
    /// # Errors
    /// Of the first domain that refuses; the transaction must then be given up.
    pub async fn happened(&self, tx: &mut db::Tx, ctx: &Context, event: &CaseEvent) -> Result<(), AppError> {
        for hook in list(&self.0.hooks) {
            if event.emits.iter().any(|word| hook.listens().contains(&word.as_str())) {
                hook.happened(tx, ctx, event).await?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Answer, Urgency, Value};
    use access::Who;
    use std::collections::BTreeMap;
    use ui::Prefs;
    use uuid::Uuid;

    struct Two;

    impl DutySource for Two {
        fn name(&self) -> &'static str {
            "two"
        }
        fn duties<'a>(&'a self, _: &'a Context, _: usize) -> Answer<'a, Vec<Duty>> {
            Box::pin(async {
                let one = |key: &str, due: Option<i64>, urgency| Duty { key: key.into(), due, urgency, ..Duty::default() };
                Ok(vec![one("none", None, Urgency::Open), one("soon", Some(5), Urgency::Soon), one("late", Some(9), Urgency::Late)])
            })
        }
    }

    impl CaseFacts for Two {
        fn names(&self) -> Vec<FactName> {
            vec![FactName { name: "met".into(), vi: "đạt".into(), en: "met".into() }]
        }
        fn facts<'a>(&'a self, _: &'a About, wanted: &'a [String]) -> Answer<'a, Vec<Fact>> {
            Box::pin(async move { Ok(wanted.iter().map(|name| Fact { name: name.clone(), value: Some(Value::Number(19)), ..Fact::default() }).collect()) })
        }
    }

    #[tokio::test]
    async fn duties_come_by_the_clock_and_facts_by_name() {
        let board = Board::new();
        board.add_duties(Arc::new(Two));
        board.add_facts(Arc::new(Two));
        let at = "2026-01-01T00:00:00Z".parse().unwrap();
        let who = Who::Account { id: Uuid::nil(), login: "a".into(), name: "A".into() };
        let ctx = Context::new(who, at, Prefs::default(), "r", vec![]);
        let keys: Vec<String> = board.duties(&ctx, 9).await.unwrap().into_iter().map(|d| d.key).collect();
        assert_eq!(keys, ["late", "soon", "none"]);
        assert_eq!(board.duties(&Context::public(at, Prefs::default(), "r"), 9).await.unwrap_err().status, 401);
        let about = About { procedure: "x".into(), case: Uuid::nil(), unit: Uuid::nil(), fields: BTreeMap::new(), on: ctx.today() };
        assert!(board.facts(&about, &["other".into()]).await.unwrap().is_empty());
        assert_eq!(board.facts(&about, &["met".into(), "other".into()]).await.unwrap().len(), 1);
        assert_eq!(board.fact_names().len(), 1);
        assert_eq!(board.cases().err().map(|e| e.code), Some("no_case_engine"));
    }
}
