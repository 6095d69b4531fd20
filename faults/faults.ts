import { databaseKilled } from './f01-database-killed';
import { redisBroken } from './f02-redis';
import { gitHubFails } from './f03-github';
import type { Fault } from './fault';

/** Every fault, in the order of a complete run. F11 comes last, because it searches what the others left behind. */
export const FAULTS: Record<string, Fault> = {
  F1: databaseKilled,
  F2: redisBroken,
  F3: gitHubFails,
};
