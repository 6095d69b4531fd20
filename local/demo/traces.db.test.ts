import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AppServer } from '../app/server';
import type { Services } from '../services';
import { startStore } from '../services/store';
import { createTestDatabase } from '../test/database';
import { findTraces } from './traces';

const database = await createTestDatabase();
const store = await startStore();
const owner = new pg.Client(database.ownerUrl);
const folder = await mkdtemp(path.join(tmpdir(), 'traces-'));

beforeAll(() => owner.connect());
afterAll(async () => {
  await owner.end();
  await store.close();
  await rm(folder, { recursive: true });
});

const CLASSIC = `ghs_${'aB3'.repeat(12)}`;
const STATELESS = `ghs_424242_eyJhbGciOiJSUzI1NiJ9.${'x-_'.repeat(90)}.${'Zz9'.repeat(60)}`;

function look(secret: string, log = ''): Promise<string[]> {
  return findTraces([secret], { database, store } as Services, { log: () => log } as AppServer, [folder]);
}

it.each([
  ['classic', CLASSIC],
  ['stateless', STATELESS],
])('the search finds a planted token in the %s format, in every encoding and place', async (_, token) => {
  expect(await look(token)).toEqual([]);
  const base64 = Buffer.from(token).toString('base64');
  for (const form of [token, base64, encodeURIComponent(token), JSON.stringify({ token })])
    expect(await look(token, `a line with ${form} in it`)).toEqual(['the log']);

  await owner.query('INSERT INTO workspaces (slug, name) VALUES ($1, $2)', [
    'planted',
    `before ${token} after`,
  ]);
  expect(await look(token)).toEqual(['the table workspaces']);
  await owner.query('DELETE FROM workspaces');

  await fetch(store.url, {
    method: 'POST',
    headers: { authorization: `Bearer ${store.token}` },
    body: JSON.stringify(['SET', 'planted', token]),
  });
  expect(await look(token)).toEqual(['Redis']);
  await fetch(store.url, {
    method: 'POST',
    headers: { authorization: `Bearer ${store.token}` },
    body: JSON.stringify(['DEL', 'planted']),
  });

  const file = path.join(folder, 'cache.bin');
  await writeFile(file, Buffer.concat([Buffer.from([0, 255]), Buffer.from(token)]));
  expect(await look(token)).toEqual([file]);
  await rm(file);
});
