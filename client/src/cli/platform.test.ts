import { expect, it, vi } from 'vitest';
import { EXIT } from './exit-codes.js';
import { main } from './main.js';

/** Runs the command on a platform, and returns its exit code and what it writes. */
async function run(args: string[], platform: NodeJS.Platform) {
  const written: string[] = [];
  const write = (text: unknown) => written.push(String(text)) > 0;
  vi.spyOn(process.stdout, 'write').mockImplementation(write as typeof process.stdout.write);
  vi.spyOn(process.stderr, 'write').mockImplementation(write as typeof process.stderr.write);
  vi.stubEnv('PULSESTREAM_URL', '');
  const code = await main(args, platform);
  vi.restoreAllMocks();
  return { code, text: written.join('') };
}

it.each([
  ['clone', 'acme/api'],
  ['exec', '--', 'true'],
])('%s refuses on Windows before it asks for a configuration, and names what to use', async (...args) => {
  const { code, text } = await run(args, 'win32');
  expect(code).toBe(EXIT.unavailable);
  expect(text).toMatch(/^pulsestream: pulsestream (?:clone|exec) works on Linux and macOS only\..*WSL.*\n$/);
  // Elsewhere, the next thing to be missing is the configuration.
  for (const platform of ['linux', 'darwin'] as const)
    expect(await run(args, platform)).toMatchObject({ code: EXIT.configuration });
});

it.each([['token'], ['git-credential', 'store'], ['clone', '--help'], ['exec', '--help']])(
  'answers %s %s on Windows as elsewhere',
  async (...args) => {
    const onWindows = await run(args, 'win32');
    expect(onWindows.text).not.toContain('WSL');
    expect(onWindows).toEqual(await run(args, 'linux'));
  },
);

it('lets doctor warn on Windows that clone and exec refuse', async () => {
  const [windows, linux] = [await run(['doctor'], 'win32'), await run(['doctor'], 'linux')];
  expect(windows.text).toMatch(/^warn {2}platform .*clone and exec refuse\n.*WSL/m);
  expect(linux.text).toMatch(/^ok {4}platform .*every command works$/m);
});
