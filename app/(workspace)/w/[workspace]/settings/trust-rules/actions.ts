'use server';

import { redirect } from 'next/navigation';
import { z } from 'zod';
import { countedQuery } from '@/app/counted-notice';
import type { CreateRuleState } from '@/components/trust-rules/create-rule-form';
import type { EditRuleState } from '@/components/trust-rules/edit-rule-form';
import { composeDemands, formatClaims, isPreset, parseClaims } from '@/components/trust-rules/presets';
import type { TestTokenState } from '@/components/trust-rules/token-test-form';
import { CreateTrustRule, TrustRuleParams, UpdateTrustRule } from '@/lib/contract/trust-rules';
import { isUuid } from '@/lib/db/uuid';
import { action, formAction } from '@/lib/http/action';
import { hrefWith } from '@/lib/http/href-with';
import { parseInput } from '@/lib/http/request';
import { Problem } from '@/lib/problem';
import { explainToken } from '@/lib/workload/explain';
import {
  createTrustRule,
  revokeTrustRule,
  revokeTrustRules,
  updateTrustRule,
} from '@/lib/workload/manage-rules';
import { findTrustRule } from '@/lib/workload/read-rules';
import { EXPIRIES } from '../api-keys/choices';
import { KEPT_NAMES } from '../kept-fields';
import {
  chosenRepositories,
  explainNotShared,
  RepositoryScopeFields,
  withRepositoryChoices,
} from '../repository-choices';
import { SeveralFields } from '../several';
import { endOf, KEEP } from './choices';
import { RULE_PAGE, type RuleNotice } from './notices';

const Line = z.string().catch('');

const Intent = z.enum(['search', 'save']).catch('save');

const isExpiry = (text: string) => EXPIRIES.some(({ value }) => value === text);

const wrongField = (path: string, message: string) =>
  new Problem('invalid_request', message, { errors: [{ path, message }] });

/** @throws {Problem} `invalid_request` if the text is not one `name=value` a line */
function claimsOf(text: string) {
  const { claims, wrong } = parseClaims(text);
  if (wrong === undefined) return claims;
  throw wrongField('claims', `“${wrong}” is not of the form name=value.`);
}

const NewRule = RepositoryScopeFields.extend({
  name: Line,
  preset: z.string().refine(isPreset),
  claims: Line,
  expiry: Line.refine(isExpiry),
  shown: Line,
  from: Line,
  intent: Intent,
}).loose();

/**
 * Searches the repositories, or creates the rule. It creates only what the form has shown to the user as text. Otherwise
 * it returns the form, which shows that then.
 */
export const createRule = formAction(
  {
    access: 'admin',
    input: NewRule,
    invalid: 'Choose one of the kinds of workloads, and when the rule expires.',
    again: withRepositoryChoices<CreateRuleState>,
  },
  async ({ by, input, workspaceHref }) => {
    const { name, preset, claims, expiry, shown, from, intent } = input;
    if (intent === 'search' && input.scope === 'selected') return null;
    const texts = Object.entries(input).filter(
      (field): field is [string, string] => typeof field[1] === 'string',
    );
    const demands = composeDemands(preset, Object.fromEntries(texts), claimsOf(claims));
    if (demands === null) throw new Problem('invalid_request', 'Fill in the fields that name the workload.');
    const wanted = parseInput(CreateTrustRule, {
      ...demands,
      name,
      repositories: chosenRepositories(input) ?? undefined,
      expires_at: endOf(expiry),
    });
    if (shown !== JSON.stringify(demands))
      throw new Problem('invalid_request', 'Check what this rule trusts, then choose Create again.');
    const { id } = await createTrustRule(by, wanted).catch(explainNotShared);
    const moved = isUuid(from) ? from : null;
    const notice: RuleNotice = moved === null ? 'created' : 'moved';
    redirect(hrefWith(`${workspaceHref}${RULE_PAGE.path}/${id}`, { notice, from: moved }));
  },
);

const ChangedRule = RepositoryScopeFields.extend({
  id: TrustRuleParams.shape.id,
  name: Line,
  claims: z.string().optional(),
  expiry: Line.refine((text) => text === KEEP || isExpiry(text)),
  intent: Intent,
});

/** Searches the repositories, or changes the rule. Sends only what the user has changed. */
export const changeRule = formAction(
  {
    access: 'admin',
    input: ChangedRule,
    invalid: 'Choose when the rule expires.',
    again: withRepositoryChoices<EditRuleState>,
  },
  async ({ by, input, workspaceHref }) => {
    const { id, name, claims, expiry, intent } = input;
    if (intent === 'search' && input.scope === 'selected') return null;
    const before = await findTrustRule(by.workspaceId, id);
    const repositories = chosenRepositories(input);
    const same = sameIds(repositories, before.repositories);
    const wanted = parseInput(UpdateTrustRule, {
      name,
      // A claim may be a number or a boolean. Unless the text was changed, it keeps its type.
      ...(claims === undefined || claims.replaceAll('\r', '') === formatClaims(before.claims)
        ? {}
        : { claims: claimsOf(claims) }),
      ...(same ? {} : { repositories }),
      ...(expiry === KEEP ? {} : { expires_at: endOf(expiry) ?? null }),
    });
    await updateTrustRule(by, id, wanted).catch(explainNotShared);
    redirect(hrefWith(`${workspaceHref}${RULE_PAGE.path}/${id}`, { notice: 'changed' satisfies RuleNotice }));
  },
);

/** True if a rule already grants these repositories, including those that are no longer shared. */
function sameIds(wanted: number[] | null, granted: readonly { id: number }[] | null): boolean {
  if (wanted === null || granted === null) return wanted === granted;
  const ids = new Set(wanted);
  return ids.size === granted.length && granted.every(({ id }) => ids.has(id));
}

/** Revokes a rule immediately, provided that the user confirmed it. */
export const revokeRule = action(
  {
    access: 'admin',
    page: RULE_PAGE,
    input: TrustRuleParams.extend({ confirmed: z.string().optional() }),
    invalid: 'gone',
  },
  async ({ by, input: { id, confirmed }, pageHref }) => {
    if (confirmed !== 'yes')
      return hrefWith(`${pageHref}/${id}`, { notice: 'unconfirmed' satisfies RuleNotice });
    await revokeTrustRule(by, id);
    return { notice: 'revoked' };
  },
);

/** Revokes the selected rules, provided that the user confirmed it. Returns to the same page of the list. */
export const revokeRules = action(
  { access: 'admin', page: RULE_PAGE, input: SeveralFields, invalid: 'too_many_selected', keep: KEPT_NAMES },
  async ({ by, input: { id, confirmed, ...kept } }) => {
    if (confirmed !== 'yes') return { ...kept, notice: 'unconfirmed' };
    return { ...kept, ...countedQuery(await revokeTrustRules(by, id)) };
  },
);

/**
 * Says which rule an identity token matches, or why none does. The answer never holds the token, which is a secret until
 * it expires.
 */
export const testToken = formAction(
  {
    access: 'admin',
    limits: { user: 'token_test' },
    input: z.object({ token: z.string().min(1) }),
    invalid: 'Paste a token.',
  },
  async ({ by, input: { token } }): Promise<TestTokenState> => ({
    explanation: await explainToken(by.workspaceId, token),
    problem: null,
  }),
);
