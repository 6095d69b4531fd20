/** The largest upload. Kept below `bodySizeLimit` in next.config.js, because the form adds some bytes to the files. */
export const MAX_LOG_BYTES = 4_000_000;

/**
 * The most entries that the page compares, because it holds all of them in memory. The CLI streams entries and has no
 * limit.
 */
export const MAX_LOG_ENTRIES = 100_000;

/** The largest unpacked size of all files together. In GitHub's audit log, 100,000 entries take about 60 MB. */
export const MAX_UNPACKED_BYTES = 100_000_000;

export const LOG_TOO_LARGE = 'The file is too large: export a shorter time.';
