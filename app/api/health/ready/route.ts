import { NextResponse } from 'next/server';
import { Readiness } from '@/lib/contract/operation';
import { route } from '@/lib/http/route';
import { checkReadiness } from '@/lib/server/readiness';

export const GET = route(
  {
    access: 'public',
    id: 'ready',
    tag: 'Operation',
    summary: 'Whether it can do its work',
    answer: { status: 200, description: 'Every part answers.', schema: Readiness },
    otherAnswer: { status: 503, description: 'A part does not; it is named.', schema: Readiness },
  },
  async () => {
    const { ready, checks, reasons } = await checkReadiness();
    return ready
      ? { status: 'ok' as const, checks }
      : NextResponse.json({ status: 'unavailable', checks, reasons }, { status: 503 });
  },
);
