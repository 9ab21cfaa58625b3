//! Telling people who are not looking. Several processes may do this at once: what one takes, the others leave.

use crate::service::Summary;
use crate::service::due::key;
use crate::store::{self, Reminder};
use crate::{Mail, Mailer, Today};
use access::db_error;
use std::sync::Arc;
use std::time::Duration;
use ui::{AppError, Lang};
use uuid::Uuid;
use work::{Duty, Urgency};

/// People looked after per round, letters per round.
const PEOPLE: i64 = 50;
const LETTERS: i64 = 100;
const MINUTE: i64 = 60 * 1_000_000;
/// A letter is given up after eight tries over about two days.
const TRIES: i64 = 8;
/// A duty that is still urgent after so long is worth another letter.
const AGAIN: i64 = 7 * 24 * 60 * MINUTE;
/// More lines than this make no better letter.
const LINES: usize = 30;

impl Today {
    /// Looks after reminders once a minute, until it is dropped.
    pub async fn keep_reminding(self) {
        let mut minute = tokio::time::interval(Duration::from_secs(60));
        minute.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            minute.tick().await;
            if let Err(error) = self.remind().await {
                tracing::warn!(code = error.code, "people could not be reminded; tried again in a minute");
            }
        }
    }

    /// One round: writes the letters that are due, and sends what waits. How many letters left.
    ///
    /// # Errors
    /// What the database says; a letter that is refused is no error, it waits for its next try.
    pub async fn remind(&self) -> Result<usize, AppError> {
        let post = self.post();
        let Some(mailer) = post.mailer else { return Ok(0) };
        for reminder in store::least_checked(self.db(), PEOPLE).await.map_err(db_error)? {
            if let Err(error) = self.remind_one(&reminder, &post.address).await {
                // One person's duties that cannot be read must not keep the others waiting.
                tracing::warn!(code = error.code, account = %reminder.account, "somebody could not be reminded");
            }
        }
        self.send(mailer).await
    }

    async fn remind_one(&self, reminder: &Reminder, home: &str) -> Result<(), AppError> {
        let at = self.figures().clock().now();
        let (now, today) = (calendar::micros(at), calendar::local_date(at));
        let local = calendar::local_time(at);
        let minute = i64::from(local.hour()) * 60 + i64::from(local.minute());
        let digest = reminder.digest_minute.is_some_and(|m| m <= minute) && reminder.digested_on != today.to_string() && self.works_on(today);
        let duties = if digest || reminder.urgent { self.due_of(reminder.account).await? } else { Vec::new() };
        let mut tx = self.db().begin().await.map_err(db_error)?;
        let mut told: Vec<&Duty> = Vec::new();
        if digest && store::take_digest(&mut tx, reminder.account, &today.to_string()).await.map_err(db_error)? {
            told = duties.iter().collect();
            for duty in duties.iter().filter(|duty| duty.urgency != Urgency::Open) {
                store::take_duty(&mut tx, reminder.account, &word(duty), now).await.map_err(db_error)?;
            }
        } else if reminder.urgent {
            store::forget(&mut tx, reminder.account, now - AGAIN).await.map_err(db_error)?;
            for duty in duties.iter().filter(|duty| duty.urgency != Urgency::Open) {
                if store::take_duty(&mut tx, reminder.account, &word(duty), now).await.map_err(db_error)? {
                    told.push(duty);
                }
            }
        }
        if !told.is_empty() {
            store::add_mail(&mut tx, reminder.account, &letter(reminder, &told, home), now).await.map_err(db_error)?;
        }
        store::checked(&mut tx, reminder.account, now).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }

    /// Whether offices work on a day; on a day the calendar does not know, Monday to Friday.
    fn works_on(&self, day: jiff::civil::Date) -> bool {
        let known = calendar::WorkCalendar::shipped().ok().and_then(|c| c.is_working_day(day).ok());
        known.unwrap_or_else(|| day.weekday().to_monday_one_offset() <= 5)
    }

    async fn send(&self, mailer: Arc<dyn Mailer>) -> Result<usize, AppError> {
        let now = calendar::micros(self.figures().clock().now());
        let mut sent = 0;
        for (mail, tries) in store::mail_due(self.db(), now, LETTERS).await.map_err(db_error)? {
            // 2, 4, 8 … minutes, at most half a day.
            let pause = MINUTE.saturating_mul(1 << (tries + 1).clamp(1, 9)).min(720 * MINUTE);
            if !store::claim_mail(self.db(), mail.id, tries, now + pause).await.map_err(db_error)? {
                continue;
            }
            match mailer.send(&mail).await {
                Ok(()) => {
                    store::mail_done(self.db(), mail.id).await.map_err(db_error)?;
                    sent += 1;
                }
                Err(error) => {
                    tracing::warn!(%error, mail = %mail.id, "a letter has not left");
                    store::mail_problem(self.db(), mail.id, &error.to_string()).await.map_err(db_error)?;
                    if tries + 1 >= TRIES {
                        store::mail_done(self.db(), mail.id).await.map_err(db_error)?;
                    }
                }
            }
        }
        Ok(sent)
    }
}

/// Under what somebody was told of a duty: what was soon and is late now is said once more.
fn word(duty: &Duty) -> String {
    format!("{}:{:?}", key(duty), duty.urgency)
}

/// What is due, in plain words. Titles only: a mailbox is no place for what the dossiers say.
fn letter(reminder: &Reminder, duties: &[&Duty], home: &str) -> Mail {
    let l = Lang::Vi;
    let summary = Summary::of(duties.iter().copied()).words(l);
    let mut body = format!("{summary}:\n\n");
    for duty in duties.iter().take(LINES) {
        let mark = match duty.urgency {
            Urgency::Late => "TRỄ  ",
            Urgency::Soon => "GẤP  ",
            Urgency::Open => "     ",
        };
        body.push_str(&format!("{mark}{}", duty.title));
        if !duty.due_words.is_empty() {
            body.push_str(&format!(" ({})", duty.due_words));
        }
        body.push_str(&format!("\n     {}: {home}{}\n", duty.verb, duty.href));
    }
    if duties.len() > LINES {
        body.push_str(&format!("\n… và {} việc nữa.\n", duties.len() - LINES));
    }
    body.push_str(&format!("\nXem tất cả: {home}/today\nĐổi giờ nhận hoặc thôi nhận thư: {home}/me/reminders\n"));
    Mail { id: Uuid::now_v7(), to: reminder.address.clone(), subject: format!("Cổng Làng: {summary}"), body }
}
