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

/**
 * Returns facts that are read once, when the first check needs them.
 *
 * @param options.asksGitHub if false, the facts from GitHub are missing, and no call is made
 */
export function createFacts(migrations?: readonly string[], { asksGitHub = true } = {}): Facts {
  const from = <T>(read: () => Promise<T>) =>
    asksGitHub ? once(read) : () => Promise.reject(new Error('GitHub is not asked'));
  return {
    migrations,
    app: from(readAppRegistration),
    hook: from(readHookConfig),
    deliveries: from(listRecentDeliveries),
  };
}

function once<T>(read: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= read();
    return answer;
  };
}

type Run = {
  /** Called with each finding as soon as it is known. */
  report?: (finding: Finding) => void;
  /** Findings that the checks may need. */
  earlier?: readonly Finding[];
  /** The longest that one check may take, and how long the run goes on to the next check. */
  limits?: { checkMs: number; totalMs: number };
};

/**
 * Runs the checks one after the other. A check whose prerequisite failed is reported as not checked. An error never ends
 * the run, because the later checks may show its cause.
 *
 * @returns the earlier findings and the new ones
 */
export async function runChecks(
  checks: readonly Check[],
  facts: Facts,
  {
    report,
    earlier = [],
    limits = { checkMs: CHECK_DEADLINE_MS, totalMs: Number.POSITIVE_INFINITY },
  }: Run = {},
): Promise<Finding[]> {
  const began = performance.now();
  const findings = new Map(earlier.map((finding) => [finding.id, finding]));
  for (const check of checks) {
    const prior = (check.needs ?? []).map((id) => findings.get(id)).find((each) => !isPassed(each));
    const isLate = performance.now() - began >= limits.totalMs;
    const finding =
      prior !== undefined
        ? notChecked(check, prior)
        : isLate
          ? tooLate(check, limits.totalMs)
          : await find(check, facts, limits.checkMs);
    findings.set(check.id, finding);
    report?.(finding);
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

function tooLate({ id }: Check, totalMs: number): Finding {
  const found = `${UNCHECKED}, because the checks before took ${totalMs / 1000} s.`;
  return { id, ...warn(found, 'First see to those that failed, then run the checks again.') };
}

async function find({ id, find }: Check, facts: Facts, deadlineMs: number): Promise<Finding> {
  try {
    return { id, ...(await withDeadline(find(facts), deadlineMs, id)) };
  } catch (error) {
    if (error instanceof GitHubError) return { id, ...refusedByGitHub(error) };
    const text = error instanceof Error ? error.message : String(error);
    return { id, ...fail(redact(text), 'Look at the message, and run the doctor again.') };
  }
}
