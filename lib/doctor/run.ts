import { withDeadline } from '../async';
import { listRecentDeliveries } from '../github/deliveries';
import { GitHubError } from '../github/errors';
import { readHookConfig } from '../github/hook';
import { readAppRegistration } from '../github/registration';
import { redact } from '../observability/redact';
import { type Check, type Facts, type Finding, fail, warn } from './check';
import { refusedByGitHub } from './operator-steps';

/** The longest that a check may take. A check of deliveries waits for GitHub to send one. */
const CHECK_DEADLINE_MS = 60_000;

/** Returns facts that are read once, when the first check needs them. */
export function createFacts(migrations?: readonly string[]): Facts {
  return {
    migrations,
    app: once(readAppRegistration),
    hook: once(readHookConfig),
    deliveries: once(listRecentDeliveries),
  };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= read();
    return answer;
  };
}

/**
 * Runs the checks one after the other. A check whose prerequisite failed is reported as not checked. An error never ends
 * the run, because the later checks may show its cause.
 *
 * @param report called with each finding as soon as it is known
 * @param earlier findings that the checks may need
 * @returns the earlier findings and the new ones
 */
export async function runChecks(
  checks: readonly Check[],
  facts: Facts,
  report: (finding: Finding) => void = () => {},
  earlier: readonly Finding[] = [],
): Promise<Finding[]> {
  const findings = new Map(earlier.map((finding) => [finding.id, finding]));
  for (const check of checks) {
    const prior = (check.needs ?? []).map((id) => findings.get(id)).find((each) => !isPassed(each));
    const finding = prior === undefined ? await find(check, facts) : notChecked(check, prior);
    findings.set(check.id, finding);
    report(finding);
  }
  return [...findings.values()];
}

const UNCHECKED = 'Not checked';

function isPassed(prior: Finding | undefined): boolean {
  return prior === undefined || (prior.status !== 'fail' && !prior.found.startsWith(UNCHECKED));
}

function notChecked({ id }: Check, prior: Finding): Finding {
  return { id, ...warn(`${UNCHECKED}, because ${prior.id} failed.`, `First see to ${prior.id}.`) };
}

async function find({ id, find }: Check, facts: Facts): Promise<Finding> {
  try {
    return { id, ...(await withDeadline(find(facts), CHECK_DEADLINE_MS, id)) };
  } catch (error) {
    if (error instanceof GitHubError) return { id, ...refusedByGitHub(error) };
    const text = error instanceof Error ? error.message : String(error);
    return { id, ...fail(redact(text), 'Look at the message, and run the doctor again.') };
  }
}
