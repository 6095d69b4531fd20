import { getAppInfo } from '../github/app-info';
import { readGrantedPermissions } from '../github/registration';

/** A permission of a connection, and whether the account still has to accept it. */
export type Permission = {
  name: string;
  /** The level that the account has granted, or `null`. */
  granted: string | null;
  /** The level that the App asks for, or `null`. */
  asked: string | null;
  /** `beyond` if the account grants more than the App asks for. */
  state: 'granted' | 'pending' | 'beyond';
};

/**
 * Compares an installation's permissions with those that the App asks for, as GitHub reports both now.
 *
 * @throws {GitHubError}
 */
export async function comparePermissions(installationId: number): Promise<Permission[]> {
  const [granted, { permissions: asked }] = await Promise.all([
    readGrantedPermissions(installationId),
    getAppInfo(),
  ]);
  const names = [...new Set([...Object.keys(asked), ...Object.keys(granted)])].sort();
  return names.map((name) => {
    const levels = { name, granted: granted[name] ?? null, asked: asked[name] ?? null };
    return { ...levels, state: stateOf(levels) };
  });
}

/** The levels of a permission, lowest first. An unknown level is above all of them. */
const LEVELS = ['read', 'write', 'admin'];

const rankOf = (level: string | null) =>
  level === null ? -1 : LEVELS.includes(level) ? LEVELS.indexOf(level) : LEVELS.length;

/** Where a permission stands: `pending` until the account grants what the App asks for. */
export function stateOf({ granted, asked }: Omit<Permission, 'state'>): Permission['state'] {
  if (rankOf(asked) > rankOf(granted)) return 'pending';
  return rankOf(asked) < rankOf(granted) ? 'beyond' : 'granted';
}
