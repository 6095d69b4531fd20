import { type Arguments, textOf, textsOf } from './command.js';
import { SESSION } from './environment.js';
import { CommandError, EXIT } from './exit-codes.js';
import { parseRepositoryName } from './repository-name.js';
import type { Scope } from './session.js';

/** The options that choose what a token may read. */
export const SCOPE_OPTIONS = {
  repo: { type: 'string', multiple: true },
  installation: { type: 'string' },
} as const;

export const SCOPE_USAGE = `  --repo owner/name   only this repository; may be repeated, within one account.
                      Without it: all that the caller may read of one account
  --installation ID   the account's installation, if the caller may read several`;

/**
 * Reads {@link SCOPE_OPTIONS}.
 *
 * @throws CommandError for a text that is no repository or no id, and for any of them inside `exec`, whose tokens are for
 *   what it was given
 */
export function readScope({ values, env }: Pick<Arguments, 'values' | 'env'>): Scope {
  const repositories = textsOf(values, 'repo')?.map(parseRepositoryName);
  const installation = textOf(values, 'installation');
  if (installation !== undefined && !/^[1-9]\d{0,15}$/.test(installation))
    throw new CommandError(EXIT.usage, '--installation takes an id of GitHub, such as 52000001');
  if (env[SESSION] && (repositories ?? installation) !== undefined)
    throw new CommandError(
      EXIT.usage,
      'Inside "pulsestream exec", a token is for what that command was given.',
    );
  return {
    ...(repositories !== undefined && { repositories }),
    ...(installation !== undefined && { installationId: Number(installation) }),
  };
}
