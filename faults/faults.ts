import { databaseKilled } from './f01-database-killed';
import { redisBroken } from './f02-redis';
import { gitHubFails } from './f03-github';
import { appKilled } from './f04-killed';
import { anyHistory } from './f05-histories';
import { stoppedUnderLoad } from './f06-sigterm';
import { clockOff } from './f07-clock';
import { malformed } from './f08-malformed';
import { addressForged } from './f09-forged-address';
import { foreignIds } from './f10-foreign-ids';
import { secretsLeft } from './f11-secrets';
import { mixedLoad } from './f12-mixed-load';
import type { Fault } from './fault';

/** Every fault, in the order of a complete run. F11 comes last, because it searches what the others left behind. */
export const FAULTS: Record<string, Fault> = {
  F1: databaseKilled,
  F2: redisBroken,
  F3: gitHubFails,
  F4: appKilled,
  F5: anyHistory,
  F6: stoppedUnderLoad,
  F7: clockOff,
  F8: malformed,
  F9: addressForged,
  F10: foreignIds,
  F12: mixedLoad,
  F11: secretsLeft,
};
