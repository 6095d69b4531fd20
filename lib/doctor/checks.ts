import { APP_CHECKS } from './app-checks';
import type { Check } from './check';
import { CLOCK_CHECKS } from './clock-checks';
import { DATABASE_CHECKS } from './database-checks';
import { KEY_CHECKS } from './key-checks';
import { MINTING_CHECKS } from './minting-checks';
import { NETWORK_CHECKS } from './network-checks';
import { ORIGIN_CHECKS } from './origin-checks';
import { REDIS_CHECKS } from './redis-checks';
import { USER_URL_CHECKS } from './user-url-checks';
import { WEBHOOK_CHECKS } from './webhook-checks';
import { WORKLOAD_CHECKS } from './workload-checks';

/** The checks by their heading on the operator's page. */
export const CHECK_GROUPS: readonly { title: string; checks: readonly Check[] }[] = [
  { title: 'Database', checks: DATABASE_CHECKS },
  { title: 'Minting and limits', checks: [...MINTING_CHECKS, ...REDIS_CHECKS] },
  { title: 'Private key', checks: KEY_CHECKS },
  { title: 'GitHub App', checks: APP_CHECKS },
  { title: 'Clocks', checks: CLOCK_CHECKS },
  { title: 'Public address', checks: [...ORIGIN_CHECKS, ...USER_URL_CHECKS] },
  { title: 'Webhooks', checks: WEBHOOK_CHECKS },
  { title: 'Workload identity', checks: WORKLOAD_CHECKS },
  { title: 'Network', checks: NETWORK_CHECKS },
];

/** Every check, in the order in which the doctor makes them. docs/operations.md has a line for each. */
export const CHECKS: readonly Check[] = CHECK_GROUPS.flatMap(({ checks }) => checks);
