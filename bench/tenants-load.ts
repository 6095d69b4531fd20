/** Sends mints of many workspaces to several replicas, in its own process. */
import { randomInt } from 'node:crypto';
import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { serveTasks } from './process';

export interface Tenant {
  apiKey: string;
  /** Requests that this tenant keeps in flight. Each sends its next request once it has the previous response. */
  connections: number;
  /** The client's address. By default a new one for each request, so that no limit applies. */
  ip?: string;
  /** Waits this long between two requests. */
  pauseMs?: number;
}

export interface TenantsTask {
  /** The replicas. Requests go to them in turn. */
  urls: string[];
  tenants: Tenant[];
  /** How many responses each connection gets. Otherwise, it goes on for `seconds`. */
  each?: number;
  seconds?: number;
  /** Repeats a request with status 503 after a second, as a client does, and counts only the last response. */
  retries?: boolean;
}

export interface TenantResult {
  /** The number of responses by status. */
  statuses: Record<string, number>;
  /** Milliseconds from a request, retries included, to its response. */
  latencies: number[];
  /** Requests that were repeated. */
  repeated: number;
}

export interface TenantsResult {
  seconds: number;
  /** In the order of the task's tenants. */
  tenants: TenantResult[];
}

async function load(task: TenantsTask): Promise<TenantsResult> {
  const agent = new Agent({ keepAlive: true });
  const started = performance.now();
  let sent = 0;
  const one = async (tenant: Tenant, result: TenantResult): Promise<void> => {
    const begun = performance.now();
    for (;;) {
      const url = task.urls[sent++ % task.urls.length] ?? '';
      const status = await mint(url, tenant, agent);
      if (status === 503 && task.retries) {
        result.repeated++;
        await sleep(1000);
        continue;
      }
      result.latencies.push(performance.now() - begun);
      result.statuses[status] = (result.statuses[status] ?? 0) + 1;
      return;
    }
  };
  // On a busy machine a short window may be over before the first request, and a figure needs at least one.
  const isOver = (done: number) =>
    task.each === undefined
      ? done > 0 && performance.now() - started > (task.seconds ?? 0) * 1000
      : done >= task.each;
  const run = async (tenant: Tenant): Promise<TenantResult> => {
    const result: TenantResult = { statuses: {}, latencies: [], repeated: 0 };
    const connection = async () => {
      for (let done = 0; !isOver(done); done++) {
        await one(tenant, result);
        if (tenant.pauseMs !== undefined) await sleep(tenant.pauseMs);
      }
    };
    await Promise.all(Array.from({ length: tenant.connections }, connection));
    return result;
  };
  const tenants = await Promise.all(task.tenants.map(run));
  agent.destroy();
  return { seconds: (performance.now() - started) / 1000, tenants };
}

const someAddress = () => ['10', ...Array.from({ length: 3 }, () => randomInt(1, 255))].join('.');

function mint(url: string, { apiKey, ip }: Tenant, agent: Agent): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${apiKey}`, 'x-forwarded-for': ip ?? someAddress() };
    const outgoing = request(
      `${url}/api/v1/internal/github/token`,
      { method: 'POST', agent, headers },
      (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
        answer.on('error', reject);
      },
    );
    outgoing.on('error', reject);
    outgoing.end();
  });
}

serveTasks(load);
