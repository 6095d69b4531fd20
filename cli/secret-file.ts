import { spawn } from 'node:child_process';
import { open, rm } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { UsageError } from './command';

type Secrets = Readonly<Record<string, string>>;

/** Where to write the secrets. With `sops`, the file holds only what SOPS has encrypted. */
export type SecretFile = { path: string; encryptsBySops: boolean };

const isYaml = (path: string) => /\.ya?ml$/.test(path);

/** Writes values as an env file: one line each, as `config` reads a key with `\n` for its line breaks. */
function envFile(secrets: Secrets): string {
  return Object.entries(secrets)
    .map(([name, value]) => `${name}=${JSON.stringify(value.trimEnd())}\n`)
    .join('');
}

/** Writes values as the Kubernetes Secret of `deploy/secrets-template/app.yaml`. JSON strings are YAML strings, too. */
function kubernetesSecret(secrets: Secrets): string {
  const lines = Object.entries(secrets).map(([name, value]) => `  ${name}: ${JSON.stringify(value)}\n`);
  return `apiVersion: v1\nkind: Secret\nmetadata:\n  name: pulsestream\ntype: Opaque\nstringData:\n${lines.join('')}`;
}

/**
 * Checks everything that could stop {@link writeSecretFile}, before GitHub hands over secrets that it shows only once.
 * SOPS encrypts a trial document, so that a missing rule or key is found here.
 *
 * @throws {UsageError}
 */
export async function assertCanWrite({ path, encryptsBySops }: SecretFile): Promise<void> {
  await assertCanCreate(path);
  if (!encryptsBySops) return;
  if (!isYaml(path)) throw new UsageError('--output: SOPS encrypts a Kubernetes Secret, in a .yaml file');
  await encrypt(path, kubernetesSecret({ TRIAL: 'nothing' }));
}

/**
 * Creates the file and removes it again. Only the attempt shows a missing folder, a missing permission and a symbolic
 * link that leads nowhere.
 */
async function assertCanCreate(path: string): Promise<void> {
  try {
    await (await open(path, 'wx', 0o600)).close();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new UsageError(
      code === 'EEXIST'
        ? `--output: ${path} exists, and is not overwritten`
        : `--output: ${path} cannot be created (${code})`,
    );
  }
  await rm(path);
}

/**
 * Writes the secrets to a new file that only this user can read (0600). With SOPS, they reach the disk only encrypted.
 *
 * @throws if the file exists by now, or SOPS fails
 */
export async function writeSecretFile({ path, encryptsBySops }: SecretFile, secrets: Secrets): Promise<void> {
  const clear = isYaml(path) ? kubernetesSecret(secrets) : envFile(secrets);
  const content = encryptsBySops ? await encrypt(path, clear) : clear;
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/**
 * Encrypts by the rule of `.sops.yaml` for the file's path. The document goes through a pipe.
 *
 * @throws {UsageError} with SOPS's own message, which contains no part of the document
 */
async function encrypt(path: string, document: string): Promise<string> {
  const types = ['--input-type', 'yaml', '--output-type', 'yaml'];
  const args = ['encrypt', ...types, '--filename-override', path, '/dev/stdin'];
  const sops = spawn('sops', args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve, reject) => {
    sops.on('error', () => reject(new UsageError('--encrypt: sops (3.9 or newer) is not on this machine')));
    sops.on('close', resolve);
  });
  // If SOPS ends early, its exit code and message say why.
  sops.stdin.on('error', () => {});
  sops.stdin.end(document);
  const [code, encrypted, complaint] = await Promise.all([ended, text(sops.stdout), text(sops.stderr)]);
  if (code !== 0 || !/^sops:/m.test(encrypted))
    throw new UsageError(`--encrypt: sops failed for ${path}: ${complaint.trim().slice(0, 500)}`);
  return encrypted;
}
