ALTER TABLE api_token ADD COLUMN scopes TEXT NOT NULL DEFAULT 'casework:write criteria:write figures:write places:write programme:write';
