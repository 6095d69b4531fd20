import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { OFFLINE_SECRET_PREFIX } from 'offline-github';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { generateApiKey } from '../../lib/api-keys/key';
import '../test/postgres';
import { createDatabase, dropDatabase } from '../services/postgres/databases';
import { localSecret } from '../services/secret';
import { startStore } from '../services/store';
import { keepRemains } from './keep';
import { searchRemains } from './search';
import { holdsSecret } from './secret-forms';

const pem = (type: 'pkcs1' | 'pkcs8') =>
  generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type, format: 'pem' },
  }).privateKey;

const SECRETS = {
  'a classic installation token': `ghs_${'aB3'.repeat(12)}`,
  'a stateless installation token': `ghs_424242_eyJhbGciOiJSUzI1NiJ9.${'x-_'.repeat(90)}.${'Zz9'.repeat(60)}`,
  'a user’s OAuth token': `ghu_${'aB3'.repeat(12)}`,
  'an API key': generateApiKey('demo'),
  'a webhook or client secret': localSecret(),
  'a secret of the offline GitHub': `${OFFLINE_SECRET_PREFIX}${'x-_'.repeat(15)}`,
  'a private key in PKCS#1': pem('pkcs1'),
  'a private key in PKCS#8': pem('pkcs8'),
};

/** The encodings in which a program could have written a secret. */
const WRITTEN: Record<string, (secret: string) => string> = {
  raw: (secret) => secret,
  base64: (secret) => Buffer.from(secret).toString('base64'),
  'base64 of a header that holds it': (secret) =>
    Buffer.from(`x-access-token:${secret}`).toString('base64url'),
  'URL-escaped': (secret) => `/path?token=${encodeURIComponent(secret)}&more`,
  'JSON-escaped': (secret) => JSON.stringify({ secret }),
  'JSON in JSON': (secret) => JSON.stringify({ line: JSON.stringify({ secret }) }),
};

describe.each(Object.entries(SECRETS))('%s', (_, secret) => {
  it.each(Object.entries(WRITTEN))('is recognized in this form: %s', (_, write) => {
    expect(holdsSecret(`before "${write(secret)}" after`)).toBe(true);
    expect(holdsSecret(Buffer.concat([Buffer.from([0, 255]), Buffer.from(write(secret))]))).toBe(true);
  });
});

it('does not take text about secrets for a secret', () => {
  for (const text of [
    'const HEADER = "-----BEGIN RSA PRIVATE KEY-----"; /gh[oprsu]_[A-Za-z0-9._-]{20,}/ psk_live_… ghs_…',
    `{"display_prefix":"psk_demo_4f7K","hashed_token":"${'a'.repeat(43)}="}`,
    randomUUID().repeat(50),
  ])
    expect(holdsSecret(text)).toBe(false);
});

describe('the search after a run', () => {
  const { server, template } = inject('postgres');
  let remains: string;
  let files: string;
  let temporary: string;
  const token = SECRETS['a classic installation token'];

  beforeAll(async () => {
    temporary = await mkdtemp(path.join(tmpdir(), 'remains-'));
  });
  afterAll(() => rm(temporary, { recursive: true }));
  beforeEach(async () => {
    remains = path.join(temporary, randomUUID());
    files = path.join(temporary, randomUUID());
    for (const folder of [remains, files]) await mkdir(folder);
    vi.stubEnv('PULSESTREAM_REMAINS', remains);
  });

  const search = () => searchRemains(remains, files, []);
  const kept = (kind: string) => readdir(path.join(remains, kind));

  /** Writes the text to a new database and drops the database, as a test does. */
  async function putInDatabase(text: string): Promise<void> {
    const database = await createDatabase(server, { template });
    const owner = new pg.Client(database.ownerUrl);
    await owner.connect();
    await owner.query('INSERT INTO workspaces (slug, name) VALUES ($1, $2)', ['planted', text]);
    await owner.end();
    await dropDatabase(server, database.name);
  }
  async function putInStore(text: string): Promise<void> {
    const store = await startStore();
    await fetch(store.url, {
      method: 'POST',
      headers: { authorization: `Bearer ${store.token}` },
      body: JSON.stringify(['SET', 'planted', text]),
    });
    await store.close();
  }

  it('fails if no databases, stores or logs were kept', async () => {
    expect(await search()).toEqual(['no databases were kept', 'no stores were kept', 'no logs were kept']);
    await putInDatabase('Acme');
    await putInStore('42');
    await keepRemains('logs', 'of the app', 'minted');
    expect(await search()).toEqual([]);
    const tables = await kept('databases');
    expect(tables.some((name) => name.includes('the table audit_events'))).toBe(true);
  });

  it('finds a secret in a dropped database, a closed store, a log and a file, and names only the place', async () => {
    await putInDatabase(`before ${token} after`);
    await putInStore(`before ${token} after`);
    await keepRemains(
      'logs',
      'of the app',
      `Authorization: Basic ${Buffer.from(`x:${token}`).toString('base64')}`,
    );
    await writeFile(path.join(files, 'core'), token);
    const complaints = await search();
    for (const place of ['the table workspaces', 'the store', 'of the app', 'core'])
      expect(complaints.filter((complaint) => complaint.includes(place))).toHaveLength(1);
    expect(complaints).toHaveLength(4);
    expect(complaints.join('\n')).not.toContain(token);
  });
});
