CREATE TABLE typed (
  tenant_id {uuid} NOT NULL,
  unit_id {uuid} NOT NULL,
  month BIGINT NOT NULL,
  source TEXT NOT NULL,
  fields BIGINT NOT NULL,
  PRIMARY KEY (tenant_id, unit_id, month, source)
){clustered};
