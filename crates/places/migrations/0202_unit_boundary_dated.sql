-- A unit keeps its id when it takes over others: a boundary holds from a day on. Nothing was ever written to the table before.
DROP TABLE unit_boundary;

CREATE TABLE unit_boundary (
  unit_id {uuid} NOT NULL REFERENCES unit (unit_id),
  drawn_on TEXT NOT NULL,
  zoom BIGINT NOT NULL,
  path TEXT NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (unit_id, drawn_on, zoom)
){clustered};
