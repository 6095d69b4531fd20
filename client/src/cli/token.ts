import type { Command } from './command.js';
import { SESSION } from './environment.js';
import { CommandError, EXIT } from './exit-codes.js';
import { clientOf } from './open-source.js';
import { readScope, SCOPE_OPTIONS, SCOPE_USAGE } from './scope.js';
import { Session } from './session.js';
import { sourceAt } from './source.js';

/** Writes a token to a pipe or a file descriptor, and to a terminal only if asked to. */
export const token: Command = {
  summary: 'writes a token to a pipe',
  usage: `Usage: pulsestream token [--repo owner/name]… [--installation ID] [--json] [--show]

Writes a token to standard output, for a program that reads it from a pipe. The
token is valid for one hour and stays valid until then: prefer "pulsestream exec",
which revokes it. Inside "pulsestream exec", writes a token of that command, which
is renewed before it expires and revoked at the end.

${SCOPE_USAGE}
  --json              {"token", "expires_at"}
  --show              also if standard output is a terminal`,
  options: { ...SCOPE_OPTIONS, json: { type: 'boolean' }, show: { type: 'boolean' } },
  async run({ values, positionals, env }) {
    if (positionals.length > 0) throw new CommandError(EXIT.usage, 'Name repositories with --repo.');
    if (process.stdout.isTTY && values.show !== true)
      throw new CommandError(
        EXIT.usage,
        'This would show the token on the terminal. Pipe it to a program, or add --show.',
      );
    const scope = readScope({ values, env });
    const outer = env[SESSION];
    const source = outer ? sourceAt(outer) : new Session(clientOf(env), scope);
    const { token: value, expiresAt } = await source.token();
    const text = values.json === true ? JSON.stringify({ token: value, expires_at: expiresAt }) : value;
    process.stdout.write(`${text}\n`);
    return 0;
  },
};
