import { createHash } from 'node:crypto';
import { query, sql } from '../db/sql';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';

const INTERVAL_MS = 3_600_000;
const BATCH = 1000;

type Head = { workspace_id: string; seq: bigint; head_hash: string };

async function* readHeads(): AsyncGenerator<Head> {
  for (let after = '00000000-0000-0000-0000-000000000000'; ; ) {
    const heads = await query(
      'work',
      sql<Head>`SELECT workspace_id, seq, head_hash FROM audit_chains WHERE workspace_id > ${after}::uuid
        ORDER BY workspace_id LIMIT ${BATCH}::int`,
    );
    yield* heads;
    const last = heads.at(-1);
    if (last === undefined) return;
    after = last.workspace_id;
  }
}

export type Anchor = { chains: number; events: number; digest: string };

/**
 * Writes the last hash of every audit chain to the application log, which even the database owner role can't change. If
 * somebody rewrites a chain later, its recomputed hashes won't match the logged one.
 *
 * @see docs/audit-chain.md, Anchors
 */
export async function anchorAuditChains(): Promise<Anchor> {
  const digest = createHash('sha256');
  let chains = 0;
  let events = 0;
  for await (const { workspace_id, seq, head_hash } of readHeads()) {
    log.info({ workspace_id, seq: Number(seq), head_hash }, 'audit chain head');
    digest.update(`${workspace_id}:${seq}:${head_hash}\n`);
    chains++;
    events += Number(seq);
  }
  const anchor = { chains, events, digest: digest.digest('hex') };
  log.info(anchor, 'audit chain heads');
  metrics.auditChains.set(chains);
  metrics.auditChainEvents.set(events);
  metrics.auditHeadsDigest.set(Number.parseInt(anchor.digest.slice(0, 12), 16));
  return anchor;
}

/** Anchors the chains immediately, and again every hour. The timer does not keep the process alive. */
export function startAnchorLoop(): void {
  const run = async () => {
    try {
      await anchorAuditChains();
    } catch (error) {
      log.warn({ err: error }, 'the audit chains could not be anchored; it is tried again in an hour');
    }
    setTimeout(run, INTERVAL_MS).unref();
  };
  void run();
}
