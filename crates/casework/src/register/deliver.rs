//! Sending between offices on the platform: it arrives at once, and the receipt comes back.

use super::store::{self, Delivery, Document};
use super::{NewDocument, document_unknown};
use crate::Casework;
use crate::document::{Hat, Office, file};
use access::{Context, audit, db_error, lock_tenant};
use ui::AppError;
use uuid::Uuid;

/// Most offices that a document is sent to at once.
const MANY: usize = 400;

fn gone() -> AppError {
    AppError::new("unknown_delivery", 404)
        .say("Văn bản gửi đến này không còn chờ: đã vào sổ hoặc đã trả lại.", "This delivery no longer waits: it was registered or sent back.")
        .mend("Tải lại trang.", "Reload the page.")
}

impl Casework {
    /// Sends an outgoing document to other offices. It lies in their list of arrivals the moment this returns.
    ///
    /// # Errors
    /// 403; 404; 422 `recipients_missing`, `recipients_too_many`.
    pub async fn send(&self, ctx: &Context, office: &Office, id: Uuid, to: &[Uuid]) -> Result<usize, AppError> {
        office.require(ctx, Hat::Clerk)?;
        let known: Vec<Uuid> = store::sent_to(self.db(), office.tenant, id).await.map_err(db_error)?.into_iter().map(|s| s.office).collect();
        let mut to: Vec<Uuid> = to.iter().copied().filter(|o| *o != office.id && !known.contains(o)).collect();
        to.sort_unstable();
        to.dedup();
        if to.is_empty() || to.len() > MANY {
            let (code, vi, en): (&'static str, _, _) = if to.is_empty() {
                ("recipients_missing", "Chưa chọn nơi nhận, hoặc các nơi này đã nhận rồi.", "No recipient is chosen, or they all have it already.")
            } else {
                ("recipients_too_many", "Mỗi lần gửi nhiều nhất 400 nơi.", "At most 400 recipients at a time.")
            };
            return Err(AppError::new(code, 422).say(vi, en).mend("Chọn lại nơi nhận.", "Choose the recipients again.").at("to"));
        }
        let mut offices: Vec<Office> = Vec::new();
        for id in &to {
            offices.push(self.office(ctx, *id).await?);
        }
        // Locks are taken in one order, so that two who send to each other do not wait for ever.
        let mut tenants: Vec<Uuid> = offices.iter().map(|o| o.tenant).chain([office.tenant]).collect();
        tenants.sort_unstable();
        tenants.dedup();
        let mut tx = self.db().begin().await.map_err(db_error)?;
        for tenant in &tenants {
            lock_tenant(&mut tx, *tenant).await.map_err(db_error)?;
        }
        let document = store::one_tx(&mut tx, office.tenant, id).await.map_err(db_error)?;
        let document = document.filter(|d| d.office == office.id && d.out).ok_or_else(document_unknown)?;
        let files = file::files_tx(&mut tx, office.tenant, id).await.map_err(db_error)?;
        let at = calendar::micros(ctx.at);
        for other in &offices {
            let delivery = Delivery {
                id: Uuid::now_v7(),
                from_tenant: office.tenant,
                from_document: id,
                from_name: office.name.clone(),
                kind: document.kind.clone(),
                symbol: document.symbol.clone(),
                dated: document.dated.clone(),
                title: document.title.clone(),
                signer: document.signer.clone(),
                urgency: document.urgency,
                at,
            };
            store::add_delivery(&mut tx, other.tenant, other.id, &delivery).await.map_err(db_error)?;
            store::add_dispatch(&mut tx, office.tenant, id, delivery.id, (other.tenant, other.id, &other.name), at, ctx.author_name())
                .await
                .map_err(db_error)?;
            for piece in files.iter().filter(|f| f.role != "draft") {
                file::copy_to(&mut tx, office.tenant, piece, other.tenant, delivery.id).await.map_err(db_error)?;
            }
            audit(&mut tx, ctx, other.tenant, "document.arrive", &delivery.id.to_string(), serde_json::json!({"from": office.name, "symbol": document.symbol}))
                .await
                .map_err(db_error)?;
        }
        if let Some(dossier) = document.dossier {
            self.sent_in(&mut tx, ctx, office, dossier, id, &offices.iter().map(|o| o.name.as_str()).collect::<Vec<_>>().join("; ")).await?;
        }
        let names: Vec<&str> = offices.iter().map(|o| o.name.as_str()).collect();
        audit(&mut tx, ctx, office.tenant, "document.send", &id.to_string(), serde_json::json!({"to": names})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        Ok(offices.len())
    }

    /// What has arrived and is not registered yet.
    ///
    /// # Errors
    /// 404 for those who do not work there.
    pub async fn arrivals(&self, ctx: &Context, office: &Office) -> Result<Vec<Delivery>, AppError> {
        office.require_inside(ctx)?;
        store::arrived(self.db(), office.tenant, office.id).await.map_err(db_error)
    }

    /// Registers what has arrived; the sender sees the receipt at once.
    ///
    /// # Errors
    /// 403; 404 `unknown_delivery`.
    pub async fn accept_delivery(&self, ctx: &Context, office: &Office, id: Uuid) -> Result<Document, AppError> {
        office.require(ctx, Hat::Clerk)?;
        let (mut tx, delivery) = self.open_delivery(ctx, office, id).await?;
        let new = NewDocument {
            kind: delivery.kind.clone(),
            symbol: delivery.symbol.clone(),
            dated: delivery.dated.parse().ok(),
            title: delivery.title.clone(),
            party: delivery.from_name.clone(),
            signer: delivery.signer.clone(),
            urgency: delivery.urgency,
            twin: true,
            ..NewDocument::default()
        };
        let document = self.register_in(&mut tx, ctx, office, new.checked(false, ctx.today())?, "delivery").await?;
        file::hand_over(&mut tx, office.tenant, id, document.id).await.map_err(db_error)?;
        store::taken(&mut tx, office.tenant, office.id, id, 1, Some(document.id)).await.map_err(db_error)?;
        store::receipt(&mut tx, &delivery, 1, calendar::micros(ctx.at), ctx.author_name(), "").await.map_err(db_error)?;
        self.index_document(&mut tx, office, &document, &[]).await?;
        let detail = serde_json::json!({"number": document.number, "symbol": document.symbol, "from": delivery.from_name});
        audit(&mut tx, ctx, office.tenant, "document.register", &document.id.to_string(), detail).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)?;
        Ok(document)
    }

