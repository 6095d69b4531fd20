/** Below `bodySizeLimit` in next.config.js, which leaves room for the form around the files. */
export const MAX_LOG_BYTES = 4_000_000;

/** The page keeps all entries until the comparison ends. The command line streams them, and has no such limit. */
export const MAX_LOG_ENTRIES = 100_000;

/** The unpacked size of all files together. A hundred thousand entries of GitHub's are some 60 MB. */
export const MAX_UNPACKED_BYTES = 100_000_000;

export const LOG_TOO_LARGE = 'The file is too large: export a shorter time.';
