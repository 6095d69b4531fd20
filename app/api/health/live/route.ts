import { route } from '@/lib/http/route';

export const GET = route({ auth: 'none' }, async () => ({ status: 'ok' }));
