import { Bulkhead } from '../async';
import { Problem } from '../problem';
import { readBytes } from './read-body';

/** What GitHub sends is nearly always smaller. */
const LARGE_BYTES = 1024 * 1024;
/** Large bodies that are read concurrently: each takes several times its size while its signature is checked. */
export const SLOTS = 6;
/** Of one client's, so that a client that sends slowly leaves room for GitHub. */
export const SLOTS_OF_CLIENT = 2;
/** Large bodies of one client that may wait for one of its slots. */
const WAITING = 16;
/** The longest wait for a slot. GitHub itself waits ten seconds for an answer. */
const PATIENCE_MS = 5000;

/** Of all bodies that are not large, together. Anybody may send one: the signature is checked when it is whole. */
export const BYTES_IN_FLIGHT = 32 * 1024 * 1024;
/** Of one client's, so that it takes several to keep GitHub out. */
export const BYTES_OF_CLIENT = 8 * 1024 * 1024;

const slots = new Bulkhead({ inAll: SLOTS, each: SLOTS_OF_CLIENT, waiting: WAITING });
const inFlight = { all: 0, of: new Map<string, number>() };

type Sender = {
  maxBytes: number /** Whose bytes they are: an address, as limits count it. */;
  client: string;
};

/**
 * Reads a body that may be large and works on it. Bounded in bytes, so that a flood of bodies fills no memory. The few
 * large ones without a slot wait for one, in the order in which they came. Small ones never wait, whatever their
 * `Content-Length` says or leaves out.
 *
 * @throws {Problem} `overloaded` when there is no room, `payload_too_large`; or what `work` throws
 */
export async function withLargeBody<T>(
  request: Request,
  { maxBytes, client }: Sender,
  work: (body: Buffer) => Promise<T>,
  patienceMs = PATIENCE_MS,
): Promise<T> {
  let held = 0;
  let release: (() => void) | undefined;
  const give = () => {
    inFlight.all -= held;
    const left = (inFlight.of.get(client) ?? 0) - held;
    if (left > 0) inFlight.of.set(client, left);
    else inFlight.of.delete(client);
    held = 0;
  };
  const hold = (bytes: number) => {
    if (release !== undefined) return;
    const ofClient = (inFlight.of.get(client) ?? 0) + bytes;
    if (inFlight.all + bytes > BYTES_IN_FLIGHT || ofClient > BYTES_OF_CLIENT) throw full();
    inFlight.all += bytes;
    inFlight.of.set(client, ofClient);
    held += bytes;
  };
  const enter = async () => {
    release = await slots.enter(client, patienceMs);
    if (release === undefined) throw full();
    give();
  };
  try {
    return await work(await readBytes(request, maxBytes, { hold, bytes: LARGE_BYTES, enter }));
  } finally {
    release?.();
    give();
  }
}

function full(): Problem {
  return new Problem('overloaded', 'Too many bodies arrive at the same time. Send it again shortly.');
}
