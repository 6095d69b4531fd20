import { z } from 'zod';
import { reconcile } from '../../lib/sync/reconcile';
import { command } from '../command';

export const reconcileNow = command({
  summary: 'Compare with GitHub now, once: what the running app does every RECONCILE_INTERVAL_SECONDS',
  usage: '',
  options: z.strictObject({}),
  run: () => reconcile(),
});
