import { VERSION } from '../version.js';
import { clone } from './clone.js';
import { type Command, readArguments } from './command.js';
import { doctor } from './doctor.js';
import { exec } from './exec.js';
import { CommandError, EXIT } from './exit-codes.js';
import { describeFailure } from './failure.js';
import { gitCredential } from './git-credential.js';
import { token } from './token.js';

const COMMANDS: Readonly<Record<string, Command>> = {
  clone,
  exec,
  token,
  'git-credential': gitCredential,
  doctor,
};

const USAGE = `Usage: pulsestream COMMAND [OPTION]…

${Object.entries(COMMANDS)
  .map(([name, { summary }]) => `  ${name.padEnd(15)} ${summary}`)
  .join('\n')}

pulsestream COMMAND --help explains a command; --version prints the version.

Environment:
  PULSESTREAM_URL                   the control plane
  PULSESTREAM_IDENTITY_TOKEN_FILE   one of these three proves who asks; in a job
  PULSESTREAM_API_KEY_FILE          of GitHub Actions with id-token: write, none
  PULSESTREAM_API_KEY               is needed
  PULSESTREAM_WORKSPACE             the workspace, if trust rules of several match
  PULSESTREAM_AUDIENCE              for GitHub Actions; the origin of the URL
  HTTPS_PROXY, NO_PROXY             the proxy for https requests

Exit codes:
   0  done                            70  a fault of this program
   1  a check of doctor failed        75  try again later
  64  wrong arguments                 77  the identity was refused
  66  no such repository, or not      78  wrong configuration
      for this caller                126  the command cannot be executed
  69  the service is not available   127  the command was not found
clone and exec otherwise end as git and the command ended.`;

/**
 * Runs a command.
 *
 * @param args the arguments without the names of node and of this program
 * @param platform the operating system, by its name in Node
 * @returns the exit code
 */
export async function main(args: string[], platform = process.platform): Promise<number> {
  try {
    return await dispatch(args, platform);
  } catch (error) {
    const { exitCode, message } = describeFailure(error);
    process.stderr.write(`pulsestream: ${message}\n`);
    return exitCode;
  }
}

async function dispatch([name, ...args]: string[], platform: NodeJS.Platform): Promise<number> {
  if (name === '--version') return print(VERSION);
  if (name === '--help' || name === '-h' || name === 'help') return print(USAGE);
  const command = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const wrong = name === undefined ? 'Name a command.' : `There is no command ${JSON.stringify(name)}.`;
    throw new CommandError(EXIT.usage, `${wrong}\n\n${USAGE}`);
  }
  const { values, positionals } = readArguments(command, args);
  if (values.help === true) return print(command.usage);
  return command.run({ values, positionals, env: process.env, platform });
}

function print(text: string): number {
  process.stdout.write(`${text}\n`);
  return EXIT.ok;
}
