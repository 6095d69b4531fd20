/** Describes the deliveries that the webhooks bench sends, and the installations that they name. */

/** The number in a body that each delivery replaces with its own. It's an installation's id and its repository's. */
const PLACEHOLDER = '"id":0';

export const WORKSPACES = 100;

export interface Kind {
  event: string;
  action: string;
  fields?: object;
}

/** Deliveries that change something. Each ends with an audit row. */
export const EFFECTS = {
  uninstalls: { event: 'installation', action: 'deleted' },
  suspensions: { event: 'installation', action: 'suspend' },
  removals: {
    event: 'installation_repositories',
    action: 'removed',
    fields: {
      repository_selection: 'selected',
      repositories_added: [],
      repositories_removed: [{ id: 0, name: 'api', full_name: 'acme/api', private: true }],
      requester: null,
    },
  },
} as const satisfies Record<string, Kind>;

export type EffectName = keyof typeof EFFECTS;
export const EFFECT_NAMES = Object.keys(EFFECTS) as EffectName[];

export const STAR: Kind = { event: 'star', action: 'created' };

/** The first installation's id of each effect, and of the replays that are its floor. */
export const FIRST_IDS: Record<EffectName | `${EffectName} floor`, number> = {
  uninstalls: 60_000_000,
  suspensions: 61_000_000,
  removals: 62_000_000,
  'uninstalls floor': 63_000_000,
  'suspensions floor': 64_000_000,
  'removals floor': 65_000_000,
};

/** Returns the position of the installation's workspace. Successive deliveries concern different workspaces. */
export const workspaceOf = (installationId: number): number => installationId % WORKSPACES;

/** Returns a body with the placeholder. */
export function bodyOf({ action, fields }: Kind): string {
  return JSON.stringify({
    action,
    installation: {
      id: 0,
      account: { id: 1, login: 'acme', type: 'Organization' },
      repository_selection: 'selected',
    },
    ...fields,
    sender: { id: 1, login: 'olivia' },
  });
}

export const numberedBody = (body: string, number: number): string =>
  body.replaceAll(PLACEHOLDER, `"id":${number}`);
