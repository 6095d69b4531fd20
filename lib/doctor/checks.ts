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

/** Every check, in the order in which the doctor makes them. docs/operations.md has a line for each. */
export const CHECKS: readonly Check[] = [
  ...DATABASE_CHECKS,
  ...MINTING_CHECKS,
  ...REDIS_CHECKS,
  ...KEY_CHECKS,
  ...APP_CHECKS,
  ...CLOCK_CHECKS,
  ...ORIGIN_CHECKS,
  ...USER_URL_CHECKS,
  ...WEBHOOK_CHECKS,
  ...NETWORK_CHECKS,
];
