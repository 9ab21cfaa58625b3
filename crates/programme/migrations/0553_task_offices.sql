ALTER TABLE task ADD COLUMN owner_organisation_id {uuid};
