import { text } from 'node:stream/consumers';
import type { Command } from './command.js';
import { formatAnswer, NoAnswer, parseRequest, wantsOurUser } from './credential-protocol.js';
import { SESSION } from './environment.js';
import { CommandError, EXIT } from './exit-codes.js';
import { clientOf } from './open-source.js';
import { repositoryOfPath } from './repository-name.js';
import { Session } from './session.js';
import { type Source, sourceAt } from './source.js';

/** Answers git's `get`. Stores nothing, so every other operation of git has no effect. */
export const gitCredential: Command = {
  summary: 'answers git as a credential helper',
  usage: `Usage: pulsestream git-credential get|store|erase

A credential helper for git. Answers "get" for GitHub's own host and granted
repositories only. For any other host, account or repository it prints nothing.
"store" and "erase" do nothing, because nothing is kept. The tokens expire within
the hour; "pulsestream exec -- git …" revokes them when git ends.

  git config --global credential.https://github.com.helper ''
  git config --global --add credential.https://github.com.helper '!pulsestream git-credential'
  git config --global credential.https://github.com.useHttpPath true

The empty helper comes first: it removes helpers that would store the token. With
useHttpPath, git gets a token for the one repository; without, for all that the
caller may read of one account.`,
  options: {},
  async run({ positionals: [operation], env }) {
    if (operation === undefined)
      throw new CommandError(EXIT.usage, 'git adds the operation: get, store or erase.');
    if (operation !== 'get') return EXIT.ok;
    try {
      const request = parseRequest(await text(process.stdin));
      const { protocol, host, path } = request;
      if (!wantsOurUser(request)) throw new NoAnswer('git asks for the password of another user.');
      const repository = path === undefined ? undefined : repositoryOfPath(path);
      if (path !== undefined && repository === undefined) throw new NoAnswer('the path is no repository.');
      const credential = await sourceOf(env).forGit({ protocol, host, repository });
      process.stdout.write(formatAnswer(request, credential));
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      process.stderr.write(`pulsestream: no answer to git: ${error.message}\n`);
    }
    return EXIT.ok;
  },
};

function sourceOf(env: NodeJS.ProcessEnv): Source {
  const socket = env[SESSION];
  return socket ? sourceAt(socket) : new Session(clientOf(env));
}
