import { beforeEach, expect, it } from 'vitest';
import { callGitHub } from './client';
import { startTestGitHub } from './test-github';

const APP = 'GET /app';
let retired = '';
const github = await startTestGitHub(({ app, actions }) => {
  // The order in which an operator would have them while rotating: the new key first, GitHub knows both.
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

it('uses the first key while GitHub knows it', async () => {
  await ask();
  expect(asked()).toEqual([200]);
});

it('goes over to the second key when GitHub does not know the first any more, and stays with it', async () => {
  github.actions.removeAppKey({ fingerprint: retired });
  await Promise.all(Array.from({ length: 10 }, ask));
  expect(asked().filter((status) => status === 200)).toHaveLength(10);
  github.requests.clear();
  await ask();
  expect(asked()).toEqual([200]);
});

it('corrects the clock once for all who were refused at the same time', async () => {
  for (const clockOffsetMs of [300_000, -300_000, 0]) {
    github.knobs.set({ clockOffsetMs });
    await Promise.all(Array.from({ length: 10 }, ask));
    github.requests.clear();
    await ask();
    expect(asked()).toEqual([200]);
  }
});

it('repeats a refused signature once and no more when no key is known', async () => {
  const { pem } = github.actions.addAppKey();
  github.configureApp({ privateKey: pem });
  await expect(ask()).rejects.toMatchObject({ kind: 'unauthorized' });
  expect(asked()).toEqual([401, 401]);
});
