import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { startMachine } from './test-machine.js';
import { findInFiles, findInProcesses, findInText } from './test-processes.js';
import { startHoldingProxy } from './test-proxy.js';

const machine = await startMachine();
const { webUrl } = machine.world.github;
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

/** A variable that every program of a clone inherits, to see that the search reaches them. */
const MARK = { TRACES_MARK: 'mark-of-this-clone' };

it.skipIf(process.platform !== 'linux')(
  'keeps the token of a clone out of processes, files, traces and output, while it runs and afterwards',
  async () => {
    const proxy = await startHoldingProxy();
    const folder = machine.folder('traced');
    const cloning = machine.pulsestream(['clone', 'acme/api', folder], {
      env: { ...proxy.env, ...LOUD, ...MARK },
    });
    const token = await Promise.race([proxy.arrived, cloning.then(({ stderr }) => stderr)]);
    expect(token).toMatch(/^ghs_/);
    expect(await machine.livingTokens()).not.toEqual([]);
    const cloneUrl = `${webUrl}/acme/api.git`;
    const config = path.join(folder, '.git/config');
    // The search finds what is there: git's programs while they wait for the pack, and the files of the clone.
    const programs = await findInProcesses(MARK.TRACES_MARK);
    expect(programs.map(({ command }) => command)).toContainEqual(expect.stringContaining('remote-http'));
    expect(await findInProcesses(cloneUrl)).toContainEqual(expect.objectContaining({ where: 'cmdline' }));
    expect(await findInFiles(base, cloneUrl)).toContain(config);
    expect(await findInProcesses(token)).toEqual([]);
    expect(await findInFiles(base, token)).toEqual([]);
    proxy.release();
    const { code, stdout, stderr } = await cloning;
    expect(code).toBe(0);
    // git has traced its requests with their credential, but redacted.
    expect(stderr).toContain('Authorization: Basic <redacted>');
    expect(findInText(`${stdout}${stderr}`, token)).toEqual([]);
    expect(await findInFiles(base, cloneUrl)).toContain(config);
    expect(await findInFiles(base, token)).toEqual([]);
  },
);

it.each(['SIGINT', 'SIGTERM'] as const)(
  'revokes the token, removes the clone and ends by %s, and git’s programs with it',
  async (signal) => {
    const proxy = await startHoldingProxy();
    const folder = machine.folder(`interrupted-by-${signal}`);
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
    process.kill(pid, signal);
    // The proxy still holds the pack, and the output ends with the last program that could write to it.
    expect((await cloning).signal).toBe(signal);
    expect(existsSync(folder)).toBe(false);
    expect(await machine.livingTokens()).toEqual(before);
  },
);
