import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cloneRepository } from './clone.js';
import { countLines } from './count-lines.js';

/**
 * Clones each repository and counts its lines. Every token is revoked and every clone is removed when it ends, however
 * it ends.
 *
 * @param {import('pulsestream').Client} client
 * @param {object} options
 * @param {number} options.parallel how many repositories are worked on at the same time
 * @param {AbortSignal} options.signal ends the analysis early
 * @param {(result: { name: string, languages?: Map<string, number>, error?: Error }) => void} options.onResult
 */
export async function analyse(client, { parallel, signal, onResult }) {
  const folder = await mkdtemp(path.join(tmpdir(), 'analysis-'));
  let working = [];
  try {
    // A token is for one installation, that is, for one GitHub account.
    for (const [installation_id, repositories] of await listByInstallation(client, signal))
      await client.withToken({ installation_id, verify: true, signal }, (_, job) => {
        const queue = repositories.values();
        working = Array.from({ length: parallel }, () => work(queue, job));
        return Promise.all(working);
      });
  } finally {
    // After an abort, wait until every git has ended, so that none still writes to the folder.
    await Promise.allSettled(working);
    await rm(folder, { recursive: true, force: true });
  }

  /** Takes one repository after the other, until none is left. */
  async function work(queue, job) {
    for (const repository of queue) {
      const directory = path.join(folder, String(repository.id));
      const result = await analyseOne(repository, directory, job).catch((error) => {
        job.signal.throwIfAborted();
        return { error };
      });
      onResult({ name: repository.full_name, ...result });
      await rm(directory, { recursive: true, force: true });
    }
  }
}

async function analyseOne({ clone_url }, directory, job) {
  await cloneRepository(clone_url, directory, job);
  return { languages: await countLines(directory, job.signal) };
}

async function listByInstallation(client, signal) {
  const found = new Map();
  for await (const repository of client.repositories({ signal })) {
    const { installation_id } = repository;
    found.set(installation_id, [...(found.get(installation_id) ?? []), repository]);
  }
  return found;
}