    /// Sends an arrival back with the reason: wrong address, unreadable file.
    ///
    /// # Errors
    /// 403; 404 `unknown_delivery`; 422 `field_missing`.
    pub async fn send_back(&self, ctx: &Context, office: &Office, id: Uuid, why: &str) -> Result<(), AppError> {
        office.require(ctx, Hat::Clerk)?;
        let why = lang::clean(why);
        if why.chars().count() < 3 {
            return Err(super::missing("reason", "Chưa ghi lý do trả lại.", "The reason for sending it back is not given."));
        }
        let (mut tx, delivery) = self.open_delivery(ctx, office, id).await?;
        store::taken(&mut tx, office.tenant, office.id, id, 2, None).await.map_err(db_error)?;
        store::receipt(&mut tx, &delivery, 2, calendar::micros(ctx.at), ctx.author_name(), &why).await.map_err(db_error)?;
        audit(&mut tx, ctx, office.tenant, "document.send_back", &id.to_string(), serde_json::json!({"reason": why})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }

    async fn open_delivery(&self, ctx: &Context, office: &Office, id: Uuid) -> Result<(db::Tx, Delivery), AppError> {
        let from = store::arrived(self.db(), office.tenant, office.id).await.map_err(db_error)?.into_iter().find(|d| d.id == id).ok_or_else(gone)?;
        let mut tenants = [office.tenant, from.from_tenant];
        tenants.sort_unstable();
        let mut tx = self.db().begin().await.map_err(db_error)?;
        for tenant in tenants {
            lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        }
        let delivery = store::delivery_tx(&mut tx, office.tenant, office.id, id).await.map_err(db_error)?.ok_or_else(gone)?;
        tracing::debug!(who = ctx.author_name(), "a delivery is opened");
        Ok((tx, delivery))
    }
}
