import { CommandError, EXIT } from '../cli/exit-codes.js';
import { parseRepositoryName } from '../cli/repository-name.js';

export interface Inputs {
  url: string;
  workspace: string;
  repositories: readonly string[];
  audience: string | undefined;
  /** The variable that following steps get a token in. */
  tokenVariable: string | undefined;
}

/** The runner and git read these themselves, so a token must not take their place. */
const TAKEN = /^(?:GITHUB_(?!TOKEN$)|RUNNER_|ACTIONS_|INPUT_|STATE_|GIT_|PULSESTREAM_|NODE_|PATH$|HOME$)/i;

/**
 * Reads the inputs of `action.yml`, as the runner passes them.
 *
 * @throws CommandError that names the input
 */
export function readInputs(env: NodeJS.ProcessEnv): Inputs {
  const input = (name: string): string => (env[`INPUT_${name.toUpperCase()}`] ?? '').trim();
  const required = (name: string): string => {
    if (input(name) === '') throw new CommandError(EXIT.configuration, `The input ${name} is empty.`);
    return input(name);
  };
  const tokenVariable = input('token-variable') || undefined;
  if (
    tokenVariable !== undefined &&
    (!/^[A-Za-z_]\w{0,99}$/.test(tokenVariable) || TAKEN.test(tokenVariable))
  )
    throw new CommandError(EXIT.configuration, 'The input token-variable is no name that a token may have.');
  return {
    url: required('url'),
    workspace: required('workspace'),
    repositories: input('repositories')
      .split(/[\s,]+/)
      .filter((name) => name !== '')
      .map(parseRepositoryName),
    audience: input('audience') || undefined,
    tokenVariable,
  };
}
