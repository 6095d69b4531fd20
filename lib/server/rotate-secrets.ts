/** Reads secret files again while the process runs, so that rotating a secret needs no restart. */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import {
  type Config,
  configWith,
  getConfig,
  hasSecretFiles,
  readOwnSecretFiles,
  replaceConfig,
  secretFilesInUse,
} from '../config';
import { SECRET_PARTS, type SecretFiles, type SecretPart } from '../config/secret-files';
import { changeDatabaseUrls } from '../db/pool';
import { proveCredentials } from '../db/prove-credentials';
import { replaceAppKeys } from '../github/client';
import { isKeyAccepted } from '../github/key-probe';
import { createSigners } from '../github/signers';
import { probeClientSecret } from '../github/user-oauth';
import { log } from '../observability/log';
import { metrics } from '../observability/metrics';
import { connectStore, getRedis, STORE_DEADLINE_MS } from '../rate-limit/store';
import { rememberKeysInUse } from './remember-keys';

/** How long Redis may take to accept a new password. */
const TRIAL_MS = 5000;

/** How often the files are read. Kubernetes itself takes about a minute to update a mounted Secret. */
const POLL_MS = 5000;

/** How long to wait before a refused secret is tried again. Each trial is a sign-in at the database, Redis or GitHub. */
const RETRY_MS = 30_000;

/**
 * Checks that the secrets of one part work, before anything uses them.
 *
 * @returns a function that makes everything use them
 * @throws if they do not work
 */
type Prepare = (next: Config) => Promise<() => void>;

const PREPARE: Readonly<Record<SecretPart, Prepare>> = {
  database: async (next) => {
    await proveCredentials(getConfig().databaseUrls, next);
    return () => changeDatabaseUrls(next.databaseUrls);
  },
  redis: async ({ redis }) => {
    const trial = connectStore(redis, TRIAL_MS);
    await trial.ping().finally(() => trial.close());
    const connection = connectStore(redis);
    // Connect now, because the first request would wait for it. A slow connection is no reason to refuse the secret.
    await connection.ping().catch(() => {});
    return () => {
      const old = getRedis.replace(connection);
      // Commands in flight have their deadline to finish on the old connection.
      if (old !== undefined) setTimeout(() => old.close(), 2 * STORE_DEADLINE_MS).unref();
    };
  },
  key: async ({ github }) => {
    const signers = createSigners(github.signer);
    if (!(await isAnyAccepted(signers))) throw new Error('GitHub accepts none of the App’s new keys');
    return () => {
      replaceAppKeys(signers);
      void rememberKeysInUse();
    };
  },
  client: async ({ github }) => {
    await probeClientSecret(github.clientSecret);
    return () => {};
  },
  // These are read from the configuration at each use. No check is possible: only a sender could use them.
  other: async () => () => {},
};

async function isAnyAccepted(signers: ReturnType<typeof createSigners>): Promise<boolean> {
  for (const sign of signers) if (await isKeyAccepted(sign)) return true;
  return false;
}

function digestOf({ values, keyFile }: SecretFiles): string {
  return createHash('sha256')
    .update(JSON.stringify(Object.entries(values).sort()))
    .update(keyFile ?? '')
    .digest('base64');
}

/** Returns the files in use, with one part taken from the new files. */
function withPart(used: SecretFiles, files: SecretFiles, part: SecretPart): SecretFiles {
  const names: readonly string[] = SECRET_PARTS[part];
  const pick = (values: SecretFiles['values'], wanted: boolean) =>
    Object.entries(values).filter(([name]) => names.includes(name) === wanted);
  return {
    values: Object.fromEntries([...pick(used.values, false), ...pick(files.values, true)]),
    keyFile: part === 'key' ? files.keyFile : used.keyFile,
    problems: files.problems,
  };
}

type Rotation = { replaced: SecretPart[]; refused: SecretPart[] };

/**
 * Creates a function that reads the secret files and uses what has changed. Each part is checked before it is used. If a
 * part fails the check, the process continues with that part's old secrets, and tries again at the next call.
 *
 * @returns a function whose promise never rejects. It resolves to the parts that were replaced, and those that failed
 */
export function createSecretRotation(): () => Promise<Rotation> {
  let used = secretFilesInUse();
  let lastDigest = digestOf(used);
  const complaints = new Map<SecretPart, string>();

  const complain = (part: SecretPart, error: unknown) => {
    const message = String(error);
    if (message !== complaints.get(part))
      log.error({ err: error, part }, 'a changed secret is not used: the old one stays in use');
    complaints.set(part, message);
  };

  const rotate = async (part: SecretPart, files: SecretFiles): Promise<boolean> => {
    const trial = withPart(used, files, part);
    const next = configWith(trial);
    const changes = !isDeepStrictEqual(next, getConfig());
    if (changes) {
      const use = await PREPARE[part](next);
      replaceConfig(next);
      use();
      log.info({ part }, 'secrets were read again and are in use');
    }
    used = trial;
    return changes;
  };

  return async () => {
    const files = readOwnSecretFiles();
    const digest = digestOf(files);
    // Wait until two readings agree, because a file may be half written.
    const isSettled = digest === lastDigest;
    lastDigest = digest;
    const result: Rotation = { replaced: [], refused: [] };
    if (!isSettled) return result;
    // A change that did not work may have been taken back, while another part of it is in use.
    if (digest === digestOf(used)) complaints.clear();
    else
      for (const part of Object.keys(PREPARE) as SecretPart[])
        try {
          if (await rotate(part, files)) result.replaced.push(part);
          complaints.delete(part);
        } catch (error) {
          result.refused.push(part);
          complain(part, error);
        }
    metrics.secretsRefused.set(complaints.size > 0 ? 1 : 0);
    return result;
  };
}

/** Starts reading the secret files again and again. Does nothing if no secret is a file. */
export function startSecretRotation(): void {
  if (!hasSecretFiles()) return;
  const rotate = createSecretRotation();
  const again = (afterMs: number) =>
    setTimeout(async () => {
      const { refused } = await rotate();
      again(refused.length > 0 ? RETRY_MS : POLL_MS);
    }, afterMs).unref();
  again(POLL_MS);
}
