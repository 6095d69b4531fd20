/** Below the limit of an action's body in next.config.js, which leaves room for the form around the file. */
export const MAX_LOG_BYTES = 4_000_000;

/** Each is kept until the comparison is made. The command line passes them through, and has no such limit. */
export const MAX_LOG_ENTRIES = 100_000;

/** What may come out of packed files together: a hundred thousand entries of GitHub's are some 60 MB. */
export const MAX_UNPACKED_BYTES = 100_000_000;
