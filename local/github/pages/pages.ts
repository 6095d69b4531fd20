import { Hono } from 'hono';
import type { HttpEnv } from '../http-env';
import type { World } from '../world';

export function pages(_world: World): Hono<HttpEnv> {
  return new Hono<HttpEnv>();
}
