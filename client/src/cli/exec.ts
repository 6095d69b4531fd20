import { endAs } from './child.js';
import type { Command } from './command.js';
import { environmentOfCommand } from './environment.js';
import { CommandError, EXIT } from './exit-codes.js';
import { settingsForHost } from './git.js';
import { withSource } from './open-source.js';
import { assertUnixSockets } from './platform.js';
import { readScope, SCOPE_OPTIONS, SCOPE_USAGE } from './scope.js';

/** Runs a command with a token in its environment, and revokes the token when the command ends. */
export const exec: Command = {
  summary: 'runs a command with a token in its environment',
  usage: `Usage: pulsestream exec [--repo owner/name]… [--installation ID] -- COMMAND [ARGUMENT]…

Runs COMMAND with GITHUB_TOKEN in its environment, and revokes the token when
COMMAND ends, however it ends. Ends with its exit code, or by its signal.

${SCOPE_USAGE}

GITHUB_TOKEN is valid for one hour, and an environment cannot be changed from
outside. A longer COMMAND stays supplied in two ways: git inside it always gets a
token that is valid, and "pulsestream token" inside it prints one. Both stay within
the same repositories, and all of these tokens are revoked at the end. COMMAND
does not see PULSESTREAM_API_KEY and its likes.`,
  options: SCOPE_OPTIONS,
  async run({ values, positionals: [command, ...args], env, platform }) {
    assertUnixSockets('pulsestream exec', platform);
    if (command === undefined) throw new CommandError(EXIT.usage, 'Name the command to run, after --.');
    const end = await withSource(env, readScope({ values, env }), async ({ source, socket, foreground }) => {
      const { token } = await source.token();
      const git = settingsForHost(await source.origin());
      return foreground.run(command, args, { env: environmentOfCommand(env, { socket, token, git }) });
    });
    return endAs(end);
  },
};
