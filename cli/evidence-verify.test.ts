import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { keyIdOf } from '../lib/evidence/keys';
import { signJson } from '../lib/evidence/signature';
import { newEvidenceKey } from '../local/services/evidence-key';
import { runInProcess } from './test-admin';

const privateKey = createPrivateKey({
  key: Buffer.from(newEvidenceKey(), 'base64'),
  format: 'der',
  type: 'pkcs8',
});
const publicKey = createPublicKey(privateKey);
const id = keyIdOf(publicKey);
const folder = mkdtempSync(path.join(tmpdir(), 'evidence-'));
const file = path.join(folder, 'evidence.json');
const keys = path.join(folder, 'keys.pem');
const COMMAND = ['evidence:verify', '--file', file, '--keys', keys];

it('verifies a pack without any configuration, and exits with 1 once it was changed', async () => {
  const pack = signJson(
    { format: 'pulsestream-evidence/1', workspace: { slug: 'acme' } },
    { id, privateKey },
  );
  writeFileSync(keys, publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(file, pack);
  const sound = await runInProcess(COMMAND, {});
  expect([sound.code, JSON.parse(sound.stdout)]).toEqual([
    0,
    expect.objectContaining({ ok: true, format: 'json', key_id: id }),
  ]);
  writeFileSync(file, pack.toString().replace('acme', 'acne'));
  const changed = await runInProcess(COMMAND, {});
  expect([changed.code, changed.stderr.trim()]).toEqual([
    1,
    'The signature does not fit: the file was changed.',
  ]);
});
