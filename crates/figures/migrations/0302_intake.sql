ALTER TABLE import_job ADD COLUMN kind TEXT NOT NULL DEFAULT '';
ALTER TABLE import_job ADD COLUMN plan TEXT NOT NULL DEFAULT '';
ALTER TABLE import_job ADD COLUMN report TEXT NOT NULL DEFAULT '';
CREATE INDEX import_job_by_who ON import_job (who_id, created_at);
CREATE INDEX import_job_by_hash ON import_job (file_hash, state);
