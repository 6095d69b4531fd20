/** @param folder the chunks of one runtime, all in one folder */
export function shareChunks(folder?: string): void;
