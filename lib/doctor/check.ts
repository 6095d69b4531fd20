import type { RecentDelivery } from '../github/deliveries';
import type { HookConfig } from '../github/hook';
import type { AppRegistration } from '../github/registration';

/** `warn` also stands for a check that could not be made. Only `fail` makes the doctor exit with 1. */
export type Status = 'ok' | 'warn' | 'fail';

/** One line of the result: the check, its outcome, and what the operator has to do. */
export type Finding = {
  id: string;
  status: Status;
  /** Never a secret, and never GitHub's own message. */
  found: string;
  /** Empty if there is nothing to do. */
  todo: string;
};

export type Outcome = Omit<Finding, 'id'>;

/** Facts shared by several checks. Each is read once, by the first check that needs it. */
export type Facts = {
  app: () => Promise<AppRegistration>;
  hook: () => Promise<HookConfig>;
  deliveries: () => Promise<RecentDelivery[]>;
  /** Names of the migrations that this version brings; `undefined` where they are not at hand. */
  migrations: readonly string[] | undefined;
};

/** A row in the table of checks. */
export type Check = {
  id: string;
  /** The checks that have to pass first. Otherwise this one would only repeat a failure. */
  needs?: readonly string[];
  find: (facts: Facts) => Promise<Outcome>;
};

export const ok = (found: string): Outcome => ({ status: 'ok', found, todo: '' });
export const warn = (found: string, todo: string): Outcome => ({ status: 'warn', found, todo });
export const fail = (found: string, todo: string): Outcome => ({ status: 'fail', found, todo });

/** The only permissions that the App may have, and that each account has to grant. */
export const PERMISSIONS: Readonly<Record<string, string>> = { contents: 'read', metadata: 'read' };

export const showPermissions = (names: readonly string[], from: Readonly<Record<string, string>>): string =>
  names.map((name) => `${name}: ${from[name]}`).join(', ');
