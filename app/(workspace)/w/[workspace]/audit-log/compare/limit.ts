/** Below the limit of an action's body in next.config.js, which leaves room for the form around the file. */
export const MAX_LOG_BYTES = 4_000_000;
