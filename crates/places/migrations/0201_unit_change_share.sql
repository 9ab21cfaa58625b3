CREATE TABLE unit_change_share (
  change_id {uuid} NOT NULL REFERENCES unit_change (change_id),
  ordinal BIGINT NOT NULL,
  by_population BIGINT,
  by_area BIGINT,
  is_default BIGINT NOT NULL,
  source TEXT NOT NULL,
  entered_by TEXT NOT NULL,
  entered_at BIGINT NOT NULL,
  PRIMARY KEY (change_id, ordinal)
){clustered};
