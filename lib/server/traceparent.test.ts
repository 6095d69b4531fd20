import { expect, it } from 'vitest';
import { parseTraceparent } from './trace-export';

const TRACE = 'a'.repeat(32);
const SPAN = 'b'.repeat(16);

it('reads a caller’s trace context', () => {
  expect(parseTraceparent(`00-${TRACE}-${SPAN}-01`)).toEqual({
    traceId: TRACE,
    spanId: SPAN,
    traceFlags: 1,
    isRemote: true,
  });
});

it.each([
  '',
  `00-${'0'.repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${'0'.repeat(16)}-01`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${TRACE}-${SPAN}-01-more`,
  `00-${TRACE}-${SPAN}-01\n`,
  `00-${TRACE}-${SPAN}`,
])('ignores an invalid trace context: %j', (header) => {
  expect(parseTraceparent(header)).toBeUndefined();
});
