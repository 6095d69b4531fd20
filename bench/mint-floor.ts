/** Measures the floor of a mint: what Next and a mint's parts cost without our code. */
import { type Measured, measure } from './beside';
import { cpuTimeOfDescendants } from './cpu-time';
import type { MintSubjects } from './mint-subjects';
import type { BenchProcess } from './process';
import { median } from './report';

export interface FloorRound {
  /** A bare server that does a mint's parts. */
  server: Measured;
  /** CPU time of all processes of this bench for one of its responses, in milliseconds. */
  allCpuMs: number;
  /** CPU time of each part alone, in microseconds. */
  alone: Record<string, number>;
}

export async function measureFloor(
  load: BenchProcess,
  subjects: MintSubjects,
  { connections, seconds, aloneSeconds }: { connections: number; seconds: number; aloneSeconds: number },
): Promise<FloorRound> {
  const before = await cpuTimeOfDescendants();
  const server = await measure(load, subjects.parts, { connections, seconds });
  const allCpuMs = ((await cpuTimeOfDescendants()) - before) / server.latencies.length;
  return { server, allCpuMs, alone: await subjects.runPartsAlone(connections, aloneSeconds) };
}

/**
 * Returns the least CPU time that a mint's process can use, in milliseconds: that of the empty route and of each part
 * alone.
 */
export function floorCpuMs({ alone }: FloorRound, emptyRoute: Measured): number {
  return emptyRoute.cpuMs + Object.values(alone).reduce((sum, us) => sum + us, 0) / 1000;
}

/**
 * Returns the throughput of a server that uses {@link floorCpuMs}. The bare server shows how many milliseconds of CPU
 * time all processes together get each second. With Next in it, a response costs more of them. One process cannot use
 * more than one core.
 */
export function floorPerSecond(round: FloorRound, emptyRoute: Measured): number {
  const { server, allCpuMs } = round;
  const ours = floorCpuMs(round, emptyRoute);
  const shared = (server.perSecond * allCpuMs) / (allCpuMs - server.cpuMs + ours);
  return Math.min(shared, 1000 / ours);
}

/** Lists the parts with their CPU time, for a note. */
export function describeFloor(rounds: readonly FloorRound[], emptyRouteMs: number): string {
  const names = Object.keys(rounds[0]?.alone ?? {});
  const parts = names.map((name) => {
    const us = median(rounds.map(({ alone }) => alone[name] ?? Number.NaN));
    return `${name} ${(us / 1000).toFixed(2)} ms`;
  });
  return [`the empty route ${emptyRouteMs.toFixed(2)} ms`, ...parts].join(', ');
}
