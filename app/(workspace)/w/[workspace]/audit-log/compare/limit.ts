/** Below the limit of an action's body in next.config.js, which leaves room for the form around the file. */
export const MAX_LOG_BYTES = 4_000_000;

/** Each is kept until the comparison is made. The command line passes them through, and has no such limit. */
export const MAX_LOG_ENTRIES = 100_000;
