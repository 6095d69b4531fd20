/**
 * Opens the spans of a trace. Until `startTracing` of `lib/server/trace-export.ts` has set an exporter, every function here
 * does nothing but call the work.
 *
 * The spans stay apart from OpenTelemetry's global tracer on purpose. Next would use that one, and its spans hold whole
 * URLs, in which GitHub sends authorization codes.
 *
 * Names and attributes follow https://opentelemetry.io/docs/specs/semconv/. An attribute holds what the code chooses:
 * templates, names of hosts, counts and codes. Nothing that a caller, GitHub or the database sends is copied, except paths
 * and methods.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { onePerProcess } from '../async';

export type Attributes = Record<string, string | number>;

export type SpanKind = 'server' | 'client' | 'internal';

/** A span that has begun. */
export interface Span {
  readonly kind: SpanKind;
  readonly traceId: string;
  readonly spanId: string;
  set(attributes: Attributes): void;
  rename(name: string): void;
  /** @param errorType why the operation failed, as a short code; omitted if it succeeded */
  end(errorType?: string): void;
}

type Start = {
  name: string;
  kind: SpanKind;
  attributes: Attributes;
  parent: Span | undefined;
  /** The `traceparent` header of a request. */
  callersContext?: string | undefined;
};

export interface Tracer {
  start(span: Start): Span;
  /** Sends the spans that have ended. */
  flush(): Promise<void>;
}

/** `tracer` is undefined unless OTEL_EXPORTER_OTLP_ENDPOINT is set. */
export const tracing = onePerProcess('tracing', () => ({
  tracer: undefined as Tracer | undefined,
  active: new AsyncLocalStorage<Span | undefined>(),
}))();

/** Returns the span that the current work belongs to. */
export function activeSpan(): Span | undefined {
  return tracing.tracer === undefined ? undefined : tracing.active.getStore();
}

/**
 * Runs work in a span.
 *
 * @param details returns the span's name and attributes; not called while tracing is off
 */
export function inSpan<T>(
  kind: SpanKind,
  details: () => { name: string; attributes?: Attributes },
  work: () => Promise<T>,
): Promise<T> {
  const { tracer } = tracing;
  return tracer === undefined ? work() : traced(tracer, kind, details(), work);
}

/**
 * Like {@link inSpan}, for calls of other services. Work that belongs to no trace, such as the start-up checks, gets no
 * span.
 */
export function inClientSpan<T>(
  details: () => { name: string; attributes?: Attributes },
  work: () => Promise<T>,
): Promise<T> {
  return activeSpan() === undefined ? work() : inSpan('client', details, work);
}

async function traced<T>(
  tracer: Tracer,
  kind: SpanKind,
  { name, attributes = {} }: { name: string; attributes?: Attributes },
  work: () => Promise<T>,
): Promise<T> {
  const span = tracer.start({ name, kind, attributes, parent: tracing.active.getStore() });
  try {
    const result = await tracing.active.run(span, work);
    span.end();
    return result;
  } catch (error) {
    span.end(errorTypeOf(error));
    throw error;
  }
}

/** Returns an error's class or code. Its message may quote values, for example those of a unique index. */
function errorTypeOf(error: unknown): string {
  if (!(error instanceof Error)) return '_OTHER';
  const { code, reason } = error as { code?: unknown; reason?: unknown };
  const [short] = [reason, code].filter((value) => typeof value === 'string' && /^\w{1,60}$/.test(value));
  return typeof short === 'string' ? short : error.name;
}

/** Returns the host and port of a URL as attributes. */
export function serverOf(url: string): Attributes {
  const { hostname, port, protocol } = new URL(url);
  const usual = { 'https:': 443, 'http:': 80, 'postgresql:': 5432, 'postgres:': 5432 }[protocol] ?? 6379;
  return { 'server.address': hostname, 'server.port': port === '' ? usual : Number(port) };
}
