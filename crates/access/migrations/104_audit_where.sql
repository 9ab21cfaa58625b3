ALTER TABLE audit ADD COLUMN origin TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN capacity TEXT NOT NULL DEFAULT '';
ALTER TABLE audit ADD COLUMN salt {bytes};
ALTER TABLE audit ADD COLUMN content_hash {bytes};
ALTER TABLE audit ADD COLUMN erased_at BIGINT;
CREATE INDEX audit_subject ON audit (tenant_id, subject, seq);
CREATE INDEX audit_who ON audit (tenant_id, who_id, seq);
