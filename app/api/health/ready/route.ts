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
    summary: 'Readiness',
    answer: { status: 200, description: 'Every component is available.', schema: Readiness },
    otherAnswer: {
      status: 503,
      description: 'A named component is unavailable, or the process is stopping.',
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
