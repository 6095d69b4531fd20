import { Live } from '@/lib/contract/operation';
import { route } from '@/lib/http/route';

export const GET = route(
  {
    access: 'public',
    id: 'live',
    tag: 'Operation',
    summary: 'Whether the process runs',
    answer: { status: 200, description: 'It does.', schema: Live },
  },
  async () => ({ status: 'ok' as const }),
);
