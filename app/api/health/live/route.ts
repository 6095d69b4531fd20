import { Live } from '@/lib/contract/operation';
import { route } from '@/lib/http/route';

export const GET = route(
  {
    access: 'public',
    id: 'live',
    tag: 'Operation',
    summary: 'Liveness',
    answer: { status: 200, description: 'The process is running.', schema: Live },
  },
  async () => ({ status: 'ok' as const }),
);
