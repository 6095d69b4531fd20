/** Reads the secrets that are files, as Kubernetes mounts a Secret: one file per variable in one folder. */
import { readdirSync, readFileSync, realpathSync } from 'node:fs';
import path from 'node:path';
import { trimValue } from './clean-value';

/** The parts of the configuration that can change without a restart, each with its variables. */
export const SECRET_PARTS = {
  database: ['DATABASE_URL', 'DATABASE_URL_PREVIOUS'],
  redis: ['REDIS_URL', 'UPSTASH_REDIS_REST_URL', 'UPSTASH_REDIS_REST_TOKEN'],
  key: ['GITHUB_APP_PRIVATE_KEY', 'GITHUB_APP_KMS_KEY_ID'],
  client: ['GITHUB_APP_CLIENT_SECRET'],
  other: [
    'NEXTAUTH_SECRET',
    'NEXTAUTH_SECRET_PREVIOUS',
    'AUTH_GITHUB_SECRET',
    'AUTH_GOOGLE_SECRET',
    'AUTH_OIDC_SECRET',
    'GITHUB_WEBHOOK_SECRET',
    'GITHUB_WEBHOOK_SECRET_PREVIOUS',
    'CRON_SECRET',
    'CRON_SECRET_PREVIOUS',
    'METRICS_TOKEN',
    'METRICS_TOKEN_PREVIOUS',
    'EVIDENCE_SIGNING_KEY',
  ],
} as const;

export type SecretPart = keyof typeof SECRET_PARTS;

/** The variables that may be files in `SECRETS_DIR`. */
export const SECRET_NAMES: readonly string[] = Object.values(SECRET_PARTS).flat();

export type SecretFiles = {
  /** The content of each file in `SECRETS_DIR`, by the variable that the file is named after. */
  values: Readonly<Record<string, string>>;
  /** The content of `GITHUB_APP_PRIVATE_KEY_FILE`, which may be binary. */
  keyFile: Buffer | undefined;
  /** One message per problem, without any value. */
  problems: readonly string[];
};

/** A file's name that could be a variable. Other files, such as Kubernetes' own `..data`, are ignored. */
const VARIABLE = /^[A-Z][A-Z0-9_]*$/;

/** True if these variables name a secret file or a folder with secrets, whatever is in it now. */
export function namesSecretFiles(env: Record<string, string | undefined>): boolean {
  return [env.SECRETS_DIR, env.GITHUB_APP_PRIVATE_KEY_FILE].some((name) => trimValue(name ?? '') !== '');
}

/**
 * Reads the secret files. Kubernetes updates a mounted Secret by pointing the symbolic link `..data` to a new folder.
 * Resolving that link once makes all values come from the same version of the Secret.
 *
 * Without the comments `turbopackIgnore`, the build takes these paths for any file of the project, and the image holds
 * all of them.
 *
 * @param env `SECRETS_DIR` names the folder, `GITHUB_APP_PRIVATE_KEY_FILE` the App's key
 */
export function readSecretFiles(env: Record<string, string | undefined>): SecretFiles {
  const keyPath = trimValue(env.GITHUB_APP_PRIVATE_KEY_FILE ?? '');
  const keyFile = keyPath === '' ? undefined : attempt(() => readFileSync(keyPath));
  const folder = trimValue(env.SECRETS_DIR ?? '');
  if (folder === '') return { values: {}, keyFile, problems: [] };
  const entries = attempt(() => {
    const version =
      attempt(() =>
        realpathSync(/* turbopackIgnore: true */ path.join(/* turbopackIgnore: true */ folder, '..data')),
      ) ?? folder;
    return readdirSync(/* turbopackIgnore: true */ version)
      .filter((name) => VARIABLE.test(name))
      .sort()
      .map(
        (name) =>
          [
            name,
            readFileSync(
              /* turbopackIgnore: true */ path.join(/* turbopackIgnore: true */ version, name),
              'utf8',
            ),
          ] as const,
      );
  });
  if (entries === undefined) return { values: {}, keyFile, problems: ['SECRETS_DIR: cannot be read'] };
  const strange = entries.map(([name]) => name).filter((name) => !SECRET_NAMES.includes(name));
  return {
    values: Object.fromEntries(entries),
    keyFile,
    problems: strange.map((name) => `${name}: cannot be a file in SECRETS_DIR; set it as a variable`),
  };
}

function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
