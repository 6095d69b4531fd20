import { z } from 'zod';
import { StopReason } from '../../lib/contract/minting-stop';
import { stopMinting } from '../../lib/workspace/minting-stops';
import { command, operator } from '../command';
import { findTarget, shownTarget, TARGET_OPTIONS, TARGET_USAGE } from '../minting-target';

/** Exits with 1 if the stop is in force, but an audit log could not take its event. */
export const mintingStop = command({
  summary: 'Stop issuing tokens, for everything, a workspace or an API key; the reason is shown to customers',
  usage: `--reason TEXT ${TARGET_USAGE}`,
  options: z.strictObject({ reason: StopReason, ...TARGET_OPTIONS }),
  async run({ reason, ...given }) {
    const report = await stopMinting(await findTarget(given), reason, operator());
    if (!report.is_new) console.error('it was stopped before; the earlier reason stays');
    if (report.not_recorded.length > 0) {
      console.error('tokens are stopped, but some audit logs could not take the event: repeat the command');
      process.exitCode = 1;
    }
    return { ...shownTarget(given), ...report };
  },
});
