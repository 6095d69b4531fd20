import type { components } from '@octokit/openapi-types';
import { isoSeconds } from '../clock';
import type { JsonObject } from './payloads';

export interface DeliveryContext {
  installationId?: number;
  repositoryId?: number;
}

export interface Delivery {
  /** The decimal digits of a 64-bit id, as on github.com. A JavaScript number would lose digits. */
  readonly id: string;
  readonly guid: string;
  readonly event: string;
  readonly action: string | null;
  readonly installationId: number | null;
  readonly repositoryId: number | null;
  readonly payload: JsonObject;
  readonly redelivery: boolean;
  deliveredAt: number;
  durationMs: number;
  /** 'OK', 'pending' or an error. */
  status: string;
  statusCode: number;
  /** The number of requests sent, which is 2 with the `duplicate` knob. */
  attempts: number;
  url: string | null;
  requestHeaders: Record<string, string> | null;
  responseHeaders: Record<string, string> | null;
  responsePayload: string | null;
}

type BigId = { id: bigint };
type Item = Omit<components['schemas']['hook-delivery-item'], 'id'> & BigId;
type Detail = Omit<components['schemas']['hook-delivery'], 'id'> & BigId;

/** Records every delivery, oldest first. */
export class DeliveryLog {
  readonly #deliveries: Delivery[] = [];
  #nextId = 3_804_004_623_172_239_366n;

  add(event: string, payload: JsonObject, context: DeliveryContext, at: number, guid: string): Delivery {
    const { action } = payload;
    return this.#append({
      guid,
      event,
      action: typeof action === 'string' ? action : null,
      installationId: context.installationId ?? null,
      repositoryId: context.repositoryId ?? null,
      payload,
      redelivery: false,
      deliveredAt: at,
    });
  }

  addRedelivery(original: Delivery, at: number): Delivery {
    return this.#append({ ...original, redelivery: true, deliveredAt: at });
  }

  find(id: string): Delivery | undefined {
    return this.#deliveries.find((delivery) => delivery.id === id);
  }

  list(): readonly Delivery[] {
    return this.#deliveries;
  }

  clear(): void {
    this.#deliveries.length = 0;
  }

  #append(
    given: Pick<
      Delivery,
      | 'guid'
      | 'event'
      | 'action'
      | 'installationId'
      | 'repositoryId'
      | 'payload'
      | 'redelivery'
      | 'deliveredAt'
    >,
  ): Delivery {
    this.#nextId += 1n;
    const delivery: Delivery = {
      ...given,
      id: String(this.#nextId),
      durationMs: 0,
      status: 'pending',
      statusCode: 0,
      attempts: 0,
      url: null,
      requestHeaders: null,
      responseHeaders: null,
      responsePayload: null,
    };
    this.#deliveries.push(delivery);
    return delivery;
  }
}

export function deliveryItem(delivery: Delivery): Item & Omit<Detail, 'request' | 'response'> {
  return {
    id: BigInt(delivery.id),
    guid: delivery.guid,
    delivered_at: isoSeconds(delivery.deliveredAt),
    redelivery: delivery.redelivery,
    duration: Math.round(delivery.durationMs) / 1000,
    status: delivery.status,
    status_code: delivery.statusCode,
    event: delivery.event,
    action: delivery.action,
    installation_id: delivery.installationId,
    repository_id: delivery.repositoryId,
    throttled_at: null,
  };
}

export function deliveryDetail(delivery: Delivery): Detail {
  return {
    ...deliveryItem(delivery),
    url: delivery.url ?? '',
    request: { headers: delivery.requestHeaders, payload: delivery.payload },
    response: { headers: delivery.responseHeaders, payload: delivery.responsePayload },
  };
}
