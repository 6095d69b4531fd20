import { expect, it } from 'vitest';
import { findBlocking } from './blocking-statements';
import { readMigrations } from './migrations-on-disk';

/** The last migration that was released before this check existed. Released migrations no longer change. */
const LAST_UNCHECKED = '20261130043000_minting_stops';

it.each([
  'CREATE UNIQUE INDEX "a_idx" ON "a" ("b")',
  'DROP INDEX "a_idx"',
  'REINDEX TABLE "a"',
  'CLUSTER "a"',
  'VACUUM FULL "a"',
  'TRUNCATE TABLE "a"',
  'LOCK TABLE "a" IN SHARE MODE',
  'UPDATE "a" SET "b" = 1',
  'DELETE FROM "a" WHERE "b" = 1',
  'ALTER TABLE "a" ALTER COLUMN "b" TYPE bigint',
  'ALTER TABLE "a" ALTER COLUMN "b" SET DATA TYPE bigint',
  'ALTER TABLE "public"."a" ALTER COLUMN "b" SET NOT NULL',
  'ALTER TABLE "a" ADD COLUMN "b" uuid NOT NULL DEFAULT gen_random_uuid()',
  'ALTER TABLE "a" ADD COLUMN "b" timestamptz DEFAULT clock_timestamp()',
  'ALTER TABLE "a" ADD COLUMN "b" bigserial',
  'ALTER TABLE "a" ADD COLUMN "b" int GENERATED ALWAYS AS (1) STORED',
  'ALTER TABLE "a" ADD COLUMN "b" int REFERENCES "c" ("id")',
  'ALTER TABLE "a" ADD CONSTRAINT "d" CHECK ("b" > 0)',
  'ALTER TABLE "a" ADD CONSTRAINT "d" FOREIGN KEY ("b") REFERENCES "c" ("id")',
  'ALTER TABLE "a" ADD CONSTRAINT "d" UNIQUE ("b")',
  'ALTER TABLE "a" ADD PRIMARY KEY ("b")',
  'ALTER TABLE "a" SET UNLOGGED',
  'ALTER TABLE "a" DETACH PARTITION "c"',
  'ALTER TABLE "a" ADD COLUMN "b" int; INSERT INTO "c" SELECT 1 FROM "a"',
  'ALTER TABLE "a" ADD CONSTRAINT "d" CHECK ("b" > 0) NOT VALID; ALTER TABLE "a" VALIDATE CONSTRAINT "d"',
  'ALTER TABLE "a" ADD COLUMN "b" int; ALTER TABLE "c" ADD COLUMN "b" int',
  '-- A comment; with a semicolon.\nCREATE INDEX "a_idx" ON "a" ("b") -- ON "new"\n',
])('refuses %s', (script) => {
  expect(findBlocking(script)).toHaveLength(1);
});

it.each([
  'CREATE INDEX CONCURRENTLY IF NOT EXISTS "a_idx" ON "a" ("b")',
  'DROP INDEX CONCURRENTLY IF EXISTS "a_idx"',
  'CREATE TABLE "a" ("b" int PRIMARY KEY REFERENCES "c" ("id")); CREATE INDEX "a_idx" ON "a" ("b")',
  'CREATE TABLE "a" ("b" int); ALTER TABLE "a" ADD CONSTRAINT "d" FOREIGN KEY ("b") REFERENCES "c" ("id")',
  'ALTER TABLE "a" ADD COLUMN "b" int',
  'ALTER TABLE "a" ADD COLUMN "b" int NOT NULL DEFAULT 0, ADD COLUMN "c" timestamptz(3) DEFAULT CURRENT_TIMESTAMP',
  `ALTER TABLE "a" ADD COLUMN "b" text DEFAULT 'none'::text`,
  'ALTER TABLE "a" ADD CONSTRAINT "d" CHECK ("b" > 0) NOT VALID',
  'ALTER TABLE "a" VALIDATE CONSTRAINT "d"',
  'ALTER TABLE "a" ADD CONSTRAINT "d" UNIQUE USING INDEX "a_idx"',
  'ALTER TABLE "a" DROP COLUMN "b"',
  '-- Online: the table has one row.\nUPDATE "a" SET "b" = 1',
  'CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN UPDATE "a" SET "b" = 1; RETURN NULL; END $$',
  `COMMENT ON TABLE "a" IS 'UPDATE "a"; LOCK TABLE "a";'`,
])('accepts %s', (script) => {
  expect(findBlocking(script)).toEqual([]);
});

it('finds no migration after the released ones that keeps writers waiting', async () => {
  const { migrationDirectories } = await readMigrations();
  const blocking = migrationDirectories
    .filter(({ path }) => path > LAST_UNCHECKED)
    .flatMap(({ path, migrationFile: { content } }) =>
      content.tag === 'ok' ? findBlocking(content.value).map((found) => ({ migration: path, ...found })) : [],
    );
  expect(blocking).toEqual([]);
});
