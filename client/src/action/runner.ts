/**
 * Speaks to the runner of GitHub Actions: by lines on standard output, and by the files that it names.
 *
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
import { randomUUID } from 'node:crypto';
import { appendFile } from 'node:fs/promises';
import { CommandError, EXIT } from '../cli/exit-codes.js';

/** Sets variables of the following steps. */
export function exportVariables(env: NodeJS.ProcessEnv, variables: Record<string, string>): Promise<void> {
  return append(env, 'GITHUB_ENV', variables);
}

/** Saves values for the post step. It finds each as `STATE_…`. */
export function saveState(env: NodeJS.ProcessEnv, values: Record<string, string>): Promise<void> {
  return append(env, 'GITHUB_STATE', values);
}

/** Hides a value in everything that the job logs from now on. */
export function mask(value: string): void {
  command('add-mask', value);
}

export function reportError(message: string): void {
  command('error title=PulseStream', message);
}

export function reportWarning(message: string): void {
  command('warning title=PulseStream', message);
}

/** Appends the values with a random delimiter, so that no value can set another variable. */
async function append(env: NodeJS.ProcessEnv, file: string, values: Record<string, string>): Promise<void> {
  const path = env[file];
  if (!path)
    throw new CommandError(EXIT.configuration, `${file} is not set: this is no step of GitHub Actions.`);
  const delimiter = `ghadelimiter_${randomUUID()}`;
  const entries = Object.entries(values).map(
    ([name, value]) => `${name}<<${delimiter}\n${value}\n${delimiter}\n`,
  );
  await appendFile(path, entries.join(''));
}

function command(name: string, value: string): void {
  const escaped = value.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
  process.stdout.write(`::${name}::${escaped}\n`);
}
