/** Builds and starts an empty Next app with our own Next, to compare the start of our server with. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endWithParent } from '../local/process/end-with-parent';
import { findFreePort } from '../local/process/free-port';

const NEXT = 'node_modules/next/dist/bin/next';
const START_TIMEOUT_MS = 60_000;

/** One page, rendered for each request like all of ours. */
const FILES: Record<string, string> = {
  'package.json': '{ "name": "empty", "private": true, "type": "module" }',
  // The packages are linked, and Turbopack reads no file outside its root.
  'next.config.js': "export default { poweredByHeader: false, turbopack: { root: '/' } };",
  'app/layout.js':
    'export default function Layout({ children }) { return <html lang="en"><body>{children}</body></html>; }',
  'app/page.js':
    "export const dynamic = 'force-dynamic';\nexport default function Page() { return <p>Empty</p>; }",
};

export interface EmptyApp {
  /** Starts the server, and resolves when its page answers. */
  start(): Promise<{ pid: number; stop(): Promise<void> }>;
  remove(): Promise<void>;
}

/** Builds the app in a temporary folder. */
export async function buildEmptyApp(): Promise<EmptyApp> {
  const folder = await mkdtemp(path.join(tmpdir(), 'empty-app-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    await mkdir(path.join(folder, 'app'));
    for (const [file, text] of Object.entries(FILES)) await writeFile(path.join(folder, file), text);
    await symlink(path.resolve('node_modules'), path.join(folder, 'node_modules'));
    const build = next(folder, ['build']);
    const [code] = await once(build.child, 'close');
    if (code !== 0) throw new Error(`the empty app did not build:\n${build.output()}`);
    return { start: () => startEmptyApp(folder), remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

async function startEmptyApp(folder: string) {
  const port = await findFreePort(3900);
  const { child, output } = next(folder, ['start', '-p', String(port), '-H', '127.0.0.1']);
  const ended = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await ended;
  };
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (!(await answers(`http://127.0.0.1:${port}/`))) {
    if (child.exitCode === null && Date.now() < deadline) await sleep(READY_POLL_MS);
    else {
      child.kill('SIGKILL');
      throw new Error(`the empty app did not start:\n${output()}`);
    }
  }
  return { pid: child.pid ?? 0, stop };
}

/** Short beside a start, and the same for both servers. */
export const READY_POLL_MS = 10;

const answers = (url: string): Promise<boolean> =>
  fetch(url, { signal: AbortSignal.timeout(5_000) }).then(
    ({ ok }) => ok,
    () => false,
  );

function next(folder: string, args: string[]) {
  const child = spawn(process.execPath, [NEXT, ...args], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
  });
  endWithParent(child, { signal: 'KILL' });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (chunk: string) => {
      output += chunk;
    });
  return { child, output: () => output };
}
