CREATE TABLE document_text (
  document_id {uuid} NOT NULL REFERENCES document (document_id),
  file_id {uuid} NOT NULL,
  state BIGINT NOT NULL,
  written TEXT NOT NULL,
  folded TEXT NOT NULL,
  read_at BIGINT NOT NULL,
  PRIMARY KEY (document_id, file_id)
){strict};
