/** The main step of the action: starts the process that holds the tokens, and points git to it. */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { CommandError, EXIT } from '../cli/exit-codes.js';
import { describeFailure } from '../cli/failure.js';
import { assertUnixSockets } from '../cli/platform.js';
import { endHolder } from './end-holder.js';
import type { Report } from './holder.js';
import { type Inputs, readInputs } from './inputs.js';
import { exportVariables, mask, reportError, saveState } from './runner.js';

const HOLDER = path.join(path.dirname(fileURLToPath(import.meta.url)), 'holder.js');

try {
  assertUnixSockets('This action', process.platform);
  await start(readInputs(process.env));
} catch (error) {
  reportError(describeFailure(error).message);
  process.exitCode = 1;
}

async function start(inputs: Inputs): Promise<void> {
  const { variables, end } = await startHolder(inputs);
  try {
    await saveState(process.env, { end });
    if (inputs.tokenVariable) mask(variables[inputs.tokenVariable] ?? '');
    await exportVariables(process.env, variables);
  } catch (error) {
    await endHolder(end);
    throw error;
  }
  process.stdout.write('git reads the repositories until the job ends.\n');
}

async function startHolder(inputs: Inputs): Promise<Exclude<Report, { failure: string }>> {
  const holder = spawn(process.execPath, [HOLDER], {
    detached: true,
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  });
  const report = await new Promise<Report>((resolve, reject) => {
    holder.once('message', (message) => resolve(message as Report));
    holder.once('error', reject);
    holder.once('exit', () => reject(new CommandError(EXIT.internal, 'The process for the tokens ended.')));
    holder.send(inputs);
  });
  holder.removeAllListeners();
  holder.unref();
  if ('failure' in report) throw new CommandError(EXIT.unavailable, report.failure);
  return report;
}
