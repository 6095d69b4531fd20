import type { CreateRuleState } from '@/components/trust-rules/create-rule-form';
import type { EditRuleState } from '@/components/trust-rules/edit-rule-form';
import { formatClaims, PRESETS, type Preset, type PresetName } from '@/components/trust-rules/presets';
import { findApiKey } from '@/lib/api-keys/read-api-keys';
import { Duration } from '@/lib/contract/duration';
import type { TrustRule } from '@/lib/contract/trust-rules';
import { Problem } from '@/lib/problem';
import { choicesWithGranted, repositoryChoices } from '../repository-choices';

/** The choice that leaves a rule's expiry as it is. */
export const KEEP = 'keep';

/** Returns the time at which a rule with a chosen expiry ends. `undefined` for a rule that never does. */
export function endOf(expiry: string): string | undefined {
  return expiry === '' ? undefined : new Date(Date.now() + Duration.parse(expiry)).toISOString();
}

/** Returns the API key that a new rule is to replace, or `null` if the workspace has no such key. */
export async function findReplacedKey(workspaceId: string, id: string | undefined) {
  if (id === undefined) return null;
  return findApiKey(workspaceId, id).catch((error: unknown) => {
    if (error instanceof Problem && error.code === 'not_found') return null;
    throw error;
  });
}

/** Returns the initial form. With an API key, it starts with that key's name and repositories. */
export async function newRuleForm(
  workspaceId: string,
  preset: PresetName,
  issuers: readonly string[],
  key: Awaited<ReturnType<typeof findReplacedKey>>,
): Promise<CreateRuleState> {
  const { fields, choice, issuers: usual }: Preset = PRESETS[preset];
  const own = fields.map(({ name }) => [name, '']);
  if (choice !== undefined) own.push([choice.name, choice.options[0]?.[0] ?? '']);
  return {
    values: {
      ...Object.fromEntries(own),
      name: key?.name ?? '',
      issuer: issuers.find((issuer) => usual.test(issuer)) ?? issuers[0] ?? '',
      claims: '',
      scope: key !== null && key.repositories === null ? 'all' : 'selected',
      expiry: '365d',
      q: '',
    },
    ...(await repositoryChoices(workspaceId, '', key?.repositories?.map(({ id }) => id) ?? [])),
    errors: {},
    problem: null,
  };
}

export async function editRuleForm(workspaceId: string, rule: TrustRule): Promise<EditRuleState> {
  return {
    values: {
      name: rule.name,
      claims: formatClaims(rule.claims) ?? '',
      scope: rule.repositories === null ? 'all' : 'selected',
      expiry: KEEP,
      q: '',
    },
    ...(await choicesWithGranted(workspaceId, rule.repositories ?? [])),
    errors: {},
    problem: null,
  };
}
