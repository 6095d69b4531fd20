/** Runs the commands of `npm test`, several in parallel, and prints their progress. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { endWithParent } from '../process/end-with-parent';
import { keepRemains } from '../remains/keep';

const PROGRESS_INTERVAL_MS = 20_000;

/** The running commands by name, each with the number of tests that have passed so far. */
const running = new Map<string, number>();

/**
 * Prints the running commands from time to time.
 *
 * @returns a function that stops the printing
 */
export function showProgress(): () => void {
  const timer = setInterval(() => {
    const commands = [...running].map(([name, passed]) => (passed === 0 ? name : `${name}: ${passed}`));
    if (commands.length > 0) console.log(`   … ${commands.join(' · ')}`);
  }, PROGRESS_INTERVAL_MS);
  return () => clearInterval(timer);
}

/** The dot reporters of Vitest and Playwright print this character for each passed test. */
const PASSED = /·/g;

/**
 * Runs a script with Node. Prints one line when it ends, and its whole output only if it fails.
 *
 * @returns the end of its output, and whether it succeeded
 */
export async function run(
  name: string,
  script: readonly string[],
  { env = {}, node = process.execPath }: { env?: Record<string, string>; node?: string } = {},
): Promise<{ ok: boolean; output: string }> {
  const start = Date.now();
  running.set(name, 0);
  const child = spawn(node, script, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', ...env },
  });
  let whole = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      whole += text;
      running.set(name, (running.get(name) ?? 0) + (text.match(PASSED)?.length ?? 0));
    });
  }
  const unguard = endWithParent(child, { signal: 'TERM' });
  const closed = once(child, 'close');
  const [code] = await once(child, 'exit');
  // Wait for the rest of the output, but not forever: a process left behind may still hold the pipe open.
  await Promise.race([closed, setTimeout(5_000, undefined, { ref: false })]);
  unguard();
  running.delete(name);
  const seconds = ((Date.now() - start) / 1000).toFixed(1);
  if (code !== 0) process.stdout.write(`${whole}\n`);
  console.log(`── ${name}: ${code === 0 ? 'passed' : 'failed'} in ${seconds} s`);
  await keepRemains('logs', `of ${name}`, whole);
  return { ok: code === 0, output: whole.slice(-20_000) };
}
