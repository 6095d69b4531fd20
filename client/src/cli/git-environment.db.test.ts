import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { startMachine } from './test-machine.js';

const machine = await startMachine();

/** Variables that hold an identity, reveal what git sends, or lead git to another repository or past a check. */
const UNWANTED = [
  'PULSESTREAM_API_KEY',
  'ACTIONS_ID_TOKEN_REQUEST_TOKEN',
  'ACTIONS_ID_TOKEN_REQUEST_URL',
  'GIT_TRACE_REDACT',
  'LFS_DEBUG_HTTP',
  'SSLKEYLOGFILE',
  'GIT_SSL_NO_VERIFY',
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
  'GIT_SHALLOW_FILE',
  'GIT_GRAFT_FILE',
  'GIT_REPLACE_REF_BASE',
];

/** Puts a git first in the path that writes down its environment and arguments, and runs the real one. */
async function watchGit(): Promise<{ seen: string; env: Record<string, string> }> {
  const [bin, seen] = [machine.folder('bin'), machine.folder('seen')];
  const { stdout } = await machine.run('sh', ['-c', 'command -v git']);
  await mkdir(bin);
  const script = `#!/bin/sh\n{ env; printf 'ARGUMENT=%s\\n' "$@"; } >>'${seen}'\nexec '${stdout.trim()}' "$@"\n`;
  await writeFile(path.join(bin, 'git'), script, { mode: 0o755 });
  return { seen, env: { PATH: `${bin}:${process.env.PATH}`, KEPT: 'kept' } };
}

it('starts git of a clone without its identity and without what would mislead git or reveal the token', async () => {
  const { seen, env } = await watchGit();
  const unwanted = Object.fromEntries(UNWANTED.map((name) => [name, `/unwanted/${name}`]));
  const run = await machine.pulsestream(['clone', 'acme/api', machine.folder('clone')], {
    env: { ...unwanted, ...env, PULSESTREAM_API_KEY: machine.apiKey },
  });
  expect(run.code).toBe(0);
  const text = await readFile(seen, 'utf8');
  const names = text.split('\n').map((line) => line.split('=')[0] ?? '');
  expect(names).toEqual(expect.arrayContaining(['KEPT', 'PULSESTREAM_SESSION', 'ARGUMENT']));
  expect(UNWANTED.filter((name) => names.includes(name))).toEqual([]);
  // Certificates are verified and no other protocol is spoken, whatever the user has configured.
  const { origin } = new URL(machine.world.github.webUrl);
  const lines = [
    'ARGUMENT=http.sslVerify=true',
    `ARGUMENT=http.${origin}.sslVerify=true`,
    'GIT_ALLOW_PROTOCOL=http',
  ];
  expect(text.split('\n')).toEqual(expect.arrayContaining(lines));
  expect(text).not.toContain(machine.apiKey);
  expect(text).not.toMatch(/ghs_/);
});
