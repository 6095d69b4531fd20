import { z } from 'zod';
import { ApiKey, CreateApiKey, CreatedApiKey, RotateApiKey, UpdateApiKey } from '../contract/api-keys';
import { AuditEvent, AuditVerification } from '../contract/audit-event';
import { GITHUB_CAUSES } from '../contract/github-causes';
import { Installation, Repository } from '../contract/installation';
import type { JsonSchema } from '../contract/json-schema';
import { ChangeMember, InviteMember, Member } from '../contract/members';
import { MintRequest, MintResponse } from '../contract/mint';
import { GitHubId } from '../contract/pagination';
import { RevokeRequest } from '../contract/revoke';
import { CreateTrustRule, TrustRule, UpdateTrustRule } from '../contract/trust-rules';
import { UpdateWorkspace, Workspace } from '../contract/workspace';

/**
 * The body of a problem response, as sent by `lib/http/failure.ts`.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
const Problem = z.strictObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  code: z.string(),
  request_id: z.string(),
  errors: z
    .array(
      z.strictObject({
        path: z.string(),
        message: z.string(),
        installation_id: GitHubId.optional().describe(
          'Only of installation_ambiguous: an installation to choose from.',
        ),
        account: z
          .strictObject({ login: z.string(), type: z.string() })
          .optional()
          .describe('Only of installation_ambiguous: the account of that installation.'),
      }),
    )
    .optional(),
  /** Why GitHub rejected the request. We may add more values. */
  cause: z
    .string()
    .describe(
      `Why GitHub refused, where it did. At present one of: ${Object.keys(GITHUB_CAUSES).join(', ')}.`,
    )
    .optional(),
});

const NAMED = {
  MintRequest,
  MintResponse,
  RevokeRequest,
  Installation,
  Repository,
  CreateApiKey,
  UpdateApiKey,
  RotateApiKey,
  ApiKey,
  CreatedApiKey,
  CreateTrustRule,
  UpdateTrustRule,
  TrustRule,
  Workspace,
  UpdateWorkspace,
  InviteMember,
  ChangeMember,
  Member,
  AuditEvent,
  AuditVerification,
  Problem,
} as const;

const names = z.registry<{ id: string }>();
for (const [id, schema] of Object.entries(NAMED)) names.add(schema, { id });

const SHARED = '#/$defs/';
const COMPONENTS = '#/components/schemas/';

/**
 * Converts a schema to JSON Schema, along with the named schemas it refers to.
 *
 * @param io `input` for requests, `output` for responses
 */
function toJsonSchema(
  schema: z.ZodType,
  io: 'input' | 'output',
): Record<string, JsonSchema> & { '': JsonSchema } {
  const made = z.toJSONSchema(schema, {
    io,
    metadata: names,
    override: ({ zodSchema, jsonSchema }) => {
      const description = z.globalRegistry.get(zodSchema)?.description;
      if (description !== undefined) jsonSchema.description = description;
      // Drop whatever is redundant: `format` already implies `pattern`, and JSON numbers can't exceed 2^53 − 1 anyway.
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      if (jsonSchema.id !== undefined) delete jsonSchema.id;
    },
  });
  const text = JSON.stringify(made).replaceAll(SHARED, COMPONENTS).replaceAll('__schema0', 'Json');
  const { $schema: _dialect, $defs = {}, ...rest } = JSON.parse(text);
  return { ...$defs, '': rest };
}

/** Converts schemas to JSON Schema, and collects the named schemas they refer to. */
export function schemaCollector() {
  const components: Record<string, JsonSchema> = {};
  const nameOf = (schema: z.ZodType) => names.get(schema)?.id;
  const add = (schema: z.ZodType, io: 'input' | 'output'): JsonSchema => {
    const { '': own, ...others } = toJsonSchema(schema, io);
    Object.assign(components, others);
    const name = nameOf(schema);
    if (name === undefined || own.$ref !== undefined) return own;
    components[name] = own;
    return { $ref: `${COMPONENTS}${name}` };
  };
  return { components, add, problem: () => add(Problem, 'output') };
}
