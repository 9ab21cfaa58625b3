//! The certificates that a province trusts: roots of the authorities whose signatures count there.

use super::signature::common_name;
use crate::Casework;
use access::{Context, Role, audit, db_error, lock_tenant};
use db::{Db, DbError, args};
use der::{Decode as _, DecodePem as _, Encode as _};
use sha2::{Digest as _, Sha256};
use ui::AppError;
use uuid::Uuid;
use x509_cert::Certificate;

db::statements! {
    TRUSTED: Tenant = "SELECT fingerprint, subject, valid_from, valid_to, basis, at, who_name FROM trusted_certificate WHERE tenant_id = $1 ORDER BY subject, fingerprint";
    CONTENTS: Tenant = "SELECT content FROM trusted_certificate WHERE tenant_id = $1 ORDER BY fingerprint";
    ADD: Tenant = "INSERT INTO trusted_certificate (tenant_id, fingerprint, subject, valid_from, valid_to, content, basis, at, who_name) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (tenant_id, fingerprint) DO NOTHING";
    REMOVE: Tenant = "DELETE FROM trusted_certificate WHERE tenant_id = $1 AND fingerprint = $2";
}

/// A trusted certificate as shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    /// SHA-256 of it, hex.
    pub fingerprint: String,
    /// Whose.
    pub subject: String,
    /// First day of its validity.
    pub from: String,
    /// Last day.
    pub to: String,
    /// Why it is trusted: number of the document.
    pub basis: String,
    /// Microseconds UTC.
    pub at: i64,
    /// Who added it.
    pub who_name: String,
}

/// The certificates a tenant trusts.
pub(crate) async fn certificates(db: &Db, tenant: Uuid) -> Result<Vec<Certificate>, DbError> {
    let rows = db.all(&CONTENTS, args![tenant]).await?;
    rows.iter().map(|r| Certificate::from_der(&r.bytes(0)?).map_err(DbError::defect)).collect()
}

/// Whether a tenant trusts any certificate at all.
pub(crate) fn read(bytes: &[u8]) -> Option<Certificate> {
    Certificate::from_der(bytes).ok().or_else(|| Certificate::from_pem(bytes).ok())
}

impl Casework {
    /// The trust list of the province of a unit.
    ///
    /// # Errors
    /// 403 for whoever does not administer it; what the database says.
    pub async fn trust_list(&self, ctx: &Context, unit: Uuid) -> Result<Vec<Trusted>, AppError> {
        let tenant = self.administered(ctx, unit)?;
        let rows = self.db().all(&TRUSTED, args![tenant]).await.map_err(db_error)?;
        let one = |r: &db::Row| -> Result<Trusted, DbError> {
            Ok(Trusted {
                fingerprint: r.text(0)?,
                subject: r.text(1)?,
                from: r.text(2)?,
                to: r.text(3)?,
                basis: r.text(4)?,
                at: r.int(5)?,
                who_name: r.text(6)?,
            })
        };
        rows.iter().map(one).collect::<Result<_, DbError>>().map_err(db_error)
    }

    /// Adds a certificate, as DER or PEM, to the trust list of the province of a unit.
    ///
    /// # Errors
    /// 403; 422 `certificate_unreadable`, `basis_missing`.
    pub async fn trust(&self, ctx: &Context, unit: Uuid, bytes: &[u8], basis: &str) -> Result<(), AppError> {
        let tenant = self.administered(ctx, unit)?;
        let certificate = read(bytes).ok_or_else(|| {
            AppError::new("certificate_unreadable", 422)
                .say("Tệp không phải chứng thư số (.cer, .pem).", "The file is not a certificate (.cer, .pem).")
                .mend("Xuất chứng thư gốc dạng DER hoặc PEM rồi gửi lại.", "Export the root certificate as DER or PEM and send it again.")
                .at("certificate")
        })?;
        let basis = lang::clean(basis);
        if basis.is_empty() {
            return Err(AppError::new("basis_missing", 422)
                .say("Chưa ghi căn cứ tin cậy chứng thư này.", "It is not said why this certificate is trusted.")
                .mend("Ghi số, ngày văn bản công bố chứng thư gốc.", "Give number and date of the document that published it.")
                .at("basis"));
        }
        let content = certificate.to_der().map_err(|e| db_error(DbError::defect(e)))?;
        let fingerprint: String = Sha256::digest(&content).iter().map(|b| format!("{b:02x}")).collect();
        let validity = certificate.tbs_certificate().validity();
        let day = |t: x509_cert::time::Time| {
            let seconds = i64::try_from(t.to_unix_duration().as_secs()).unwrap_or_default();
            jiff::Timestamp::from_second(seconds).map(|t| calendar::local_date(t).to_string()).unwrap_or_default()
        };
        let subject = common_name(&certificate);
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        let values = args![
            tenant,
            &fingerprint,
            &subject,
            day(validity.not_before),
            day(validity.not_after),
            content,
            &basis,
            calendar::micros(ctx.at),
            ctx.author_name()
        ];
        tx.exec(&ADD, values).await.map_err(db_error)?;
        audit(&mut tx, ctx, tenant, "certificate.trust", &fingerprint, serde_json::json!({"subject": subject, "basis": basis})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }

    /// Takes a certificate off the list.
    ///
    /// # Errors
    /// 403; 404 `unknown_certificate`.
    pub async fn distrust(&self, ctx: &Context, unit: Uuid, fingerprint: &str) -> Result<(), AppError> {
        let tenant = self.administered(ctx, unit)?;
        let mut tx = self.db().begin().await.map_err(db_error)?;
        lock_tenant(&mut tx, tenant).await.map_err(db_error)?;
        if tx.exec(&REMOVE, args![tenant, fingerprint]).await.map_err(db_error)? == 0 {
            return Err(AppError::new("unknown_certificate", 404));
        }
        audit(&mut tx, ctx, tenant, "certificate.distrust", fingerprint, serde_json::json!({})).await.map_err(db_error)?;
        tx.commit().await.map_err(db_error)
    }

    /// The tenant of a unit that somebody administers.
    fn administered(&self, ctx: &Context, unit: Uuid) -> Result<Uuid, AppError> {
        let atlas = self.figures().places().atlas();
        let path = atlas.path(unit, ctx.today());
        let tenant = atlas.unit(unit).map(|u| u.tenant).ok_or_else(super::office::office_unknown)?;
        ctx.require(Role::Administrator, &path)?;
        Ok(tenant)
    }
}
