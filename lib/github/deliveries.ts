import { z } from 'zod';
import { getConfig } from '../config';
import { log } from '../observability/log';
import { callGitHub, unexpectedAnswer } from './client';
import { nextLink } from './pages';

/** One failed attempt in GitHub's log of deliveries. A redelivery is another attempt with the same GUID. */
export type FailedDelivery = {
  /** Decimal digits, because GitHub's ids of deliveries have 64 bits and a JavaScript number would round them. */
  id: string;
  /** `X-GitHub-Delivery` */
  guid: string;
  deliveredAt: Date;
  installationId: number | null;
  /** Whether the log shows no result yet. */
  isPending: boolean;
};

/**
 * Reads an id. Octokit parses an integer beyond 2^53 as a `bigint`. An unsafe number has lost digits and would name
 * another delivery.
 */
const DeliveryId = z.union([z.int().positive(), z.bigint().positive()]).transform(String);

const Item = z.object({
  id: DeliveryId,
  guid: z.string().min(1),
  delivered_at: z.string().refine((text) => !Number.isNaN(Date.parse(text))),
  status: z.string().catch(''),
  status_code: z.int(),
  installation_id: z.int().positive().nullish().catch(null),
});
type Item = z.output<typeof Item>;

const ROUTE = 'GET /app/hook/deliveries';
const PER_PAGE = 100;

/**
 * Lists the deliveries that were not taken, newest first, page by page. A delivery that cannot be read is skipped
 * and logged. Some servers ignore the filter and return all deliveries, so the filter is applied here, too.
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
    if (!Array.isArray(data)) throw unexpectedAnswer(ROUTE, status);
    yield data
      .flatMap(readItem)
      .filter(isFailed)
      .map((item) => ({
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

/** @returns an empty list for an unreadable item, which does not affect the others */
function readItem(value: unknown): Item[] {
  const parsed = Item.safeParse(value);
  if (parsed.success) return [parsed.data];
  const fields = parsed.error.issues.map(({ path }) => path.join('.'));
  log.warn({ fields }, 'a delivery in GitHub’s log could not be read and is skipped');
  return [];
}

function isFailed({ status_code }: Item): boolean {
  return status_code < 200 || status_code >= 400;
}

/** Reads only the cursor, so the link may name any host, or none. */
function nextCursor(link: string | undefined): string | undefined {
  const target = nextLink(link);
  const { apiUrl } = getConfig().github;
  if (target === undefined || !URL.canParse(target, apiUrl)) return undefined;
  return new URL(target, apiUrl).searchParams.get('cursor') ?? undefined;
}

/** Requests one more attempt from GitHub. @throws {GitHubError} */
export async function requestRedelivery(deliveryId: string): Promise<void> {
  await callGitHub({ as: 'app' }, 'POST /app/hook/deliveries/{delivery_id}/attempts', {
    // Octokit's type is `number`, which cannot hold the id. It only becomes part of the path.
    delivery_id: deliveryId as unknown as number,
  });
}
