import { ConfigError } from '../lib/config';
import { redact } from '../lib/observability/redact';
import { Problem } from '../lib/problem';
import { type Command, UsageError } from './command';
import { apiKeyCreate } from './commands/api-key-create';
import { apiKeyRevoke } from './commands/api-key-revoke';
import { auditArchive } from './commands/audit-archive';
import { auditCompare } from './commands/audit-compare';
import { auditExport } from './commands/audit-export';
import { auditVerify } from './commands/audit-verify';
import { evidenceVerify } from './commands/evidence-verify';
import { githubRegister } from './commands/github-register';
import { kmsImport } from './commands/kms-import';
import { memberAdd } from './commands/member-add';
import { mintingStart } from './commands/minting-start';
import { mintingStop } from './commands/minting-stop';
import { reconcileNow } from './commands/reconcile';
import { trustRuleCreate } from './commands/trust-rule-create';
import { trustRuleRevoke } from './commands/trust-rule-revoke';
import { userErase } from './commands/user-erase';
import { userSignOut } from './commands/user-sign-out';
import { workspaceCreate } from './commands/workspace-create';
import { workspaceErase } from './commands/workspace-erase';

const COMMANDS: ReadonlyMap<string, Command> = new Map([
  ['workspace:create', workspaceCreate],
  ['member:add', memberAdd],
  ['api-key:create', apiKeyCreate],
  ['api-key:revoke', apiKeyRevoke],
  ['trust-rule:create', trustRuleCreate],
  ['trust-rule:revoke', trustRuleRevoke],
  ['audit:verify', auditVerify],
  ['audit:export', auditExport],
  ['audit:compare', auditCompare],
  ['audit:archive', auditArchive],
  ['evidence:verify', evidenceVerify],
  ['github:register', githubRegister],
  ['kms:import', kmsImport],
  ['minting:stop', mintingStop],
  ['minting:start', mintingStart],
  ['user:erase', userErase],
  ['user:sign-out', userSignOut],
  ['workspace:erase', workspaceErase],
  ['reconcile', reconcileNow],
]);

function help(): string {
  const lines = [...COMMANDS].map(
    ([name, { summary, usage }]) => `  ${`${name} ${usage}`.trimEnd()}\n      ${summary}`,
  );
  return `Usage: npm run --silent admin -- COMMAND [OPTIONS]\n\n${lines.join('\n')}\n\nThe result is JSON on standard output.`;
}

/**
 * Returns the message for the operator. Later, `redact` removes any credentials that a driver has put into its message.
 */
function explain(error: unknown): string {
  if (error instanceof Problem) {
    const details = error.errors?.map(({ path, message }) => `\n  ${path}: ${message}`) ?? [];
    return error.message + details.join('');
  }
  if (error instanceof UsageError || error instanceof ConfigError) return error.message;
  if (error instanceof AggregateError) return error.errors.map(explain).join('\n');
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

async function run(args: string[]): Promise<void> {
  const [name, ...rest] = args;
  const command = COMMANDS.get(name ?? '');
  if (rest.includes('--help') && command !== undefined) {
    console.error(`npm run --silent admin -- ${name} ${command.usage}\n\n${command.summary}`);
  } else if (name === undefined || name === '--help' || name === 'help') {
    console.error(help());
    if (name === undefined) process.exitCode = 1;
  } else if (command === undefined) {
    throw new UsageError(`there is no command "${name}"\n\n${help()}`);
  } else {
    const result = await command.run(rest);
    if (result !== undefined) console.log(JSON.stringify(result));
  }
}

/** Runs a command. Prints its result, or if it fails, prints the reason and sets the exit code to 1. */
export async function runAdmin(args: string[]): Promise<void> {
  try {
    await run(args);
  } catch (error) {
    console.error(redact(explain(error)));
    process.exitCode = 1;
  }
}
