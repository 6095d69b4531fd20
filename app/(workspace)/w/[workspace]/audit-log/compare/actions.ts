'use server';

import { z } from 'zod';
import type { CompareState } from '@/components/audit-log/compare-form';
import { comparedApp, compareWithGitHub, readMints } from '@/lib/audit/compare';
import { readGitHubLog, TooManyEntries } from '@/lib/audit/github-log';
import { decodeText, TooLargeUnpacked } from '@/lib/audit/text-file';
import { requireMembership } from '@/lib/auth/session';
import { formAction } from '@/lib/http/action';
import { listInstallations } from '@/lib/installation/list';
import { Problem } from '@/lib/problem';
import { LOG_TOO_LARGE, MAX_LOG_BYTES, MAX_LOG_ENTRIES, MAX_UNPACKED_BYTES } from './limit';

const NO_LOG = 'This file is not an export of GitHub’s audit log: choose the file that its export gave you.';
const TOO_MANY = `This file holds more than ${MAX_LOG_ENTRIES.toLocaleString('en')} entries: export a shorter time.`;

const LogFiles = z
  .preprocess((sent) => [sent ?? []].flat(), z.array(z.unknown()))
  .transform((sent) => sent.filter((file): file is File => file instanceof File && file.size > 0))
  .refine((files) => files.length > 0, { error: NO_LOG })
  .refine((files) => files.reduce((sum, { size }) => sum + size, 0) <= MAX_LOG_BYTES, {
    error: LOG_TOO_LARGE,
  });

/** Compares the uploaded files with this workspace's log, without storing any of their content. */
export const compareLogs = formAction(
  { access: 'admin', limits: { workspace: 'whole_log' }, input: z.object({ log: LogFiles }) },
  async ({ by: { workspaceId, actor }, input }): Promise<CompareState> => {
    const installations = await listInstallations(workspaceId);
    const app = await comparedApp(installations.map(({ id }) => id));
    const entries = await readAll(input.log, workspaceId).catch((error: unknown) => {
      throw new Problem('invalid_request', wordsFor(error));
    });
    // A comparison can take so long that the user loses the admin role meanwhile. So check the role again while reading
    // mints.
    const mints = readMints(workspaceId, () => requireMembership(workspaceId, actor.id, 'admin'));
    return { comparison: await compareWithGitHub(app, from(entries), mints), problem: null };
  },
);

function wordsFor(error: unknown): string {
  if (error instanceof TooManyEntries) return TOO_MANY;
  return error instanceof TooLargeUnpacked ? LOG_TOO_LARGE : NO_LOG;
}

async function readAll(files: File[], workspaceId: string) {
  let left = MAX_UNPACKED_BYTES;
  async function* read(file: File): AsyncGenerator<string> {
    for await (const text of decodeText(file.stream(), left)) {
      left -= text.length;
      yield text;
    }
  }
  const entries = [];
  for await (const entry of readGitHubLog(files.map(read), { workspaceId, most: MAX_LOG_ENTRIES }))
    entries.push(entry);
  return entries;
}

async function* from<T>(items: T[]): AsyncGenerator<T> {
  yield* items;
}
