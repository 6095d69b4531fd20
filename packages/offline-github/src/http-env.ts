import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import type { LoggedRequest } from './request-log';

/** The variables that the outer middleware sets for every route. */
export interface HttpEnv {
  Bindings: HttpBindings;
  Variables: {
    entry: LoggedRequest;
    /** The parsed JSON body, or undefined if there is none or parsing failed (see `malformedJson`). */
    json: unknown;
    malformedJson: boolean;
    /** The fields of a form body. */
    form: URLSearchParams;
  };
}
export type HttpContext = Context<HttpEnv>;
