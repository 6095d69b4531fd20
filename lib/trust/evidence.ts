import { DeadlinePassed, sharedAnswer } from '../async';
import { countMintsPerDay } from '../audit/per-day';
import { type AppInfo, getAppInfo } from '../github/app-info';
import { GitHubError } from '../github/errors';
import { log } from '../observability/log';
import { type ChainEvidence, readChainEvidence } from './chain-evidence';

/** GitHub's answer about this App, and when we asked. The answer is cached, because anybody may open the Trust page. */
type AppEvidence = { info: AppInfo; askedAt: Date };

const FRESH_MS = 5 * 60_000;
/** How long to wait after a failed call to GitHub before the next call. */
const RETRY_MS = 30_000;
/**
 * How long a page view waits for GitHub. This is longer than the HTTP client's timeout, which normally ends a hanging
 * call first.
 */
const PATIENCE_MS = 30_000;

const askGitHub = sharedAnswer<AppEvidence>(
  async () => {
    try {
      return { info: await getAppInfo(), askedAt: new Date() };
    } catch (error) {
      log.warn({ err: error }, 'GitHub did not describe the App');
      throw error;
    }
  },
  { freshMs: FRESH_MS, retryMs: RETRY_MS, patienceMs: PATIENCE_MS },
);

/** Returns GitHub's last answer about the App, even if GitHub is failing now; `null` if GitHub has never responded. */
export async function readAppEvidence(): Promise<AppEvidence | null> {
  try {
    return await askGitHub();
  } catch (error) {
    if (error instanceof GitHubError || error instanceof DeadlinePassed) return null;
    throw error;
  }
}

export type WorkspaceEvidence = {
  minted: number;
  denied: number;
  /** The number of days that the counts cover: 30, or fewer if the log is busy. */
  days: number;
  /** True if some events on these days weren't counted, because the log has too many. */
  partial: boolean;
  chain: ChainEvidence;
};

const DAYS = 30;

/** @returns also the first counted day, in UTC: `2026-11-24` */
export async function readWorkspaceEvidence(
  workspaceId: string,
): Promise<WorkspaceEvidence & { since: string }> {
  const [days, chain] = await Promise.all([
    countMintsPerDay(workspaceId, DAYS),
    readChainEvidence(workspaceId),
  ]);
  return {
    minted: days.reduce((sum, day) => sum + day.minted, 0),
    denied: days.reduce((sum, day) => sum + day.denied, 0),
    days: days.length,
    since: days[0]?.day ?? new Date().toISOString().slice(0, 10),
    partial: days.some(({ partial }) => partial),
    chain,
  };
}
