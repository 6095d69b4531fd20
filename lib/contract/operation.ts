import { z } from 'zod';
import { withExample } from './example';

/** Response schemas for the routes called by operators and GitHub. */

export const Live = withExample(z.strictObject({ status: z.literal('ok') }), { status: 'ok' });

const Check = z.enum(['ok', 'failed']);

export const Readiness = withExample(
  z.strictObject({
    status: z.enum(['ok', 'unavailable', 'stopping']),
    checks: z.strictObject({ database: Check, redis: Check, key: Check }),
    /** Why checks failed, as far as we know. Absent if every check passes. */
    reasons: z
      .strictObject({ database: z.string(), redis: z.string(), key: z.string() })
      .partial()
      .optional(),
  }),
  { status: 'ok', checks: { database: 'ok', redis: 'ok', key: 'ok' } },
);

export const Reconciled = withExample(
  z.strictObject({
    listed: z.int().describe('Installations that GitHub has.'),
    discovered: z.int().describe('Installed without our hearing of it.'),
    synced: z.int().describe('Asked again, because something differs or a sync was due.'),
    uninstalled: z.int().describe('Uninstalls that GitHub had missed.'),
    redelivered: z.int().describe('Deliveries that we had missed and asked GitHub for again.'),
  }),
  { listed: 12, discovered: 0, synced: 1, uninstalled: 0, redelivered: 0 },
);

export const Received = withExample(z.strictObject({ outcome: z.string() }), { outcome: 'handled' });

export const ApiDescription = withExample(z.record(z.string(), z.unknown()), { openapi: '3.1.1' });
