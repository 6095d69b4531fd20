export declare function countLines(folder: string, signal: AbortSignal): Promise<Map<string, number>>;
