import type pg from 'pg';

/** An archive that was written, verified and recorded in its log. */
export type Archived = {
  workspace_id: string;
  first_seq: number;
  last_seq: number;
  last_hash: string;
  file_sha256: string;
};

/**
 * Registers an archive, so that its events may be dropped. Verification starts after it from now on.
 *
 * @throws the database's error if the archive does not continue the one before it, or its log does not record it
 */
export async function registerArchive(client: pg.Client, archive: Archived): Promise<void> {
  await client.query(
    `INSERT INTO audit_archives (workspace_id, first_seq, last_seq, last_hash, file_sha256) VALUES ($1, $2, $3, $4, $5)`,
    [archive.workspace_id, archive.first_seq, archive.last_seq, archive.last_hash, archive.file_sha256],
  );
}

/** Events dropped per statement. Each statement commits, so an interrupted run continues where it stopped. */
const BATCH = 1000;

/**
 * Drops a workspace's archived events, and their entries in the index of repositories. Locks only these rows.
 *
 * @returns how many events were dropped
 */
export async function dropArchived(client: pg.Client, workspaceId: string): Promise<number> {
  let dropped = 0;
  for (;;) {
    const { rowCount } = await client.query(
      `WITH batch AS MATERIALIZED (
        SELECT e.seq FROM audit_events AS e
        WHERE e.workspace_id = $1
          AND e.seq <= (SELECT max(a.last_seq) FROM audit_archives AS a WHERE a.workspace_id = $1)
        ORDER BY e.seq LIMIT ${BATCH}
      ), named AS (
        DELETE FROM minted_repositories AS m USING batch WHERE m.workspace_id = $1 AND m.seq = batch.seq
      )
      DELETE FROM audit_events AS e USING batch WHERE e.workspace_id = $1 AND e.seq = batch.seq`,
      [workspaceId],
    );
    dropped += rowCount ?? 0;
    if ((rowCount ?? 0) < BATCH) return dropped;
  }
}
