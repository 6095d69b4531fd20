import type { Actions } from './actions/actions';
import type { AccountSummary, InstallationSummary, RepositorySummary } from './actions/summaries';
import type { AuditEntry } from './audit-log';
import type { Complaint } from './description/complaints';
import type { Fault, KnobChanges, KnobSettings, PlannedFault } from './knobs';
import type { LoggedRequest, RequestFilter } from './request-log';
import type { AppSettings } from './settings';
import type { InstallationRequest } from './state/types';
import type { Delivery } from './webhooks/delivery-log';

/** The actions of the in-process API as asynchronous calls. */
export type RemoteActions = {
  [Name in keyof Actions]: (
    ...input: Parameters<Actions[Name]>
  ) => Promise<Awaited<ReturnType<Actions[Name]>>>;
};

export interface KnobDescription {
  settings: KnobSettings;
  latency: Record<string, number>;
  faults: PlannedFault[];
}

export interface StateDescription {
  accounts: AccountSummary[];
  installations: InstallationSummary[];
  /** The first thousand repositories. */
  repositories: RepositorySummary[];
  requests: InstallationRequest[];
  liveTokens: { kind: 'installation' | 'user'; hash: string }[];
}

/** Controls an offline GitHub running in another process. */
export interface ControlClient {
  readonly actions: RemoteActions;
  app(): Promise<AppSettings>;
  configureApp(changes: Partial<AppSettings>): Promise<AppSettings>;
  readonly knobs: {
    describe(): Promise<KnobDescription>;
    set(changes: KnobChanges): Promise<KnobDescription>;
    latency(route: string, ms: number): Promise<KnobDescription>;
    failNext(route: string, fault: Fault, times?: number): Promise<KnobDescription>;
    reset(): Promise<KnobDescription>;
  };
  readonly requests: {
    filter(filter?: RequestFilter): Promise<LoggedRequest[]>;
    clear(): Promise<void>;
  };
  readonly deliveries: {
    list(): Promise<Delivery[]>;
    clear(): Promise<void>;
    redeliver(id: string): Promise<boolean>;
    /** Sends the deliveries held back by the `hold` knob. Returns their number. */
    release(): Promise<number>;
  };
  /** Returns the complaints collected since the last call, and clears them. */
  takeComplaints(): Promise<Complaint[]>;
  auditLog(filter?: Partial<AuditEntry>): Promise<AuditEntry[]>;
  state(): Promise<StateDescription>;
  headOf(fullName: string): Promise<string>;
  flush(): Promise<void>;
}

/**
 * Creates a client for the server's `/_control` routes.
 *
 * @param baseUrl any URL of the offline GitHub; only its origin is used
 */
export function createControlClient(baseUrl: string): ControlClient {
  const { origin } = new URL(baseUrl);

  async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
    const response = await fetch(`${origin}/_control${path}`, {
      method,
      headers: { 'Content-Type': 'application/json' },
      ...(method !== 'GET' && { body: JSON.stringify(body ?? {}) }),
    });
    const answer: unknown = await response.json();
    if (!response.ok)
      throw new Error(`offline GitHub: ${(answer as { error?: string }).error ?? response.status}`);
    return answer as T;
  }
  const result = async <T>(method: string, path: string, body?: unknown): Promise<T> =>
    (await call<{ result: T }>(method, path, body)).result;
  const query = (given: object = {}): string => {
    const pairs = Object.entries(given).filter(([, value]) => value !== undefined);
    return `?${new URLSearchParams(pairs.map(([key, value]) => [key, String(value)]))}`;
  };

  const actions = new Proxy({} as RemoteActions, {
    get: (_target, name) => (input?: unknown) => result('POST', `/actions/${String(name)}`, input),
  });

  return {
    actions,
    app: () => call('GET', '/app'),
    configureApp: (changes) => call('PATCH', '/app', changes),
    knobs: {
      describe: () => call('GET', '/knobs'),
      set: (changes) => call('PATCH', '/knobs', changes),
      latency: (route, ms) => call('PUT', '/knobs/latency', { route, ms }),
      failNext: (route, fault, times) => call('POST', '/knobs/faults', { route, fault, times }),
      reset: () => call('DELETE', '/knobs'),
    },
    requests: {
      filter: (filter) => call('GET', `/requests${query(filter)}`),
      clear: () => result('DELETE', '/requests'),
    },
    deliveries: {
      list: () => call('GET', '/deliveries'),
      clear: () => result('DELETE', '/deliveries'),
      redeliver: (id) => result('POST', `/deliveries/${id}/attempts`),
      release: () => result('POST', '/deliveries/release'),
    },
    takeComplaints: () => result('DELETE', '/complaints'),
    auditLog: (filter) => call('GET', `/audit-log${query(filter)}`),
    state: () => call('GET', '/state'),
    headOf: async (fullName) => (await call<{ sha: string }>('GET', `/head/${fullName}`)).sha,
    flush: () => result('POST', '/flush'),
  };
}
