-- What the operator decided about the platform's roles, one on a line: what it gives, a space, the role.
ALTER TABLE platform ADD COLUMN role_rules TEXT NOT NULL DEFAULT '';
-- Whether the platform's administrators may look after this deployment.
ALTER TABLE deployment ADD COLUMN admits_administrators BOOLEAN NOT NULL DEFAULT FALSE;
-- Other values that the platform named when it registered once more: an operator decides about them.
ALTER TABLE platform ADD COLUMN proposal TEXT;
-- Keys of the platform that were fetched before this moment are not believed any more.
ALTER TABLE platform ADD COLUMN keys_since BIGINT NOT NULL DEFAULT 0;
