import { createPrivateKey } from 'node:crypto';
import { getConfig } from '../config';
import { readAppKeys } from '../db/app-keys';
import { GitHubError } from '../github/errors';
import { fingerprintKeys } from '../github/key-fingerprints';
import { isKeyAccepted } from '../github/key-probe';
import { createSigners } from '../github/signers';
import { redact } from '../observability/redact';
import { type Check, fail, ok, warn } from './check';

/** Checks each of the App's private keys by itself. The app needs only one of them, and uses the first that works. */
export const KEY_CHECKS: readonly Check[] = [
  { id: 'key', isCheap: true, find: findKeys },
  { id: 'key-age', isCheap: true, needs: ['database-migrations', 'key'], find: findAge },
  { id: 'key-rotation', needs: ['key'], find: findRotation },
];

/** A call to GitHub waits for a signature about every eight minutes. KMS is given 2 s. */
const SLOW_MS = 1000;

const place = (index: number, all: readonly unknown[]) =>
  all.length === 1 ? 'The key' : `Key ${index + 1} of ${all.length}`;

async function findKeys() {
  const { signer } = getConfig().github;
  if (signer.kind === 'pem') {
    const bits = signer.privateKeys.map((pem) => createPrivateKey(pem).asymmetricKeyDetails?.modulusLength);
    const found = `The key is a PEM of ${bits.join(' and ')} bits, in this process’s environment or a file.`;
    return ok(`${found} A key in KMS would never leave it.`);
  }
  const times: number[] = [];
  for (const [index, sign] of createSigners(signer).entries()) {
    const began = performance.now();
    try {
      await sign('doctor');
    } catch (error) {
      const text = redact(error instanceof Error ? `${error.name}: ${error.message}` : String(error));
      return fail(
        `${place(index, signer.keyIds)} in KMS does not sign: ${text}`,
        'Allow this process kms:Sign on GITHUB_APP_KMS_KEY_ID, and check AWS region, credentials and endpoint.',
      );
    }
    times.push(Math.round(performance.now() - began));
  }
  const found = `KMS signs, in ${times.join(' and ')} ms.`;
  if (Math.max(...times) < SLOW_MS) return ok(found);
  return warn(found, 'Use a KMS endpoint in this region. After 2 s the app gives up.');
}

/** A key works until somebody deletes it at GitHub, so only a rotation bounds how long a copy of it would work. */
const MOST_DAYS = 365;

/** Reports since when this database has seen the keys in use. GitHub's API does not return their age. */
async function findAge() {
  const keys = await readAppKeys(await fingerprintKeys(getConfig().github.signer));
  const [oldest] = keys;
  if (oldest === undefined) return ok('No running app has used this key yet, so it has no age.');
  const found = `The key ${oldest.fingerprint} has been in use here since ${oldest.firstUsedAt.toISOString().slice(0, 10)}, ${oldest.days} days.`;
  if (oldest.days <= MOST_DAYS) return ok(found);
  return warn(
    found,
    'Replace it, as docs/operations.md, App private key, describes. No request fails meanwhile.',
  );
}

async function findRotation() {
  const signers = createSigners(getConfig().github.signer);
  const refused: number[] = [];
  for (const [index, sign] of signers.entries()) {
    try {
      if (!(await isKeyAccepted(sign))) refused.push(index);
    } catch (error) {
      if (!(error instanceof GitHubError)) throw error;
      return warn(`Not checked: ${error.reason}.`, 'See to app-key.');
    }
  }
  const todo = 'Remove keys that GitHub no longer lists from the configuration, and restart.';
  if (refused.length === signers.length)
    return fail(
      'GitHub accepts none of the configured keys.',
      'Generate a private key in the App’s settings on GitHub, and configure it.',
    );
  if (refused.length > 0)
    return warn(
      `GitHub refuses ${refused.map((index) => place(index, signers).toLowerCase()).join(', ')}.`,
      todo,
    );
  if (signers.length > 1)
    return warn(`GitHub accepts all ${signers.length} keys: a rotation is under way.`, todo);
  return ok('One key is configured, and GitHub accepts it.');
}
