/** The largest upload. It is below `bodySizeLimit` in next.config.js, because the form adds some bytes to the files. */
export const MAX_LOG_BYTES = 4_000_000;

/**
 * The most entries that the page compares, because it keeps all of them in memory. The CLI streams entries, so it needs
 * no limit.
 */
export const MAX_LOG_ENTRIES = 100_000;

/** The largest unpacked size of all files together. GitHub's log has about 60 MB per 100,000 entries. */
export const MAX_UNPACKED_BYTES = 100_000_000;

export const LOG_TOO_LARGE = 'The file is too large: export a shorter time.';
