import { headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import type { z } from 'zod';
import type { UserActor } from '../actor';
import { requireUser } from '../auth/current-user';
import { findOperator } from '../auth/operator';
import { findWorkspaceForUser, requireRole } from '../auth/session';
import { isRole, type Role, Slug } from '../contract/members';
import type { Problem } from '../problem';
import { enforceRateLimit, limitWork } from '../rate-limit/limiter';
import type { AddressPolicyName, UserPolicyName, WorkspacePolicyName } from '../rate-limit/policies';
import { type Failure, type FailureCode, failureOf } from './failure';
import { hrefWith } from './href-with';
import { parseInput, type RequestContext, requestContext } from './request';
import type { Access as RouteAccess } from './route-spec';

type Visitor = { origin: RequestContext };
type User = Visitor & { actor: UserActor };
type Member = User & { workspaceId: string };

/**
 * The kinds of callers an action can require. If it requires a role, its first argument is the workspace's slug.
 * `operator` is a user named by `OPERATOR_EMAILS`.
 */
type Access = Extract<RouteAccess, 'public' | 'user' | Role> | 'operator';
type Callers = { public: Visitor; user: User; operator: User } & Record<Role, Member>;
type Caller = Visitor & Partial<Member>;

/** The form's files and trimmed strings, by field name. A name that occurs more than once has a list as its value. */
type Fields = Record<string, unknown>;

/** `by` identifies the caller, in the shape that functions in `lib` expect. */
type Call<A extends Access, I> = { by: Callers[A]; input: I };

/** An action's policy as data: who may call it, how often, and with what input. */
type ActionSpec<A extends Access, I, Told> = {
  access: A;
  limits?: { address?: AddressPolicyName; workspace?: WorkspacePolicyName; user?: UserPolicyName };
  input: z.ZodType<I>;
  /** Shown instead of the schema's own messages when `input` rejects the fields. */
  invalid?: Told;
  /**
   * Returns what to tell the user about a problem that has a special meaning in this action, or `undefined` otherwise.
   */
  refused?: (problem: Problem, call: Call<A, I>) => Told | undefined | Promise<Told | undefined>;
};

/** Where an action ends: at another URL, or on its own page with a notice code and query parameters. */
type Ending<N extends string> = string | ({ notice: N | FailureCode | null } & Record<string, string | null>);

type Sent<A extends Access, More extends unknown[]> = A extends Role ? [slug: string, ...More] : More;

/**
 * Wraps a form action that ends in a redirect, so the form works without JavaScript. Checks in this order: rate limit
 * by address → user → role → fields → other limits → handler. An expected failure redirects to the action's page with
 * `?notice=` and `?retry_after=`. The page looks up the notice code in its table (`app/notices.ts`).
 *
 * Next itself only compares `Origin` with the host before it calls an action. Everything else must be checked here,
 * because anybody can call an action with any arguments.
 *
 * @param spec.page the page's path, relative to the workspace for actions that require a role, and its table of notices
 * @param spec.keep fields that the page needs again after a failure
 */
export function action<A extends Access, I, N extends string>(
  spec: ActionSpec<A, I, N> & {
    page: { path: string; notices: Record<N | FailureCode, unknown> };
    keep?: readonly string[];
  },
  handle: (call: Call<A, I> & { pageHref: string }) => Promise<Ending<N>>,
): (...sent: Sent<A, [form: FormData]>) => Promise<void> {
  return async (...sent) => {
    const { slug, fields } = readSent(spec.access, sent);
    const pageHref = slug === undefined ? spec.page.path : `/w/${slug}${spec.page.path}`;
    const ending = await run<A, I, N, Ending<N>>(
      spec,
      slug,
      fields,
      (call) => handle({ ...call, pageHref }),
      async ({ query, told }) => {
        const kept = (spec.keep ?? []).map((name) => [name, textOf(fields[name])]);
        return { ...Object.fromEntries(kept), ...query, notice: told ?? query.notice };
      },
    );
    redirect(typeof ending === 'string' ? ending : hrefWith(pageHref, ending));
  };
}

/**
 * The state of a form that is shown again: the submitted strings, an error for each invalid field, and a general
 * problem.
 */
type FormState = {
  values?: Record<string, string>;
  errors?: Partial<Record<string, string>>;
  problem: string | null;
};

/**
 * Wraps a form action for `useActionState`. Works like {@link action}, but reports a failure in the form's state
 * instead of redirecting, so the user doesn't lose their input.
 *
 * @param spec.again completes the state before the form is shown again
 * @param handle returns the new state after success, or `null` to show the form again without an error. It may redirect
 *   to another page; `workspaceHref` is the workspace's path
 */
export function formAction<A extends Access, I, S extends FormState>(
  spec: ActionSpec<A, I, string> & { again?: (state: S, by: Callers[A], fields: Fields) => Promise<S> },
  handle: (call: Call<A, I> & { before: S; workspaceHref: string }) => Promise<S | null>,
): (...sent: Sent<A, [before: S, form: FormData]>) => Promise<S> {
  return async (...sent) => {
    const { slug, fields } = readSent(spec.access, sent);
    const before = Object(sent.at(-2)) as S;
    const again = async (told: Pick<FormState, 'errors' | 'problem'>, by: Callers[A] | undefined) => {
      const names = Object.keys(before.values ?? {});
      const values = Object.fromEntries(names.map((name) => [name, textOf(fields[name])]));
      const state = { ...before, ...(before.values === undefined ? {} : { values }), ...told };
      return by === undefined ? state : ((await spec.again?.(state, by, fields)) ?? state);
    };
    return run<A, I, string, S>(
      spec,
      slug,
      fields,
      async (call) =>
        (await handle({ ...call, before, workspaceHref: slug === undefined ? '/' : `/w/${slug}` })) ??
        again({ errors: {}, problem: null }, call.by),
      ({ problem, told, by }) => {
        const wrong = told === undefined ? [...(problem.errors ?? [])].reverse() : [];
        const errors = Object.fromEntries(wrong.map(({ path, message }) => [path.split('.')[0], message]));
        return again({ errors, problem: wrong.length > 0 ? null : (told ?? problem.message) }, by);
      },
    );
  };
}

/**
 * Authorizes the caller, parses the fields, applies the limits and runs the handler.
 *
 * @throws whatever {@link failureOf} throws
 */
async function run<A extends Access, I, Told, R>(
  spec: ActionSpec<A, I, Told>,
  slug: string | undefined,
  fields: Fields,
  handle: (call: Call<A, I>) => Promise<R>,
  fail: (failure: Failure & { told: Told | undefined; by: Callers[A] | undefined }) => Promise<R>,
): Promise<R> {
  let by: Callers[A] | undefined;
  let call: Call<A, I> | undefined;
  try {
    const { access, limits = {} } = spec;
    const caller = await authorize(access, limits.address, slug);
    by = caller as Callers[A];
    call = { by, input: parseInput(spec.input, fields) };
    if (limits.user && caller.actor) await limitWork(limits.user, caller.actor.id);
    if (limits.workspace && caller.workspaceId) await limitWork(limits.workspace, caller.workspaceId);
    return await handle(call);
  } catch (error) {
    const failure = failureOf(error);
    // `by` is set once the caller is authorized. If `call` is still unset then, `input` has rejected the fields.
    const refused = call === undefined ? by && spec.invalid : await spec.refused?.(failure.problem, call);
    return fail({ ...failure, told: refused, by });
  }
}

/**
 * Redirects a caller without a session to the sign-in page. Throws the same 404 for a workspace that doesn't exist and
 * for one the caller doesn't belong to, so nobody can tell which.
 */
async function authorize(
  access: Access,
  limit: AddressPolicyName | undefined,
  slug?: string,
): Promise<Caller> {
  const origin = requestContext({ headers: await headers() });
  if (limit !== undefined) await enforceRateLimit(limit, origin);
  if (access === 'public') return { origin };
  if (access === 'operator') return { actor: (await findOperator()) ?? notFound(), origin };
  const actor = await requireUser();
  if (access === 'user' || slug === undefined) return { actor, origin };
  const workspace = (await findWorkspaceForUser(slug, actor.id)) ?? notFound();
  requireRole(workspace, access);
  return { workspaceId: workspace.id, actor, origin };
}

/**
 * How the names of React's own fields begin. The server renders them into a form, for browsers without a script, and they
 * stay once a script has taken over. A schema that refuses unknown fields would refuse them.
 */
const OF_REACT = '$ACTION_';

function readSent(access: Access, sent: readonly unknown[]): { slug: string | undefined; fields: Fields } {
  const slug = isRole(access) ? (Slug.safeParse(sent[0]).data ?? notFound()) : undefined;
  const form = sent.at(-1);
  if (!(form instanceof FormData)) return { slug, fields: {} };
  const names = [...new Set(form.keys())].filter((name) => !name.startsWith(OF_REACT));
  const fields = names.map((name) => {
    const values = form.getAll(name).map((value) => (typeof value === 'string' ? value.trim() : value));
    return [name, values.length > 1 ? values : values[0]];
  });
  return { slug, fields: Object.fromEntries(fields) };
}

const textOf = (field: unknown): string => (typeof field === 'string' ? field : '');
