import type { HttpContext } from '../http-env';

/** An error response in GitHub's format: `{message, documentation_url, status}`. */
export class ApiError extends Error {
  override name = 'ApiError';

  constructor(
    readonly status: number,
    message: string,
    readonly extra: { errors?: unknown[]; headers?: Record<string, string>; docs?: string } = {},
  ) {
    super(message);
  }

  toResponse(): Response {
    const { errors, headers, docs } = this.extra;
    return Response.json(
      {
        message: this.message,
        ...(errors && { errors }),
        documentation_url: `https://docs.github.com/rest${docs ?? ''}`,
        status: String(this.status),
      },
      { status: this.status, headers: { 'Content-Type': 'application/json; charset=utf-8', ...headers } },
    );
  }
}

export const notFound = (): ApiError => new ApiError(404, 'Not Found');
export const badCredentials = (): ApiError => new ApiError(401, 'Bad credentials');
export const notAccessible = (): ApiError => new ApiError(403, 'Resource not accessible by integration');
export const suspended = (): ApiError => new ApiError(403, 'This installation has been suspended');
export const undecodableJwt = (): ApiError => new ApiError(401, 'A JSON web token could not be decoded');

/**
 * Converts an error to a response. We even send the message of an unexpected error, because this server is only used
 * locally.
 */
export function answerError(error: Error, _c: HttpContext): Response {
  if (error instanceof ApiError) return error.toResponse();
  console.error(error);
  return new ApiError(500, `Server Error: ${error.message}`).toResponse();
}
