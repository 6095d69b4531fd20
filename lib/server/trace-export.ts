/** Exports spans by OTLP over HTTP, with OpenTelemetry's SDK. Loaded only if OTEL_EXPORTER_OTLP_ENDPOINT is set. */
import {
  type Context,
  isSpanContextValid,
  SpanKind as Kind,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  trace,
} from '@opentelemetry/api';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { fetchOutgoing } from '../github/connections';
import { log } from '../observability/log';
import { redact } from '../observability/redact';
import { type Attributes, type Span, type SpanKind, type Tracer, tracing } from '../observability/tracing';

type Exporter = ConstructorParameters<typeof BatchSpanProcessor>[0];

/** How long the collector may take. Spans are dropped afterwards, because nothing waits for them. */
const EXPORT_TIMEOUT_MS = 10_000;

const KINDS: Readonly<Record<SpanKind, Kind>> = {
  server: Kind.SERVER,
  client: Kind.CLIENT,
  internal: Kind.INTERNAL,
};

/**
 * Starts tracing. The SDK reads the standard variables of samplers and batches, such as OTEL_TRACES_SAMPLER.
 *
 * @param endpoint the collector's base URL
 * @param environment becomes `deployment.environment.name`
 */
export function startTracing(endpoint: string, environment: string): void {
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({
      'service.name': 'pulsestream',
      'deployment.environment.name': environment,
    }),
    // A statement is the longest value.
    spanLimits: { attributeValueLengthLimit: 2048 },
    spanProcessors: [new BatchSpanProcessor(exporterTo(`${endpoint}/v1/traces`))],
  });
  const tracer = provider.getTracer('pulsestream');
  tracing.tracer = {
    start: ({ name, kind, attributes, parent, callersContext }) => {
      const caller = callersContext === undefined ? undefined : parseTraceparent(callersContext);
      const context: Context =
        parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, contextOf(parent));
      const span = tracer.startSpan(
        name,
        {
          kind: KINDS[kind],
          attributes: safe(attributes),
          ...(caller === undefined ? {} : { links: [{ context: caller }] }),
        },
        context,
      );
      const { traceId, spanId, traceFlags } = span.spanContext();
      const opened: Span = {
        kind,
        traceId,
        spanId,
        set: (more) => void span.setAttributes(safe(more)),
        rename: (newName) => void span.updateName(newName),
        end: (errorType) => {
          if (errorType !== undefined) {
            span.setAttribute('error.type', errorType);
            span.setStatus({ code: SpanStatusCode.ERROR });
          }
          span.end();
        },
      };
      flags.set(opened, traceFlags);
      return opened;
    },
    flush: () => provider.forceFlush(),
  } satisfies Tracer;
}

/** Whether a span is sampled, which its children inherit. */
const flags = new WeakMap<Span, number>();

const contextOf = (span: Span): SpanContext => ({
  traceId: span.traceId,
  spanId: span.spanId,
  traceFlags: flags.get(span) ?? 0,
});

/** Blanks credentials in texts, for example in the path of a request that somebody sent by mistake. */
function safe(attributes: Attributes): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, value]) => [
      name,
      typeof value === 'string' ? redact(value) : value,
    ]),
  );
}

/**
 * Parses a caller's `traceparent` (https://www.w3.org/TR/trace-context/). The span only links to it. As a parent, any
 * caller could add spans to another trace, or decide by its flag what we sample. `tracestate` and baggage are ignored.
 *
 * @returns undefined if it is invalid
 */
export function parseTraceparent(header: string): SpanContext | undefined {
  const [, traceId = '', spanId = '', flag = '0'] =
    /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(header) ?? [];
  const context = { traceId, spanId, traceFlags: Number.parseInt(flag, 16) & 1, isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}

/** Sends through `HTTPS_PROXY` as every other call does. An outage is logged once, and costs spans only. */
function exporterTo(url: string): Exporter {
  let isFailing = false;
  const send = async (body: Uint8Array): Promise<void> => {
    const { status } = await fetchOutgoing(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
      signal: AbortSignal.timeout(EXPORT_TIMEOUT_MS),
    });
    if (status >= 300) throw new Error(`the collector answered ${status}`);
  };
  return {
    export: (spans, done) => {
      const body = JsonTraceSerializer.serializeRequest(spans);
      if (body === undefined) return done({ code: 1 });
      // Outside any span. The SDK's timer runs in the context of the span that started it.
      void tracing.active.run(undefined, () =>
        send(body).then(
          () => {
            if (isFailing) log.info('traces are exported again');
            isFailing = false;
            done({ code: 0 });
          },
          (error: unknown) => {
            if (!isFailing) log.warn({ err: error }, 'traces cannot be exported and are dropped');
            isFailing = true;
            // Success to the SDK: its own error handler would print to the console.
            done({ code: 0 });
          },
        ),
      );
    },
    shutdown: async () => {},
  };
}
