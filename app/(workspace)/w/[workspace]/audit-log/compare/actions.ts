'use server';

import type { CompareState } from '@/components/audit-log/comparison';
import { compareWithGitHub } from '@/lib/audit/compare';
import { readGitHubLog, TooManyEntries } from '@/lib/audit/github-log';
import { readMints } from '@/lib/audit/mints';
import { getConfig } from '@/lib/config';
import { listInstallations } from '@/lib/connection/list';
import { limitWork, RateLimited } from '@/lib/http/rate-limit';
import { actingAdmin } from '../../acting-admin';
import { MAX_LOG_BYTES, MAX_LOG_ENTRIES } from './limit';

const NO_LOG = 'This file is not an export of GitHub’s audit log: choose the file that its export gave you.';
const TOO_MANY = `This file holds more than ${MAX_LOG_ENTRIES.toLocaleString('en')} entries: export a shorter time.`;

/** Compares the file that was sent with this workspace's log. Nothing of it is stored. */
export async function compareLogs(
  slug: string,
  _before: CompareState,
  form: FormData,
): Promise<CompareState> {
  const { workspaceId } = await actingAdmin(slug, '/audit-log/compare');
  const file = form.get('log');
  if (!(file instanceof File) || file.size === 0) return { comparison: null, problem: NO_LOG };
  if (file.size > MAX_LOG_BYTES)
    return { comparison: null, problem: 'The file is too large: export a shorter time.' };
  try {
    await limitWork('whole_log', workspaceId);
  } catch (error) {
    if (error instanceof RateLimited) return { comparison: null, problem: error.message };
    throw error;
  }
  const installations = await listInstallations(workspaceId);
  const app = {
    slug: getConfig().github.appSlug,
    installationIds: new Set(installations.map(({ id }) => id)),
  };
  let entries: Awaited<ReturnType<typeof readAll>>;
  try {
    entries = await readAll(file);
  } catch (error) {
    return { comparison: null, problem: error instanceof TooManyEntries ? TOO_MANY : NO_LOG };
  }
  return { comparison: await compareWithGitHub(app, from(entries), readMints(workspaceId)), problem: null };
}

async function readAll(file: File) {
  const text = new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
  const entries = [];
  for await (const entry of readGitHubLog(from([text]), MAX_LOG_ENTRIES)) entries.push(entry);
  return entries;
}

async function* from<T>(items: T[]): AsyncGenerator<T> {
  yield* items;
}
