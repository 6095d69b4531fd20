import { execute, query, sql } from './sql';

/** Remembers the keys with these fingerprints, from now on. Keys that are known keep their time. */
export async function rememberAppKeys(fingerprints: readonly string[]): Promise<void> {
  await execute(
    'work',
    sql`INSERT INTO app_keys (fingerprint) SELECT unnest(${[...fingerprints]}::text[]) ON CONFLICT DO NOTHING`,
  );
}

/** Returns when each known key among these was first used here, the oldest first. */
export async function readAppKeys(
  fingerprints: readonly string[],
): Promise<{ fingerprint: string; firstUsedAt: Date; days: number }[]> {
  return query(
    'work',
    sql<{ fingerprint: string; firstUsedAt: Date; days: number }>`
      SELECT fingerprint, first_used_at AS "firstUsedAt",
        floor(extract(epoch FROM now() - first_used_at) / 86400)::int AS days
      FROM app_keys WHERE fingerprint = ANY(${[...fingerprints]}::text[]) ORDER BY first_used_at`,
  );
}
