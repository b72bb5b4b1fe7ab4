-- Records and their groups. {schema} is replaced by the quoted name of the schema.

-- One sequence for all names: a version never comes again, whatever was removed or has expired.
-- CACHE 1, so that numbers are drawn in the order of the writes, whichever session writes.
CREATE SEQUENCE {schema}.versions AS bigint CACHE 1;

CREATE TABLE {schema}.records (
    name       text COLLATE "C" PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 64),
    version    bigint NOT NULL,
    record     bytea NOT NULL,
    -- The groups are a column and no second table: they are written, kept and removed with their
    -- record, and no name that is free again is in a group of former times.
    groups     text[] COLLATE "C" NOT NULL DEFAULT '{}',
    expires_at timestamptz NOT NULL
);

-- Sealed bytes do not compress: no time is spent on trying.
ALTER TABLE {schema}.records ALTER COLUMN record SET STORAGE EXTERNAL;

CREATE INDEX records_groups ON {schema}.records USING gin (groups);
CREATE INDEX records_expires_at ON {schema}.records (expires_at);
