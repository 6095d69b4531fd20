import { z } from 'zod';
import { listMintingStops, startMinting } from '../../lib/workspace/minting-stops';
import { command, operator } from '../command';
import { findTarget, shownTarget, TARGET_OPTIONS, TARGET_USAGE } from '../minting-target';

export const mintingStart = command({
  summary: 'Issue tokens again, for what was stopped by the same options',
  usage: TARGET_USAGE,
  options: z.strictObject(TARGET_OPTIONS),
  async run(given) {
    const target = await findTarget(given);
    const started = await startMinting(target, operator());
    if (!started) console.error('it was not stopped; nothing was changed');
    const left = await listMintingStops(target.workspaceId);
    if (left.length > 0) console.error(`still stopped: ${left.map(({ scope }) => scope).join(', ')}`);
    return { ...shownTarget(given), started };
  },
});
