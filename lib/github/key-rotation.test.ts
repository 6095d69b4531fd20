import { beforeEach, expect, it } from 'vitest';
import { callGitHub } from './client';
import { startTestGitHub } from './test-github';

const APP = 'GET /app';
let retired = '';
const github = await startTestGitHub(({ app, actions }) => {
  // During a rotation, the operator lists the new key before the old one, and GitHub accepts both.
  const { pem, fingerprint } = actions.addAppKey();
  retired = fingerprint;
  return { GITHUB_APP_PRIVATE_KEY: `${pem}\n${app.privateKey}` };
});

beforeEach(() => {
  github.knobs.reset();
  github.requests.clear();
});

const ask = () => callGitHub({ as: 'app' }, APP, {});
const asked = () => github.requests.filter({ route: APP }).map(({ status }) => status);

it('uses the first key while GitHub accepts it', async () => {
  await ask();
  expect(asked()).toEqual([200]);
});

it('switches to the second key when GitHub rejects the first, and keeps using it', async () => {
  github.actions.removeAppKey({ fingerprint: retired });
  await Promise.all(Array.from({ length: 10 }, ask));
  expect(asked().filter((status) => status === 200)).toHaveLength(10);
  github.requests.clear();
  await ask();
  expect(asked()).toEqual([200]);
});

it('corrects the clock once when GitHub rejects several calls concurrently', async () => {
  for (const clockOffsetMs of [300_000, -300_000, 0]) {
    github.knobs.set({ clockOffsetMs });
    await Promise.all(Array.from({ length: 10 }, ask));
    github.requests.clear();
    await ask();
    expect(asked()).toEqual([200]);
  }
});

it('retries only once with another key when GitHub accepts no key', async () => {
  const { pem } = github.actions.addAppKey();
  github.configureApp({ privateKey: pem });
  await expect(ask()).rejects.toMatchObject({ kind: 'unauthorized' });
  expect(asked()).toEqual([401, 401]);
});
