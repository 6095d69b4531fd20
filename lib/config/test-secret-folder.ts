/** Mounts secrets as Kubernetes does, for tests. */
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { SECRET_NAMES } from './secret-files';

export type SecretFolder = {
  path: string;
  /** Sets or, with `undefined`, removes secrets. All of them change together, as in one update of a Secret. */
  update(changes: Record<string, string | undefined>): void;
  remove(): void;
};

/**
 * Creates a folder as Kubernetes' kubelet does: each file is a symbolic link through `..data` into a folder with one
 * version of the Secret. An update replaces `..data` and then removes the old version.
 *
 * @see https://kubernetes.io/docs/concepts/configuration/secret/#mounted-secrets-are-updated-automatically
 */
export function createSecretFolder(initial: Record<string, string>): SecretFolder {
  const folder = mkdtempSync(path.join(tmpdir(), 'pulsestream-secrets-'));
  let values: Record<string, string> = {};
  let version = 0;
  const update = (changes: Record<string, string | undefined>) => {
    const merged = Object.entries({ ...values, ...changes });
    values = Object.fromEntries(
      merged.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    );
    const old = `..${version++}`;
    mkdirSync(path.join(folder, `..${version}`));
    for (const [name, value] of Object.entries(values))
      writeFileSync(path.join(folder, `..${version}`, name), value);
    symlinkSync(`..${version}`, path.join(folder, '..next'));
    renameSync(path.join(folder, '..next'), path.join(folder, '..data'));
    for (const name of Object.keys(values))
      if (!readdirSync(folder).includes(name)) symlinkSync(`..data/${name}`, path.join(folder, name));
    rmSync(path.join(folder, old), { recursive: true, force: true });
  };
  update(initial);
  return { path: folder, update, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/**
 * Moves the secrets of an environment into a folder.
 *
 * @returns the environment with `SECRETS_DIR` instead of the secrets, which are unset
 */
export function moveSecretsToFiles(environment: Record<string, string>): {
  environment: Record<string, string>;
  folder: SecretFolder;
} {
  const isSecret = (name: string) => SECRET_NAMES.includes(name);
  const secrets = Object.entries(environment).filter(([name]) => isSecret(name));
  const folder = createSecretFolder(Object.fromEntries(secrets));
  const others = Object.entries(environment).map(([name, value]) => [name, isSecret(name) ? '' : value]);
  return { environment: { ...Object.fromEntries(others), SECRETS_DIR: folder.path }, folder };
}
