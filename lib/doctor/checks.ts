import { APP_CHECKS } from './app-checks';
import type { Check } from './check';
import { CLOCK_CHECKS } from './clock-checks';
import { DATABASE_CHECKS } from './database-checks';
import { REDIS_CHECKS } from './redis-checks';

/** Every check, in the order in which the doctor makes them. docs/operations.md has a line for each. */
export const CHECKS: readonly Check[] = [...DATABASE_CHECKS, ...REDIS_CHECKS, ...APP_CHECKS, ...CLOCK_CHECKS];
