import type { MintingStopView } from '../contract/minting-stop';
import { listMintingStops } from '../workspace/minting-stops';
import { type Check, ok, warn } from './check';

/** Reports the operator's own stops, so that nobody looks for a fault. */
export const MINTING_CHECKS: readonly Check[] = [
  { id: 'minting', isCheap: true, needs: ['database-migrations'], find: findStops },
];

async function findStops() {
  const stops = await listMintingStops();
  if (stops.length === 0) return ok('Nobody is kept from minting.');
  return warn(
    `Minting is stopped: ${stops.map(describe).join('; ')}.`,
    'When the reason is gone, run "npm run admin -- minting:start" with the same --workspace or --key.',
  );
}

function describe({ scope, workspace, api_key, reason, stopped_at }: MintingStopView): string {
  const what = {
    everything: 'everything',
    workspace: workspace,
    api_key: `key ${api_key?.id} of ${workspace}`,
  };
  return `${what[scope]} since ${stopped_at} (${reason})`;
}
