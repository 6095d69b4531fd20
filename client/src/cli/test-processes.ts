/** Looks for a secret where other users and later processes could find it. */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

/** The forms of a token that git may write: itself, and inside an `Authorization` header. */
function formsOf(token: string): string[] {
  return [token, Buffer.from(`x-access-token:${token}`).toString('base64')];
}

/** Returns the places in `/proc/*​/cmdline` and `/proc/*​/environ` of all processes that contain the token now. */
export async function findInProcesses(
  token: string,
): Promise<{ pid: number; where: string; command: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(
    pids.flatMap((pid) =>
      ['cmdline', 'environ'].map(async (where) => {
        const content = await readProc(pid, where);
        if (!formsOf(token).some((form) => content.includes(form))) return [];
        return [
          { pid: Number(pid), where, command: (await readProc(pid, 'cmdline')).replaceAll('\0', ' ').trim() },
        ];
      }),
    ),
  );
  return found.flat();
}

/** A process may end at any time. */
function readProc(pid: string, name: string): Promise<string> {
  return readFile(`/proc/${pid}/${name}`, 'latin1').catch(() => '');
}

/** Returns the files below a folder that contain the token. */
export async function findInFiles(folder: string, token: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name));
  const found = await Promise.all(
    files.map(async (file) => {
      const content = await readFile(file, 'latin1').catch(() => '');
      return formsOf(token).some((form) => content.includes(form)) ? [file] : [];
    }),
  );
  return found.flat();
}

/** Returns the forms of the token that a text contains. */
export function findInText(text: string, token: string): string[] {
  return formsOf(token).filter((form) => text.includes(form));
}
