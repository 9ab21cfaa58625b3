CREATE INDEX audit_at ON audit (tenant_id, at, seq);
