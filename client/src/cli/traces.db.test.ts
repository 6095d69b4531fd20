import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { startMachine } from './test-machine.js';
import { findInFiles, findInProcesses, findInText } from './test-processes.js';
import { startHoldingProxy } from './test-proxy.js';

const machine = await startMachine();
const base = path.dirname(machine.home);

/** All that git and Git LFS have to make them write what they send. */
const LOUD = {
  GIT_TRACE: '1',
  GIT_CURL_VERBOSE: '1',
  GIT_TRACE_CURL: '1',
  GIT_TRACE_REDACT: '0',
  GIT_TRACE_PACKET: '1',
  GIT_TRACE2_EVENT: '1',
};

it.skipIf(process.platform !== 'linux')(
  'keeps the token of a clone out of processes, files, traces and output, while it runs and afterwards',
  async () => {
    const proxy = await startHoldingProxy();
    const folder = machine.folder('traced');
    const cloning = machine.pulsestream(['clone', 'acme/api', folder], { env: { ...proxy.env, ...LOUD } });
    const token = await Promise.race([proxy.arrived, cloning.then(({ stderr }) => stderr)]);
    expect(token).toMatch(/^ghs_/);
    expect(await machine.livingTokens()).not.toEqual([]);
    expect(await findInProcesses(token)).toEqual([]);
    expect(await findInFiles(base, token)).toEqual([]);
    proxy.release();
    const { code, stdout, stderr } = await cloning;
    expect(code).toBe(0);
    // git has traced its requests with their credential, but redacted.
    expect(stderr).toContain('Authorization: Basic <redacted>');
    expect(findInText(`${stdout}${stderr}`, token)).toEqual([]);
    expect(await findInFiles(base, token)).toEqual([]);
  },
);

it('revokes the token, removes the clone and ends by the signal when it is interrupted', async () => {
  const proxy = await startHoldingProxy();
  const folder = machine.folder('interrupted');
  const before = await machine.livingTokens();
  let pid = 0;
  const cloning = machine.pulsestream(['clone', 'acme/api', folder], {
    env: proxy.env,
    started: (started) => {
      pid = started;
    },
  });
  await proxy.arrived;
  expect((await machine.livingTokens()).length).toBe(before.length + 1);
  expect(existsSync(folder)).toBe(true);
  process.kill(pid, 'SIGINT');
  expect((await cloning).signal).toBe('SIGINT');
  expect(existsSync(folder)).toBe(false);
  expect(await machine.livingTokens()).toEqual(before);
});
