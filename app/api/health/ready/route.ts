import { NextResponse } from 'next/server';
import { Readiness } from '@/lib/contract/operation';
import { route } from '@/lib/http/route';
import { isStopping, noteProbe } from '@/lib/server/drain';
import { checkReadiness } from '@/lib/server/readiness';

export const GET = route(
  {
    access: 'public',
    id: 'ready',
    tag: 'Operation',
    summary: 'Whether it can do its work',
    answer: { status: 200, description: 'Every part answers.', schema: Readiness },
    otherAnswer: {
      status: 503,
      description: 'A part does not; it is named. Or the process is stopping.',
      schema: Readiness,
    },
  },
  async () => {
    noteProbe();
    const { ready, checks, reasons } = await checkReadiness();
    if (isStopping()) return NextResponse.json({ status: 'stopping', checks }, { status: 503 });
    if (!ready) return NextResponse.json({ status: 'unavailable', checks, reasons }, { status: 503 });
    return { status: 'ok' as const, checks };
  },
);
