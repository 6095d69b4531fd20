import { expect, it } from 'vitest';
import { createClient } from '../index.js';
import { NoAnswer } from './credential-protocol.js';
import { Session } from './session.js';
import { startMachine } from './test-machine.js';

const machine = await startMachine();
const client = createClient({ url: machine.origin, auth: { apiKey: machine.apiKey } });
const { protocol, host } = new URL(machine.world.github.webUrl);
const request = { protocol: protocol.slice(0, -1), host, repository: 'acme/api' };

it('answers git for the account of the clone only, although the caller may read others', async () => {
  const before = await machine.livingTokens();
  const other = new Session(client, { owner: 'globex' });
  await expect(other.forGit(request)).rejects.toThrow(NoAnswer);
  // An account whose name only begins like the other.
  await expect(new Session(client, { owner: 'acm' }).forGit(request)).rejects.toThrow(NoAnswer);
  expect(await machine.livingTokens()).toEqual(before);
  const ours = new Session(client, { owner: 'ACME' });
  expect((await ours.forGit(request)).token).toMatch(/^ghs_/);
  expect(await ours.close()).toBe(0);
  expect(await machine.livingTokens()).toEqual(before);
});

it('mints nothing after its end', async () => {
  const session = new Session(client);
  await session.close();
  await expect(session.forGit(request)).rejects.toThrow('the command has ended');
});
