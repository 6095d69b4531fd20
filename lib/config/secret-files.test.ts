import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { parseConfig } from '../config';
import { SECRET_NAMES } from './secret-files';
import { COMPLETE, problemsOf } from './test-environment';
import { createSecretFolder, moveSecretsToFiles } from './test-secret-folder';
import { VARIABLES } from './variables';

const complete = Object.fromEntries(Object.entries(COMPLETE).map(([name, value]) => [name, value ?? '']));

it('reads the same configuration from files as from variables', () => {
  const { environment, folder } = moveSecretsToFiles(complete);
  expect(environment.DATABASE_URL).toBe('');
  expect(parseConfig(environment)).toEqual(parseConfig(COMPLETE));
  folder.remove();
});

it('allows every secret to be a file', () => {
  const secrets = VARIABLES.filter((name) =>
    /SECRET(_PREVIOUS)?$|TOKEN(_PREVIOUS)?$|PRIVATE_KEY$/.test(name),
  );
  expect(SECRET_NAMES).toEqual(expect.arrayContaining([...secrets, 'DATABASE_URL', 'REDIS_URL']));
  expect(VARIABLES).toEqual(expect.arrayContaining([...SECRET_NAMES]));
});

it('reads all values from one version of the Secret, and the next version after an update', () => {
  const { environment, folder } = moveSecretsToFiles(complete);
  const rotated = { NEXTAUTH_SECRET: 'n'.repeat(32), NEXTAUTH_SECRET_PREVIOUS: complete.NEXTAUTH_SECRET };
  folder.update(rotated);
  expect(parseConfig(environment).auth.secrets).toEqual(Object.values(rotated));
  // `kubectl apply` leaves an empty file when a key is removed from `stringData`.
  for (const removed of ['', undefined]) {
    folder.update({ NEXTAUTH_SECRET_PREVIOUS: removed });
    expect(parseConfig(environment).auth.secrets).toEqual(['n'.repeat(32)]);
  }
  folder.remove();
});

it('reads a plain folder, and ignores files that cannot be variables', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pulsestream-plain-'));
  writeFileSync(path.join(folder, 'CRON_SECRET'), `${'c'.repeat(16)}\n`);
  writeFileSync(path.join(folder, '.swp'), 'x');
  writeFileSync(path.join(folder, 'notes.txt'), 'x');
  expect(parseConfig({ ...complete, SECRETS_DIR: folder }).cronSecrets).toEqual(['c'.repeat(16)]);
});

it('rejects a secret that is set twice, a file of another variable, and an unreadable folder, by name only', () => {
  const folder = createSecretFolder({ NEXTAUTH_SECRET: 'the-value-of-a-file', PORT: '1' });
  expect(problemsOf({ ...complete, SECRETS_DIR: folder.path })).toEqual([
    'PORT: cannot be a file in SECRETS_DIR; set it as a variable',
    'NEXTAUTH_SECRET: set as a variable and as a file; set only one of them',
  ]);
  folder.remove();
  expect(problemsOf({ ...complete, SECRETS_DIR: folder.path })).toEqual(['SECRETS_DIR: cannot be read']);
});
