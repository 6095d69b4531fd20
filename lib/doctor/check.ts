import type { CheckFinding } from '../contract/check-report';
import type { RecentDelivery } from '../github/deliveries';
import type { HookConfig } from '../github/hook';
import type { AppRegistration } from '../github/registration';

/** One line of the result. Only the status `fail` makes the doctor exit with 1. */
export type Finding = CheckFinding;

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
  /** True if it asks neither GitHub nor our public address. The operator's page makes it each time it is opened. */
  isCheap?: true;
  find: (facts: Facts) => Promise<Outcome>;
};

export const ok = (found: string): Outcome => ({ status: 'ok', found, todo: '' });
export const warn = (found: string, todo: string): Outcome => ({ status: 'warn', found, todo });
export const fail = (found: string, todo: string): Outcome => ({ status: 'fail', found, todo });

/** The only permissions that the App may have, and that each account has to grant. */
export const PERMISSIONS: Readonly<Record<string, string>> = { contents: 'read', metadata: 'read' };

export const showPermissions = (names: readonly string[], from: Readonly<Record<string, string>>): string =>
  names.map((name) => `${name}: ${from[name]}`).join(', ');
