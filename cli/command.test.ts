import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { UsageError } from './command';
import { apiKeyCreate } from './commands/api-key-create';
import { memberAdd } from './commands/member-add';
import { workspaceCreate } from './commands/workspace-create';

describe('refuses an invalid call before it connects to anything', () => {
  it.each([
    ['member:add', memberAdd, ['--wrokspace', 'acme'], "Unknown option '--wrokspace'"],
    ['member:add', memberAdd, ['--workspace', 'acme', 'stray'], 'stray'],
    ['member:add', memberAdd, ['--email', 'x@acme.test'], '--workspace: missing\n--role: missing'],
    ['member:add', memberAdd, ['--workspace', 'acme', '--email', 'x@acme.test', '--role', 'god'], '--role: '],
    [
      'workspace:create',
      workspaceCreate,
      ['--slug', 'No!', '--name', 'N', '--owner', 'x@acme.test'],
      '--slug: use lower-case letters',
    ],
    [
      'workspace:create',
      workspaceCreate,
      ['--slug', 'acme', '--name', 'N', '--owner', 'nobody'],
      '--owner: must be an email address',
    ],
    [
      'api-key:create',
      apiKeyCreate,
      ['--workspace', 'a', '--workspace', 'b', '--name', 'x'],
      '--workspace is given twice',
    ],
    [
      'api-key:create',
      apiKeyCreate,
      ['--workspace', 'a', '--name', 'x', '--expires-in', '90'],
      '--expires-in: must be a whole number',
    ],
    [
      'api-key:create',
      apiKeyCreate,
      ['--workspace', 'a', '--name', 'x', '--expires-in', '0d'],
      '--expires-in: must be longer',
    ],
    // An invalid list of repositories must never turn into access to all of them.
    [
      'api-key:create',
      apiKeyCreate,
      ['--workspace', 'a', '--name', 'x', '--repositories', ''],
      '--repositories: must be "owner/name"',
    ],
    [
      'api-key:create',
      apiKeyCreate,
      ['--workspace', 'a', '--name', 'x', '--repositories', ','],
      '--repositories: must be "owner/name"',
    ],
    [
      'api-key:create',
      apiKeyCreate,
      ['--workspace', 'a', '--name', 'x', '--repositories', '0'],
      '--repositories: ',
    ],
    ['api-key:create', apiKeyCreate, ['--workspace', 'a', '--name', 'x', '--repositories'], 'repositories'],
  ])('%s, case %#', async (_name, command, args, message) => {
    const refusal = await command.run(args).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(UsageError);
    expect(z.instanceof(Error).parse(refusal).message).toContain(message);
  });

  it.each(['', ',', '203.0.113.0/24,', '0.0.0.0/0', '203.0.113.7/24'])(
    'an invalid list of networks, which never turns into access from everywhere: %j',
    async (networks) => {
      const args = ['--workspace', 'a', '--name', 'x', '--networks', networks];
      await expect(apiKeyCreate.run(args)).rejects.toThrow('--networks: must ');
    },
  );
});
