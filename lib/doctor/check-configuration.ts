import { ConfigError, getConfig } from '../config';
import { type Finding, fail, ok } from './check';

/** Checks that the configuration can be read at all. Without it, no other check is possible. */
export function checkConfiguration(): Finding {
  try {
    const { environment, github } = getConfig();
    return {
      id: 'configuration',
      ...ok(`Complete, for the environment ${environment} and the App ${github.appId}.`),
    };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const todo = 'Correct these variables. .env.example has each with its meaning.';
    return { id: 'configuration', ...fail(`Refused: ${error.problems.join('; ')}.`, todo) };
  }
}
