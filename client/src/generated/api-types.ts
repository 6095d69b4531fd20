/** Generated from docs/openapi.json by `npm run types -w client`. */
export interface paths {
    "/api/v1/internal/github/token": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["mintTokenForService"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/github/token/revoke": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post: operations["revokeToken"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/internal/github/repositories": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get: operations["listReadableRepositories"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        MintRequest: {
            installation_id?: number;
            repositories?: (string | number)[];
            verify?: boolean;
        };
        MintResponse: {
            token: string;
            expires_at: string;
            installation_id: number;
            account: {
                login: string;
                type: string;
            };
            permissions: {
                /** @constant */
                contents: "read";
                /** @constant */
                metadata: "read";
            };
            /** @enum {string} */
            repository_selection: "all" | "selected";
            repositories?: {
                id: number;
                full_name: string;
                clone_url: string;
                default_branch: string;
            }[];
        };
        Problem: {
            type: string;
            title: string;
            status: number;
            detail: string;
            code: string;
            request_id: string;
            errors?: {
                path: string;
                message: string;
                installation_id?: number;
                account?: {
                    login: string;
                    type: string;
                };
            }[];
            cause?: string;
        };
        RevokeRequest: {
            token: string;
        };
        Repository: {
            id: number;
            installation_id: number;
            full_name: string;
            clone_url: string;
            default_branch: string;
            private: boolean;
            archived: boolean;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    mintTokenForService: {
        parameters: {
            query?: never;
            header?: {
                "X-Workspace"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: {
            content: {
                "application/json": components["schemas"]["MintRequest"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["MintResponse"];
                };
            };
        };
    };
    revokeToken: {
        parameters: {
            query?: never;
            header?: {
                "X-Workspace"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RevokeRequest"];
            };
        };
        responses: {
            204: {
                headers: {
                    [name: string]: unknown;
                };
                content?: never;
            };
        };
    };
    listReadableRepositories: {
        parameters: {
            query?: {
                installation_id?: string;
                q?: string;
                cursor?: string;
                limit?: string;
            };
            header?: {
                "X-Workspace"?: string;
            };
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": {
                        data: components["schemas"]["Repository"][];
                        next_cursor: string | null;
                    };
                };
            };
        };
    };
}
