use db::DbError;
use ui::AppError;

/// Turns what went wrong at the door into what people are told; the detail goes to the log, not to them.
pub fn db_error(error: DbError) -> AppError {
    match &error {
        DbError::Busy(_) => {
            tracing::warn!(%error, "the database is busy");
            AppError::new("database_busy", 503)
                .say("Hệ thống đang ghi nhiều việc cùng lúc nên chưa làm được việc này.", "The system is busy writing and could not do this yet.")
                .mend("Thử lại sau vài giây.", "Try again in a few seconds.")
        }
        DbError::Conflict(_) => {
            tracing::info!(%error, "two writers met");
            AppError::new("conflict", 409)
        }
        DbError::Full(_) | DbError::ReadOnly(_) => {
            tracing::error!(%error, "the database cannot be written");
            AppError::new("database_read_only", 503)
                .say("Hiện chỉ xem được, chưa ghi được.", "For the moment things can be read but not saved.")
                .mend("Giữ lại nội dung đang nhập và báo người quản trị hệ thống.", "Keep what you typed and tell the system's administrator.")
        }
        DbError::Gone(_) => {
            tracing::error!(%error, "the database does not answer");
            AppError::new("database_unavailable", 503)
        }
        DbError::Defect(_) | DbError::Address(_) => {
            tracing::error!(%error, "a defect at the database");
            AppError::new("internal", 500)
        }
    }
}
