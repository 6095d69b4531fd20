'use server';

import { failureOf } from '@/app/failures';
import { asForm } from '@/app/form-text';
import type { CompareState } from '@/components/audit-log/comparison';
import { compareWithGitHub } from '@/lib/audit/compare';
import { comparedApp } from '@/lib/audit/compared-app';
import { readGitHubLog, TooManyEntries } from '@/lib/audit/github-log';
import { readMints } from '@/lib/audit/mints';
import { decodeText, TooLargeUnpacked } from '@/lib/audit/text-file';
import { requireMembership } from '@/lib/auth/membership';
import { listInstallations } from '@/lib/installation/list';
import { limitWork } from '@/lib/rate-limit/limiter';
import { actingAdmin } from '../../acting-admin';
import { MAX_LOG_BYTES, MAX_LOG_ENTRIES, MAX_UNPACKED_BYTES } from './limit';

const NO_LOG = 'This file is not an export of GitHub’s audit log: choose the file that its export gave you.';
const TOO_LARGE = 'The file is too large: export a shorter time.';
const TOO_MANY = `This file holds more than ${MAX_LOG_ENTRIES.toLocaleString('en')} entries: export a shorter time.`;

/** Compares the file that was sent with this workspace's log. Nothing of it is stored. */
export async function compareLogs(
  slug: string,
  _before: CompareState,
  form: FormData,
): Promise<CompareState> {
  const { workspaceId, actor } = await actingAdmin(slug, '/audit-log/compare');
  const files = asForm(form)
    .getAll('log')
    .filter((file) => file instanceof File && file.size > 0) as File[];
  if (files.length === 0) return { comparison: null, problem: NO_LOG };
  if (files.reduce((sum, { size }) => sum + size, 0) > MAX_LOG_BYTES)
    return { comparison: null, problem: TOO_LARGE };
  try {
    await limitWork('whole_log', workspaceId);
  } catch (error) {
    return { comparison: null, problem: failureOf(error).problem.message };
  }
  const installations = await listInstallations(workspaceId);
  const app = await comparedApp(installations.map(({ id }) => id));
  let entries: Awaited<ReturnType<typeof readAll>>;
  try {
    entries = await readAll(files);
  } catch (error) {
    return { comparison: null, problem: problemOf(error) };
  }
  // A long log takes a while: the role may have been taken away, and the database may be busy.
  const mints = readMints(workspaceId, () => requireMembership(workspaceId, actor.id, 'admin'));
  try {
    return { comparison: await compareWithGitHub(app, from(entries), mints), problem: null };
  } catch (error) {
    return { comparison: null, problem: failureOf(error).problem.message };
  }
}

function problemOf(error: unknown): string {
  if (error instanceof TooManyEntries) return TOO_MANY;
  return error instanceof TooLargeUnpacked ? TOO_LARGE : NO_LOG;
}

async function readAll(files: File[]) {
  let left = MAX_UNPACKED_BYTES;
  async function* read(file: File): AsyncGenerator<string> {
    for await (const text of decodeText(file.stream(), left)) {
      left -= text.length;
      yield text;
    }
  }
  const entries = [];
  for await (const entry of readGitHubLog(files.map(read), MAX_LOG_ENTRIES)) entries.push(entry);
  return entries;
}

async function* from<T>(items: T[]): AsyncGenerator<T> {
  yield* items;
}
