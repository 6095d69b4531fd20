import { z } from 'zod';
import { callGitHub, unexpectedAnswer } from './client';

/** One attempt to deliver a webhook, as GitHub's log has it. A redelivery is an attempt of its own, with the same GUID. */
export type FailedDelivery = {
  id: number;
  /** `X-GitHub-Delivery` */
  guid: string;
  deliveredAt: Date;
  installationId: number | null;
  /** Still under way, for all that GitHub knows. */
  isPending: boolean;
};

const Item = z.object({
  /** Not `z.int()`: one that JavaScript cannot hold exactly must not hide the others. */
  id: z.number(),
  guid: z.string(),
  delivered_at: z.string(),
  status: z.string(),
  status_code: z.int(),
  installation_id: z.int().nullish(),
});

const ROUTE = 'GET /app/hook/deliveries';
const PER_PAGE = 100;

/**
 * The deliveries that we have not taken, newest first, page by page.
 * Servers that do not know the filter answer with all, so it is applied here, too.
 *
 * @throws {GitHubError}
 * @see https://docs.github.com/en/rest/apps/webhooks#list-deliveries-for-an-app-webhook
 */
export async function* listFailedDeliveries(): AsyncGenerator<FailedDelivery[]> {
  for (let cursor: string | undefined; ; ) {
    const { data, status, headers } = await callGitHub({ as: 'app' }, ROUTE, {
      per_page: PER_PAGE,
      status: 'failure',
      ...(cursor === undefined ? {} : { cursor }),
    });
    const parsed = z.array(Item).safeParse(data);
    if (!parsed.success) throw unexpectedAnswer(ROUTE, status);
    yield parsed.data.filter(isFailed).map((item) => ({
      id: item.id,
      guid: item.guid,
      deliveredAt: new Date(item.delivered_at),
      installationId: item.installation_id ?? null,
      isPending: item.status === 'pending',
    }));
    cursor = nextCursor(headers.link);
    if (cursor === undefined) return;
  }
}

function isFailed({ id, status_code }: z.output<typeof Item>): boolean {
  const isTaken = status_code >= 200 && status_code < 400;
  return !isTaken && Number.isSafeInteger(id);
}

/** @see https://docs.github.com/en/rest/using-the-rest-api/using-pagination-in-the-rest-api */
function nextCursor(link: string | undefined): string | undefined {
  const next = link?.split(',').find((part) => part.includes('rel="next"'));
  const url = next?.match(/<([^>]+)>/)?.[1];
  return url === undefined ? undefined : (new URL(url).searchParams.get('cursor') ?? undefined);
}

/** Asks GitHub to deliver it once more. @throws {GitHubError} */
export async function requestRedelivery(deliveryId: number): Promise<void> {
  await callGitHub({ as: 'app' }, 'POST /app/hook/deliveries/{delivery_id}/attempts', {
    delivery_id: deliveryId,
  });
}
