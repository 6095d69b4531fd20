import { getConfig } from '../config';
import { readIssuer } from '../workload/discovery';
import { type Check, fail, type Outcome, ok } from './check';
import { compareClocks } from './clock-checks';

/** Checks the issuers whose identity tokens services may present. */
export const WORKLOAD_CHECKS: readonly Check[] = [{ id: 'workload-issuers', find: findIssuers }];

const ADVICE =
  'Compare WORKLOAD_ISSUERS with the iss of a token, byte for byte, and check HTTPS_PROXY, the firewall and NODE_EXTRA_CA_CERTS.';

async function findIssuers(): Promise<Outcome> {
  const { issuers } = getConfig().workload;
  if (issuers.length === 0) return ok('WORKLOAD_ISSUERS is empty, so services need API keys.');
  const outcomes = await Promise.all(issuers.map(findIssuer));
  const worst = (['fail', 'warn', 'ok'] as const).find((status) =>
    outcomes.some((outcome) => outcome.status === status),
  );
  return {
    status: worst ?? 'ok',
    found: outcomes.map(({ found }) => found).join(' '),
    todo: [...new Set(outcomes.map(({ todo }) => todo))].filter((todo) => todo !== '').join(' '),
  };
}

async function findIssuer(issuer: string): Promise<Outcome> {
  try {
    const { keys, date } = await readIssuer(issuer);
    const unusable = keys.unusable === 0 ? '' : `, and ${keys.unusable} that cannot be used`;
    const found = `${issuer} publishes ${keys.size} usable ${keys.size === 1 ? 'key' : 'keys'}${unusable}.`;
    if (date === undefined) return ok(found);
    const clock = compareClocks(`that of ${issuer}`, date, new Date());
    return { ...clock, found: `${found} ${clock.found}` };
  } catch (error) {
    return fail(`${issuer} cannot be used: ${error instanceof Error ? error.message : error}.`, ADVICE);
  }
}
